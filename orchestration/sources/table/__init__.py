"""Any other table of trade flows, read by a mapping that its user writes."""

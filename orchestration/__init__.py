"""Dual-Use Trade: raw customs dumps in; gated, documented, queryable tables out."""

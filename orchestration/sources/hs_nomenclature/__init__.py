"""Names of HS codes, edition by edition: the UN reference lists, and a table of the same shape."""

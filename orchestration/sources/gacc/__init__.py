"""China customs (GACC): query downloads of stats.customs.gov.cn, dropped as files."""

"""Correlation tables of the UN Statistics Division: which codes of two HS editions share goods."""

"""Eurostat Easy Comext: CSV exports of the query page, dropped as files."""

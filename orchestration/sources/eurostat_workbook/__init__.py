"""Eurostat's data browser: workbooks of Comext with one product a sheet, dropped as files."""

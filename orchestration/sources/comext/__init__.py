"""Eurostat Comext: trade of the European Union's members by CN8 and partner, one file a month."""

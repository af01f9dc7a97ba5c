"""BACI (CEPII): world trade by exporter, importer and HS6, reconciled from UN Comtrade; dropped or pulled."""

"""Open statistics of the Federal Customs Service of Russia, to January 2022."""

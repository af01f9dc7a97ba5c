"""Brazil (MDIC, Comex Stat): monthly trade by NCM of eight digits and customs office; pulled by year."""

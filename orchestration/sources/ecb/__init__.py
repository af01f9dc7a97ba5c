"""European Central Bank: euro foreign exchange reference rates, every day since 1999."""

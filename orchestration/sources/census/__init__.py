"""US Census Bureau: monthly trade of the United States from its international trade API."""

"""Publishing, the refresh job, its schedule and the inbox sensor."""

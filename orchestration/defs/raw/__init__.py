"""Assets from the publisher's bytes to landed rows, one pair a source, and the landing database."""

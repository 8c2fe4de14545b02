"""What the artist sees. Nothing here reads or writes files, or changes data."""

"""What is remembered: the only room with sqlite3, keyring and the user's files."""

"""Imports: what is found goes into the archive, and the receipt says what became of every file."""

"""The database: what the archive remembers."""

"""The page of the library window."""

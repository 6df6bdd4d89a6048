"""Windows, bridge and command line."""

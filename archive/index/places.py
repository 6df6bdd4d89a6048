"""Places: the names of the archive's own files in a data directory."""

import os

NAME = "archive.db"


def database_of(data_dir: str) -> str:
    return os.path.join(data_dir, NAME)

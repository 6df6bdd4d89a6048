"""Small private files of the data directory: written whole or not at all, readable by their owner alone."""

import contextlib
import io
import os
import shutil
from typing import IO

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


def make_private_folder(path: str) -> None:
    """Make a folder (0700) and close it to others where it was there before."""
    os.makedirs(path, mode=PRIVATE_FOLDER, exist_ok=True)
    if os.stat(path).st_mode & 0o077:
        os.chmod(path, PRIVATE_FOLDER)


def make_private_file(path: str) -> None:
    """An empty file (0600) for a library to fill: SQLite would make it with the umask's mode, and its WAL takes after it."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE))
    os.chmod(path, PRIVATE_FILE)


def write_private(path: str, body: bytes) -> None:
    """Replace a file in one step, on the disk when this returns."""
    write_private_stream(path, io.BytesIO(body))


def write_private_stream(path: str, body: IO[bytes]) -> None:
    """Replace a file by all that a stream gives, in one step, on the disk when this returns."""
    beside = f"{path}.new"
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        with os.fdopen(fd, "wb") as file:
            shutil.copyfileobj(body, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
    sync_folder(os.path.dirname(path) or ".")


def sync_folder(path: str) -> None:
    """Make a rename in a folder last; systems that cannot are let be."""
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

"""Small private files of the data directory: written whole or not at all, readable by their owner alone."""

import contextlib
import errno
import io
import os
import shutil
import sys
from collections.abc import Iterator
from typing import IO

from archive.errors import ArchiveFailing, ArchiveFull, ArchiveReadOnly

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


def make_private_folder(path: str) -> None:
    """Make a folder (0700), on the disk when this returns; close it to others where it was there before."""
    above = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(path):
        if not os.path.isdir(above):
            make_private_folder(above)
        os.makedirs(path, mode=PRIVATE_FOLDER, exist_ok=True)
        sync_folder(above)
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


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_RIGHT = (errno.EROFS, errno.EACCES, errno.EPERM)


@contextlib.contextmanager
def archive_errors() -> Iterator[None]:
    """What the system says of the archive's own files, as the errors the archive has for it."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise ArchiveFull() from None
        raise (ArchiveReadOnly() if error.errno in _NO_RIGHT else ArchiveFailing()) from None


def size_is_limited() -> bool:
    """Whether this process may only write files up to a certain size."""
    if sys.platform == "win32":
        return False
    import resource

    return resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY


def can_write(*paths: str) -> bool:
    """Whether a folder and the files in it may be written; asks the system, so a read-only file system counts."""
    return all(os.access(path, os.W_OK) for path in paths if os.path.exists(path))


def copy_private(source: str, target: str) -> None:
    """Copy a file, on the disk when this returns."""
    with open(source, "rb") as body:
        write_private_stream(target, body)


def sync_folder(path: str) -> None:
    """Make a rename in a folder last; systems that cannot are let be."""
    with contextlib.suppress(OSError):
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

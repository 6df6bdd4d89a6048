"""Locks: one import at a time, held by the operating system, so that a killed holder leaves nothing behind."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator

from archive.errors import ArchiveLocked

if sys.platform == "win32":
    import msvcrt

    def _lock(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


NAME = "import.lock"
WAIT_S = 60.0
_LOOK_S = 0.05


@contextlib.contextmanager
def importing(data_dir: str | None, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold the import lock of an archive; raises ArchiveLocked after wait_s. In memory there is nothing to lock."""
    if data_dir is None:
        yield
        return
    fd = os.open(os.path.join(data_dir, NAME), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(fd, wait_s)
        yield
    finally:
        os.close(fd)


def _take(fd: int, wait_s: float) -> None:
    end = time.monotonic() + wait_s
    while not _taken(fd):
        if time.monotonic() >= end:
            raise ArchiveLocked()
        time.sleep(_LOOK_S)


def _taken(fd: int) -> bool:
    try:
        _lock(fd)
    except OSError:
        return False
    return True

"""Locks held by the operating system, so that a killed holder leaves nothing behind: one import at a time, and nobody
else in the archive while it is exchanged for another.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator

from archive.errors import ArchiveLocked
from archive.index import files

if sys.platform == "win32":
    import msvcrt

    def _lock(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)

    def _share(fd: int) -> None:
        """There are no shared locks; the system itself refuses to rename a file in use."""
else:
    import fcntl

    def _lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _share(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)


NAME = "import.lock"
USE_NAME = "use.lock"  # shared by all who have the archive open
BACKUP_NAME = "backup.lock"
WAIT_S = 60.0
USE_WAIT_S = 5.0
_LOOK_S = 0.05


@contextlib.contextmanager
def importing(data_dir: str | None, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold the import lock of an archive; raises ArchiveLocked after wait_s. In memory there is nothing to lock."""
    with contextlib.nullcontext() if data_dir is None else holding(data_dir, NAME, wait_s):
        yield


@contextlib.contextmanager
def holding(data_dir: str, name: str, wait_s: float) -> Iterator[None]:
    """Hold a lock alone; raises ArchiveLocked after wait_s."""
    fd = _taken(data_dir, name, _lock, wait_s)
    try:
        yield
    finally:
        os.close(fd)


@contextlib.contextmanager
def alone(data_dir: str, wait_s: float = USE_WAIT_S) -> Iterator[None]:
    """Nobody imports, and nobody has the archive open; raises ArchiveLocked."""
    with importing(data_dir, wait_s), holding(data_dir, USE_NAME, wait_s):
        yield


class Use:
    """One who has the archive open. Where nothing can be written there is nobody to keep out."""

    def __init__(self, data_dir: str) -> None:
        self._fd = -1
        if files.can_write(data_dir):
            self._fd = _taken(data_dir, USE_NAME, _share, USE_WAIT_S)

    def end(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _taken(data_dir: str, name: str, lock: Callable[[int], None], wait_s: float) -> int:
    """A descriptor that holds a lock as long as it is open."""
    with files.archive_errors():
        fd = os.open(os.path.join(data_dir, name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        end = time.monotonic() + wait_s
        while not _got(fd, lock):
            if time.monotonic() >= end:
                raise ArchiveLocked()
            time.sleep(_LOOK_S)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _got(fd: int, lock: Callable[[int], None]) -> bool:
    try:
        lock(fd)
    except OSError:
        return False
    return True

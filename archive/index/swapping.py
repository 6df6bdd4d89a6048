"""Swapping: a rebuilt database takes the place of a damaged one, which is kept aside; killed midway, it is finished later.

The rebuilt file waits under a name that carries the time. That name is the mark: as long as it is there, the swap is not
done, and whoever opens the archive next does what is left of it. A WAL goes aside before its database: beside another
one it would be read into it.
"""

import contextlib
import os
from datetime import UTC, datetime

from archive.index import files, locks
from archive.index.places import NAME, database_of

_WAITING = f"{NAME}.rebuilt-"
_ASIDE = "damaged-"


def stamp_of(waiting: str) -> str:
    """The time in a waiting name."""
    return os.path.basename(waiting).removeprefix(_WAITING)


def waiting_name(data_dir: str, now: datetime | None = None) -> str:
    """Under which a rebuilt database, whole and on the disk, is put for finish()."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    while os.path.exists(aside_of(data_dir, stamp, NAME)):  # a clock that was turned back
        stamp += "x"
    return os.path.join(data_dir, _WAITING + stamp)


def finish(data_dir: str) -> str:
    """Do what is left of a swap; the path of the database kept aside, "" where nothing waited."""
    if not _waiting(data_dir):
        return ""
    with locks.alone(data_dir):
        return swap(data_dir)


def swap(data_dir: str) -> str:
    """As finish(), for one who is alone already."""
    name = _waiting(data_dir)
    if not name:
        return ""
    aside = aside_of(data_dir, name.removeprefix(_WAITING), NAME)
    database = database_of(data_dir)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{database}-shm")
    for ending in ("-wal", ""):
        with contextlib.suppress(FileNotFoundError):
            os.replace(database + ending, aside + ending)
    files.sync_folder(data_dir)
    os.replace(os.path.join(data_dir, name), database)
    files.sync_folder(data_dir)
    return aside


def kept_aside(data_dir: str) -> list[str]:
    """The names of damaged files that were kept."""
    return sorted(name for name in _names(data_dir) if name.startswith(_ASIDE))


def aside_of(data_dir: str, stamp: str, name: str) -> str:
    """Where a damaged file is kept."""
    return os.path.join(data_dir, f"{_ASIDE}{stamp}-{name}")


def _waiting(data_dir: str) -> str:
    return next((name for name in sorted(_names(data_dir)) if name.startswith(_WAITING)), "")


def _names(data_dir: str) -> list[str]:
    try:
        return os.listdir(data_dir)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []

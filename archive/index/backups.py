"""Backups that the archive keeps of itself: three daily, three weekly, and one from before each migration.

They lie beside the archive and never hold its key. Their order is a number in their names: a clock may jump.
"""

import contextlib
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from archive.errors import ArchiveFull, ArchiveLocked
from archive.index import bundles, files
from archive.index.engine import Engine, size_of
from archive.index.keys import Key
from archive.index.places import database_of

FOLDER = "backups"
AGES = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
KEPT = 3
_NAME = re.compile(r"(daily|weekly|migration)-(\d{6})-(\d+)-(\d{8}T\d{6})Z\.backup")
_SPARE_BYTES = 64 << 20  # a backup that fills the disk helps nobody


@dataclass(frozen=True, slots=True)
class Kept:
    """One backup: its kind, its number (later ones have higher), and how many commits the archive had."""

    kind: str
    number: int
    commits: int
    at: datetime
    path: str

    @property
    def bytes(self) -> int:
        return max(size_of(self.path), 0)


def kept(data_dir: str) -> list[Kept]:
    """The backups that are there, newest first. Each was opened and checked before it got its name."""
    folder = os.path.join(data_dir, FOLDER)
    names = os.listdir(folder) if os.path.isdir(folder) else []
    found = [_read(folder, match) for name in names if (match := _NAME.fullmatch(name))]
    return sorted(found, key=lambda one: one.number, reverse=True)


def due(there: Sequence[Kept], commits: int, now: datetime) -> tuple[str, ...]:
    """The kinds whose newest is too old, or from the future. What did not change since needs no other."""
    newest = {one.kind: one for one in reversed(there)}
    kinds = []
    for kind, age in AGES.items():
        last = newest.get(kind)
        if last is None or (last.commits != commits and not timedelta() <= now - last.at < age):
            kinds.append(kind)
    return tuple(kinds)


def surplus(there: Sequence[Kept]) -> list[Kept]:
    """Those beyond the newest three of their kind. What stands before a migration stays."""
    return [one for kind in AGES for one in [each for each in there if each.kind == kind][KEPT:]]


def keep_up(data_dir: str, engine: Engine, key: Key, now: datetime | None = None) -> tuple[str, ...]:
    """Make the backups that are due and drop those beyond; the kinds made. Raises ArchiveFull, BadBackup."""
    now = now or datetime.now(UTC)
    kinds = due(kept(data_dir), engine.value("commits"), now)
    if kinds:
        with contextlib.suppress(ArchiveLocked):  # another process is at it
            _make(data_dir, engine, key, kinds, now)
    return kinds


def before_migration(data_dir: str, engine: Engine, key: Key) -> None:
    """The archive as it is, to go back to."""
    _make(data_dir, engine, key, ("migration",), datetime.now(UTC))


def _make(data_dir: str, engine: Engine, key: Key, kinds: Sequence[str], now: datetime) -> None:
    folder = os.path.join(data_dir, FOLDER)
    with bundles.workplace(data_dir, wait_s=0.0) as work, files.archive_errors():
        files.make_private_folder(folder)
        if shutil.disk_usage(folder).free < 3 * size_of(database_of(data_dir)) + _SPARE_BYTES:
            raise ArchiveFull()
        packed = bundles.bundle(data_dir, engine, key, work, with_key=False)
        number = max((one.number for one in kept(data_dir)), default=0)
        first = ""
        for kind in kinds:
            number += 1
            path = os.path.join(folder, f"{kind}-{number:06}-{engine.value('commits')}-{now:%Y%m%dT%H%M%S}Z.backup")
            if first:
                _same(first, path)
            else:
                _renamed(packed, path)
            first = first or path
        files.sync_folder(folder)
        for one in surplus(kept(data_dir)):
            os.unlink(one.path)


def _renamed(packed: str, path: str) -> None:
    with open(packed, "rb") as body:
        os.fsync(body.fileno())
    os.replace(packed, path)


def _same(first: str, path: str) -> None:
    """A second name for a file that never changes; a copy where the file system has no such names."""
    try:
        os.link(first, path)
    except OSError:
        files.copy_private(first, path)


def _read(folder: str, match: re.Match[str]) -> Kept:
    kind, number, commits, stamp = match.groups()
    at = datetime.strptime(stamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return Kept(kind, int(number), int(commits), at, os.path.join(folder, match.string))

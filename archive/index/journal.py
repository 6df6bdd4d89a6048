"""Journal: every event a person made, in a second encrypted file, so that losing the database loses none of them.

An AEAD cipher is not in Python's library, and SQLCipher is at hand: the journal is a SQLCipher file of one table under
the archive's key. Only ever added to; it follows the database after each commit, and catches up after a crash.
"""

import contextlib
import os
from collections.abc import Sequence

from archive.errors import ArchiveDamaged
from archive.index import files
from archive.index.engine import Engine, Row
from archive.index.keys import Key

NAME = "journal.db"


def path_of(data_dir: str) -> str:
    return os.path.join(data_dir, NAME)


def follow(data_dir: str, engine: Engine, key: Key) -> None:
    """Add the events that the journal does not have yet. Raises ArchiveClosed where it cannot be opened or written."""
    newest = engine.value("newest_event")
    if not newest:
        return
    with contextlib.closing(_opened(data_dir, key)) as kept:
        after = kept.value("newest_event")
        if after < newest:
            _add(kept, engine.rows("events_after", row_id=after))


def events(data_dir: str, key: Key) -> list[Row]:
    """Every event that the journal has; none where there is no journal. Raises ArchiveDamaged."""
    if not os.path.exists(path_of(data_dir)):
        return []
    with contextlib.closing(Engine(path_of(data_dir), key, access="read")) as kept:
        return kept.rows("events_after", row_id=0) if kept.has_tables() else []


def is_sound(data_dir: str, key: Key) -> bool:
    """Whether every page of the journal is what was written; one that is not there yet is."""
    if not os.path.exists(path_of(data_dir)):
        return True
    try:
        with contextlib.closing(Engine(path_of(data_dir), key, access="read")) as kept:
            return kept.sound()
    except ArchiveDamaged:
        return False


def write_anew(path: str, key: Key, rows: Sequence[Row]) -> None:
    """A new journal of these events, under any name."""
    files.make_private_file(path)
    with contextlib.closing(_with_table(Engine(path, key, journal_mode="DELETE"))) as kept:
        _add(kept, rows)


def _add(kept: Engine, rows: Sequence[Row]) -> None:
    with kept.writing(counted=False):
        kept.run_many("keep_row.event", [dict(row) for row in rows])


def _opened(data_dir: str, key: Key) -> Engine:
    path = path_of(data_dir)
    with files.archive_errors():
        files.make_private_file(path)
    return _with_table(Engine(path, key, journal_mode="DELETE"))  # one file, and no other beside it


def _with_table(engine: Engine) -> Engine:
    if not engine.has_tables():
        with engine.writing(counted=False):
            engine.create(only="event")
    return engine

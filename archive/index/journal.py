"""Journal: every event a person made, in a second encrypted file, so that losing the database loses none of them.

An AEAD cipher is not in Python's library, and SQLCipher is at hand: the journal is a SQLCipher file of one table under
the archive's key. Only ever added to; it follows the database after each commit, and catches up after a crash.
"""

import os

from archive.errors import ArchiveClosed
from archive.index import files, keys, sidecar
from archive.index.engine import Engine

NAME = "journal.db"


def path_of(data_dir: str) -> str:
    return os.path.join(data_dir, NAME)


def follow(data_dir: str, engine: Engine) -> None:
    """Add the events that the journal does not have yet. A journal that cannot be opened is left for `repair`."""
    newest = engine.value("newest_event")
    if not newest:
        return
    try:
        kept = _opened(data_dir)
    except ArchiveClosed:
        return
    if kept is None:
        return
    try:
        after = kept.value("newest_event")
        rows = engine.rows("events_after", row_id=after)
        if rows:
            with kept.writing(counted=False):
                kept.run_many("keep_event", [dict(row) for row in rows])
    finally:
        kept.close()


def _opened(data_dir: str) -> Engine | None:
    found = sidecar.read(data_dir)
    if found is None:
        return None
    key = keys.obtain(data_dir, found.archive_id, found.key_place)
    path = path_of(data_dir)
    files.make_private_file(path)
    engine = Engine(path, key, journal_mode="DELETE")  # one file, and no other beside it
    if not engine.has_tables():
        with engine.writing(counted=False):
            engine.create(only="event")
    return engine

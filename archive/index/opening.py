"""Opening: from a data directory to a database, or to the one error that says why not; and making a new one."""

import contextlib
import os
import secrets
import shutil
import tempfile
import uuid
from dataclasses import dataclass

from archive.errors import ArchiveDamaged, ArchiveNewer, WrongKey
from archive.index import files, journal, keys, locks, migrations, sidecar, swapping
from archive.index.engine import Engine, size_of
from archive.index.keys import Ask, Key
from archive.index.places import NAME, database_of
from archive.index.records import Notice
from archive.index.sidecar import Sidecar

__all__ = [
    "NAME",
    "Opened",
    "database_of",
    "engine_in_memory",
    "find",
    "find_alone",
    "follow",
    "key_of",
    "make",
    "opened",
]


@dataclass(frozen=True, slots=True)
class Opened:
    """A database that was opened, the key it was opened with, and what was odd about it."""

    engine: Engine
    key: Key
    notices: tuple[Notice, ...] = ()


def find(data_dir: str) -> Sidecar | None:
    """The sidecar of the archive in a data directory; None where there is no archive. Raises where it is broken.

    What looks broken may be an archive that another process is just making: it is looked at again when that is done.
    """
    swapping.finish(data_dir)
    try:
        return find_alone(data_dir)
    except ArchiveDamaged:
        if not files.can_write(data_dir):
            raise
    with locks.importing(data_dir):
        return find_alone(data_dir)


def find_alone(data_dir: str) -> Sidecar | None:
    """As find(), for one who holds the import lock."""
    found = sidecar.read(data_dir)
    database = database_of(data_dir)
    size = size_of(database)
    if found is None:
        if size >= 0 or os.path.exists(sidecar.path_of(data_dir)):
            raise ArchiveDamaged()  # a database without its sidecar, or a sidecar that says nothing
        return None
    if size < 0 and size_of(_unfinished(data_dir)) > 0:
        _finish_making(data_dir)  # which was killed before its last step, or is just about to take it
        return found
    if size <= 0:
        raise ArchiveDamaged()  # an empty file would open as a new archive
    return found


def opened(data_dir: str, found: Sidecar, ask: Ask | None = None, key: Key | None = None) -> Opened:
    """The database of a sidecar, opened and looked at; an older format is brought up to ours.

    Raises KeyLost, ArchiveSealed, WrongKey, ArchiveDamaged, ArchiveNewer, ArchiveLocked.
    """
    key = key or key_of(data_dir, found, ask)
    path = database_of(data_dir)
    alone = size_of(f"{path}-wal") <= 0
    engine, notices = _engine(data_dir, path, key)
    try:
        row = engine.row("archive")
        cut = alone and size_of(path) < engine.bytes_needed()
        if cut or row is None or row["archive_id"] != found.archive_id:
            raise ArchiveDamaged()
        if row["format"] > sidecar.FORMAT:
            raise ArchiveNewer(found=row["format"], known=sidecar.FORMAT)
        if row["commits"] < found.commits:
            notices.append(Notice("changes-missing", {"count": found.commits - row["commits"]}))
        if not engine.read_only and (row["format"], found.format) != (sidecar.FORMAT, sidecar.FORMAT):
            migrations.migrate(data_dir, engine, key)
    except BaseException:
        engine.close()
        raise
    return Opened(engine, key, tuple(notices))


def key_of(data_dir: str, found: Sidecar, ask: Ask | None = None) -> Key:
    """The key of a sidecar's archive; raises KeyLost, ArchiveSealed, WrongKey."""
    key = keys.obtain(data_dir, found.archive_id, found.key_place, ask)
    if key.check_value(found.archive_id) != found.key_check:
        raise WrongKey()
    return key


def _engine(data_dir: str, path: str, key: Key) -> tuple[Engine, list[Notice]]:
    """The database itself; where nothing can be written, as it lies there, or a copy where it has a WAL still to be read."""
    if files.can_write(data_dir, path):
        return Engine(path, key), []
    notices = [Notice("read-only")]
    if size_of(f"{path}-wal") <= 0:
        return Engine(path, key, access="immutable"), notices
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as aside:  # 0700; encrypted as the archive is
        copy = os.path.join(aside, NAME)
        for ending in ("", "-wal"):
            shutil.copyfile(path + ending, copy + ending)
        return Engine(copy, key, access="read"), notices  # open files outlive their names


def make(data_dir: str) -> Opened:
    """A new archive. The database takes its name last: killed at any moment, there is either no archive or a whole one."""
    archive_id = str(uuid.uuid4())
    key = keys.create(data_dir, archive_id)
    beside = _unfinished(data_dir)
    for path in (beside, f"{beside}-wal", f"{beside}-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    founded(beside, key, archive_id).close()
    described = Sidecar(sidecar.FORMAT, archive_id, key.check_value(archive_id), key.place, key.salt.hex())
    sidecar.write(data_dir, described)
    _finish_making(data_dir)
    return opened(data_dir, described, key=key)


def _finish_making(data_dir: str) -> None:
    """Give the new database its name. Whoever comes first does it; the others find it done."""
    with contextlib.suppress(FileNotFoundError):
        os.replace(_unfinished(data_dir), database_of(data_dir))
    files.sync_folder(data_dir)


def _unfinished(data_dir: str) -> str:
    return f"{database_of(data_dir)}.new"


def engine_in_memory() -> Engine:
    return founded(None, None, "memory")


def founded(path: str | None, key: Key | None, archive_id: str) -> Engine:
    """An empty database; in memory without a path."""
    if path is not None:
        files.make_private_file(path)
    engine = Engine(path, key)
    secret = key.secret(archive_id) if key else secrets.token_bytes(32)
    with engine.writing():
        engine.create()
        engine.run("new_archive", id=1, format=sidecar.FORMAT, archive_id=archive_id, secret=secret)
    return engine


def follow(data_dir: str, engine: Engine, key: Key) -> None:
    """Let the sidecar and the journal follow what is committed."""
    found = sidecar.read(data_dir)
    if found is not None:
        sidecar.count(data_dir, found, engine.value("commits"))
    journal.follow(data_dir, engine, key)

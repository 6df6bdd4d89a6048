"""Opening: from a data directory to a database, or to the one error that says why not; and making a new one."""

import contextlib
import os
import secrets
import uuid

from archive.errors import ArchiveDamaged, WrongKey
from archive.index import files, journal, keys, sidecar
from archive.index.engine import Engine, size_of
from archive.index.keys import Key
from archive.index.sidecar import Sidecar

NAME = "archive.db"


def database_of(data_dir: str) -> str:
    return os.path.join(data_dir, NAME)


def find(data_dir: str) -> Sidecar | None:
    """The sidecar of the archive in a data directory; None where there is no archive. Raises where it is broken."""
    found = sidecar.read(data_dir)
    database = database_of(data_dir)
    size = size_of(database)
    if found is None:
        if size >= 0 or os.path.exists(sidecar.path_of(data_dir)):
            raise ArchiveDamaged()  # a database without its sidecar, or a sidecar that says nothing
        return None
    if size < 0 and size_of(_unfinished(data_dir)) > 0:
        os.replace(_unfinished(data_dir), database)  # the last step of make(), which was killed before it
        return found
    if size <= 0:
        raise ArchiveDamaged()  # an empty file would open as a new archive
    return found


def engine_on_disk(data_dir: str, found: Sidecar) -> tuple[Engine, list[str]]:
    """The database of a sidecar, and codes of what is odd about it."""
    key = key_of(data_dir, found)
    path = database_of(data_dir)
    alone = size_of(f"{path}-wal") <= 0
    engine = Engine(path, key)
    try:
        row = engine.row("archive")
        cut = alone and size_of(path) < engine.bytes_needed()
        if cut or row is None or row["archive_id"] != found.archive_id:
            raise ArchiveDamaged()
    except BaseException:
        engine.close()
        raise
    return engine, ["changes-missing"] if row["commits"] < found.commits else []


def key_of(data_dir: str, found: Sidecar) -> Key:
    """The key of a sidecar's archive; raises KeyLost, WrongKey."""
    key = keys.obtain(data_dir, found.archive_id, found.key_place)
    if key.check_value(found.archive_id) != found.key_check:
        raise WrongKey()
    return key


def make(data_dir: str) -> Engine:
    """A new archive. The database takes its name last: killed at any moment, there is either no archive or a whole one."""
    archive_id = str(uuid.uuid4())
    key = keys.create(data_dir, archive_id)
    beside = _unfinished(data_dir)
    for path in (beside, f"{beside}-wal", f"{beside}-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    _founded(beside, key, archive_id).close()
    described = Sidecar(sidecar.FORMAT, archive_id, key.check_value(archive_id), key.place, key.salt.hex())
    sidecar.write(data_dir, described)
    os.replace(beside, database_of(data_dir))
    files.sync_folder(data_dir)
    return engine_on_disk(data_dir, described)[0]


def _unfinished(data_dir: str) -> str:
    return f"{database_of(data_dir)}.new"


def engine_in_memory() -> Engine:
    return _founded(None, None, "memory")


def _founded(path: str | None, key: Key | None, archive_id: str) -> Engine:
    if path is not None:
        files.make_private_file(path)
    engine = Engine(path, key)
    with engine.writing():
        engine.create()
        engine.run("new_archive", id=1, format=sidecar.FORMAT, archive_id=archive_id, secret=secrets.token_bytes(32))
    return engine


def follow(data_dir: str, engine: Engine) -> None:
    """Let the sidecar and the journal follow what is committed."""
    found = sidecar.read(data_dir)
    if found is not None:
        sidecar.count(data_dir, found, engine.value("commits"))
    journal.follow(data_dir, engine)

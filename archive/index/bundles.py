"""Bundles: a whole archive as one file - a ZIP of sidecar, database and journal - and the check that it can be opened.

Database and journal stay encrypted. Where the key lies in a file beside them, a bundle for elsewhere holds that file too
(plain or sealed, as it is): it is as well protected as the data directory, and never less useful. A key in the keyring
stays there. Nothing is called a bundle before it was unpacked again, opened, and every page of it checked.
"""

import contextlib
import os
import shutil
import zipfile
from collections.abc import Iterator

from archive.errors import ArchiveClosed, BadBackup
from archive.index import files, journal, keys, locks, sidecar
from archive.index.engine import Engine
from archive.index.keys import Key
from archive.index.places import NAME, database_of

NEEDED = (NAME, sidecar.NAME)
MEMBERS = (*NEEDED, journal.NAME, keys.NAME, keys.RECOVERY_NAME)
_WORK = "backup.work"


@contextlib.contextmanager
def workplace(data_dir: str, wait_s: float = locks.WAIT_S) -> Iterator[str]:
    """A private folder for what is being written, one at a time; what a killed one left is swept away first."""
    with locks.holding(data_dir, locks.BACKUP_NAME, wait_s):
        work = os.path.join(data_dir, _WORK)
        shutil.rmtree(work, ignore_errors=True)
        files.make_private_folder(work)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


def bundle(data_dir: str, engine: Engine, key: Key, work: str, with_key: bool) -> str:
    """Write a bundle of an open archive in a work folder, and check it; its path. Raises BadBackup, ArchiveFull."""
    with files.archive_errors():
        copy = os.path.join(work, NAME)
        _copy_database(engine, key, copy)
        members = {NAME: copy, sidecar.NAME: sidecar.path_of(data_dir), journal.NAME: journal.path_of(data_dir)}
        if with_key:
            members |= {keys.NAME: keys.file_of(data_dir), keys.RECOVERY_NAME: keys.recovery_file_of(data_dir)}
        packed = os.path.join(work, "bundle")
        files.make_private_file(packed)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for name, path in members.items():
                if os.path.exists(path):
                    archive.write(path, name)
        os.unlink(copy)
        check(packed, key, work)
    return packed


def check(packed: str, key: Key, work: str) -> None:
    """Unpack a bundle, open it, and look at every page; raises BadBackup."""
    place = os.path.join(work, "check")
    files.make_private_folder(place)
    try:
        unpack(packed, place)
        if not is_sound(database_of(place), key):
            raise BadBackup(name=os.path.basename(packed))
    finally:
        shutil.rmtree(place, ignore_errors=True)


def is_sound(database: str, key: Key) -> bool:
    """Whether a database opens and all of its pages are what was written."""
    try:
        with contextlib.closing(Engine(database, key)) as engine:
            return engine.sound() and engine.row("archive") is not None
    except ArchiveClosed:
        return False


def unpack(packed: str, folder: str) -> list[str]:
    """The members of a bundle, each checked by its sum, in a folder; raises BadBackup."""
    try:
        with zipfile.ZipFile(packed) as archive:
            names = [name for name in archive.namelist() if name in MEMBERS]
            if not set(NEEDED) <= set(names):
                raise BadBackup(name=os.path.basename(packed))
            for name in names:
                with archive.open(name) as member:
                    files.write_private_stream(os.path.join(folder, name), member)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        raise BadBackup(name=os.path.basename(packed)) from None
    return names


def _copy_database(engine: Engine, key: Key, copy: str) -> None:
    """The database as it is now, while others may use it, in one file."""
    files.make_private_file(copy)
    with contextlib.closing(Engine(copy, key, journal_mode="DELETE")) as other:
        engine.copy_into(other)

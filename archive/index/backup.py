"""Backup: a whole archive as one file, checked before it is called good; and back from it.

The file is a ZIP of the sidecar, the database and the journal (both encrypted) and, where the key lies in a file beside
them, the key: a backup is as well protected as the data directory, and never less useful. A key in the keyring stays
there, and such a backup opens only where the keyring has it.
"""

import contextlib
import os
import shutil
import zipfile
from collections.abc import Iterator

from archive.errors import (
    ArchiveClosed,
    ArchiveDamaged,
    ArchiveThere,
    BadBackup,
    CannotWrite,
    KeyLost,
    PathGone,
    WrongKey,
)
from archive.index import files, journal, keys, opening, sidecar
from archive.index.engine import Engine

MEMBERS = {"database": opening.NAME, "sidecar": sidecar.NAME, "journal": journal.NAME, "key": keys.NAME}
_NEEDED = (opening.NAME, sidecar.NAME)
_WORK = "backup.work"


def backup(data_dir: str, target: str) -> int:
    """Write a backup of an archive; its size in bytes. An older file of the name is replaced only by a sound one."""
    found = opening.find(data_dir)
    if found is None:
        raise ArchiveClosed()
    with _workplace(data_dir) as work, _writing(target):
        copy = os.path.join(work, opening.NAME)
        _copy_database(data_dir, found, copy)
        members = {opening.NAME: copy, sidecar.NAME: sidecar.path_of(data_dir)}
        members |= {journal.NAME: journal.path_of(data_dir)} if os.path.exists(journal.path_of(data_dir)) else {}
        members |= {keys.NAME: keys.file_of(data_dir)} if os.path.exists(keys.file_of(data_dir)) else {}
        packed = os.path.join(work, "backup")
        files.make_private_file(packed)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as bundle:
            for name, path in members.items():
                bundle.write(path, name)
        with open(packed, "rb") as body:
            files.write_private_stream(target, body)
    return os.stat(target).st_size


def restore(source: str, data_dir: str) -> None:
    """Put a backup into a data directory that holds no archive, and open it; raises BadBackup, ArchiveThere, PathGone."""
    if not os.path.isfile(source):
        raise PathGone(name=os.path.basename(source.rstrip(os.sep)))
    if any(os.path.exists(os.path.join(data_dir, name)) for name in _NEEDED):
        raise ArchiveThere()
    files.make_private_folder(data_dir)
    with _workplace(data_dir) as work:
        unpacked = _unpacked(source, work)
        _checked(work, source)
        for name in sorted(unpacked, key=_NEEDED.__contains__):  # the archive itself last: half of it is none
            place = keys.file_of(data_dir) if name == keys.NAME else os.path.join(data_dir, name)
            os.replace(os.path.join(work, name), place)
        files.sync_folder(data_dir)


def _copy_database(data_dir: str, found: sidecar.Sidecar, copy: str) -> None:
    """The database as it is now, while others may use it, into a file of its own; raises ArchiveDamaged."""
    engine, _ = opening.engine_on_disk(data_dir, found)
    try:
        files.make_private_file(copy)
        other = Engine(copy, opening.key_of(data_dir, found), journal_mode="DELETE")
        try:
            engine.copy_into(other)
            if not other.sound():
                raise ArchiveDamaged()
        finally:
            other.close()
    finally:
        engine.close()


def _unpacked(source: str, work: str) -> list[str]:
    """The members of a backup, each checked by its sum, in the work folder."""
    try:
        with zipfile.ZipFile(source) as bundle:
            names = [name for name in bundle.namelist() if name in MEMBERS.values()]
            if not set(_NEEDED) <= set(names):
                raise BadBackup(name=os.path.basename(source))
            for name in names:
                files.make_private_file(os.path.join(work, name))
                with bundle.open(name) as member, open(os.path.join(work, name), "wb") as file:
                    shutil.copyfileobj(member, file)
                    file.flush()
                    os.fsync(file.fileno())
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        raise BadBackup(name=os.path.basename(source)) from None
    return names


def _checked(work: str, source: str) -> None:
    """Open what was unpacked as an archive. Without its key here, it is put back unchecked: the key may come later."""
    found = opening.find(work)
    assert found is not None
    try:
        engine, _ = opening.engine_on_disk(work, found)
    except (KeyLost, WrongKey):
        return
    except ArchiveClosed:
        raise BadBackup(name=os.path.basename(source)) from None
    try:
        if not engine.sound():
            raise BadBackup(name=os.path.basename(source))
    finally:
        engine.close()


@contextlib.contextmanager
def _workplace(data_dir: str) -> Iterator[str]:
    """A private folder for what is being written; what a killed one left is swept away first."""
    work = os.path.join(data_dir, _WORK)
    shutil.rmtree(work, ignore_errors=True)
    files.make_private_folder(work)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextlib.contextmanager
def _writing(target: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotWrite(name=os.path.basename(target), reason=os.strerror(error.errno or 0)) from None

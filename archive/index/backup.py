"""Backup: a whole archive as one file where a person wants it, and back from it."""

import contextlib
import os
from collections.abc import Iterator

from archive.errors import (
    ArchiveClosed,
    ArchiveSealed,
    ArchiveThere,
    BadBackup,
    CannotWrite,
    KeyLost,
    PathGone,
    WrongKey,
)
from archive.index import bundles, files, keys, opening
from archive.index.keys import Ask, Key


def backup(data_dir: str, target: str, key: Key | None = None, ask: Ask | None = None) -> int:
    """Write a backup of an archive; its size in bytes. An older file of the name is replaced only by a sound one."""
    found = opening.find(data_dir)
    if found is None:
        raise ArchiveClosed()
    opened = opening.opened(data_dir, found, ask, key)
    with contextlib.closing(opened.engine), bundles.workplace(data_dir) as work:
        packed = bundles.bundle(data_dir, opened.engine, opened.key, work, with_key=True)
        with _writing(target), open(packed, "rb") as body:
            files.write_private_stream(target, body)
    return os.stat(target).st_size


def restore(source: str, data_dir: str) -> None:
    """Put a backup into a data directory that holds no archive, and open it; raises BadBackup, ArchiveThere, PathGone."""
    if not os.path.isfile(source):
        raise PathGone(name=os.path.basename(source.rstrip(os.sep)))
    if any(os.path.exists(os.path.join(data_dir, name)) for name in bundles.NEEDED):
        raise ArchiveThere()
    files.make_private_folder(data_dir)
    with bundles.workplace(data_dir) as work:
        unpacked = bundles.unpack(source, work)
        _check(work, source)
        for name in sorted(unpacked, key=bundles.NEEDED.__contains__):  # the archive itself last: half of it is none
            place = keys.file_of(data_dir) if name == keys.NAME else os.path.join(data_dir, name)
            os.replace(os.path.join(work, name), place)
        files.sync_folder(data_dir)


def _check(work: str, source: str) -> None:
    """Open what was unpacked as an archive. Without its key at hand, it is put back unchecked: the key may come later."""
    found = opening.find(work)
    assert found is not None
    try:
        engine = opening.opened(work, found).engine
    except (KeyLost, WrongKey, ArchiveSealed):
        return
    except ArchiveClosed:
        raise BadBackup(name=os.path.basename(source)) from None
    with contextlib.closing(engine):
        if not engine.sound():
            raise BadBackup(name=os.path.basename(source))


@contextlib.contextmanager
def _writing(target: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotWrite(name=os.path.basename(target), reason=os.strerror(error.errno or 0)) from None

"""Rescue: a copy of all that can still be read of a failing disc, checked after writing, with what was lost named."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archive.errors import CannotWrite
from archive.intake.found import Refusal, refusal_of

BLOCK_BYTES = 1 << 20
SECTOR_BYTES = 2048  # of a CD or DVD: what a drive can lose
MOST_BAD_SECTORS = 64  # one after the other; each may take a drive seconds, so the rest of the file is given up then
_OPEN_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY | os.O_NOFOLLOW  # a link may lead off the disc

Pread = Callable[[int, int, int], bytes]  # descriptor, length, offset: os.pread, which tests replace


@dataclass(frozen=True, slots=True)
class Rescued:
    """One file of the disc: how much of it is in the copy (verified), how many bytes of it are zeros now, or why it is not."""

    name: bytes  # relative
    size: int = 0
    lost_bytes: int = 0
    refusal: Refusal | None = None


def rescue(source: bytes, target: bytes, pread: Pread = os.pread) -> Iterator[Rescued]:
    """Copy every file below a folder (or one file) into a folder that is empty or new, under the same names.

    What cannot be read is zeros in the copy. Raises CannotWrite where the copy cannot be written or differs when read back.
    """
    try:
        os.makedirs(target, exist_ok=True)
        if os.listdir(target):
            raise CannotWrite(name=_shown(target), reason="not empty")
        for path, name in _files(os.path.abspath(source)):
            yield _rescued(path, name, os.path.join(target, name), pread)
    except OSError as error:
        raise CannotWrite(name=_shown(target), reason=os.strerror(error.errno or 0)) from None


def _shown(path: bytes) -> str:
    return os.path.basename(path.rstrip(b"/")).decode("utf-8", "replace")


def _files(source: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Path and relative name of every file; a folder that cannot be listed is one of them. Links are not followed."""
    if not os.path.isdir(source):
        yield source, os.path.basename(source)
        return
    unlisted: list[bytes] = []
    walked = os.walk(source, onerror=lambda error: unlisted.append(os.fsencode(error.filename)))
    for folder, folders, names in walked:
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            yield path, os.path.relpath(path, source)
    yield from ((path, os.path.relpath(path, source)) for path in unlisted)


def _rescued(path: bytes, name: bytes, copy: bytes, pread: Pread) -> Rescued:
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
    except OSError as error:
        return Rescued(name, refusal=Refusal("not-regular") if os.path.islink(path) else refusal_of(error))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Rescued(name, refusal=Refusal("not-regular"))
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        lost = _copied(descriptor, status.st_size, copy, pread)
    finally:
        os.close(descriptor)
    os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
    return Rescued(name, status.st_size, lost)


def _copied(descriptor: int, size: int, copy: bytes, pread: Pread) -> int:
    """Write all that can be read, check it, and give it its name; how many bytes were lost."""
    beside, digest, lost = copy + b".part", hashlib.sha256(), 0
    with open(beside, "xb") as file:
        for block, bad in _blocks(descriptor, size, pread):
            digest.update(block)
            file.write(block)
            lost += bad
        file.flush()
        os.fsync(file.fileno())
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # so that the disk is asked, not the memory
    with open(beside, "rb") as file:
        if hashlib.file_digest(file, "sha256").digest() != digest.digest():
            raise CannotWrite(name=_shown(copy), reason="it reads back differently")
    os.rename(beside, copy)
    return lost


def _blocks(descriptor: int, size: int, pread: Pread) -> Iterator[tuple[bytes, int]]:
    """The file in pieces, each with the number of its bytes that are zeros for want of better."""
    bad_in_a_row = 0
    for start in range(0, size, BLOCK_BYTES):
        length = min(BLOCK_BYTES, size - start)
        block = _read(descriptor, length, start, pread) if bad_in_a_row < MOST_BAD_SECTORS else None
        if block is not None:
            bad_in_a_row = 0
            yield block, 0
            continue
        for offset in range(start, start + length, SECTOR_BYTES):
            want = min(SECTOR_BYTES, start + length - offset)
            sector = _read(descriptor, want, offset, pread) if bad_in_a_row < MOST_BAD_SECTORS else None
            bad_in_a_row = bad_in_a_row + 1 if sector is None else 0
            yield (bytes(want), want) if sector is None else (sector, 0)


def _read(descriptor: int, length: int, offset: int, pread: Pread) -> bytes | None:
    """All of a piece, or None where the drive cannot give it."""
    try:
        got = pread(descriptor, length, offset)
    except OSError:
        return None
    return got if len(got) == length else None

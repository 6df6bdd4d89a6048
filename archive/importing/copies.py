"""Copies: the store of managed copies, each named by the SHA-256 of its contents, checked after writing, renamed whole."""

import contextlib
import hashlib
import os
import secrets
from dataclasses import dataclass

from archive.index import files
from archive.intake.containers import Source

NAME = "store"  # in the data directory
_ARRIVING = b"arriving"
_CHUNK_BYTES = 1 << 20


class CopyDiffers(OSError):
    """The copy is not what the file was."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy in the store: its folder and name, and the file as it lies there."""

    folder: bytes
    name: bytes
    size: int
    mtime_ns: int
    is_new: bool


class CopyStore:
    """The managed copies of a data directory. Nothing here is ever deleted by the program."""

    def __init__(self, data_dir: str) -> None:
        self._folder = os.path.join(os.fsencode(data_dir), NAME.encode())
        self._arriving = os.path.join(self._folder, _ARRIVING)
        files.make_private_folder(os.fsdecode(self._arriving))
        for left in os.listdir(self._arriving):  # of an import that was killed
            os.unlink(os.path.join(self._arriving, left))

    def keep(self, source: Source) -> Kept:
        """Copy all bytes of a source, unless they are there. Raises OSError; a half copy never takes a name."""
        arriving = os.path.join(self._arriving, secrets.token_hex(8).encode())
        try:
            written = _write(source, arriving)
            folder, name = os.path.join(self._folder, written[:2].encode()), written.encode()
            is_new = not _holds(os.path.join(folder, name), written)
            if is_new:
                if not _holds(arriving, written):
                    raise CopyDiffers()
                files.make_private_folder(os.fsdecode(folder))
                os.replace(arriving, os.path.join(folder, name))
                files.sync_folder(os.fsdecode(folder))
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(arriving)
        status = os.stat(os.path.join(folder, name))
        return Kept(folder, name, status.st_size, status.st_mtime_ns, is_new)


def _write(source: Source, path: bytes) -> str:
    """The bytes of a source on the disk; their SHA-256 as they were read."""
    digest = hashlib.sha256()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, files.PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        for offset in range(0, source.size, _CHUNK_BYTES):
            wanted = min(_CHUNK_BYTES, source.size - offset)
            chunk = source.pread(offset, wanted)
            if len(chunk) != wanted:
                raise CopyDiffers()  # the file became shorter while it was read
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _holds(path: bytes, wanted: str) -> bool:
    """Whether a file's bytes, read from the disk rather than from memory where the system lets us, have this SHA-256."""
    try:
        with open(path, "rb") as file:
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            return hashlib.file_digest(file, "sha256").hexdigest() == wanted
    except FileNotFoundError:
        return False

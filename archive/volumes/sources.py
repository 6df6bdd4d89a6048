"""Bytes of image files, wherever they lie: plain files by pread, members of archives and deflated files from memory.

User files are never mapped: a file that is cut, or a disc that is pulled, would kill the process.
"""

import os
import stat
from types import TracebackType
from typing import Protocol, Self

from archive.intake.containers import ContainerError, Containers
from archive.intake.reading import open_pixels
from archive.sandbox.guard import Piece, Pieces, Refusal
from archive.stack import FileRef
from archive.syntaxes import syntax_of

NOT_THERE = (FileNotFoundError, NotADirectoryError)


class Source(Protocol):
    """An open image file."""

    def read_into(self, target: memoryview, offset: int) -> int:
        """Fill a buffer from an offset; hands back how many bytes there were."""

    def pread(self, offset: int, length: int) -> bytes:
        """Bytes at an offset, fewer at the end."""

    def gathered(self, pieces: Pieces) -> tuple[int, Pieces]:
        """A descriptor for the sandbox, and where the pieces lie in it."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_source(ref: FileRef, containers: Containers) -> Source:
    """Open a file as it was when it was scanned; Refusal (gone, changed, permission, io-error) where that fails."""
    try:
        if ref.member is None and not syntax_of(ref.transfer_syntax).deflated:
            return _File(ref)
        return _InMemory(ref, containers)
    except NOT_THERE as error:
        raise Refusal("gone") from error
    except PermissionError as error:
        raise Refusal("permission") from error
    except (OSError, ContainerError) as error:
        raise Refusal("io-error") from error


class _File:
    def __init__(self, ref: FileRef) -> None:
        self._descriptor = os.open(ref.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        found = os.fstat(self._descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size != ref.size:
            os.close(self._descriptor)
            raise Refusal("changed")

    def read_into(self, target: memoryview, offset: int) -> int:
        done = 0
        while done < len(target):
            got = os.preadv(self._descriptor, [target[done:]], offset + done)
            if got == 0:
                break
            done += got
        return done

    def pread(self, offset: int, length: int) -> bytes:
        return os.pread(self._descriptor, length, offset)

    def gathered(self, pieces: Pieces) -> tuple[int, Pieces]:
        return self._descriptor, pieces

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)


class _InMemory:
    """A member of a ZIP or TAR, or an inflated file: its bytes are bounded by their reader."""

    def __init__(self, ref: FileRef, containers: Containers) -> None:
        self._reader = open_pixels(ref, containers)
        self._copy: int | None = None

    def read_into(self, target: memoryview, offset: int) -> int:
        data = self.pread(offset, len(target))
        target[: len(data)] = data
        return len(data)

    def pread(self, offset: int, length: int) -> bytes:
        return bytes(self._reader.pread(offset, length))

    def gathered(self, pieces: Pieces) -> tuple[int, Pieces]:
        data = b"".join(self.pread(piece.offset, piece.length) for piece in pieces)
        self._copy = os.memfd_create("frame", os.MFD_CLOEXEC)
        os.pwrite(self._copy, data, 0)
        return self._copy, (Piece(0, len(data)),)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._copy is not None:
            os.close(self._copy)
        self._reader.close()

"""Opens found files and reads what is asked: a header at import, pixels later; files and members alike."""

import contextlib
import os
import stat
import zlib
from typing import Protocol

from archive.intake.containers import ContainerError, Containers, Source
from archive.intake.found import FoundFile, Refusal, refusal_of
from archive.intake.header import Header
from archive.intake.kinds import HEAD_BYTES
from archive.intake.layouts import Layouts
from archive.intake.scanner import LONGEST_HEADER, Broken, NeedMore, Outcome, Unsure, data_set_start, scan
from archive.stack import FileRef
from archive.syntaxes import syntax_of

DICOMDIR_CLASS = b"1.2.840.10008.1.3.10"  # Media Storage Directory, PS3.4 table I.4-1
MEDIA_STORAGE_SOP_CLASS, DIRECTORY_RECORDS = 0x00020002, 0x00041220
GROWTH = 4  # times more is read where the header is longer than what was read
LONGEST_INFLATED = 2 << 30  # bytes of a deflated data set kept in memory
_OPEN_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class TolerantParser(Protocol):
    """Who looks where the scanner is unsure: the sandboxed parser."""

    def header(self, fd: int, size: int) -> Header | None:
        """The header of an open file, or None where nobody can read it."""


class FileSource:
    """A regular file, opened so that it can neither block nor be inherited, read by position only."""

    def __init__(self, path: bytes) -> None:
        self._fd = os.open(path, _OPEN_FLAGS)
        status = os.fstat(self._fd)
        if not stat.S_ISREG(status.st_mode):
            self.close()
            raise ContainerError("not-regular")
        self.size = status.st_size

    def pread(self, offset: int, length: int) -> bytes:
        """Up to length bytes from offset on; fewer only at the end of the file."""
        got = os.pread(self._fd, length, offset)
        if len(got) == length or offset + len(got) >= self.size:
            return got
        parts = [got]  # one call gives at most 2 GiB, and less over a network
        while got and (read := sum(map(len, parts))) < length:
            got = os.pread(self._fd, length - read, offset + read)
            parts.append(got)
        return b"".join(parts)

    def fileno(self) -> int:
        """The descriptor, for the sandbox and for readinto-like calls."""
        return self._fd

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def header_of(
    found: FoundFile,
    parser: TolerantParser | None = None,
    containers: Containers | None = None,
    layouts: Layouts | None = None,
) -> Header | Refusal:
    """The header of a found file, or why there is none. Never raises on what a file holds.

    Members of one container are read fast only with `containers`, which keeps it open between them; many files of a
    kind only with `layouts`.
    """
    outcome = _header_or_directory(found, parser, containers, layouts)
    return Refusal("dicomdir") if isinstance(outcome, Header) and _is_directory(outcome) else outcome


def directory_of(found: FoundFile, containers: Containers | None = None) -> Header | None:
    """The data set of a disc's table of contents (DICOMDIR, PS3.10 8.6); None where the file is none."""
    outcome = _header_or_directory(found, None, containers)
    return outcome if isinstance(outcome, Header) and _is_directory(outcome) else None


def _header_or_directory(
    found: FoundFile,
    parser: TolerantParser | None,
    containers: Containers | None,
    layouts: Layouts | None = None,
) -> Header | Refusal:
    if found.refusal is not None:
        return found.refusal
    try:
        with contextlib.closing(opened(found.path, found.member, containers)) as source:
            return _read(source, parser, layouts)
    except ContainerError as error:
        return Refusal(error.code)
    except OSError as error:
        return refusal_of(error)


def _is_directory(header: Header) -> bool:
    sop_class = header.raw(MEDIA_STORAGE_SOP_CLASS).strip(b" \0")
    return sop_class == DICOMDIR_CLASS or bool(header.raw(DIRECTORY_RECORDS))


def open_pixels(ref: FileRef, containers: Containers | None = None) -> Source:
    """The bytes in which ref.pixels.offset counts: of the file or member, or of the inflated data set.

    Close it afterwards. Raises OSError where the file is gone, ContainerError where a member cannot be read.
    """
    source = opened(ref.path, ref.member, containers)
    if not syntax_of(ref.transfer_syntax).deflated:
        return source
    try:
        return _inflated(source, ref)
    finally:
        source.close()


def opened(path: bytes, member: str | None = None, containers: Containers | None = None) -> Source:
    """The bytes of a file, or of a member of a container. Raises OSError, ContainerError."""
    if member is None:
        return FileSource(path)
    return (containers or Containers()).source(path, member)


def _read(source: Source, parser: TolerantParser | None, layouts: Layouts | None) -> Header | Refusal:
    buffer = source.pread(0, HEAD_BYTES)
    outcome = scan(buffer, source.size, layouts=layouts)
    while isinstance(outcome, NeedMore):
        wanted = min(max(outcome.wanted + HEAD_BYTES, GROWTH * len(buffer)), source.size)
        more = source.pread(len(buffer), wanted - len(buffer))
        if not more:
            return Refusal("truncated-header")  # the file became shorter while it was read
        buffer += more
        outcome = scan(buffer, source.size, outcome, layouts)
    return _settled(outcome, source, parser)


def _settled(outcome: Outcome, source: Source, parser: TolerantParser | None) -> Header | Refusal:
    if isinstance(outcome, Unsure):
        header = _parsed(source, parser) if parser else None
        if header is None:
            return Refusal("bad-header", {"why": outcome.why})
        outcome = header
    if isinstance(outcome, Header):
        return outcome
    return Refusal(outcome.code if isinstance(outcome, Broken) else "not-dicom")


def _parsed(source: Source, parser: TolerantParser) -> Header | None:
    """Ask the tolerant parser, which takes a descriptor: a member is lent to it in anonymous memory."""
    if isinstance(source, FileSource):
        return parser.header(source.fileno(), source.size)
    if source.size > LONGEST_HEADER or not hasattr(os, "memfd_create"):
        return None
    fd = os.memfd_create("member")
    try:
        os.write(fd, source.pread(0, source.size))
        return parser.header(fd, source.size)
    finally:
        os.close(fd)


class BytesSource:
    """Bytes in memory as a Source."""

    def __init__(self, content: bytes) -> None:
        self.size, self._content = len(content), content

    def pread(self, offset: int, length: int) -> bytes:
        """Up to length bytes from offset on."""
        return self._content[offset : offset + length]

    def close(self) -> None:
        """Let go of the bytes."""
        self.size, self._content = 0, b""


def _inflated(source: Source, ref: FileRef) -> BytesSource:
    """The data set of a deflated file, inflated to the end of its pixels and no further."""
    wanted = min(ref.pixels.offset + ref.pixels.length, LONGEST_INFLATED) if ref.pixels else 0
    packed = source.pread(0, min(source.size, LONGEST_INFLATED))
    try:
        content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed[data_set_start(packed) :], max(1, wanted))
    except zlib.error as error:
        raise ContainerError("bad-archive") from error
    return BytesSource(content)

"""ZIP and TAR files as folders: members are listed and read in place, within bounds, and never written to disk."""

import gzip
import io
import lzma
import os
import stat
import tarfile
import threading
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Protocol

from archive.intake.found import FoundFile, Refusal, refusal_of
from archive.intake.kinds import HEAD_BYTES, kind_of

NAME_ENDINGS = (b".zip", b".tar", b".tgz", b".tar.gz", b".txz", b".tar.xz")
MOST_MEMBERS = 500_000
LONGEST_MEMBER = 4 << 30
LONGEST_INFLATED_TAR = 1 << 30  # a compressed TAR has no index: it is inflated into memory once
MOST_RATIO = 200  # no scan packs better; what does and is longer than LEAST_BOMB is refused
LEAST_BOMB = 64 << 20
_CHUNK = 1 << 20
_MOST_LZMA_MEMORY = 256 << 20


class ContainerError(Exception):
    """The container, or one member, cannot be read; code is one of `Refusal`."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class Source(Protocol):
    """Open bytes that can be read anywhere: of a file or of a member."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    def pread(self, offset: int, length: int) -> bytes:
        """Up to length bytes from offset on; fewer only at the end."""

    def close(self) -> None:
        """Give the file back."""


class Container(Protocol):
    """An open ZIP or TAR."""

    def members(self) -> Iterator[tuple[str, int, Refusal | None]]:
        """(name, size, refusal) of each member that is no folder, in the order of the container."""

    def open(self, member: str) -> Source:
        """The bytes of one member; raises ContainerError."""

    def close(self) -> None:
        """Give the file back."""


def looks_like_container(name: bytes) -> bool:
    """Whether a file of that name is opened as a container; the first bytes decide then."""
    return name.lower().endswith(NAME_ENDINGS)


def open_container(path: bytes) -> Container | None:
    """The ZIP or TAR at path, or None where its bytes are something else. Raises ContainerError and OSError."""
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    try:
        size = _regular_size(file)
        kind = kind_of(file.read(HEAD_BYTES))
        file.seek(0)
        if kind == "zip":
            return ZipContainer(file, size)
        if kind == "tar":
            return TarContainer(file)
        if kind in ("gzip", "xz"):
            memory = _inflated(file, kind, size)
            if memory is not None:
                file.close()
                return TarContainer(memory)
    except BaseException:
        file.close()
        raise
    file.close()
    return None


def _regular_size(file: IO[bytes]) -> int:
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise ContainerError("not-regular")
    return status.st_size


class ZipContainer:
    """A ZIP file."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise ContainerError("bad-archive") from error
        self._members = {info.filename: info for info in self._zip.infolist() if not info.is_dir()}
        if len(self._members) > MOST_MEMBERS or _overlap(self._zip.infolist(), size):
            raise ContainerError("bomb")

    def members(self) -> Iterator[tuple[str, int, Refusal | None]]:
        for name, info in self._members.items():
            yield name, info.file_size, _zip_refusal(info)

    def open(self, member: str) -> Source:
        info = self._members.get(member)
        if info is None:
            raise ContainerError("vanished")
        refusal = _zip_refusal(info)
        if refusal:
            raise ContainerError(refusal.code)
        try:
            return StreamSource(self._zip.open(info), info.file_size)
        except _BROKEN as error:
            raise ContainerError("bad-archive") from error

    def close(self) -> None:
        self._zip.close()
        self._file.close()


# What zipfile, zlib and lzma raise on damaged bytes. (NotImplementedError: a packing method that zipfile has not.)
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, ValueError)


def _zip_refusal(info: zipfile.ZipInfo) -> Refusal | None:
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return Refusal("not-regular")
    if info.flag_bits & 0x1:
        return Refusal("encrypted")
    return _size_refusal(info.filename, info.file_size, info.compress_size)


def _size_refusal(name: str, size: int, packed: int) -> Refusal | None:
    if size == 0:
        return Refusal("empty")
    if looks_like_container(os.fsencode(name)):
        return Refusal("nested-archive")
    if size > LONGEST_MEMBER:
        return Refusal("too-large")
    return Refusal("bomb") if size > max(LEAST_BOMB, MOST_RATIO * packed) else None


def _overlap(infos: list[zipfile.ZipInfo], size: int) -> bool:
    """Members that share bytes are a bomb (CVE-2024-0450; Python before 3.11.8 does not look)."""
    end = size
    for info in sorted(infos, key=lambda info: info.header_offset, reverse=True):
        if info.header_offset + info.compress_size > end:
            return True
        end = info.header_offset
    return False


class StreamSource:
    """A packed member: unpacked as far as it is asked for, and kept in memory so that it can be read anywhere."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self.size = size
        self._stream, self._bytes = stream, bytearray()

    def pread(self, offset: int, length: int) -> bytes:
        wanted = min(offset + length, self.size)
        try:
            while len(self._bytes) < wanted:
                more = self._stream.read(min(wanted - len(self._bytes), _CHUNK))
                if not more:
                    break
                self._bytes += more
        except _BROKEN as error:
            raise ContainerError("bad-archive") from error
        return bytes(memoryview(self._bytes)[offset:wanted])

    def close(self) -> None:
        self._stream.close()
        self._bytes = bytearray()


class TarContainer:
    """A TAR, in a file or inflated in memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._lock = file, threading.Lock()
        self._members: dict[str, tarfile.TarInfo] = {}
        try:
            with tarfile.open(fileobj=file, mode="r:") as tar:
                for info in tar:
                    if not info.isdir():
                        self._members[info.name] = info
                    if len(self._members) > MOST_MEMBERS:
                        raise ContainerError("bomb")
        except (tarfile.TarError, ValueError, EOFError, OverflowError) as error:
            raise ContainerError("bad-archive") from error

    def members(self) -> Iterator[tuple[str, int, Refusal | None]]:
        for name, info in self._members.items():
            plain = info.isreg() and not info.issparse()
            yield name, info.size, _size_refusal(name, info.size, info.size) if plain else Refusal("not-regular")

    def open(self, member: str) -> Source:
        info = self._members.get(member)
        if info is None or not info.isreg() or info.issparse():
            raise ContainerError("vanished")
        return _TarSource(self, info.offset_data, info.size)

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of the TAR itself."""
        with self._lock:
            self._file.seek(offset)
            return self._file.read(length)

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True)
class _TarSource:
    tar: TarContainer
    start: int
    size: int

    def pread(self, offset: int, length: int) -> bytes:
        return self.tar.read(self.start + offset, max(0, min(length, self.size - offset)))

    def close(self) -> None:
        """The TAR stays open for its other members."""


def _inflated(file: IO[bytes], kind: str, size: int) -> IO[bytes] | None:
    """A compressed TAR unpacked into memory; None where it is compressed but no TAR."""
    limit = min(LONGEST_INFLATED_TAR, max(LEAST_BOMB, MOST_RATIO * size))
    memory = io.BytesIO()
    try:
        for chunk in _gzip_chunks(file) if kind == "gzip" else _xz_chunks(file):
            if memory.tell() == 0 and kind_of(chunk) != "tar":
                return None
            memory.write(chunk)
            if memory.tell() > limit:
                raise ContainerError("too-large" if limit == LONGEST_INFLATED_TAR else "bomb")
    except (*_BROKEN, gzip.BadGzipFile) as error:
        raise ContainerError("bad-archive") from error
    memory.seek(0)
    return memory


def _gzip_chunks(file: IO[bytes]) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
        while chunk := unpacked.read(_CHUNK):
            yield chunk


def _xz_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """As lzma.open, but with a limit on the dictionary, which the file chooses."""
    decompressor = lzma.LZMADecompressor(memlimit=_MOST_LZMA_MEMORY)
    while not decompressor.eof:
        packed = file.read(1 << 16) if decompressor.needs_input else b""
        if not packed and decompressor.needs_input:
            raise EOFError
        if chunk := decompressor.decompress(packed, _CHUNK):
            yield chunk


class Containers:
    """The containers opened last, shared by readers on several threads. Close it when the import or the load ends."""

    def __init__(self, most: int = 2) -> None:
        self._open: OrderedDict[bytes, Container] = OrderedDict()
        self._most, self._lock = most, threading.Lock()

    def __enter__(self) -> "Containers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def source(self, path: bytes, member: str) -> Source:
        """The bytes of one member; raises ContainerError and OSError."""
        with self._lock:
            container = self._open.pop(path, None) or open_container(path)
            if container is None:
                raise ContainerError("bad-archive")
            self._open[path] = container
            while len(self._open) > self._most:
                self._open.popitem(last=False)  # closed with its last reader: another thread may still hold it
        return container.open(member)

    def close(self) -> None:
        """Close all of them."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()


def members_of(path: bytes, mtime_ns: int) -> tuple[FoundFile, ...] | None:
    """The members of the container at path, or the container itself with what is wrong; None where it is none."""
    try:
        container = open_container(path)
        if container is None:
            return None
        files = tuple(
            FoundFile(path, name, size, mtime_ns, refusal) for name, size, refusal in sorted(container.members())
        )
        container.close()
    except ContainerError as error:
        return (FoundFile(path, None, os.stat(path).st_size, mtime_ns, Refusal(error.code)),)
    except OSError as error:
        return (FoundFile(path, None, 0, mtime_ns, refusal_of(error)),)
    return files

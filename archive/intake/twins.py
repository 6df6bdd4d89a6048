"""Twins: whether two files of one SOPInstanceUID and one header also hold the same pixels."""

import contextlib
import hashlib
from collections.abc import Iterator

from archive.intake.containers import ContainerError, Source
from archive.intake.reading import open_pixels
from archive.stack import UNDEFINED_LENGTH, FileRef

_CHUNK_BYTES = 1 << 20


def same_pixels(one: FileRef, other: FileRef) -> bool:
    """Compare the pixel bytes. Where a copy cannot be read (an unplugged disk), the equal headers have to do."""
    try:
        with contextlib.closing(open_pixels(one)) as first, contextlib.closing(open_pixels(other)) as second:
            places = zip(_chunks(one, first), _chunks(other, second), strict=False)
            return all(first.pread(*here) == second.pread(*there) for here, there in places)
    except (OSError, ContainerError):
        return True


def pixel_digest(ref: FileRef) -> bytes:
    """The digest of an image's pixel bytes, 16 bytes; empty where there are none, or none can be read."""
    found = hashlib.blake2b(digest_size=16)
    try:
        with contextlib.closing(open_pixels(ref)) as source:
            for place in _chunks(ref, source):
                found.update(source.pread(*place))
    except (OSError, ContainerError):
        return b""
    return found.digest() if ref.pixels else b""


def _chunks(ref: FileRef, source: Source) -> Iterator[tuple[int, int]]:
    """(offset, length) of the pixel value's pieces; of an encapsulated one, up to the end of the file."""
    if ref.pixels is None:
        return
    start, length = ref.pixels.offset, ref.pixels.length
    end = source.size if length == UNDEFINED_LENGTH else min(start + length, source.size)
    for offset in range(start, end, _CHUNK_BYTES):
        yield offset, min(_CHUNK_BYTES, end - offset)

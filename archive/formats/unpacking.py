"""Bounded inflating: a file may not grow beyond what its header can use."""

import zlib

from archive.formats.described import Unfit

MOST_BYTES = 4 << 30


def inflated(data: bytes, most: int = MOST_BYTES, window_bits: int = zlib.MAX_WBITS | 16) -> bytes:
    """Up to `most` bytes of a gzip or zlib stream; what follows the member is ignored, a torn end gives what there is."""
    unpacker = zlib.decompressobj(window_bits)
    try:
        return unpacker.decompress(data, min(most, MOST_BYTES))
    except zlib.error as error:
        raise Unfit("truncated") from error

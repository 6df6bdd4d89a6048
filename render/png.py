"""PNG files: pixels and nothing else - no name, no date, no software field."""

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.errors import CannotWrite

_COLOUR_TYPES = {1: 0, 3: 2, 4: 6}  # channels -> grey, RGB, RGBA


def encoded(pixels: NDArray[np.uint8]) -> bytes:
    """The file's bytes of pixels [rows, columns] or [rows, columns, 3 or 4]; the same pixels give the same bytes."""
    image = np.ascontiguousarray(pixels, np.uint8)
    rows, columns = image.shape[:2]
    channels = image.shape[2] if image.ndim == 3 else 1
    lines = image.reshape(rows, columns * channels).astype(np.int16)
    above = np.vstack([np.zeros((1, columns * channels), np.int16), lines[:-1]])
    filtered = ((lines - above) & 0xFF).astype(np.uint8)  # filter 2, "Up": rows of a picture resemble each other
    raw = np.hstack([np.full((rows, 1), 2, np.uint8), filtered])
    header = struct.pack(">IIBBBBB", columns, rows, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    body = zlib.compress(raw.tobytes(), 6)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def write(path: Any, pixels: NDArray[np.uint8]) -> None:
    """Write a picture; CannotWrite with the reason of the system if that fails."""
    try:
        with open(path, "wb") as file:
            file.write(encoded(pixels))
    except OSError as error:
        raise CannotWrite(name=_last(path), reason=error.strerror or type(error).__name__) from error


def _last(path: Any) -> str:
    text = path.decode("utf-8", "replace") if isinstance(path, bytes) else str(path)
    return text.rstrip("/").rsplit("/", 1)[-1]

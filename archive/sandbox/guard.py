"""Before any decoder: where each frame's bytes lie, and whether they say the same size as the data set.

A file of 726 bytes whose code stream claims 60000 x 60000 pixels costs a decoder 8 GiB; comparing the sizes first costs
under a microsecond. Nothing here allocates by what a file claims.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archive.stack import UNDEFINED_LENGTH, FrameRecord, PixelPlace

Read = Callable[[int, int], bytes]  # (offset, length) -> bytes, fewer at the end of the file

MOST_FRAGMENTS = 2_000_000  # in one file
MOST_PIECES = 2_000  # of one frame
LARGE_BYTES = 64 << 20
MOST_TIMES = 1000  # a large frame may be so many times its compressed size
MOST_VOXEL_BYTES = 8 << 30
ITEM, DELIMITER = 0xFFFEE000, 0xFFFEE0DD


class Refusal(Exception):
    """The bytes cannot be what the data set says: a code of the catalogue (`damaged.<code>`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of bytes of one frame in the file."""

    offset: int
    length: int


Pieces = tuple[Piece, ...]


def pieces_of(read: Read, place: PixelPlace, frames: int) -> list[Pieces]:
    """The bytes of every frame of encapsulated pixels (PS3.5 A.4): fragment lengths are trusted, nothing is searched."""
    fragments = _fragments(read, place)
    if not fragments:
        raise Refusal("no-pixels")
    table, rest = fragments[0], fragments[1:]
    if not rest:
        raise Refusal("no-pixels")
    if frames == 1:
        return [_bounded(rest)]
    if len(rest) == frames:
        return [(piece,) for piece in rest]
    starts = _table(read, table, frames, rest) or _marked(read, rest)
    if len(starts) != frames:
        raise Refusal("frames-unclear")
    ends = [*starts[1:], len(rest)]
    return [_bounded(rest[start:end]) for start, end in zip(starts, ends, strict=True)]


def _bounded(pieces: Sequence[Piece]) -> Pieces:
    if len(pieces) > MOST_PIECES:
        raise Refusal("too-many-pieces")
    return tuple(pieces)


def _fragments(read: Read, place: PixelPlace) -> list[Piece]:
    """All items of the pixel element, the offset table first; a file that ends early has the items it has."""
    found: list[Piece] = []
    at = place.offset
    end = at + place.length if place.length != UNDEFINED_LENGTH else 1 << 62
    while at + 8 <= end and len(found) < MOST_FRAGMENTS:
        head = read(at, 8)
        if len(head) < 8:
            break
        group, element, length = struct.unpack("<HHI", head)
        if group << 16 | element != ITEM or length == UNDEFINED_LENGTH:
            break
        found.append(Piece(at + 8, length))
        at += 8 + length
    return found


def _table(read: Read, table: Piece, frames: int, rest: Sequence[Piece]) -> list[int]:
    """Index of each frame's first fragment by the basic offset table; empty where it does not fit."""
    if table.length != 4 * frames:
        return []
    offsets = struct.unpack(f"<{frames}I", read(table.offset, table.length).ljust(table.length, b"\0"))
    base = rest[0].offset
    index = {piece.offset - base: number for number, piece in enumerate(rest)}
    starts = [index.get(offset, -1) for offset in offsets]
    return starts if -1 not in starts and starts == sorted(set(starts)) else []


STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  ")  # JPEG family, JPEG 2000, and it in its box


def _marked(read: Read, rest: Sequence[Piece]) -> list[int]:
    """Index of the fragments that begin a code stream."""
    return [number for number, piece in enumerate(rest) if read(piece.offset, 8).startswith(STARTS)]


# --- code streams ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """What a code stream says of itself."""

    rows: int
    columns: int
    samples: int


def check_frame(start: bytes, compressed_bytes: int, codec: str, record: FrameRecord) -> None:
    """Raise Refusal unless the frame's code stream has the data set's size. start: its first bytes (64 KiB are enough)."""
    rows, columns = record.image_rows or record.rows, record.image_columns or record.columns
    expanded = rows * columns * record.samples * max(1, record.bits_allocated // 8)
    if expanded > LARGE_BYTES and expanded > MOST_TIMES * compressed_bytes:
        raise Refusal("bomb")
    claim = CLAIMS[codec](start) if codec in CLAIMS else None
    if codec in CLAIMS and claim is None:
        raise Refusal("no-code-stream")
    if claim is not None and (claim.rows, claim.columns, claim.samples) != (rows, columns, record.samples):
        raise Refusal("size-mismatch")


def _jpeg(start: bytes) -> Claim | None:
    """The frame header of a JPEG or JPEG-LS stream (ITU T.81 B.2.2)."""
    at = 2
    while start[:2] == b"\xff\xd8" and at + 10 <= len(start):
        if start[at] != 0xFF:
            return None
        marker = start[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)) or marker == 0xF7:
            rows, columns, samples = struct.unpack_from(">HHB", start, at + 5)
            return Claim(rows, columns, samples)
        at += 2 + int.from_bytes(start[at + 2 : at + 4], "big")
    return None


def _jpeg2000(start: bytes) -> Claim | None:
    """The SIZ marker of a JPEG 2000 stream, boxed or not (ISO 15444-1 A.5.1)."""
    at = start[:4096].find(b"\xff\x4f\xff\x51")
    if at < 0 or len(start) < at + 42:
        return None
    x1, y1, x0, y0, tile_x, tile_y = struct.unpack_from(">6I", start, at + 8)
    samples = struct.unpack_from(">H", start, at + 40)[0]
    if not tile_x or not tile_y or -(-x1 // tile_x) * -(-y1 // tile_y) > 65535:
        return None
    return Claim(y1 - y0, x1 - x0, samples)


def _rle_is_sound(start: bytes) -> bool:
    """Segment offsets rise (PS3.5 G.5)."""
    if len(start) < 64:
        return False
    count, *offsets = struct.unpack_from("<16I", start)
    used = offsets[:count] if 1 <= count <= 15 else []
    return used[:1] == [64] and used == sorted(set(used))


CLAIMS: dict[str, Callable[[bytes], Claim | None]] = {
    "jpeg": _jpeg,
    "jpeg-lossless": _jpeg,
    "jpeg-ls": _jpeg,
    "j2k": _jpeg2000,
    "htj2k": _jpeg2000,
}


def check_rle(start: bytes) -> None:
    """Raise Refusal unless a run-length frame has a header."""
    if not _rle_is_sound(start):
        raise Refusal("no-code-stream")

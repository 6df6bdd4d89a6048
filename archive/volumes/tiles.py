"""Several slices in one image: Siemens mosaics, United Imaging's VFRAME, and planes at offsets along a normal."""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from archive.intake.header import Header
from archive.stack import FrameRecord
from archive.volumes.geometry import Vector, axes_of

Point = tuple[float, float, float]
MOST_TILES = 4096
CSA_MOST_TAGS = 2000


@dataclass(frozen=True)
class Tiles:
    """Equal tiles of one image: their size, corners (row, column) in pixels, and positions in patient mm."""

    rows: int
    columns: int
    corners: tuple[tuple[int, int], ...]
    positions: tuple[Point, ...]


def along_normal(whole: FrameRecord, offsets: Sequence[float]) -> list[FrameRecord]:
    """One frame per offset in mm along the normal, from the position of the first."""
    axes = axes_of(whole.orientation) if whole.orientation else None
    if axes is None:
        return []
    first = np.array(whole.position_patient_mm, np.float64)
    offset_zero = offsets[0]  # offsets may be absolute z; relative to the first they are the same
    return [
        replace(whole, frame=index, position_patient_mm=_point(first + axes.normal * (offset - offset_zero)))
        for index, offset in enumerate(offsets)
    ]


def of_mosaic(header: Header, whole: FrameRecord) -> Tiles | None:
    """The tiles of a Siemens mosaic: the position is that of the whole image's corner, so the centre is kept."""
    if "MOSAIC" not in whole.image_type or whole.frames_in_file > 1:
        return None
    axes = axes_of(whole.orientation) if whole.orientation else None
    if axes is None or whole.position_patient_mm is None or whole.pixel_spacing_mm is None:
        return None
    csa = csa_values(header.private(0x0029, "SIEMENS CSA HEADER", 0x10) or b"")
    count = _count(header, csa)
    spacing_mm = header.numbers("SpacingBetweenSlices") or header.numbers("SliceThickness")
    if not 1 < count <= MOST_TILES or not spacing_mm:
        return None
    across = math.ceil(math.sqrt(count))
    rows, columns = whole.rows // across, whole.columns // across
    between_rows_mm, between_columns_mm = whole.pixel_spacing_mm
    origin = np.array(whole.position_patient_mm, np.float64)
    origin = origin + axes.row * (between_columns_mm * (whole.columns - columns) / 2)
    origin = origin + axes.column * (between_rows_mm * (whole.rows - rows) / 2)
    step = _csa_normal(csa, axes.normal) * spacing_mm[0]
    positions = tuple(_point(origin + index * step) for index in range(count))
    return Tiles(rows, columns, _corners(count, across, rows, columns), positions)


def of_vframe(header: Header, whole: FrameRecord) -> Tiles | None:
    """The tiles of a United Imaging VFRAME image: a private sequence gives each slice its own position, not centred."""
    if not header.raw(0x00080070).startswith((b"UIH", b"United")):
        return None
    items = header.private_items(0x0065, "Image Private Header", 0x51)
    places = [item.numbers("ImagePositionPatient") for item in items]
    if len(places) < 2 or len(places) > MOST_TILES or any(len(place) != 3 for place in places):
        return None
    across = math.ceil(math.sqrt(len(places)))
    down = math.ceil(len(places) / across)
    rows, columns = whole.rows // down, whole.columns // across
    positions = tuple((place[0], place[1], place[2]) for place in places)
    return Tiles(rows, columns, _corners(len(places), across, rows, columns), positions)


def _corners(count: int, across: int, rows: int, columns: int) -> tuple[tuple[int, int], ...]:
    return tuple((index // across * rows, index % across * columns) for index in range(count))


def _point(vector: Vector) -> Point:
    return float(vector[0]), float(vector[1]), float(vector[2])


def _count(header: Header, csa: dict[str, tuple[str, ...]]) -> int:
    said = csa.get("NumberOfImagesInMosaic", ())
    if said and said[0].isdigit():
        return int(said[0])
    private = header.private(0x0019, "SIEMENS MR HEADER", 0x0A) or b""
    return int.from_bytes(private[:2], "little")


def _csa_normal(csa: dict[str, tuple[str, ...]], normal: Vector) -> Vector:
    """The direction tiles run in, which may be against the image's normal."""
    try:
        own = np.array([float(value) for value in csa.get("SliceNormalVector", ())[:3]], np.float64)
    except ValueError:
        return normal
    return own if own.shape == (3,) and 0.9 < float(np.linalg.norm(own)) < 1.1 else normal


def csa_values(raw: bytes) -> dict[str, tuple[str, ...]]:
    """The values of a Siemens CSA header (SV10): names to texts. Bounded; damage ends it early."""
    found: dict[str, tuple[str, ...]] = {}
    if raw[:4] != b"SV10" or len(raw) < 16:
        return found
    count = min(struct.unpack_from("<I", raw, 8)[0], CSA_MOST_TAGS)
    at = 16
    try:
        for _ in range(count):
            name = raw[at : at + 64].split(b"\0")[0].decode("ascii", "replace")
            items = struct.unpack_from("<I", raw, at + 76)[0]
            found[name], at = _csa_items(raw, at + 84, min(items, CSA_MOST_TAGS))
    except struct.error:
        return found
    return found


def _csa_items(raw: bytes, at: int, count: int) -> tuple[tuple[str, ...], int]:
    """The items of one tag: four numbers (the second is the length), then the text padded to four bytes."""
    values = []
    for _ in range(count):
        length = struct.unpack_from("<I", raw, at + 4)[0]
        text = raw[at + 16 : at + 16 + length].split(b"\0")[0].strip()
        if text:
            values.append(text.decode("ascii", "replace"))
        at += 16 + (length + 3) // 4 * 4
    return tuple(values), at

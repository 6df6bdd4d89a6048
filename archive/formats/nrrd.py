"""NRRD, attached or with its data apart: an own, bounded reader (the format of teem.sourceforge.net/nrrd/format.html)."""

import bz2
import re
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.formats.described import OtherVolume, Unfit, grid
from archive.formats.unpacking import inflated

MOST_HEADER_BYTES = 1 << 20
MOST_AXES = 6
LONGEST_SKIP = 1 << 20  # bytes that may precede packed voxels whose header says only that they come last
TYPES = {
    **dict.fromkeys(("signed char", "int8", "int8_t"), "i1"),
    **dict.fromkeys(("uchar", "unsigned char", "uint8", "uint8_t"), "u1"),
    **dict.fromkeys(("short", "short int", "signed short", "signed short int", "int16", "int16_t"), "i2"),
    **dict.fromkeys(("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"), "u2"),
    **dict.fromkeys(("int", "signed int", "int32", "int32_t"), "i4"),
    **dict.fromkeys(("uint", "unsigned int", "uint32", "uint32_t"), "u4"),
    **dict.fromkeys(("longlong", "long long", "int64", "int64_t"), "i8"),
    **dict.fromkeys(("ulonglong", "unsigned long long", "uint64", "uint64_t"), "u8"),
    "float": "f4",
    "double": "f8",
}
SPACES = {  # to LPS
    "left-posterior-superior": (1, 1, 1),
    "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "las": (1, -1, 1),
    "scanner-xyz": (1, 1, 1),
}
Fields = dict[str, str]


def fields_of(data: bytes) -> tuple[Fields, int]:
    """The fields of a header, and where it ends (attached data begins there)."""
    head = data[:MOST_HEADER_BYTES]
    if not head.startswith(b"NRRD"):
        raise Unfit("bad-header")
    ends = [found.end() for mark in (rb"\n\n", rb"\r\n\r\n") if (found := re.search(mark, head))]
    end = min(ends, default=len(head))
    fields: Fields = {}
    for line in head[:end].decode("utf-8", "replace").splitlines()[1:]:
        name, colon, value = line.partition(":")
        if colon and not line.startswith("#") and not value.startswith("="):
            fields[name.strip().lower()] = value.strip()
    return fields, end


def companion(data: bytes) -> str | None:
    """The name of the file that holds the data, None where it is attached. Lists and other folders are refused."""
    fields, _ = fields_of(data)
    name = fields.get("data file", fields.get("datafile"))
    if name is not None and (name.upper().startswith("LIST") or "%" in name or "/" in name or "\\" in name):
        raise Unfit("unsupported-layout")
    return name


def read(data: bytes, apart: bytes | None) -> list[OtherVolume]:
    """The volume of a file."""
    fields, end = fields_of(data)
    dtype = _dtype(fields)
    sizes = _integers(fields.get("sizes", ""))
    if not 1 <= len(sizes) <= MOST_AXES or any(size < 1 for size in sizes):
        raise Unfit("bad-header")
    body = _body(fields, data[end:] if apart is None else apart, int(np.prod(sizes, dtype=object)) * dtype.itemsize)
    found = grid(body, dtype, tuple(reversed(sizes)))
    return [_placed(found, fields, len(sizes))]


def _dtype(fields: Fields) -> np.dtype[Any]:
    if fields.get("type", "").lower() not in TYPES:
        raise Unfit("unsupported-type")
    order = ">" if fields.get("endian", "little").lower() == "big" else "<"
    return np.dtype(order + TYPES[fields["type"].lower()])


def _integers(text: str) -> list[int]:
    try:
        return [int(word) for word in text.split()]
    except ValueError as error:
        raise Unfit("bad-header") from error


def _body(fields: Fields, data: bytes, wanted: int) -> bytes:
    """The voxels' bytes, unpacked; byte skip -1 means "the last bytes of the file"."""
    encoding = fields.get("encoding", "raw").lower()
    for _ in range(max(0, int(fields.get("line skip", fields.get("lineskip", "0")) or 0))):
        data = data[data.find(b"\n") + 1 :]
    skip = int(fields.get("byte skip", fields.get("byteskip", "0")) or 0)
    if skip < -1:
        raise Unfit("bad-header")
    most = wanted + (LONGEST_SKIP if skip == -1 else skip)
    if encoding in ("gzip", "gz"):
        data = inflated(data, most, zlib.MAX_WBITS | 32)
    elif encoding in ("bzip2", "bz2"):
        data = bz2.BZ2Decompressor().decompress(data, most)
    elif encoding in ("ascii", "text", "txt"):
        return np.array(data.split(), np.float64).astype(_dtype(fields)).tobytes()
    elif encoding == "hex":
        data = bytes.fromhex("".join(data.decode("ascii", "replace").split()))
    elif encoding != "raw":
        raise Unfit("unsupported-layout")
    return data[-wanted:] if skip == -1 else data[skip:]


def _vectors(fields: Fields, axes: int) -> list[list[float] | None]:
    """One vector for each axis, None for those that are no direction in space."""
    words = re.findall(r"none|\([^)]*\)", fields.get("space directions", ""))
    found = [None if word == "none" else [float(part) for part in word[1:-1].split(",")] for word in words]
    return found if len(found) == axes else []


def _placed(found: NDArray[Any], fields: Fields, axes: int) -> OtherVolume:
    """Voxels with the spatial axes last, and their map."""
    vectors = _vectors(fields, axes)
    spacings = _spacings(fields, axes)
    spatial = [axis for axis in range(axes) if vectors[axis] is not None] if vectors else _spatial(fields, axes)
    if len(spatial) > 3:
        spatial = spatial[:3]
    others = [axis for axis in range(axes) if axis not in spatial]
    order = [axes - 1 - axis for axis in reversed(others)] + [axes - 1 - axis for axis in reversed(spatial)]
    voxels = found.transpose(order)
    while voxels.ndim - len(others) < 3:
        voxels = np.expand_dims(voxels, len(others))
    voxels = voxels.reshape(-1, *voxels.shape[len(others) :])
    if voxels.shape[0] == 3 and voxels.dtype == np.uint8 and _is_colour(fields):
        voxels = np.moveaxis(voxels, 0, -1)[np.newaxis]
    return OtherVolume(voxels, *_matrix(fields, vectors, spatial, spacings))


def _is_colour(fields: Fields) -> bool:
    return "rgb-color" in fields.get("kinds", "").lower() or "3-color" in fields.get("kinds", "").lower()


def _spatial(fields: Fields, axes: int) -> list[int]:
    kinds = fields.get("kinds", "").lower().split()
    if len(kinds) == axes and {"domain", "space"} & set(kinds):
        return [axis for axis, kind in enumerate(kinds) if kind in ("domain", "space")]
    return list(range(min(3, axes)))


def _spacings(fields: Fields, axes: int) -> list[float]:
    words = fields.get("spacings", "").split()
    if len(words) != axes:
        return [1.0] * axes
    return [abs(float(word)) if word.lower() != "nan" else 1.0 for word in words]


def _matrix(
    fields: Fields, vectors: list[list[float] | None], spatial: list[int], spacings: list[float]
) -> tuple[NDArray[np.float64] | None, float, float, tuple[str, ...]]:
    """patient_from_voxel, slope, intercept and notes. Space directions are a column of the map for each axis."""
    signs = SPACES.get(fields.get("space", "").lower().removesuffix("-time"))
    matrix = np.eye(4)
    if not vectors or signs is None or len(spatial) != 3:
        sizes = [spacings[axis] for axis in spatial] + [1.0] * (3 - len(spatial))
        matrix[:3, :3] = np.diag(sizes)
        return matrix, 1.0, 0.0, ("place-unknown", "left-right-unknown")
    for column, axis in enumerate(spatial):
        matrix[:3, column] = vectors[axis] or [0.0, 0.0, 0.0]
    origin = re.findall(r"[^(),\s]+", fields.get("space origin", ""))
    matrix[:3, 3] = [float(part) for part in origin[:3]] if len(origin) >= 3 else [0.0, 0.0, 0.0]
    if abs(np.linalg.det(matrix[:3, :3])) < 1e-12:
        raise Unfit("bad-header")
    return np.diag([*signs, 1.0]) @ matrix, 1.0, 0.0, ()

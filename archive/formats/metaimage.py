"""MetaImage (.mha, .mhd): an own, bounded reader. Directions and origin are in LPS already."""

import zlib
from typing import Any

import numpy as np

from archive.formats.described import OtherVolume, Unfit, grid
from archive.formats.unpacking import inflated

MOST_HEADER_BYTES = 1 << 16
TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG": "i4",
    "MET_ULONG": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
Fields = dict[str, str]


def fields_of(data: bytes) -> tuple[Fields, int]:
    """The fields of a header, which ElementDataFile ends, and where that is."""
    fields: Fields = {}
    at = 0
    while at < min(len(data), MOST_HEADER_BYTES):
        end = data.find(b"\n", at, MOST_HEADER_BYTES)
        line = data[at : end if end >= 0 else len(data)].decode("latin-1")
        at = end + 1 if end >= 0 else len(data)
        name, equals, value = line.partition("=")
        if equals:
            fields[name.strip()] = value.strip()
        if name.strip() == "ElementDataFile":
            return fields, at
    raise Unfit("bad-header")


def companion(data: bytes) -> str | None:
    """The name of the file that holds the data, None where it is attached. Lists and other folders are refused."""
    name = fields_of(data)[0]["ElementDataFile"]
    if name.upper() == "LOCAL":
        return None
    if name.upper().startswith("LIST") or "%" in name or "/" in name or "\\" in name:
        raise Unfit("unsupported-layout")
    return name


def read(data: bytes, apart: bytes | None) -> list[OtherVolume]:
    """The volume of a file."""
    fields, end = fields_of(data)
    sizes = [int(word) for word in fields.get("DimSize", "").split()]
    channels = int(fields.get("ElementNumberOfChannels", "1"))
    if not 2 <= len(sizes) <= 4 or fields.get("ElementType") not in TYPES or channels not in (1, 3):
        raise Unfit("unsupported-type")
    order = ">" if _says(fields, "BinaryDataByteOrderMSB") or _says(fields, "ElementByteOrderMSB") else "<"
    dtype = np.dtype(order + TYPES[fields["ElementType"]])
    shape = (*reversed(sizes), *([3] if channels == 3 else []))
    wanted = int(np.prod(shape, dtype=object)) * dtype.itemsize
    found = grid(_body(fields, data[end:] if apart is None else apart, wanted), dtype, shape)
    while found.ndim < 4 + (channels == 3):
        found = found[np.newaxis]
    return [OtherVolume(found, _matrix(fields, len(sizes)))]


def _says(fields: Fields, name: str) -> bool:
    return fields.get(name, "").lower() == "true"


def _body(fields: Fields, data: bytes, wanted: int) -> bytes:
    if _says(fields, "CompressedData"):
        return inflated(data, wanted, zlib.MAX_WBITS | 32)
    skip = int(fields.get("HeaderSize", "0"))
    return data[-wanted:] if skip == -1 else data[max(0, skip) :]


def _numbers(fields: Fields, *names: str) -> list[float]:
    for name in names:
        if name in fields:
            return [float(word) for word in fields[name].split()]
    return []


def _matrix(fields: Fields, axes: int) -> Any:
    """Row i of TransformMatrix is the direction of axis i; ElementSpacing wins over ElementSize."""
    count = min(3, axes)
    spacing = (_numbers(fields, "ElementSpacing", "ElementSize") + [1.0] * 3)[:3]
    origin = (_numbers(fields, "Offset", "Position", "Origin") + [0.0] * 3)[:3]
    rows = _numbers(fields, "TransformMatrix", "Rotation", "Orientation")
    matrix = np.eye(4)
    if len(rows) == axes * axes:
        matrix[:count, :count] = np.array(rows).reshape(axes, axes)[:count, :count].T
    matrix[:3, :3] *= np.abs(spacing)
    matrix[:3, 3] = origin
    if abs(np.linalg.det(matrix[:3, :3])) < 1e-12:
        raise Unfit("bad-header")
    return matrix

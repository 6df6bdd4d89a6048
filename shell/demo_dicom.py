"""Writing a volume as a CT series: explicit VR little endian, one file a slice, by our own few lines (PS3.5, PS3.10)."""

import hashlib
import os
import struct
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

CT_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
INTERCEPT: Final = -1024
_LONG_VRS: Final = frozenset(("OB", "OW", "SQ", "UN", "UT"))  # PS3.5 7.1.2: four bytes of length after two spare ones
_ZERO_PADDED: Final = frozenset(("UI", "OB"))


def uid_of(*parts: object) -> str:
    """A UID made from names (PS3.5 B.2: 2.25 and 128 bits as a decimal number): the same names, the same UID."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def element(tag: int, vr: str, value: object) -> bytes:
    """One data element."""
    if vr == "US":
        body = struct.pack("<H", value)
    elif isinstance(value, bytes):
        body = value
    else:
        body = "\\".join(map(str, value)).encode() if isinstance(value, list | tuple) else str(value).encode()
    if len(body) % 2:
        body += b"\0" if vr in _ZERO_PADDED else b" "
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())
    return head + (struct.pack("<HI", 0, len(body)) if vr in _LONG_VRS else struct.pack("<H", len(body))) + body


def file_of(elements: Mapping[tuple[int, str], object], sop_instance_uid: str) -> bytes:
    """A whole file: preamble, meta group, data set in the order of the tags."""
    meta = b"".join(
        (
            element(0x00020001, "OB", b"\0\1"),
            element(0x00020002, "UI", CT_IMAGE),
            element(0x00020003, "UI", sop_instance_uid),
            element(0x00020010, "UI", EXPLICIT_LITTLE),
            element(0x00020012, "UI", uid_of("tomotheque", "implementation")),
        )
    )
    length = element(0x00020000, "UL", struct.pack("<I", len(meta)))
    body = b"".join(element(tag, vr, elements[tag, vr]) for tag, vr in sorted(elements))
    return bytes(128) + b"DICM" + length + meta + body


def write_series(
    folder: str,
    values: NDArray[np.int16],
    origin_mm: tuple[float, float, float],
    spacing_mm: tuple[float, float, float],
    words: Mapping[tuple[int, str], object],
    name: str,
) -> list[str]:
    """Write values [k, j, i] in HU, slices towards the head; `words` are elements that all files share. Paths come back."""
    os.makedirs(folder, exist_ok=True)
    paths = []
    for k, plane in enumerate(values):
        uid = uid_of(name, "image", k)
        body = file_of({**words, **_of_slice(k, plane, origin_mm, spacing_mm, uid, name)}, uid)
        paths.append(os.path.join(folder, f"IM{k + 1:05d}"))
        with open(paths[-1], "wb") as file:
            file.write(body)
    return paths


def _of_slice(
    k: int,
    plane: NDArray[np.int16],
    origin_mm: tuple[float, float, float],
    spacing_mm: tuple[float, float, float],
    uid: str,
    name: str,
) -> dict[tuple[int, str], object]:
    """The elements that describe one slice and place it."""
    x, y, z = origin_mm
    rows, columns = plane.shape
    return {
        (0x00080016, "UI"): CT_IMAGE,
        (0x00080018, "UI"): uid,
        (0x00180050, "DS"): f"{spacing_mm[2]:g}",
        (0x0020000D, "UI"): uid_of(name, "study"),
        (0x0020000E, "UI"): uid_of(name, "series"),
        (0x00200013, "IS"): k + 1,
        (0x00200032, "DS"): [f"{x:g}", f"{y:g}", f"{z + k * spacing_mm[2]:g}"],
        (0x00200037, "DS"): [1, 0, 0, 0, 1, 0],
        (0x00200052, "UI"): uid_of(name, "frame of reference"),
        (0x00280002, "US"): 1,
        (0x00280004, "CS"): "MONOCHROME2",
        (0x00280010, "US"): rows,
        (0x00280011, "US"): columns,
        (0x00280030, "DS"): [f"{spacing_mm[1]:g}", f"{spacing_mm[0]:g}"],  # PS3.3 10.7.1.3: between rows first
        (0x00280100, "US"): 16,
        (0x00280101, "US"): 12,
        (0x00280102, "US"): 11,
        (0x00280103, "US"): 0,
        (0x00281052, "DS"): INTERCEPT,
        (0x00281053, "DS"): 1,
        (0x00281054, "LO"): "HU",
        (0x7FE00010, "OW"): (plane.astype(np.int32) - INTERCEPT).clip(0, 4095).astype("<u2").tobytes(),
    }

"""Writes small DICOM files and series byte by byte, without pydicom: explicit or implicit, little or big endian."""

import hashlib
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from archive.words import dictionary

EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
SOP_CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "PT": "1.2.840.10008.5.1.4.1.1.128",
}
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
LONG_FORM = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}  # PS3.5 7.1.2
BINARY = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
UNDEFINED = 0xFFFFFFFF

Element = tuple[int, str, bytes]  # tag, VR, value


def uid_of(*words: object) -> str:
    """A UID that is the same for the same words."""
    number = int.from_bytes(hashlib.blake2b(repr(words).encode(), digest_size=12).digest(), "big")
    return f"2.25.{number}"


def value_bytes(vr: str, value: Any, *, big: bool = False, charset: str = "utf-8") -> bytes:
    """One attribute's value as it stands in a file, padded to even length."""
    if isinstance(value, bytes):
        packed = value
    else:
        values = value if isinstance(value, (list, tuple, np.ndarray)) else [value]
        if vr in BINARY:
            packed = struct.pack((">" if big else "<") + BINARY[vr] * len(values), *values)
        elif vr == "AT":
            packed = b"".join(struct.pack(">HH" if big else "<HH", v >> 16, v & 0xFFFF) for v in values)
        else:
            packed = "\\".join(v if isinstance(v, str) else f"{v:.10g}" for v in values).encode(charset)
    padding = b"\0" if vr in ("UI", "OB", "UN") else b" "
    return packed + padding * (len(packed) % 2)


def element_bytes(tag: int, vr: str, value: bytes, *, implicit: bool = False, big: bool = False) -> bytes:
    """One data element with its header. PS3.5 7.1."""
    order = ">" if big else "<"
    head = struct.pack(order + "HH", tag >> 16, tag & 0xFFFF)
    if implicit:
        return head + struct.pack(order + "I", len(value)) + value
    if vr in LONG_FORM:
        return head + vr.encode() + struct.pack(order + "HI", 0, len(value)) + value
    return head + vr.encode() + struct.pack(order + "H", len(value)) + value


def sequence_bytes(
    items: Sequence[Mapping[str, Any] | bytes], *, implicit: bool = False, big: bool = False, undefined: bool = False
) -> bytes:
    """The items of a sequence; with undefined lengths each item ends in its delimiter (PS3.5 7.5)."""
    order, parts = (">" if big else "<"), []
    for item in items:
        body = item if isinstance(item, bytes) else dataset_bytes(item, implicit=implicit, big=big)
        length = UNDEFINED if undefined else len(body)
        parts.append(struct.pack(order + "HHI", 0xFFFE, 0xE000, length) + body)
        if undefined:
            parts.append(struct.pack(order + "HHI", 0xFFFE, 0xE00D, 0))
    return b"".join(parts)


def elements_of(attributes: Mapping[str, Any], *, implicit: bool = False, big: bool = False) -> list[Element]:
    """Keywords (or integer tags with (VR, value)) as sorted elements. A list of dicts is a sequence."""
    elements: list[Element] = []
    for name, value in attributes.items():
        if isinstance(name, int):
            tag, (vr, value) = name, value
        else:
            entry = dictionary.of_keyword(name)
            tag, vr = entry.tag, _chosen(entry.vr, signed=attributes.get("PixelRepresentation") == 1)
        if vr == "SQ" and not isinstance(value, bytes):
            value = sequence_bytes(value, implicit=implicit, big=big)
        elements.append((tag, vr, value_bytes(vr, value, big=big)))
    return sorted(elements)


def _chosen(vr: str, *, signed: bool) -> str:
    """The one VR where the dictionary leaves a choice."""
    if vr.startswith("US/SS"):
        return "SS" if signed else "US"
    return "OW" if vr == "OB/OW" else vr.partition("/")[0]


def dataset_bytes(
    elements: Sequence[Element] | Mapping[str, Any], *, implicit: bool = False, big: bool = False
) -> bytes:
    """A data set without its file head; from elements as given, or from keywords in the order of their tags."""
    if isinstance(elements, Mapping):
        elements = elements_of(elements, implicit=implicit, big=big)
    return b"".join(element_bytes(*element, implicit=implicit, big=big) for element in elements)


def file_bytes(dataset: bytes, *, syntax: str = EXPLICIT_LE, sop_class: str = "", sop_instance: str = "") -> bytes:
    """A whole file: preamble, DICM, file meta information and the data set. PS3.10 7.1."""
    meta = dataset_bytes(
        [
            (0x00020001, "OB", b"\0\1"),
            (0x00020002, "UI", value_bytes("UI", sop_class)),
            (0x00020003, "UI", value_bytes("UI", sop_instance)),
            (0x00020010, "UI", value_bytes("UI", syntax)),
        ]
    )
    length = element_bytes(0x00020000, "UL", struct.pack("<I", len(meta)))
    return bytes(128) + b"DICM" + length + meta + dataset


def write_file(path: Path, attributes: Mapping[str, Any], *, syntax: str = EXPLICIT_LE) -> None:
    """One file with these attributes in one of the three native syntaxes."""
    dataset = dataset_bytes(attributes, implicit=syntax == IMPLICIT_LE, big=syntax == EXPLICIT_BE)
    sop_class, sop_instance = attributes.get("SOPClassUID", ""), attributes.get("SOPInstanceUID", "")
    path.write_bytes(file_bytes(dataset, syntax=syntax, sop_class=sop_class, sop_instance=sop_instance))


def slice_attributes(plane: NDArray[Any], k: int, patient_from_voxel: NDArray[np.float64]) -> dict[str, Any]:
    """The attributes that place one slice and describe its pixels. plane [j, i]: (u)int8 or (u)int16 stored values."""
    spacing = np.linalg.norm(patient_from_voxel[:3, :2], axis=0)
    directions = patient_from_voxel[:3, :2] / spacing
    bits, signed = plane.dtype.itemsize * 8, plane.dtype.kind == "i"
    return {
        "ImagePositionPatient": list((patient_from_voxel @ [0, 0, k, 1])[:3]),
        "ImageOrientationPatient": [*directions[:, 0], *directions[:, 1]],
        "PixelSpacing": [spacing[1], spacing[0]],  # PS3.3 10.7.1.3: between rows first
        "Rows": plane.shape[0],
        "Columns": plane.shape[1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(signed),
    }


def write_series(
    folder: Path, values: ArrayLike, patient_from_voxel: ArrayLike, *, syntax: str = EXPLICIT_LE, **attributes: Any
) -> str:
    """Write values[k, j, i] (stored integers) as one file per slice, k.dcm from 0001.dcm on; the SeriesInstanceUID.

    patient_from_voxel: 4x4, LPS mm, of (i, j, k). Attributes are keywords and apply to every slice; a callable is
    asked with k. UIDs are made from the folder's name and the attributes, so the same call writes the same bytes.
    """
    stored, matrix = np.asarray(values), np.asarray(patient_from_voxel, float)
    if stored.dtype.itemsize > 2:
        stored = stored.astype(np.int16 if stored.min() < 0 else np.uint16)
    folder.mkdir(parents=True, exist_ok=True)
    seed = (folder.name, sorted((name, str(value)) for name, value in attributes.items() if not callable(value)))
    common = {
        "SpecificCharacterSet": "ISO_IR 192",
        "Modality": "CT",
        "PatientName": "Phantom^Ell",
        "PatientID": "PHANTOM-1",
        "PatientBirthDate": "19700101",
        "StudyDate": "20200102",
        "StudyTime": "101500",
        "StudyInstanceUID": uid_of("study", seed),
        "SeriesInstanceUID": uid_of("series", seed),
        "FrameOfReferenceUID": uid_of("frame", seed),
        "SeriesNumber": 1,
        **attributes,
    }
    order = ">" if syntax == EXPLICIT_BE else "<"
    for k, plane in enumerate(stored):
        slice_ = {
            "SOPClassUID": SOP_CLASSES.get(common["Modality"], SECONDARY_CAPTURE),
            "SOPInstanceUID": uid_of("instance", seed, k),
            "InstanceNumber": k + 1,
            **slice_attributes(plane, k, matrix),
            **{name: value(k) if callable(value) else value for name, value in common.items()},
            "PixelData": plane.astype(plane.dtype.newbyteorder(order)).tobytes(),
        }
        write_file(folder / f"{k + 1:04d}.dcm", slice_, syntax=syntax)
    return str(common["SeriesInstanceUID"])

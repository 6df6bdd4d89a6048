"""DICOM headers by pydicom, the tolerant parser, packed as plain bytes. Runs in the sandbox only."""

import codecs
import io
import os
import struct
from typing import Any, Final

import pydicom
import pydicom.charset
from pydicom import config
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element
from pydicom.uid import ExplicitVRBigEndian

from archive.stack import UNDEFINED_LENGTH

PIXEL_TAGS: Final = (0x7FE00008, 0x7FE00009, 0x7FE00010)
IDENTIFYING_GROUP: Final = 0x0008  # every data set says there what it is
MOST_ELEMENTS: Final = 20_000
MOST_BYTES: Final = 64 << 20  # of a header
LONGEST_VALUE: Final = 65_536
WHOLE_GROUPS: Final = (0x0028, 0x7FE0)


class Unfit(Exception):
    """No header, or one beyond all measure; `code` goes to the parent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class FileBytes(io.RawIOBase):
    """A file of the parent, read at offsets: the descriptor's own position is not ours to move."""

    name = ""  # pydicom asks for it

    def __init__(self, descriptor: int, size: int) -> None:
        super().__init__()
        self._descriptor, self._size, self._at = descriptor, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        got = os.preadv(self._descriptor, [buffer], self._at)
        self._at += got
        return got


def warm_up() -> None:
    """Import all that pydicom would import later: encodings, and the value kinds of one written data set."""
    config.settings.reading_validation_mode = config.IGNORE
    for name in {name for names in pydicom.charset.python_encoding.items() for name in names}:
        try:
            codecs.lookup(name)
        except LookupError:
            continue
    made = Dataset()
    made.PatientName, made.Rows, made.PixelSpacing, made.OtherPatientIDsSequence = "A^B", 1, [1.5, 2.5], [Dataset()]
    target = io.BytesIO()
    pydicom.dcmwrite(target, made, implicit_vr=True, little_endian=True, force_encoding=True)
    _packed(pydicom.dcmread(io.BytesIO(target.getvalue()), force=True), is_big=False)


def header_of(descriptor: int, size: int) -> tuple[dict[str, Any], bytes]:
    """Facts for the parent and (tag, VR, length, value) of every element up to the pixels."""
    file = io.BufferedReader(FileBytes(descriptor, size), 1 << 16)
    data_set = pydicom.dcmread(file, stop_before_pixels=True, force=True)
    if not any(tag.group == IDENTIFYING_GROUP for tag in data_set.keys()):  # noqa: SIM118 - values need not be parsed
        raise Unfit("not-dicom")
    if len(data_set) > MOST_ELEMENTS:
        raise Unfit("too-large")
    syntax = str(getattr(data_set.file_meta, "TransferSyntaxUID", "") or _guessed(data_set))
    is_big = syntax == ExplicitVRBigEndian
    packed = _packed(data_set.file_meta, is_big=False) + _packed(data_set, is_big)
    if len(packed) > MOST_BYTES:
        raise Unfit("too-large")
    return {"transfer_syntax": syntax, "pixels": _pixels(file, data_set, is_big)}, packed


def _guessed(data_set: Dataset) -> str:
    return "1.2.840.10008.1.2" if data_set.original_encoding[0] else "1.2.840.10008.1.2.1"


def _packed(data_set: Any, is_big: bool) -> bytes:
    parts = []
    for tag in sorted(data_set.keys()):
        element = data_set.get_item(tag)
        value = _bytes_of(data_set, element, is_big)
        if len(value) > LONGEST_VALUE and element.VR != "SQ" and tag.group not in WHOLE_GROUPS:
            continue
        parts.append(struct.pack("<I2sI", int(tag), str(element.VR or "UN")[:2].encode(), len(value)) + value)
    return b"".join(parts)


def _bytes_of(data_set: Any, element: Any, is_big: bool) -> bytes:
    """The value as it stands in the file; sequences and big-endian values written anew, implicit and little endian."""
    if isinstance(element, RawDataElement) and element.VR not in ("SQ", None, "UN") and not is_big:
        return bytes(element.value or b"")
    try:
        whole = data_set[element.tag]
        if isinstance(element, RawDataElement) and whole.VR != "SQ" and not is_big:
            return bytes(element.value or b"")
        target = DicomBytesIO()
        target.is_little_endian, target.is_implicit_VR = True, True
        write_data_element(target, whole, data_set._character_set if hasattr(data_set, "_character_set") else None)
        return bytes(target.getvalue()[8:])
    except Exception:  # noqa: BLE001 - one value that pydicom cannot read leaves the others
        return b""


def _pixels(file: "io.BufferedReader[FileBytes]", data_set: Dataset, is_big: bool) -> list[Any] | None:
    """Where the pixel element's value lies: pydicom has stopped at its tag."""
    start = file.read(12)
    if len(start) < 8:
        return None
    order = ">" if is_big else "<"
    group, element = struct.unpack_from(order + "HH", start)
    tag = group << 16 | element
    if tag not in PIXEL_TAGS:
        return None
    position = file.tell() - len(start)
    is_implicit = bool(data_set.original_encoding[0])
    if is_implicit:
        return [tag, position + 8, struct.unpack_from(order + "I", start, 4)[0], "OW"]
    length = struct.unpack_from(order + "I", start, 8)[0] if len(start) == 12 else UNDEFINED_LENGTH
    return [tag, position + 12, length, start[4:6].decode("ascii", "replace")]

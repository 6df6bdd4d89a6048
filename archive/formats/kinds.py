"""What kind of file this is, by its first bytes and never by its ending."""

import re
import struct
import zlib

START_BYTES = 4096
GZIP = b"\x1f\x8b"
PICTURES = ("png", "jpeg", "tiff", "jpeg2000", "jpegxl")
REFUSED = {"hdf5": "hdf5"}  # known kinds that no reader here opens -> the code of the refusal
MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (344, b"n+1\0", "nifti"),
    (344, b"ni1\0", "nifti"),
    (4, b"n+2\0", "nifti"),
    (4, b"ni2\0", "nifti"),
    (0, b"NRRD", "nrrd"),
    (0, b"\x93NUMPY", "numpy"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"II+\0", "tiff"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "jpeg2000"),
    (0, b"\xff\x4f\xff\x51", "jpeg2000"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "jpegxl"),
    (0, b"\xff\x0a", "jpegxl"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"CDF\x01", "minc"),
    (0, b"CDF\x02", "minc"),
    (0, b"\x89HDF\r\n\x1a\n", "hdf5"),
    (0, b"MATRIX7", "ecat"),
    (0, b"# === DATA DESCRIPTION FILE", "par-rec"),
)
AFNI = re.compile(rb"\s*type\s*=\s*(string|integer|float)-attribute\s*\n\s*name\s*=")
MGH_TYPES = (0, 1, 3, 4)  # bytes, 32-bit integers, floats, 16-bit integers


def kind_of(start: bytes, size: int) -> str | None:
    """The kind of a file by its first START_BYTES; a gzip is looked into. None: nothing we read."""
    if start[:2] == GZIP:
        inside = _unpacked(start)
        return kind_of(inside, size) if inside[:2] != GZIP else None
    for offset, magic, kind in MAGIC:
        if start[offset : offset + len(magic)] == magic:
            return kind
    if b"ElementDataFile" in start and b"NDims" in start:
        return "metaimage"
    if AFNI.match(start):
        return "afni"
    if _is_mgh(start):
        return "mgh"
    is_analyze = start[:4] in (b"\x5c\1\0\0", b"\0\0\1\x5c") and size >= 348  # sizeof_hdr is 348
    return "nifti" if is_analyze else None


def _is_mgh(start: bytes) -> bool:
    """Version 1, four sizes and a known type, big endian: MGH has no other magic."""
    if len(start) < 24:
        return False
    version, *sizes, kind = struct.unpack_from(">6i", start)
    return version == 1 and all(0 < size < 1 << 20 for size in sizes) and kind in MGH_TYPES


def _unpacked(start: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(start, START_BYTES)
    except zlib.error:
        return b""

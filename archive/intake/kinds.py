"""What a file is, told by its first bytes alone: DICOM, an archive of files, or something else."""

from typing import Literal

from archive.intake.elements import says_its_vr

Kind = Literal["dicom", "bare-dicom", "zip", "tar", "gzip", "xz", "other"]

HEAD_BYTES = 8192  # what one read of a file brings; the longest kind needs 512
PREAMBLE_BYTES = 128
_MAGIC: tuple[tuple[int, bytes, Kind], ...] = (
    (PREAMBLE_BYTES, b"DICM", "dicom"),  # first: a preamble may imitate another kind (PS3.10 7.1)
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (257, b"ustar", "tar"),
)
_FIRST_GROUPS = (0x0002, 0x0008)


def kind_of(head: bytes) -> Kind:
    """The kind of a file from its first bytes (up to HEAD_BYTES)."""
    for offset, magic, kind in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return kind
    return "bare-dicom" if _begins_like_a_data_set(head) else "other"


def _begins_like_a_data_set(head: bytes) -> bool:
    """DICOM without preamble begins with an early element of group 2 or 8, explicit or implicit."""
    group, element = int.from_bytes(head[:2], "little"), int.from_bytes(head[2:4], "little")
    if len(head) < 8 or group not in _FIRST_GROUPS or element > 0x0070:
        return False
    return says_its_vr(head, 0) or int.from_bytes(head[4:8], "little") <= 256

"""Header: the facts of one DICOM file as plain bytes, and how to ask it for text, numbers and items."""

from collections.abc import Mapping
from dataclasses import dataclass

from archive.volumes.stack import PixelPlace


@dataclass(frozen=True)
class Header:
    """All top-level elements of one data set but the bulk ones, little endian, as they stand in the file.

    elements: tag -> raw value bytes (sequences: the raw bytes of their items, encoded as `implicit` says).
    vrs: tag -> two letters, only where the file says them (explicit VR).
    pixels: where the pixel element lies, or None.
    problems: words of a closed vocabulary on what was mended or found odd ("no-preamble", "pixels-short", ...).
    """

    elements: Mapping[int, bytes]
    vrs: Mapping[int, str]
    transfer_syntax: str
    implicit: bool = False
    pixels: PixelPlace | None = None
    problems: tuple[str, ...] = ()

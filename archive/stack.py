"""What a series is made of: FileRef, FrameRecord, Verdict, Stack, LeftOut, Split. No patient text in any of them."""

from dataclasses import dataclass, field
from typing import Any

Matrix4 = tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class PixelPlace:
    """Where the pixel element's value lies in its file."""

    tag: int  # (7FE0,0010), (7FE0,0008) or (7FE0,0009)
    offset: int  # of the value's first byte
    length: int  # in bytes; UNDEFINED_LENGTH where encapsulated
    vr: str = "OW"


UNDEFINED_LENGTH = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class FileRef:
    """One image file, or one member of a ZIP or TAR, as it was when it was scanned."""

    path: bytes  # os.fsencode of the file or of the container
    size: int
    mtime_ns: int
    transfer_syntax: str
    pixels: PixelPlace | None = None
    member: str | None = None
    sop_instance_uid: str = ""
    number: int | None = None  # InstanceNumber


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """One frame of one file: all that splitting, placing and reading it need. Plain values, comparable, hashable."""

    file: int  # index into the list of FileRef given beside it
    frame: int  # 0-based inside the file
    rows: int
    columns: int
    samples: int = 1
    photometric: str = "MONOCHROME2"
    bits_allocated: int = 16
    bits_stored: int = 16
    high_bit: int = 15
    signed: bool = False
    is_float: bool = False
    planar: int = 0
    frames_in_file: int = 1
    tile: tuple[int, int] | None = None  # (row, column) in pixels of this slice's corner in a mosaic or VFRAME image
    image_rows: int = 0  # of the whole stored image where it is a mosaic; 0: rows
    image_columns: int = 0
    series_uid: str = ""
    sop_class: str = ""
    modality: str = ""
    position_patient_mm: tuple[float, float, float] | None = None
    orientation: tuple[float, ...] | None = None  # row then column direction (6)
    position_decimals: int = 6  # printed in the position's strings: their rounding decides the tolerance
    pixel_spacing_mm: tuple[float, float] | None = None  # between rows, between columns
    spacing_source: str = ""  # keyword it came from
    slice_location: float | None = None
    frame_of_reference: str = ""
    slope: float = 1.0
    intercept: float = 0.0
    unit: str | None = None
    windows: tuple[tuple[float, float, str], ...] = ()
    window_function: str = "LINEAR"
    padding: int | None = None  # PixelPaddingValue, in stored units
    padding_limit: int | None = None  # the other end of the range that is padding
    table: str = ""  # what the data set's own table makes of stored values: "palette" (RGB), "modality" (real values)
    is_lossy: bool = False  # compressed with loss, now or ever before
    is_repaired: bool = False  # its header had to be mended to be read
    suv_factor: float | None = None  # SUVbw = real value in Bq/ml * factor, where the standard's conditions hold
    image_type: tuple[str, ...] = ()
    number: int | None = None
    labels: tuple[
        tuple[str, Any], ...
    ] = ()  # candidate attributes of a further dimension, in order of trust (notes 5.4)
    name_order: int = 0  # rank of the file's name: the last resort


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the geometry can be trusted: a code of design.md 6, and the facts its sentence is made from."""

    code: str  # none single wandering uneven missing sheared duplicate regular
    facts: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Dimension:
    """What tells the volumes of a 4D stack apart."""

    name: str  # "EchoTime", "DiffusionBValue", "TemporalPositionIndex", "recorded-order", ...
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """Frames that belong together and how they lie.

    frames[time][k] is a FrameRecord, or None where a slice is missing (verdict `missing`).
    patient_from_voxel is of the grid, holes included; None for what has no place in the patient.
    positions_mm: along the normal, one for each slice that is present, from the first slice on.
    """

    kind: str  # volume, frames, image, document
    frames: tuple[tuple[FrameRecord | None, ...], ...]
    verdict: Verdict
    rows: int
    columns: int
    patient_from_voxel: Matrix4 | None = None
    positions_mm: tuple[float, ...] = ()
    dimension: Dimension | None = None
    title: tuple[str, ...] = ()  # words from a closed vocabulary: "magnitude", "phase", "localizer", "axial", ...

    @property
    def slices(self) -> int:
        return len(self.frames[0]) if self.frames else 0

    @property
    def times(self) -> int:
        return len(self.frames)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Frames that are in no stack, and why."""

    code: str  # no-pixels, unsupported-syntax, duplicate, not-an-image, ...
    count: int
    facts: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Split:
    """The outcome of splitting a series: every frame is in exactly one stack or counted in left_out."""

    stacks: tuple[Stack, ...]
    left_out: tuple[LeftOut, ...] = ()

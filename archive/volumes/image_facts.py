"""What all images of a series usually share: size, bits, colour, orientation, spacing, unit; understood once, not per file.

The raw values are the key: files that say the same bytes are understood together, and one that differs by itself.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from archive.intake.header import Header
from archive.syntaxes import syntax_of
from archive.volumes.sop_classes import NO_VOLUMES
from archive.volumes.tables import MODALITY_LUT, modality_of
from archive.volumes.units import unit_of

PIXEL_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")  # in order of trust
FLOAT_TAGS = (0x7FE00008, 0x7FE00009)
RED_PALETTE = 0x00281101
REPAIRS = ("mended", "other-vr", "meta-length")  # problems of a header that were put right
SHARED_TAGS = (  # elements that the facts below are made from
    *(0x00080008, 0x00080016, 0x00080060, 0x00181164, 0x00182010, 0x0020000E, 0x00200037, 0x00200052, 0x00280002),
    *(0x00280004, 0x00280006, 0x00280010, 0x00280011, 0x00280030, 0x00280100, 0x00280101, 0x00280102, 0x00280103),
    *(0x00280120, 0x00280121, 0x00281052, 0x00281054, 0x00281056, 0x00282110, 0x00541001, 0x30040002),
    *(RED_PALETTE, MODALITY_LUT),
)
Elements = tuple[tuple[int, bytes, str], ...]


def shared_facts(header: Header) -> dict[str, Any]:
    """Fields of a FrameRecord; the dict is kept for the next file and must not be changed."""
    elements, vrs = header.elements, header.vrs
    said = tuple((tag, elements[tag], vrs.get(tag, "")) for tag in SHARED_TAGS if tag in elements)
    pixel_tag = header.pixels.tag if header.pixels is not None else 0
    return _understood(said, header.transfer_syntax, header.implicit, header.problems, pixel_tag)


@lru_cache(maxsize=256)
def _understood(
    said: Elements, syntax: str, implicit: bool, problems: tuple[str, ...], pixel_tag: int
) -> dict[str, Any]:
    vrs = {tag: vr for tag, _, vr in said if vr}
    header = Header({tag: raw for tag, raw, _ in said}, vrs, syntax, implicit, problems=problems)
    rows, columns = header.integer("Rows") or 0, header.integer("Columns") or 0
    has_size = rows > 0 and columns > 0
    allocated = _bits_allocated(header, pixel_tag) if pixel_tag else 0
    stored = min(header.integer("BitsStored") or allocated, allocated)
    spacing, source = pixel_spacing(header)
    orientation = header.numbers("ImageOrientationPatient")
    return {
        "rows": rows if has_size else 0,
        "columns": columns if has_size else 0,
        "samples": header.integer("SamplesPerPixel") or 1,
        "photometric": header.text("PhotometricInterpretation") or "MONOCHROME2",
        "bits_allocated": allocated,
        "bits_stored": stored,
        "high_bit": _high_bit(header, stored, allocated),
        "signed": header.integer("PixelRepresentation") == 1,
        "is_float": pixel_tag in FLOAT_TAGS,
        "planar": header.integer("PlanarConfiguration") or 0,
        "series_uid": header.text("SeriesInstanceUID"),
        "sop_class": header.text("SOPClassUID"),
        "modality": header.text("Modality"),
        "orientation": orientation if len(orientation) == 6 else None,
        "pixel_spacing_mm": spacing,
        "spacing_source": source,
        "frame_of_reference": header.text("FrameOfReferenceUID"),
        "unit": unit_of(header),
        "window_function": header.text("VOILUTFunction") or "LINEAR",
        "table": _table(header),
        "is_lossy": syntax_of(syntax).lossy or header.text("LossyImageCompression") == "01",
        "is_repaired": any(problem in REPAIRS for problem in problems),
        "image_type": header.texts("ImageType"),
        **_padding(header, allocated),
    }


def pixel_spacing(header: Header) -> tuple[tuple[float, float] | None, str]:
    """Between rows, between columns, in mm; and the keyword it came from."""
    for keyword in PIXEL_SPACINGS:
        values = header.numbers(keyword)
        if len(values) >= 2 and values[0] > 0 and values[1] > 0:
            between_rows_mm, between_columns_mm = values[:2]
            return (between_rows_mm, between_columns_mm), keyword
    return None, ""


def first(values: Sequence[float]) -> float | None:
    """The first of some values."""
    return values[0] if values else None


def _table(header: Header) -> str:
    """Which table of the data set makes values of its stored ones; a label map's numbers are kept as they are."""
    if RED_PALETTE in header.elements and header.text("PhotometricInterpretation") == "PALETTE COLOR":
        return "" if header.text("SOPClassUID") in NO_VOLUMES else "palette"
    return "modality" if MODALITY_LUT in header.elements and modality_of(header) is not None else ""


def _padding(header: Header, allocated: int) -> dict[str, int]:
    """The padding value and its range; the sign follows the pixels, whatever the element's own VR says."""
    found = {"padding": header.integer("PixelPaddingValue"), "padding_limit": header.integer("PixelPaddingRangeLimit")}
    half = 1 << max(0, allocated - 1)
    is_signed = header.integer("PixelRepresentation") == 1
    wrapped = {name: value % (2 * half) for name, value in found.items() if value is not None}
    return {name: value - 2 * half if is_signed and value >= half else value for name, value in wrapped.items()}


def _bits_allocated(header: Header, pixel_tag: int) -> int:
    if pixel_tag in FLOAT_TAGS:
        return 32 if pixel_tag == FLOAT_TAGS[0] else 64
    allocated = header.integer("BitsAllocated") or 16
    return allocated if allocated in (1, 8, 16, 32, 64) else 16


def _high_bit(header: Header, stored: int, allocated: int) -> int:
    high = header.integer("HighBit")
    return high if high is not None and stored - 1 <= high < allocated else max(0, stored - 1)

"""Headers to FrameRecords: what every frame of a file is, where it lies, and what labels it carries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archive.intake.header import Header
from archive.stack import UNDEFINED_LENGTH, FrameRecord
from archive.volumes import tiles
from archive.volumes.image_facts import first, pixel_spacing, shared_facts
from archive.volumes.labels import classic_labels, enhanced_labels
from archive.volumes.suv import factor_of
from archive.volumes.tables import VOI_LUT, voi_window
from archive.volumes.units import rescale_of, unit_of

MOST_FRAMES = 1_000_000
MOST_COMPRESSED_FRAMES = 65_536  # whose number no length of bytes can confirm


def frames_of(header: Header, file: int, name_order: int) -> list[FrameRecord]:
    """The frames of one file, in stored order; an object that is no image gives one record of 0 rows (a document)."""
    whole = _whole(header, file, name_order)
    if not whole.rows:
        return [whole]
    for described in (_enhanced, _tiled, _grid_offsets):
        found = described(header, whole)
        if found:
            return found
    if whole.frames_in_file == 1:
        return [whole]
    return [replace(whole, frame=index) for index in range(whole.frames_in_file)]


def _whole(header: Header, file: int, name_order: int) -> FrameRecord:
    """What the data set's top level says of all its frames."""
    shared = shared_facts(header)
    slope, intercept = (1.0, 0.0) if shared["table"] else rescale_of(header)
    return FrameRecord(
        file=file,
        frame=0,
        frames_in_file=_frame_count(header, shared["rows"] * shared["columns"] * shared["bits_allocated"]),
        **shared,
        **_position(header),
        slice_location=first(header.numbers("SliceLocation")),
        slope=slope,
        intercept=intercept,
        windows=_windows(header),
        suv_factor=factor_of(header) if shared["modality"] == "PT" else None,
        number=header.integer("InstanceNumber"),
        labels=classic_labels(header),
        name_order=name_order,
    )


def _frame_count(header: Header, least_bits: int) -> int:
    """NumberOfFrames, but no more than native pixels have room for: a small file may claim a million frames."""
    said = min(max(1, header.integer("NumberOfFrames") or 1), MOST_FRAMES)
    place = header.pixels
    if place is None or place.length == UNDEFINED_LENGTH or not least_bits:
        return min(said, MOST_COMPRESSED_FRAMES)
    return min(said, max(1, -(-place.length * 8 // least_bits)))  # one sample a pixel: YBR 4:2:2 shares its others


# --- place ----------------------------------------------------------------------------------------------------------


def _position(header: Header) -> dict[str, Any]:
    """Position where it is whole and finite (PS3.3 C.7.6.2), and how it was rounded."""
    position = header.numbers("ImagePositionPatient")
    if len(position) != 3:
        return {}
    decimals = max(map(_decimals, header.strings("ImagePositionPatient")), default=6)
    return {"position_patient_mm": position, "position_decimals": decimals}


def _orientation(header: Header) -> dict[str, Any]:
    orientation = header.numbers("ImageOrientationPatient")
    return {"orientation": orientation} if len(orientation) == 6 else {}


def _decimals(printed: str) -> int:
    """How many decimals a printed number carries: "-12.50" has two, "1.5e-3" four."""
    mantissa, _, exponent = printed.strip().lower().partition("e")
    digits = len(mantissa.partition(".")[2])
    return max(0, digits - int(exponent)) if exponent.lstrip("+-").isdigit() else digits


def _windows(header: Header) -> tuple[tuple[float, float, str], ...]:
    """(centre, width, name) as the file proposes them; a width below 1 is no window (PS3.3 C.11.2.1.2)."""
    centres, widths = header.numbers("WindowCenter"), header.numbers("WindowWidth")
    names = header.texts("WindowCenterWidthExplanation")
    pairs = [(centre, width) for centre, width in zip(centres, widths, strict=False) if width > 0]
    if not pairs and VOI_LUT in header.elements:
        window = voi_window(header)
        return (window,) if window else ()
    return tuple((c, w, names[n] if n < len(names) else "") for n, (c, w) in enumerate(pairs))


# --- enhanced multi-frame (PS3.3 C.7.6.16): the frame's own item overrides the shared one, that the top level --------


@dataclass(frozen=True)
class Groups:
    """The functional groups that hold for one frame."""

    own: Header | None
    shared: Header | None

    def item(self, sequence: str) -> Header | None:
        """The first item of a functional group."""
        for source in (self.own, self.shared):
            items = source.items(sequence) if source is not None else ()
            if items:
                return items[0]
        return None


def _enhanced(header: Header, whole: FrameRecord) -> list[FrameRecord]:
    shared = header.items("SharedFunctionalGroupsSequence")
    own = header.items("PerFrameFunctionalGroupsSequence")
    if not own and not shared:
        return []
    groups = [
        Groups(own[index] if index < len(own) else None, shared[0] if shared else None)
        for index in range(whole.frames_in_file)
    ]
    pointers = header.items("DimensionIndexSequence")
    return [_enhanced_frame(header, whole, index, group, pointers) for index, group in enumerate(groups)]


def _enhanced_frame(
    header: Header, whole: FrameRecord, index: int, groups: Groups, pointers: Sequence[Header]
) -> FrameRecord:
    changes: dict[str, Any] = {"frame": index}
    for sequence, reader in _FUNCTIONAL_GROUPS:
        item = groups.item(sequence)
        if item is not None:
            changes |= reader(item, header)
    image_type, labels = enhanced_labels(groups.item, pointers)
    changes["labels"] = (*labels, *whole.labels)
    if image_type:
        changes["image_type"] = image_type
    return replace(whole, **changes)


def _measures(item: Header, _: Header) -> dict[str, Any]:
    spacing, source = pixel_spacing(item)
    return {"pixel_spacing_mm": spacing, "spacing_source": source} if spacing else {}


def _rescaled(item: Header, header: Header) -> dict[str, Any]:
    slope, intercept = rescale_of(item)
    return {"slope": slope, "intercept": intercept, "unit": unit_of(item, header)}


def _proposed(item: Header, _: Header) -> dict[str, Any]:
    windows = _windows(item)
    return {"windows": windows, "window_function": item.text("VOILUTFunction") or "LINEAR"} if windows else {}


_FUNCTIONAL_GROUPS: tuple[tuple[str, Callable[[Header, Header], dict[str, Any]]], ...] = (
    ("PlanePositionSequence", lambda item, _: _position(item) | _orientation(item)),
    ("PlaneOrientationSequence", lambda item, _: _position(item) | _orientation(item)),
    ("PixelMeasuresSequence", _measures),
    ("PixelValueTransformationSequence", _rescaled),
    ("FrameVOILUTSequence", _proposed),
)


# --- several slices in one image, or one grid for all ---------------------------------------------------------------


def _tiled(header: Header, whole: FrameRecord) -> list[FrameRecord]:
    """Mosaics: every tile a frame of its own."""
    found = tiles.of_mosaic(header, whole) or tiles.of_vframe(header, whole)
    return (
        [
            replace(
                whole,
                rows=found.rows,
                columns=found.columns,
                image_rows=whole.rows,
                image_columns=whole.columns,
                tile=corner,
                position_patient_mm=position,
            )
            for corner, position in zip(found.corners, found.positions, strict=True)
        ]
        if found
        else []
    )


def _grid_offsets(header: Header, whole: FrameRecord) -> list[FrameRecord]:
    """Dose grids: planes at offsets along the normal (PS3.3 C.8.8.3.2)."""
    offsets = header.numbers("GridFrameOffsetVector")
    if whole.frames_in_file < 2 or len(offsets) != whole.frames_in_file or whole.position_patient_mm is None:
        return []
    return tiles.along_normal(whole, offsets)

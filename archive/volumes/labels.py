"""The labels of a frame: attributes that may tell the volumes of a fourth dimension apart, in order of trust."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from archive.intake.header import Header

Labels = tuple[tuple[str, Any], ...]
Item = Callable[[str], Header | None]


def _numbers(header: Header, keyword: str) -> Any:
    values = header.numbers(keyword)
    return values[0] if len(values) == 1 else values or None


def _texts(header: Header, keyword: str) -> Any:
    values = header.texts(keyword)
    return values[0] if len(values) == 1 else values or None


CLASSIC: tuple[tuple[str, int, Callable[[Header, str], Any]], ...] = (
    ("ImageType", 0x00080008, _texts),
    ("ComplexImageComponent", 0x00089208, _texts),
    ("EchoTime", 0x00180081, _numbers),
    ("EchoNumbers", 0x00180086, _numbers),
    ("DiffusionBValue", 0x00189087, _numbers),
    ("DiffusionGradientOrientation", 0x00189089, _numbers),
    ("TemporalPositionIdentifier", 0x00200100, _numbers),
    ("TemporalPositionIndex", 0x00209128, _numbers),
    ("NominalPercentageOfCardiacPhase", 0x00209241, _numbers),
    ("ScanOptions", 0x00180022, _texts),
    ("InversionTime", 0x00180082, _numbers),
    ("FlipAngle", 0x00181314, _numbers),
    ("TriggerTime", 0x00181060, _numbers),
    ("FrameReferenceTime", 0x00541300, _numbers),
    ("AcquisitionNumber", 0x00200012, _numbers),
    ("KVP", 0x00180060, _numbers),
    ("ConvolutionKernel", 0x00181210, _texts),
    ("AcquisitionTime", 0x00080032, _texts),
    ("ContentTime", 0x00080033, _texts),
)
LAST_IN_TRUST = ("AcquisitionTime", "ContentTime")
EARLY = tuple(row for row in CLASSIC if row[0] not in LAST_IN_TRUST)
LATE = tuple(row for row in CLASSIC if row[0] in LAST_IN_TRUST)

PRIVATE: tuple[tuple[str, int, str, int], ...] = (  # name, group, creator, element
    ("DiffusionBValue", 0x0019, "SIEMENS MR HEADER", 0x0C),
    ("DiffusionGradientOrientation", 0x0019, "SIEMENS MR HEADER", 0x0E),
    ("DiffusionBValue", 0x0043, "GEMS_PARM_01", 0x39),
    ("DiffusionBValue", 0x2001, "Philips Imaging DD 001", 0x03),
    ("DiffusionBValueNumber", 0x2005, "Philips MR Imaging DD 005", 0x12),
    ("DiffusionGradientNumber", 0x2005, "Philips MR Imaging DD 005", 0x13),
    ("ComplexImageComponent", 0x0043, "GEMS_PARM_01", 0x2F),
)


def classic_labels(header: Header) -> Labels:
    """The labels at the top level of a data set."""
    elements, vrs = header.elements, header.vrs
    early = _understood(tuple((tag, elements[tag], vrs.get(tag, "")) for _, tag, _ in EARLY if tag in elements))
    private = [(name, header.private(group, creator, element)) for name, group, creator, element in _worth(header)]
    told = [(name, _bytes_label(value)) for name, value in private if value]
    late = [(name, read(header, name)) for name, tag, read in LATE if tag in elements]
    return _once([*early, *told, *late])


@lru_cache(maxsize=1024)
def _understood(said: tuple[tuple[int, bytes, str], ...]) -> Labels:
    """The labels that these raw values are: files of one time or echo say the same bytes."""
    header = Header({tag: raw for tag, raw, _ in said}, {tag: vr for tag, _, vr in said if vr}, "")
    return tuple((name, read(header, name)) for name, tag, read in EARLY if tag in header.elements)


def _worth(header: Header) -> list[tuple[str, int, str, int]]:
    """Private labels are looked for in MR only, and where their group is there."""
    if header.raw(0x00080060).strip(b" \0") != b"MR":
        return []
    groups = {tag >> 16 for tag in header.elements}
    return [row for row in PRIVATE if row[1] in groups]


def _bytes_label(value: bytes) -> Any:
    """Private values: comparable is enough, readable where they are text; GE adds 1e9 to its b-values."""
    text = value.strip(b" \0")
    try:
        first = float(text.split(b"\\")[0])
    except ValueError:
        return text.hex()
    return first % 1e5 if first >= 1e5 else first


def _once(pairs: Sequence[tuple[str, Any]]) -> Labels:
    """The first value of each name that has one."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if value is not None:
            found.setdefault(name, value)
    return tuple(found.items())


# --- enhanced multi-frame -------------------------------------------------------------------------------------------

FRAME_TYPES = (
    "MRImageFrameTypeSequence",
    "CTImageFrameTypeSequence",
    "PETFrameTypeSequence",
    "XAXRFFrameCharacteristicsSequence",
)
ENHANCED: tuple[tuple[str, str, str], ...] = (  # label, functional group, attribute
    ("EchoTime", "MREchoSequence", "EffectiveEchoTime"),
    ("DiffusionBValue", "MRDiffusionSequence", "DiffusionBValue"),
    ("TemporalPositionIndex", "FrameContentSequence", "TemporalPositionIndex"),
    ("TemporalPositionTimeOffset", "TemporalPositionSequence", "TemporalPositionTimeOffset"),
    ("NominalPercentageOfCardiacPhase", "CardiacSynchronizationSequence", "NominalPercentageOfCardiacPhase"),
    ("TriggerTime", "CardiacSynchronizationSequence", "NominalCardiacTriggerDelayTime"),
    ("InversionTime", "MRModifierSequence", "InversionTimes"),
    ("FlipAngle", "MRTimingAndRelatedParametersSequence", "FlipAngle"),
    ("Segment", "SegmentIdentificationSequence", "ReferencedSegmentNumber"),
    ("AcquisitionNumber", "FrameContentSequence", "FrameAcquisitionNumber"),
)
PLACE_POINTERS = (0x00209056, 0x00209057, 0x00200032, 0x00209113)  # StackID, InStackPositionNumber, position


def enhanced_labels(item: Item, pointers: Sequence[Header]) -> tuple[tuple[str, ...], Labels]:
    """FrameType (with the complex component) and the labels of one frame of an enhanced object."""
    pairs: list[tuple[str, Any]] = []
    frame_type: tuple[str, ...] = ()
    for sequence in FRAME_TYPES:
        found = item(sequence)
        if found is not None:
            frame_type = found.texts("FrameType") + found.texts("ComplexImageComponent")
    for name, sequence, keyword in ENHANCED:
        found = item(sequence)
        if found is not None:
            pairs.append((name, _numbers(found, keyword)))
    pairs += [("DiffusionGradientOrientation", _gradient(item)), ("DimensionIndex", _dimension_index(item, pointers))]
    if frame_type:
        pairs.insert(0, ("ImageType", frame_type))
    return frame_type, _once(pairs)


def _gradient(item: Item) -> Any:
    diffusion = item("MRDiffusionSequence")
    directions = diffusion.items("DiffusionGradientDirectionSequence") if diffusion is not None else ()
    return _numbers(directions[0], "DiffusionGradientOrientation") if directions else None


def _dimension_index(item: Item, pointers: Sequence[Header]) -> Any:
    """DimensionIndexValues less those that say where: trusted only if they pass the set test."""
    content = item("FrameContentSequence")
    values = content.numbers("DimensionIndexValues") if content is not None else ()
    if len(values) != len(pointers):
        return None
    pointed = [_tag(pointer.raw(0x00209165)) for pointer in pointers]
    return tuple(int(v) for v, tag in zip(values, pointed, strict=True) if tag not in PLACE_POINTERS) or None


def _tag(value: bytes) -> int:
    """An AT value: two little-endian 16-bit numbers."""
    return int.from_bytes(value[:2], "little") << 16 | int.from_bytes(value[2:4], "little")

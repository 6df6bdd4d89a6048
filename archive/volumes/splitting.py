"""Frames to stacks: which belong together, in which order, and what could not be placed.

A series is not a volume: one may hold a localizer, several echoes, magnitude and phase, an aborted repetition. Nothing
here looks at exposure, acquisition time or kernel to split, and nothing depends on the order or the names of files.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from archive.stack import Dimension, FrameRecord, LeftOut, Matrix4, Split, Stack, Verdict
from archive.volumes import dimensions, verdicts
from archive.volumes.components import component_of
from archive.volumes.geometry import (
    Axes,
    axes_of,
    depths_of,
    levels_of,
    patient_from_voxel,
    plane_word,
    positions_of,
    same_direction,
)
from archive.volumes.sop_classes import NO_VOLUMES

MOST_OF_A_LOCALIZER = 3  # slices of one direction, where a series has several directions
SPACING_SLACK = 1e-3  # relative
FLAT = ("wandering",)  # placed, but not on one line: shown slice by slice

NOTES: tuple[tuple[str, Callable[[FrameRecord], bool]], ...] = (
    ("lossy", lambda frame: frame.is_lossy),
    ("repaired", lambda frame: frame.is_repaired),
    ("colour-reduced", lambda frame: frame.samples > 1 and frame.bits_stored > 8),
)

Frames = list[FrameRecord]


def split(frames: Sequence[FrameRecord]) -> Split:
    """Every frame in exactly one stack or counted in left_out; the same whatever the order of the files."""
    documents = [frame for frame in frames if frame.rows == 0]
    empty = [frame for frame in frames if frame.rows and not frame.bits_allocated]
    images = [frame for frame in frames if frame.rows and frame.bits_allocated]
    stacks = [_document(frame) for frame in sorted(documents, key=dimensions.recorded)]
    for series in _grouped(images, _kin).values():
        stacks += _stacks_of_kin(series)
    left_out = (LeftOut("no-pixels", len(empty), {"count": len(empty)}),) if empty else ()
    return Split(tuple(sorted(map(_noted, stacks), key=_rank)), left_out)


# --- partition ------------------------------------------------------------------------------------------------------


def _kin(frame: FrameRecord) -> tuple[Any, ...]:
    """What frames of one stack have in common, whatever their direction."""
    colour = frame.samples > 1 or frame.photometric.startswith("PALETTE")
    return (
        frame.series_uid,
        frame.sop_class if frame.sop_class in NO_VOLUMES else "",
        frame.rows,
        frame.columns,
        frame.samples,
        colour,
        frame.is_float,
        frame.unit or "",
        component_of(frame),
        dict(frame.labels).get("Segment"),
    )


def _grouped(frames: Iterable[FrameRecord], key: Callable[[FrameRecord], Any]) -> dict[Any, Frames]:
    groups: dict[Any, Frames] = {}
    for frame in frames:
        groups.setdefault(key(frame), []).append(frame)
    return groups


def _stacks_of_kin(frames: Frames) -> list[Stack]:
    placed: dict[bool, Frames] = _grouped(frames, lambda frame: _axes(frame) is not None)
    clips = _grouped(placed.get(False, []), lambda frame: frame.file if frame.frames_in_file > 1 else None)
    stacks = [_unplaced(part) for clip in clips.values() for part in _by_spacing(clip)]
    frame_of_reference = _telling_reference(placed.get(True, []))
    for part in _grouped(placed.get(True, []), frame_of_reference).values():
        for spaced in _by_spacing(part):
            directions = _by_direction(spaced)
            for same in directions:
                stacks += _stacks_of_direction(same, scattered=len(directions) > 1)
    return stacks


def _axes(frame: FrameRecord) -> Axes | None:
    if frame.position_patient_mm is None or frame.orientation is None or frame.pixel_spacing_mm is None:
        return None
    return axes_of(frame.orientation)


def _telling_reference(frames: Frames) -> Callable[[FrameRecord], str]:
    """The frame of reference separates where it has several values, but not where nearly every image has its own.

    A Philips CT made anonymous gives each of its 84 images another one (test_splitting holds it).
    """
    values = {frame.frame_of_reference for frame in frames}
    if 1 < len(values) <= len(frames) // 2:
        return lambda frame: frame.frame_of_reference
    return lambda frame: ""


def _by_spacing(frames: Frames) -> list[Frames]:
    """Frames whose pixel spacing is one to a thousandth."""
    order = sorted(frames, key=lambda frame: frame.pixel_spacing_mm or (0.0, 0.0))
    parts: list[Frames] = []
    for frame in order:
        if parts and _same_spacing(parts[-1][0].pixel_spacing_mm, frame.pixel_spacing_mm):
            parts[-1].append(frame)
        else:
            parts.append([frame])
    return parts


def _same_spacing(one: tuple[float, float] | None, other: tuple[float, float] | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(abs(a - b) <= SPACING_SLACK * max(a, b) for a, b in zip(one, other, strict=True))


def _by_direction(frames: Frames) -> list[Frames]:
    """Clusters of one orientation, found in an order of their own so that the order of files is nothing."""
    parts: list[Frames] = []
    for frame in sorted(frames, key=lambda frame: frame.orientation or ()):
        near = (part for part in parts if same_direction(part[0].orientation or (), frame.orientation or ()))
        part = next(near, None)
        if part is None:
            parts.append([frame])
        else:
            part.append(frame)
    return parts


# --- one direction: positions, times, verdict -----------------------------------------------------------------------


def _stacks_of_direction(frames: Frames, scattered: bool) -> list[Stack]:
    """Frames of one kin and direction: the whole volumes as one stack, and whatever they leave."""
    axes = _axes(frames[0])
    assert axes is not None  # the caller keeps frames without a place apart
    places = _places(frames, axes)
    if len(places) == 1:
        return [_cine(places[0], axes)]
    found = dimensions.volumes_of(places)
    localizer = scattered and len(places) <= MOST_OF_A_LOCALIZER
    stacks = [_placed(found, axes, localizer)]
    if found.rest:
        stacks += _stacks_of_direction(list(found.rest), scattered)
    return stacks


def _places(frames: Frames, axes: Axes) -> list[Frames]:
    """Frames of each position, positions by increasing depth."""
    pixel_mm = min(frames[0].pixel_spacing_mm or (1.0, 1.0))
    levels = levels_of(depths_of(frames, axes), pixel_mm, _decimals(frames))
    places: list[Frames] = [[] for _ in range(int(levels.max()) + 1)]
    for frame, level in zip(frames, levels, strict=True):
        places[int(level)].append(frame)
    return places


def _decimals(frames: Sequence[FrameRecord]) -> int:
    """Printed decimals: the most of all, as trailing zeros are often dropped."""
    return max(frame.position_decimals for frame in frames)


def _placed(found: dimensions.Volumes, axes: Axes, localizer: bool) -> Stack:
    """The stack of whole volumes that lie at several positions."""
    first = found.times[0]
    spacing = first[0].pixel_spacing_mm or (1.0, 1.0)
    placed = verdicts.place(positions_of(first), axes, min(spacing), _decimals(first))
    repeated = {"repeated": len(found.rest)} if found.rest else {}
    codes = (*placed.codes, *(["duplicate"] if found.rest else []))
    flat = localizer or _is_flat(first[0]) or any(code in codes for code in FLAT)
    irregular = any(code in codes for code in ("uneven", "missing", "wandering"))
    return Stack(
        kind="frames" if flat else "volume",
        frames=tuple(_on_grid(volume, placed) for volume in found.times),
        verdict=verdicts.verdict(codes, {**placed.facts, **repeated}),
        rows=first[0].rows,
        columns=first[0].columns,
        patient_from_voxel=patient_from_voxel(axes, spacing, placed.positions[0], placed.step),
        positions_mm=tuple(float(depth - placed.depths[0]) for depth in placed.depths) if irregular else (),
        dimension=found.dimension,
        title=_title(first[0], axes, localizer),
    )


def _on_grid(volume: Sequence[FrameRecord], placed: verdicts.Placed) -> tuple[FrameRecord | None, ...]:
    grid: list[FrameRecord | None] = [None] * placed.grid
    for slot, frame in zip(placed.slots, volume, strict=True):
        grid[slot] = frame
    return tuple(grid)


def _cine(frames: Frames, axes: Axes) -> Stack:
    """All frames at one position: pictures of one plane after another, or a single slice."""
    if len(frames) == 1:
        return _single(frames[0], axes)
    found = dimensions.volumes_of([frames])
    ordered = tuple(volume[0] for volume in found.times)
    return _flat_stack("frames", ordered, verdicts.verdict(["single"], {"slices": 1}), found.dimension, axes)


def _single(frame: FrameRecord, axes: Axes) -> Stack:
    """One slice that has its place: as thick as a pixel is wide, since nothing says more."""
    spacing = frame.pixel_spacing_mm or (1.0, 1.0)
    first = positions_of([frame])[0]
    matrix = patient_from_voxel(axes, spacing, first, axes.normal * min(spacing))
    return _flat_stack("image", (frame,), verdicts.verdict(["single"], {"slices": 1}), None, axes, matrix)


def _unplaced(frames: Frames) -> Stack:
    """Frames that no position places: in recorded order, by slice location where all have one."""
    located = all(frame.slice_location is not None for frame in frames)
    order = (lambda f: (f.slice_location, *dimensions.recorded(f))) if located else dimensions.recorded
    ordered = tuple(sorted(frames, key=order))
    kind = "image" if len(ordered) == 1 else "frames"
    return _flat_stack(kind, ordered, verdicts.verdict(["none"], {"slices": len(ordered)}), None, None)


def _flat_stack(
    kind: str,
    frames: tuple[FrameRecord, ...],
    verdict: Verdict,
    dimension: Dimension | None,
    axes: Axes | None,
    matrix: Matrix4 | None = None,
) -> Stack:
    """Pictures one after another: the dimension, if any, runs along the slices."""
    first = frames[0]
    return Stack(
        kind, (frames,), verdict, first.rows, first.columns, matrix, (), dimension, _title(first, axes, localizer=False)
    )


def _document(frame: FrameRecord) -> Stack:
    return Stack("document", ((frame,),), verdicts.verdict(["none"], {"slices": 0}), 0, 0, title=("document",))


# --- notes, words and order ------------------------------------------------------------------------------------------------


def _noted(stack: Stack) -> Stack:
    """The stack with words (`note.<word>`) on what became of its pixels on their way here."""
    frames = [frame for time in stack.frames for frame in time if frame is not None]
    notes = [word for word, holds in NOTES if any(map(holds, frames))]
    if not notes:
        return stack
    facts = {**stack.verdict.facts, "notes": notes}
    return replace(stack, verdict=Verdict(stack.verdict.code, facts))


def _is_flat(frame: FrameRecord) -> bool:
    """Colour and segmentations are shown picture by picture, placed or not."""
    return frame.samples > 1 or frame.photometric.startswith("PALETTE") or frame.sop_class in NO_VOLUMES


def _title(frame: FrameRecord, axes: Axes | None, localizer: bool) -> tuple[str, ...]:
    """Words of the catalogue (`title.<word>`) that tell the stacks of a series apart."""
    words = [NO_VOLUMES.get(frame.sop_class, ""), component_of(frame)]
    if localizer or "LOCALIZER" in frame.image_type:
        words.append("localizer")
    if axes is not None:
        words.append(plane_word(axes.normal))
    return tuple(word for word in words if word)


_KINDS = ("volume", "frames", "image", "document")


def _rank(stack: Stack) -> tuple[Any, ...]:
    """The order of stacks: volumes first, the largest first, then as they were recorded."""
    first = min((frame for frame in stack.frames[0] if frame is not None), key=dimensions.recorded)
    voxels = stack.times * stack.slices * stack.rows * stack.columns
    *recorded, name_order = dimensions.recorded(first)
    return (
        first.series_uid,
        _KINDS.index(stack.kind),
        -voxels,
        recorded,
        stack.title,
        first.orientation or (),
        first.position_patient_mm or (),
        name_order,
    )

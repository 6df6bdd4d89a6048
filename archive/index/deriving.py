"""Deriving: stacks, verdict and the sentence about a series, made from the kept headers and kept themselves."""

import json
from collections.abc import Sequence

from archive.index.engine import Engine
from archive.index.packing import unpack_instances
from archive.index.packing_headers import unpack_headers
from archive.index.packing_stacks import pack_split, unpack_split
from archive.index.records import Instance, Location
from archive.intake.header import Header
from archive.stack import FrameRecord, LeftOut, Split, Stack

RULES = 2  # raised when frames, splitting, verdicts or about change: kept stacks of older rules are made anew
_MISUNDERSTOOD = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RuntimeError, MemoryError)


def derive(engine: Engine, series_row: int, whole: tuple[Sequence[Header], Sequence[Instance]] | None = None) -> Split:
    """Make and keep what is derived of one series; `whole` is all of it, where the caller has it in memory."""
    headers, images = whole or (headers_of(engine, series_row), instances_of(engine, series_row))
    found = split_of(headers, images)
    main = main_stack(found)
    said = _about(headers, found)
    with engine.writing():
        engine.run("keep_stacks", series=series_row, split=pack_split(found))
        engine.run(
            "derive_series",
            row_id=series_row,
            kind=main.kind if main else "document",
            verdict=json.dumps([main.verdict.code, main.verdict.facts] if main else ["none", {}]),
            about=said,
            n_stacks=len(found.stacks),
            derived=RULES,
        )
    return found


def kept_split(engine: Engine, series_row: int) -> Split:
    """The stacks of a series: as kept, or, where the rules are newer or none are kept, made now (and not kept)."""
    row = engine.row("series_by_id", row_id=series_row)
    blob = engine.value("stacks", series=series_row) if row and row["derived"] == RULES else None
    if blob is not None:
        return unpack_split(blob)
    return split_of(headers_of(engine, series_row), instances_of(engine, series_row))


def underived(engine: Engine) -> list[int]:
    """Series whose stacks await derive()."""
    return [row["id"] for row in engine.rows("series_to_derive", derived=RULES)]


def headers_of(engine: Engine, series_row: int) -> tuple[Header, ...]:
    return tuple(h for row in engine.rows("part_headers", series=series_row) for h in unpack_headers(row["headers"]))


def instances_of(engine: Engine, series_row: int) -> tuple[Instance, ...]:
    rows = engine.rows("part_instances", series=series_row)
    return tuple(image for row in rows for image in unpack_instances(row["instances"]))


def split_of(headers: Sequence[Header], images: Sequence[Instance]) -> Split:
    """The stacks of a series' headers; the file number of a frame is its place in this order."""
    from archive.volumes.frames import frames_of  # numpy comes with it: a search does without
    from archive.volumes.splitting import split

    by_name = sorted(range(len(images)), key=lambda index: _name(images[index].locations[0]))
    rank = {index: order for order, index in enumerate(by_name)}
    frames: list[FrameRecord] = []
    odd = 0
    for index, header in enumerate(headers):
        try:
            frames += frames_of(header, index, rank[index])
        except _MISUNDERSTOOD:  # one file that says nonsense must not take the series with it
            odd += 1
    try:
        found = split(frames)
    except _MISUNDERSTOOD:
        found, odd = Split(()), len(headers)
    return Split(found.stacks, (*found.left_out, LeftOut("not-understood", odd))) if odd else found


def main_stack(split_: Split) -> Stack | None:
    """The stack that stands for a series: its largest volume, else its largest stack."""
    return max(split_.stacks, key=_worth, default=None)


def _worth(stack: Stack) -> tuple[bool, int]:
    return stack.kind == "volume", stack.times * stack.slices * stack.rows * stack.columns


def _name(location: Location) -> tuple[int, bytes, str]:
    return location.folder, location.name, location.member or ""


def _about(headers: Sequence[Header], found: Split) -> str:
    from archive.volumes.about import about

    try:
        return json.dumps(about(headers[0] if headers else None, found).as_json())
    except _MISUNDERSTOOD:
        return ""

"""Packing of stacks: the outcome of splitting a series, every frame once."""

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from archive.index.packing import Record, columns, dumped, records_of, squeezed, unsqueezed
from archive.stack import Dimension, FrameRecord, LeftOut, Split, Stack, Verdict

_FRAME_NAMES = tuple(field.name for field in fields(FrameRecord))


def pack_split(split: Split) -> bytes:
    """The outcome of splitting: every frame once, stacks as numbers of frames."""
    frames = list(dict.fromkeys(f for stack in split.stacks for time in stack.frames for f in time if f is not None))
    number = {frame: index for index, frame in enumerate(frames)}
    rows = [{name: getattr(frame, name) for name in _FRAME_NAMES} for frame in frames]
    stacks = [
        {
            "kind": stack.kind,
            "frames": [[None if frame is None else number[frame] for frame in time] for time in stack.frames],
            "verdict": [stack.verdict.code, stack.verdict.facts],
            "rows": stack.rows,
            "columns": stack.columns,
            "matrix": stack.patient_from_voxel,
            "positions": stack.positions_mm,
            "dimension": [stack.dimension.name, stack.dimension.values] if stack.dimension else None,
            "title": stack.title,
        }
        for stack in split.stacks
    ]
    left_out = [[left.code, left.count, left.facts] for left in split.left_out]
    return squeezed(dumped({"frames": columns(rows), "stacks": stacks, "left_out": left_out}))


def unpack_split(blob: bytes) -> Split:
    packed = json.loads(unsqueezed(blob))
    rows = records_of(packed["frames"])
    frames = [FrameRecord(**{name: _tuples(value) for name, value in row.items()}) for row in rows]
    return Split(
        stacks=tuple(_stack(stack, frames) for stack in packed["stacks"]),
        left_out=tuple(LeftOut(code, count, facts) for code, count, facts in packed["left_out"]),
    )


def _stack(packed: Record, frames: Sequence[FrameRecord]) -> Stack:
    dimension = packed["dimension"]
    return Stack(
        kind=packed["kind"],
        frames=tuple(tuple(None if n is None else frames[n] for n in time) for time in packed["frames"]),
        verdict=Verdict(*packed["verdict"]),
        rows=packed["rows"],
        columns=packed["columns"],
        patient_from_voxel=_tuples(packed["matrix"]),
        positions_mm=tuple(packed["positions"]),
        dimension=Dimension(dimension[0], _tuples(dimension[1])) if dimension else None,
        title=tuple(packed["title"]),
    )


def _tuples(value: Any) -> Any:
    """JSON's lists as the tuples they were."""
    return tuple(_tuples(part) for part in value) if type(value) is list else value

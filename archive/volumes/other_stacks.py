"""What the sandbox says of a file that is not DICOM, as Stacks: the same shape of thing as a DICOM series."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.stack import Dimension, FrameRecord, Stack
from archive.volumes.geometry import as_rows, plane_word
from archive.volumes.verdicts import verdict

PART = "Part"  # the label that says which volume of its file a frame is of
Facts = dict[str, Any]


def volume_stack(part: int, facts: Facts, file: int = 0) -> Stack:
    """The stack of one volume (or series of volumes) of a file."""
    times, slices, rows, columns = facts["shape"]
    matrix = None if facts["matrix"] is None else np.array(facts["matrix"], np.float64)
    first = _frame(part, facts, matrix, file)
    is_volume = slices > 1 and matrix is not None and facts["samples"] == 1
    one = "image" if slices == 1 and times == 1 else "frames"
    said = {"slices": slices, **_measured(matrix), "notes": facts["notes"]}
    return Stack(
        kind="volume" if is_volume else one,
        frames=tuple(tuple(replace(first, frame=t * slices + k) for k in range(slices)) for t in range(times)),
        verdict=verdict(_codes(matrix, slices), said),
        rows=rows,
        columns=columns,
        patient_from_voxel=None if matrix is None else as_rows(matrix),
        dimension=Dimension("recorded-order", tuple(range(1, times + 1))) if times > 1 else None,
        title=() if matrix is None else (plane_word(_normal(matrix)),),
    )


def picture_stack(files: Sequence[int], numbers: Sequence[int], facts: Facts, missing: str) -> Stack:
    """Pictures of one size, one file a slice, in order of their numbers; missing: numbers that no file has, in words."""
    _, _, rows, columns = facts["shape"]
    first = _frame(0, facts, None, files[0])
    frames = tuple(replace(first, file=file, number=number) for file, number in zip(files, numbers, strict=True))
    notes = [*facts["notes"], *(["numbers-missing"] if missing else [])]
    said = {"slices": len(files), "notes": notes, **({"missing_numbers": missing} if missing else {})}
    return Stack("frames", (frames,), verdict(["none"], said), rows, columns)


def _frame(part: int, facts: Facts, matrix: NDArray[np.float64] | None, file: int) -> FrameRecord:
    _, _, rows, columns = facts["shape"]
    dtype = np.dtype(facts["dtype"])
    edges = (1.0, 1.0, 1.0) if matrix is None else np.linalg.norm(matrix[:3, :3], axis=0)
    return FrameRecord(
        file=file,
        frame=0,
        rows=rows,
        columns=columns,
        samples=facts["samples"],
        photometric="RGB" if facts["samples"] == 3 else "MONOCHROME2",
        bits_allocated=8 * dtype.itemsize,
        bits_stored=8 * dtype.itemsize,
        high_bit=8 * dtype.itemsize - 1,
        signed=dtype.kind == "i",
        is_float=dtype.kind == "f",
        pixel_spacing_mm=None if matrix is None else (float(edges[1]), float(edges[0])),
        slope=facts["slope"],
        intercept=facts["intercept"],
        labels=((PART, part),),
    )


def _normal(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    normal = np.cross(matrix[:3, 0], matrix[:3, 1])
    return np.asarray(normal / (np.linalg.norm(normal) or 1.0), np.float64)


def _lean(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The part of one step along k that lies in the plane."""
    normal, step = _normal(matrix), matrix[:3, 2]
    return np.asarray(step - (step @ normal) * normal, np.float64)


def _codes(matrix: NDArray[np.float64] | None, slices: int) -> list[str]:
    if matrix is None:
        return ["none"]
    if slices == 1:
        return ["single"]
    drift_mm = float(np.linalg.norm(_lean(matrix))) * (slices - 1)
    pixel_mm = float(np.linalg.norm(matrix[:3, :2], axis=0).min())
    return ["sheared"] if drift_mm > 0.5 * pixel_mm else ["regular"]


def _measured(matrix: NDArray[np.float64] | None) -> Facts:
    if matrix is None:
        return {}
    depth_mm = float(abs(matrix[:3, 2] @ _normal(matrix)))
    tilt = float(np.degrees(np.arctan2(np.linalg.norm(_lean(matrix)), depth_mm)))
    return {"step_mm": round(depth_mm, 4), "tilt_deg": round(tilt, 1)}

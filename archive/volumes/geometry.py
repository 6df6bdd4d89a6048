"""Where slices lie in the patient: axes, depths, the voxel map, and how far printed positions may be trusted.

Patient space is LPS millimetres; PixelSpacing is (between rows, between columns), PS3.3 10.7.1.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from archive.stack import FrameRecord, Matrix4

Vector = NDArray[np.float64]

SAME_DIRECTION = (
    5e-4  # of each component: half a pixel at the edge of 1024; GE varies by 1e-7, so no comparing of strings
)
MOST_ROUNDING = 0.3  # of a step: beyond it, coarse printing would excuse a missing slice


@dataclass(frozen=True)
class Axes:
    """Unit vectors in patient space along a row (i), down a column (j), and their normal."""

    row: Vector
    column: Vector
    normal: Vector


@lru_cache(maxsize=256)  # thousands of frames share a handful of orientations
def axes_of(orientation: tuple[float, ...]) -> Axes | None:
    """The axes of an ImageOrientationPatient; None where its vectors are zero or parallel."""
    row, column = np.asarray(orientation[:3], np.float64), np.asarray(orientation[3:6], np.float64)
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if min(lengths) < 1e-3 or not np.isfinite(lengths).all():
        return None
    row, column = row / lengths[0], column / lengths[1]
    normal = np.cross(row, column)
    area = float(np.linalg.norm(normal))
    if area < 0.5:  # more than 60 degrees from square: no image plane can be meant
        return None
    return Axes(row, column, normal / area)


def same_direction(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two orientations are one but for rounding."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= SAME_DIRECTION


def rounding_mm(decimals: int) -> float:
    """How far a depth can be off because positions were printed with so many decimals."""
    return 1.6 * 10.0 ** -max(0, decimals)


def positions_of(frames: Sequence[FrameRecord]) -> Vector:
    """Positions [n, 3] of the centres of the first voxels, in the order given."""
    return np.array([frame.position_patient_mm for frame in frames], np.float64).reshape(-1, 3)


def depths_of(frames: Sequence[FrameRecord], axes: Axes) -> Vector:
    """Depths [n] along the normal."""
    return np.asarray(positions_of(frames) @ axes.normal, np.float64)


def levels_of(depths: Vector, pixel_mm: float, decimals: int) -> NDArray[np.int64]:
    """Index [n] of the position each depth belongs to, counted along the normal; coincident ones share it."""
    order = np.argsort(depths, kind="stable")
    gaps = np.diff(depths[order])
    least = max(0.01 * pixel_mm, rounding_mm(decimals))
    wide = gaps[gaps > 0.01 * pixel_mm]
    if len(wide):
        least = min(least, max(0.2 * float(np.median(wide)), 0.01 * pixel_mm))
    levels = np.zeros(len(depths), np.int64)
    levels[order[1:]] = np.cumsum(gaps > least)
    return levels


def patient_from_voxel(axes: Axes, pixel_spacing_mm: Sequence[float], first: Vector, step: Vector) -> Matrix4:
    """The voxel map: i walks along a row, j down a column, k by `step`; shear stays in the third column (PS3.3 C.7.6.2.1.1)."""
    between_rows_mm, between_columns_mm = pixel_spacing_mm
    matrix = np.eye(4)
    matrix[:3, 0] = axes.row * between_columns_mm
    matrix[:3, 1] = axes.column * between_rows_mm
    matrix[:3, 2] = step
    matrix[:3, 3] = first
    return as_rows(matrix)


def as_rows(matrix: NDArray[np.float64]) -> Matrix4:
    """A matrix as plain tuples, fit for a Stack."""
    rows = [(float(row[0]), float(row[1]), float(row[2]), float(row[3])) for row in matrix]
    return tuple(rows)


def plane_word(normal: Sequence[float] | Vector) -> str:
    """The word of the plane a normal stands on: axial, coronal, sagittal, or oblique when none is within 30 degrees."""
    share = np.abs(np.asarray(normal, np.float64))
    axis = int(np.argmax(share))
    return ("sagittal", "coronal", "axial")[axis] if share[axis] >= np.cos(np.radians(30)) else "oblique"

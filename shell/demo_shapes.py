"""Painting soft-edged shapes into a voxel grid in patient millimetres: the brushes of the sample scan."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Point = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Canvas:
    """Values [k, j, i] (float32, HU) and where they lie: first voxel's centre and spacing (x left, y back, z head), mm."""

    values: Floats
    origin_mm: Point
    spacing_mm: Point

    @cached_property
    def axes(self) -> tuple[Floats, Floats, Floats]:
        """Positions of columns, rows and slices in mm."""
        k, j, i = self.values.shape
        found = [np.arange(n) * s + o for n, s, o in zip((i, j, k), self.spacing_mm, self.origin_mm, strict=True)]
        x, y, z = (axis.astype(np.float32) for axis in found)
        return x, y, z

    @property
    def edge_mm(self) -> float:
        """Over which an edge is soft: one voxel in the plane."""
        return self.spacing_mm[0]

    def window(
        self, low: Point, high: Point
    ) -> tuple[tuple[slice, slice, slice], tuple[Floats, Floats, Floats]] | None:
        """The voxels of a box [low, high], and their x [1, 1, i], y [1, j, 1], z [k, 1, 1]; None outside the grid."""
        spans = []
        for axis, start, end in zip(self.axes, low, high, strict=True):
            first, last = int(np.searchsorted(axis, start)), int(np.searchsorted(axis, end, "right"))
            if first >= last:
                return None
            spans.append(slice(first, last))
        i, j, k = spans
        x, y, z = self.axes
        return (k, j, i), (x[None, None, i], y[None, j, None], z[k, None, None])


def paint(old: Floats, inside_mm: Floats, value: Any, edge_mm: float, only: NDArray[np.bool_] | None = None) -> None:
    """Mix a value into old ones where the distance inside a shape (mm, positive inside) says so, with a soft edge."""
    share = np.clip(inside_mm / edge_mm + 0.5, 0, 1)
    if only is not None:
        share = share * only
    old += (value - old) * share


def capsule(
    canvas: Canvas,
    start: Point,
    end: Point,
    radii: tuple[float, float],
    value: float,
    only: tuple[float, float] | None = None,
) -> None:
    """A rod with round ends whose radius goes from one value to another; `only`: over voxels between two values."""
    reach = max(radii) + canvas.edge_mm
    found = canvas.window(
        (min(start[0], end[0]) - reach, min(start[1], end[1]) - reach, min(start[2], end[2]) - reach),
        (max(start[0], end[0]) + reach, max(start[1], end[1]) + reach, max(start[2], end[2]) + reach),
    )
    if found is None:
        return
    where, (x, y, z) = found
    along = np.subtract(end, start).astype(np.float32)
    length2 = float(along @ along) or 1.0
    dx, dy, dz = x - start[0], y - start[1], z - start[2]
    t = np.clip((dx * along[0] + dy * along[1] + dz * along[2]) / length2, 0, 1)
    off = np.sqrt((dx - t * along[0]) ** 2 + (dy - t * along[1]) ** 2 + (dz - t * along[2]) ** 2)
    old = canvas.values[where]
    paint(
        old,
        radii[0] + t * (radii[1] - radii[0]) - off,
        value,
        canvas.edge_mm,
        None if only is None else (only[0] < old) & (old < only[1]),
    )


def bone(canvas: Canvas, start: Point, end: Point, radii: tuple[float, float], cortex_mm: float = 2.0) -> None:
    """A rod of bone: hard outside, spongy inside."""
    capsule(canvas, start, end, radii, 780)
    inner = (max(radii[0] - cortex_mm, 0.6), max(radii[1] - cortex_mm, 0.6))
    if min(radii) > cortex_mm + 1:
        capsule(canvas, start, end, inner, 260)


def tube(
    canvas: Canvas, points: list[Point], radii: list[float], value: float, wall: tuple[float, float] | None = None
) -> None:
    """A bent rod through points; with a wall (thickness in mm, value) around it."""
    legs = list(zip(points, points[1:], radii, radii[1:], strict=False))
    if wall is not None:
        for start, end, r0, r1 in legs:
            capsule(canvas, start, end, (r0 + wall[0], r1 + wall[0]), wall[1])
    for start, end, r0, r1 in legs:
        capsule(canvas, start, end, (r0, r1), value)


def ellipsoid(canvas: Canvas, centre: Point, radii: Point, value: float, turn_deg: float = 0.0) -> None:
    """A ball of three radii, turned about z."""
    reach = max(radii) + canvas.edge_mm
    low, high = (tuple(c + sign * reach for c in centre) for sign in (-1, 1))
    found = canvas.window(low, high)  # type: ignore[arg-type]
    if found is None:
        return
    where, (x, y, z) = found
    cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    u, v = (x - centre[0]) * cos + (y - centre[1]) * sin, (y - centre[1]) * cos - (x - centre[0]) * sin
    off = np.sqrt((u / radii[0]) ** 2 + (v / radii[1]) ** 2 + ((z - centre[2]) / radii[2]) ** 2)
    old = canvas.values[where]
    paint(old, (1 - off) * min(radii), value, canvas.edge_mm)

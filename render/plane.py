"""Planes of the slice views: how they are turned, and the map between patient and picture."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from archive import space
from render.grid import Grid, Vector
from render.layout import Pane
from render.view import Plane, View

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Axes:
    """Unit vectors in patient space: to the right and down in the picture, and into it (right x down)."""

    right: Array
    down: Array

    @property
    def normal(self) -> Array:
        (a, b, c), (x, y, z) = self.right, self.down
        return np.array((b * z - c * y, c * x - a * z, a * y - b * x))  # np.cross costs thirty times as much


# Patient's left to the right and front up; left to the right and head up; front to the left and head up.
STANDARD: Final = {
    "axial": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    "coronal": ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    "sagittal": ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
}


def axes_of(view: View, kind: str, grid: Grid) -> Axes:
    """How the picture of a slice view is turned."""
    if kind == "oblique":
        return oblique_axes(view.oblique)
    if kind == "frames":
        return _frame_axes(grid)
    right, down = STANDARD[kind]
    return Axes(np.array(right), np.array(down))


def oblique_axes(plane: Plane) -> Axes:
    """With `up` given the normal points into the picture; without, head or front is up and left or back on the right."""
    normal = _unit(np.array(plane.normal, np.float64))
    up = np.array(plane.up if plane.up is not None else _usual_up(normal), np.float64)
    down = _unit(-(up - (up @ normal) * normal))
    right = np.cross(down, normal)
    if plane.up is None and right[int(np.abs(right[:2]).argmax())] < 0:
        right = -right
    return Axes(right, down)


def _usual_up(normal: Array) -> Vector:
    return (0.0, 0.0, 1.0) if abs(normal[2]) < 0.8 else (0.0, -1.0, 0.0)


def _frame_axes(grid: Grid) -> Axes:
    """A stored image as it is: rows run right, columns run down."""
    right = _unit(grid.patient_from_voxel[:3, 0])
    down = grid.patient_from_voxel[:3, 1]
    return Axes(right, _unit(down - (down @ right) * right))


def _unit(direction: Array) -> Array:
    return direction / (np.linalg.norm(direction) or 1.0)


def pixel_from_patient(view: View, pane: Pane, grid: Grid) -> space.Matrix:
    """4x4 map of a patient position (mm) to the pane's pixel: x right, y down, centres at integers, z mm from the plane.

    Pixels count from the pane's own top left corner. Zoom 1 shows the whole volume.
    """
    return space.inverse(patient_from_pixel(view, pane, grid))


def patient_from_pixel(view: View, pane: Pane, grid: Grid) -> space.Matrix:
    """The way back; see pixel_from_patient."""
    axes = axes_of(view, pane.kind, grid)
    normal, framing = axes.normal, view.framing(pane.kind)
    per_pixel = _whole_mm_per_pixel(axes, pane, grid) / framing.zoom
    middle = grid.centre_mm + framing.right_mm * axes.right + framing.down_mm * axes.down
    depth = normal @ (plane_point_mm(view, pane.kind, grid) - middle)
    half_width, half_height = (pane.width - 1) / 2 * per_pixel, (pane.height - 1) / 2 * per_pixel
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1], matrix[:3, 2] = axes.right * per_pixel, axes.down * per_pixel, normal
    matrix[:3, 3] = middle + depth * normal - half_width * axes.right - half_height * axes.down
    return matrix


def _whole_mm_per_pixel(axes: Axes, pane: Pane, grid: Grid) -> float:
    """At which the whole volume fits into the pane."""
    right, down = grid.corners_mm @ axes.right, grid.corners_mm @ axes.down
    return max(float(right.max() - right.min()) / pane.width, float(down.max() - down.min()) / pane.height)


def mm_per_pixel(view: View, pane: Pane, grid: Grid) -> float:
    """Size of a pixel of a slice view."""
    return _whole_mm_per_pixel(axes_of(view, pane.kind, grid), pane, grid) / view.framing(pane.kind).zoom


def plane_point_mm(view: View, kind: str, grid: Grid) -> Array:
    """A point of the plane: the cursor, or for stored frames the middle of the frame nearest to it."""
    if kind != "frames":
        return np.array(view.cursor_mm, np.float64)
    _, j, i = grid.shape_kji
    frame = grid.nearest_voxel(view.cursor_mm)[2]
    return space.apply(grid.patient_from_voxel, [(i - 1) / 2, (j - 1) / 2, frame])


def scroll_step_mm(view: View, kind: str, grid: Grid) -> Array:
    """Vector (patient mm) from one slice to the next along a slice view's normal: the voxel axis it follows best."""
    normal = axes_of(view, kind, grid).normal
    steps = grid.patient_from_voxel[:3, :3].T  # one row per voxel axis
    if kind == "frames":
        return np.asarray(steps[2], np.float64)
    along = steps @ normal
    best = int(np.argmax(np.abs(along) / np.linalg.norm(steps, axis=1)))
    return np.asarray(along[best] * normal * np.sign(along[best]), np.float64)


@dataclass(frozen=True)
class SlabSamples:
    """Where a slab is sampled along its normal, mm from the plane: count samples, the first and last on the faces.

    The ones between lie at first + n * step.
    """

    count: int
    first_mm: float
    step_mm: float
    low_mm: float
    high_mm: float


_ALIGNED: Final = 0.9999  # cosine from which a slab counts as parallel to the voxels' own planes


def slab_samples(view: View, kind: str, grid: Grid) -> SlabSamples:
    """A slab along the voxels' planes is sampled on them, where linear interpolation has its extremes; else every half voxel."""
    thickness = 0.0 if kind == "frames" else view.slab.thickness_mm
    if thickness <= 0:
        return SlabSamples(1, 0.0, 0.0, 0.0, 0.0)
    half = thickness / 2
    phase, step = _voxel_planes(view, kind, grid)
    first = phase + np.floor((-half - phase) / step + 1e-6) * step
    count = int(np.ceil((half - first) / step - 1e-6)) + 1
    return SlabSamples(max(count, 2), float(first), float(step), -half, half)


def _voxel_planes(view: View, kind: str, grid: Grid) -> tuple[float, float]:
    """Distance (mm) along the normal from the plane to some plane of voxel centres, and from each to the next."""
    normal = axes_of(view, kind, grid).normal
    rows = grid.voxel_from_patient[:3, :3]  # a voxel axis' index grows along its row
    per_mm = np.linalg.norm(rows, axis=1)
    along = rows @ normal
    best = int(np.argmax(np.abs(along) / per_mm))
    if abs(along[best]) < _ALIGNED * per_mm[best]:
        return 0.0, 0.5 * min(grid.spacing_mm)
    index = float(space.apply(grid.voxel_from_patient, plane_point_mm(view, kind, grid))[best])
    return (round(index) - index) / float(along[best]), 1.0 / abs(float(along[best]))

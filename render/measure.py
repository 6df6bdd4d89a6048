"""Measures taken from the CPU array, never from the picture: the value under the cursor, distances."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from archive import space
from archive.volumes.volume import SliceState, Volume
from render.camera import eye_of
from render.grid import Vector, grid_of, states_of, vector
from render.layout import Pane
from render.plane import patient_from_pixel
from render.transfer import at, opacity_of_step
from render.view import View


@dataclass(frozen=True)
class Probe:
    """What lies under a pixel: patient position (mm), nearest voxel (i, j, k), its stored and its real value.

    `stored` and `real` are None where the slice has not been read; three numbers for colour.
    """

    position_mm: Vector
    index_ijk: tuple[int, int, int]
    stored: int | float | tuple[int, ...] | None
    real: float | None
    unit: str | None


def probe(volume: Volume, view: View, pane: Pane, pixel: tuple[float, float]) -> Probe | None:
    """What lies under a pixel of a slice view, counted from the pane's corner; None outside the volume and in 3D."""
    if not pane.is_slice:
        return None
    return probe_at(volume, position_of(volume, view, pane, pixel))


def position_of(volume: Volume, view: View, pane: Pane, pixel: tuple[float, float]) -> Vector:
    """Patient position (mm) of a pixel of a slice view."""
    return vector(space.apply(patient_from_pixel(view, pane, grid_of(volume)), (*pixel, 0.0)))


def probe_at(volume: Volume, position_mm: Vector) -> Probe | None:
    """What lies at a patient position; None outside the volume."""
    grid = grid_of(volume)
    index = np.rint(space.apply(grid.voxel_from_patient, position_mm)).astype(int)
    if (index < 0).any() or (index >= grid.shape_kji[::-1]).any():
        return None
    i, j, k = (int(n) for n in index)
    if states_of(volume)[k] != SliceState.READY:
        return Probe(position_mm, (i, j, k), None, None, volume.unit)
    stored = volume.voxels[k, j, i]
    if np.ndim(stored):
        return Probe(position_mm, (i, j, k), tuple(int(n) for n in stored), None, None)
    return Probe(position_mm, (i, j, k), _plain(stored), float(volume.real(stored)), volume.unit)


def _plain(stored: Any) -> int | float:
    return float(stored) if isinstance(stored, np.floating) else int(stored)


def distance_mm(a: Vector, b: Vector) -> float:
    """Between two patient positions."""
    return float(np.linalg.norm(np.subtract(a, b)))


def first_hit(
    volume: Volume, view: View, pane: Pane, pixel: tuple[float, float], least_opacity: float = 0.3
) -> Vector | None:
    """Patient position at which the ray through a 3D pixel has gathered `least_opacity`; None where it meets nothing."""
    grid = grid_of(volume)
    start, direction = eye_of(view.camera, grid, pane.size).ray(*pixel, pane.size)
    step = view.step_of(grid)
    far = float(np.linalg.norm(start - grid.centre_mm)) + grid.radius_mm
    points = start + np.arange(max(far - 2 * grid.radius_mm, 0), far, step)[:, None] * direction
    return _gathered(volume, view, points, step, least_opacity)


def _gathered(volume: Volume, view: View, points_mm: Any, step_mm: float, least_opacity: float) -> Vector | None:
    grid = grid_of(volume)
    index = np.rint(space.apply(grid.voxel_from_patient, points_mm)).astype(int)
    inside = ((index >= 0) & (index < grid.shape_kji[::-1])).all(-1)
    for clip in view.clips:
        inside &= points_mm @ np.array(clip.normal) + clip.offset >= 0
    if view.crop is not None:
        low, high = view.crop.low_ijk, view.crop.high_ijk
        inside &= ((index >= low) & (index < high)).all(-1)
    index, points_mm = index[inside], points_mm[inside]
    if not len(index) or volume.voxels.ndim != 3:
        return None
    values = volume.real(volume.voxels[index[:, 2], index[:, 1], index[:, 0]])
    clear = np.cumprod(1 - opacity_of_step(at(view.transfer, values)[:, 3], step_mm))
    hit = np.flatnonzero(1 - clear >= least_opacity)
    return vector(points_mm[hit[0]]) if len(hit) else None

"""Sheets: slices that lie along two voxel axes, taken from the array - exact, and there before any 3D texture is."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from archive import space
from archive.volumes.volume import SliceState, Volume
from render import plane
from render.grid import Grid
from render.layout import Pane
from render.view import View

Floats = NDArray[np.float32]

_DRIFT: Final = 1e-5  # voxels by which a plane may leave its voxel axis over the picture: 0.03 of a step of 3000
_ASIDE: Final = ([1, 2], [0, 2], [0, 1])  # the two other voxel axes
_NEVER_SHOWN: Final = 1e30  # instead of infinity: sums and differences stay finite


@dataclass(frozen=True)
class Cut:
    """Where a slice view cuts the voxels: across one voxel axis (0 i, 1 j, 2 k), at indices along it that lie inside.

    No index: the plane misses the volume. is_on_voxels: every pixel's centre is a voxel's, so nothing is interpolated.
    """

    axis: int
    indices: tuple[float, ...]
    middle: float
    is_on_voxels: bool


def cut_of(view: View, pane: Pane, grid: Grid, index_from_pixel: space.Matrix) -> Cut | None:
    """How a pane's plane or slab cuts the voxels; None where it is turned against all their axes."""
    linear = index_from_pixel[:3, :3]
    drift = np.abs(linear[:, 0]) * pane.width + np.abs(linear[:, 1]) * pane.height
    axis = int(drift.argmin())
    if drift[axis] > _DRIFT:
        return None
    samples = plane.slab_samples(view, pane.kind, grid)
    offsets = np.clip(samples.first_mm + samples.step_mm * np.arange(samples.count), samples.low_mm, samples.high_mm)
    if np.abs(linear[_ASIDE[axis], 2]).max() * np.abs(offsets).max() > _DRIFT:
        return None  # a sheared volume: the samples of a slab do not lie above each other
    middle = float(index_from_pixel[axis, 3])
    indices = middle + linear[axis, 2] * offsets
    inside = indices[(indices >= -0.5) & (indices <= grid.shape_kji[2 - axis] - 0.5)]
    return Cut(axis, tuple(float(n) for n in inside), middle, _is_on_voxels(index_from_pixel, axis, pane))


def _is_on_voxels(index_from_pixel: space.Matrix, axis: int, pane: Pane) -> bool:
    rows = index_from_pixel[_ASIDE[axis]][:, [0, 1, 3]]
    away = np.abs(rows - np.rint(rows))
    return bool((away @ (pane.width, pane.height, 1.0)).max() < _DRIFT)


def is_exact(cut: Cut, view: View) -> bool:
    """Whether a sheet gives what sampling every point of the slab gives.

    A mean does, because interpolation is linear. The maximum of interpolated values is not the interpolation of maxima:
    of a maximum or minimum a sheet is exact only where nothing is interpolated within the plane.
    """
    is_plane = len(cut.indices) < 2 or view.slab.mode == "mean"
    return is_plane or cut.is_on_voxels or view.interpolation == "nearest"


def nearest_shown(states: NDArray[np.uint8]) -> NDArray[np.intp]:
    """For each slice the nearest one that can be shown; itself where none can."""
    k = np.arange(len(states))
    shown = np.flatnonzero(states != SliceState.EMPTY)
    if not len(shown):
        return k
    after = np.clip(np.searchsorted(shown, k), 0, len(shown) - 1)
    before = np.clip(after - 1, 0, None)
    return np.where(np.abs(shown[before] - k) <= np.abs(shown[after] - k), shown[before], shown[after])


def values(volume: Volume, cut: Cut, view: View, states: NDArray[np.uint8]) -> Floats:
    """Stored values of a cut: [rows j, columns i] across k, [slices k, columns i] across j, [slices k, rows j] across i."""
    if not cut.indices:
        return np.zeros((1, 1), np.float32)
    planes = _Planes(volume, cut.axis, states)
    if len(cut.indices) > 1 and view.slab.mode != "mean":
        return _extreme(planes, cut.indices, view)
    shares: dict[int, float] = {}
    for index in cut.indices:
        for n, share in _shares(index, planes.count, view.interpolation):
            shares[n] = shares.get(n, 0.0) + share / len(cut.indices)
    return _mixed(planes, shares)


class _Planes:
    """The planes of a volume across one voxel axis; slices that have not arrived show their nearest neighbour."""

    def __init__(self, volume: Volume, axis: int, states: NDArray[np.uint8]):
        self._voxels, self._axis = volume.voxels, 2 - axis
        self._shown = nearest_shown(states) if (states == SliceState.EMPTY).any() else None
        self.count = volume.voxels.shape[self._axis]

    def at(self, n: int) -> NDArray[Any]:
        """Plane n in its own type; floats are made finite."""
        if self._shown is not None and self._axis == 0:
            n = int(self._shown[n])
        found = self._voxels[(slice(None),) * self._axis + (n,)]
        if self._shown is not None and self._axis != 0:
            found = found[self._shown]
        return finite(found) if found.dtype.kind == "f" else found


def finite(found: NDArray[Any]) -> Floats:
    """Floats as they are drawn: nothing infinite, nothing that is no number."""
    return np.nan_to_num(found.astype(np.float32), nan=0.0, posinf=_NEVER_SHOWN, neginf=-_NEVER_SHOWN)


def _mixed(planes: _Planes, shares: dict[int, float]) -> Floats:
    (first, share), *rest = ((n, share) for n, share in shares.items() if share)
    found = planes.at(first).astype(np.float32)
    if rest:
        found *= np.float32(share)
    part = np.empty_like(found)
    for n, share in rest:
        found += np.multiply(planes.at(n), np.float32(share), out=part, casting="unsafe")
    return found


def _extreme(planes: _Planes, indices: tuple[float, ...], view: View) -> Floats:
    """The greatest or least of the planes; those that lie on voxels are compared as the integers they are."""
    better = np.maximum if view.slab.mode == "mip" else np.minimum
    mixes = [tuple(_shares(index, planes.count, view.interpolation)) for index in indices]
    best: Any = None
    for n in sorted({mix[0][0] for mix in mixes if len(mix) == 1}):
        found = planes.at(n)
        best = found.copy() if best is None else better(best, found, out=best)
    best = None if best is None else best.astype(np.float32)
    for mix in {mix for mix in mixes if len(mix) > 1}:
        found = _mixed(planes, dict(mix))
        best = found if best is None else better(best, found, out=best)
    return np.asarray(best, np.float32)


def _shares(index: float, count: int, interpolation: str) -> list[tuple[int, float]]:
    """Planes that make up the value at an index, with their weights: the same as lib/sample.glsl."""
    if interpolation == "nearest":
        return [(int(np.clip(np.floor(index + 0.5), 0, count - 1)), 1.0)]
    held = index if interpolation == "cubic" else float(np.clip(index, 0, count - 1))
    low, part = int(np.floor(held)), held - np.floor(held)
    if min(part, 1 - part) < _DRIFT:
        return [(int(np.clip(np.rint(held), 0, count - 1)), 1.0)]
    if interpolation == "linear":
        return [(low, 1 - part), (low + 1, part)]
    square, cube = part * part, part**3
    weights = (
        -0.5 * cube + square - 0.5 * part,
        1.5 * cube - 2.5 * square + 1.0,
        -1.5 * cube + 2.0 * square + 0.5 * part,
        0.5 * cube - 0.5 * square,
    )
    found: dict[int, float] = {}
    for n, weight in enumerate(weights, low - 1):
        held_n = min(max(n, 0), count - 1)
        found[held_n] = found.get(held_n, 0.0) + weight
    return list(found.items())

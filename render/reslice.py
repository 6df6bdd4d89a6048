"""Slices sampled from the array on the CPU: for volumes that no texture holds, and to test the shader against."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from archive import space
from archive.volumes.volume import SliceState, Volume
from render import plane
from render.grid import grid_of, states_of
from render.layout import Pane
from render.view import View

_KINDS: Final = {SliceState.EMPTY: 1.0, SliceState.READY: 0.0, SliceState.DAMAGED: 2.0, SliceState.HOLE: 3.0}
_COMBINE: Final[dict[str, Callable[..., Any]]] = {"mip": np.fmax.reduce, "minip": np.fmin.reduce, "mean": np.nansum}


def values(volume: Volume, view: View, pane: Pane) -> NDArray[np.float32]:
    """(stored value, kind) [rows, columns, 2] of a slice pane, as slice.frag makes them; cubic is drawn as linear."""
    grid = grid_of(volume)
    columns, rows = np.meshgrid(np.arange(pane.width), np.arange(pane.height))
    pixels = np.stack([columns, rows, np.zeros_like(rows)], -1)
    points = space.apply(plane.patient_from_pixel(view, pane, grid), pixels)
    normal = plane.axes_of(view, pane.kind, grid).normal
    samples = plane.slab_samples(view, pane.kind, grid)
    offsets = np.clip(samples.first_mm + samples.step_mm * np.arange(samples.count), samples.low_mm, samples.high_mm)
    take = _nearest if view.interpolation == "nearest" else _linear
    layers = [take(volume, space.apply(grid.voxel_from_patient, points + offset * normal)) for offset in offsets]
    stored = layers[0] if len(layers) == 1 else _combined(layers, view.slab.mode)
    middle = np.rint(space.apply(grid.voxel_from_patient, points)[..., 2]).clip(0, grid.shape_kji[0] - 1).astype(int)
    kinds = np.array([_KINDS[SliceState(state)] for state in states_of(volume)])[middle]
    inside = np.isfinite(stored)
    return np.stack([np.where(inside, stored, 0), np.where(inside, kinds, -1)], -1).astype(np.float32)


def _combined(layers: list[NDArray[Any]], mode: str) -> NDArray[Any]:
    found = np.array(layers)
    count = np.isfinite(found).sum(0)
    combined = _COMBINE[mode](found, axis=0) / (np.maximum(count, 1) if mode == "mean" else 1)
    return np.where(count > 0, combined, np.nan)


def _inside(index: NDArray[np.float64], volume: Volume) -> NDArray[np.bool_]:
    top = np.array(volume.shape_kji[::-1]) - 0.5
    return np.asarray(((index >= -0.5) & (index <= top)).all(-1))


def _nearest(volume: Volume, index: NDArray[np.float64]) -> NDArray[np.float64]:
    i, j, k = np.moveaxis(np.floor(index + 0.5).clip(0, np.array(volume.shape_kji[::-1]) - 1).astype(int), -1, 0)
    return np.where(_inside(index, volume), volume.voxels[k, j, i], np.nan)


def _linear(volume: Volume, index: NDArray[np.float64]) -> NDArray[np.float64]:
    last = np.array(volume.shape_kji[::-1]) - 1
    held = index.clip(0, last)
    low = np.minimum(np.floor(held), np.maximum(last - 1, 0)).astype(int)
    weight = held - low
    found = np.zeros(index.shape[:-1])
    for corner in np.ndindex(2, 2, 2):
        i, j, k = np.moveaxis(np.minimum(low + corner, last), -1, 0)
        share = np.where(corner, weight, 1 - weight).prod(-1)
        found += share * volume.voxels[k, j, i]
    return np.where(_inside(index, volume), found, np.nan)

"""An uneven stack on a regular grid: each new slice between its two true neighbours. Only ever done when asked for."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.stack import Stack

SMALL_SHARE = 10  # percent of the gaps: one odd gap does not decide the grid
MOST_GROWTH = 2  # times the slices that were scanned


@dataclass(frozen=True)
class Grid:
    """Evenly spaced depths over the extent of uneven ones.

    below, share: for every new slice the index of the true slice under it, and how far towards the next (0..1).
    """

    below: NDArray[np.int64]
    share: NDArray[np.float64]
    patient_from_voxel: NDArray[np.float64]

    @property
    def slices(self) -> int:
        return len(self.below)


def grid_of(stack: Stack) -> Grid:
    """The regular grid for a stack with uneven positions: as fine as its small gaps, at most twice its slices."""
    depths = np.array(stack.positions_mm, np.float64)
    extent_mm = float(depths[-1] - depths[0])
    step_mm = float(np.percentile(np.diff(depths), SMALL_SHARE))
    count = min(round(extent_mm / step_mm) + 1, MOST_GROWTH * len(depths))
    wanted = np.linspace(depths[0], depths[-1], count)
    below = np.clip(np.searchsorted(depths, wanted, side="right") - 1, 0, len(depths) - 2)
    share = (wanted - depths[below]) / (depths[below + 1] - depths[below])
    matrix = np.array(stack.patient_from_voxel, np.float64)
    matrix[:3, 2] *= (len(depths) - 1) / (count - 1)  # the same way from first to last, in more steps
    return Grid(below, share, matrix)


def resampled(voxels: NDArray[Any], grid: Grid) -> NDArray[Any]:
    """Voxels [k, j, i] on the grid, in their own type (integers are rounded)."""
    result = np.empty((grid.slices, *voxels.shape[1:]), voxels.dtype)
    for k, (below, share) in enumerate(zip(grid.below, grid.share, strict=True)):
        result[k] = between(voxels, int(below), float(share))
    return result


def between(voxels: NDArray[Any], below: int, share: float) -> NDArray[Any]:
    """The slice that lies `share` (0..1) of the way from one true slice to the next, in float32 (rounded for integers)."""
    low, high = voxels[below].astype(np.float32), voxels[below + 1].astype(np.float32)
    mixed = low + np.float32(share) * (high - low)
    return np.asarray(np.rint(mixed) if voxels.dtype.kind in "iu" else mixed)

"""Volume: voxels, where they lie in the patient, and what their stored integers mean."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray


class SliceState(IntEnum):
    """What is known of one slice of a volume while it loads and afterwards."""

    EMPTY = 0  # not read yet
    READY = 1
    DAMAGED = 2  # read short or not decodable: filled with the lowest value, named
    HOLE = 3  # no such slice in the series (verdict `missing`)


@dataclass(frozen=True, eq=False)
class Volume:
    """One volume (one time point) of a stack.

    voxels: [k, j, i] stored values, C order; int16, uint16, uint8, int8, int32, uint32, float32, or uint8 [k, j, i, 3] colour.
    real value = stored * slope + intercept, in `unit` ("HU", "Bq/ml", ...; None where the file names none).
    patient_from_voxel: 4x4 float64, LPS mm, of (column i, row j, slice k) at voxel centres; determinant > 0; shear is kept.
    states: uint8 [k] of SliceState, written by the loader as slices arrive; whoever draws reads it.
    invert: MONOCHROME1: a display inversion after the window, stored values untouched (PS3.3 C.7.6.3.1.2).
    windows: (centre, width, name) in real values as the file proposes them, possibly empty.
    """

    voxels: NDArray[Any]
    patient_from_voxel: NDArray[np.float64]
    slope: float = 1.0
    intercept: float = 0.0
    unit: str | None = None
    modality: str = ""
    states: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    invert: bool = False
    windows: tuple[tuple[float, float, str], ...] = ()
    source_bits: int = 16  # BitsStored, for the honest badge
    is_resampled: bool = False  # uneven slices on a regular grid: not the slices that were scanned
    is_spatial: bool = True  # False: no millimetres across slices, so no 3D and no MPR

    @property
    def shape_kji(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        k, j, i = self.voxels.shape[:3]
        return int(k), int(j), int(i)

    def real(self, stored: Any) -> Any:
        """Real values of stored ones (float64)."""
        return np.asarray(stored, np.float64) * self.slope + self.intercept

    def stored(self, real: float) -> float:
        """The stored value, not rounded, of a real one."""
        return (real - self.intercept) / self.slope if self.slope else 0.0

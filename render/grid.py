"""Grid: where the voxels of a volume lie in the patient, without the voxels."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from archive import space
from archive.volumes.volume import SliceState, Volume

Vector = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Grid:
    """Shape (slices, rows, columns) and the 4x4 map from voxel (i, j, k) to the patient (LPS mm)."""

    patient_from_voxel: space.Matrix
    shape_kji: tuple[int, int, int]
    is_spatial: bool = True

    @cached_property
    def voxel_from_patient(self) -> space.Matrix:
        return space.inverse(self.patient_from_voxel)

    @cached_property
    def spacing_mm(self) -> Vector:
        """Along i, j, k."""
        return space.spacing_mm(self.patient_from_voxel)

    @cached_property
    def corners_mm(self) -> NDArray[np.float64]:
        """The eight outer corners [8, 3]."""
        return space.corners_patient_mm(self.patient_from_voxel, self.shape_kji)

    @cached_property
    def centre_mm(self) -> NDArray[np.float64]:
        return space.centre_patient_mm(self.patient_from_voxel, self.shape_kji)

    @cached_property
    def radius_mm(self) -> float:
        """Of the smallest ball around the centre that holds every voxel."""
        return float(np.linalg.norm(self.corners_mm - self.centre_mm, axis=1).max())

    @cached_property
    def half_extent_mm(self) -> float:
        """Half the longest side of the box along the patient's axes: what a picture must show at least."""
        return float(np.ptp(self.corners_mm, axis=0).max()) / 2

    @property
    def default_step_mm(self) -> float:
        """Half the finest spacing: no voxel is stepped over (Nyquist)."""
        return 0.5 * min(self.spacing_mm)

    def nearest_voxel(self, point_mm: Vector) -> tuple[int, int, int]:
        """Index (i, j, k) of the voxel nearest to a patient position, moved into the volume."""
        index = np.rint(space.apply(self.voxel_from_patient, point_mm)).astype(int)
        i, j, k = np.clip(index, 0, np.array(self.shape_kji[::-1]) - 1)
        return int(i), int(j), int(k)

    def clamped_mm(self, point_mm: Vector) -> Vector:
        """The position itself, or the nearest one (along the voxel axes) between the outermost voxel centres."""
        index = space.apply(self.voxel_from_patient, point_mm)
        return vector(space.apply(self.patient_from_voxel, np.clip(index, 0, np.array(self.shape_kji[::-1]) - 1.0)))


def grid_of(volume: Volume) -> Grid:
    """The grid of a volume; a slice axis of no length (frames that lie nowhere) becomes one millimetre along the normal."""
    matrix = np.array(volume.patient_from_voxel, np.float64)
    if abs(np.linalg.det(matrix[:3, :3])) < 1e-9:
        normal = np.cross(matrix[:3, 0], matrix[:3, 1])
        matrix[:3, 2] = normal / (np.linalg.norm(normal) or 1.0)
    return Grid(matrix, volume.shape_kji, volume.is_spatial)


def states_of(volume: Volume) -> NDArray[np.uint8]:
    """State of each slice [k]; a volume without states is complete."""
    if len(volume.states):
        return volume.states
    return np.full(volume.shape_kji[0], SliceState.READY, np.uint8)


def ready_slices(volume: Volume) -> NDArray[np.intp]:
    """Indices of the slices that have arrived."""
    return np.flatnonzero(states_of(volume) == SliceState.READY)


def vector(values: NDArray[np.float64]) -> Vector:
    """Three floats of an array [3]."""
    x, y, z = (float(v) for v in values)
    return x, y, z

"""What a reader of another format hands back: voxels in our order, where they lie, and what had to be assumed."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_MM = 1e7  # of any entry of a map: ten kilometres


class Unfit(Exception):
    """A file that cannot be read; `code` is all that leaves the sandbox (`reason.<code>` of the catalogue)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, eq=False)
class OtherVolume:
    """One volume, or one series of volumes, of a file that is not DICOM.

    voxels: [t, k, j, i] or [t, k, j, i, 3], of any type numpy knows; real value = voxel * slope + intercept.
    patient_from_voxel: 4x4 LPS mm, or None where the file says nothing of a place.
    notes: words of the catalogue (`note.<word>`) on what was assumed.
    """

    voxels: NDArray[Any]
    patient_from_voxel: NDArray[np.float64] | None = None
    slope: float = 1.0
    intercept: float = 0.0
    notes: tuple[str, ...] = ()
    spacing_mm: tuple[float, float, float] | None = None
    names: tuple[str, ...] = field(default=())  # of slices, where each came from a file of its own


def kept(volume: OtherVolume) -> OtherVolume:
    """The volume as it is kept: little endian, a type the viewer knows, and never mirrored (the array is turned, not the world)."""
    voxels, matrix = _known(volume.voxels), volume.patient_from_voxel
    if matrix is not None and not _is_usable(matrix):
        raise Unfit("bad-header")
    if matrix is not None and np.linalg.det(matrix[:3, :3]) < 0:
        voxels = voxels[:, ::-1]
        matrix = matrix.copy()
        matrix[:3, 3] += matrix[:3, 2] * (voxels.shape[1] - 1)
        matrix[:3, 2] *= -1
    return OtherVolume(voxels, matrix, volume.slope, volume.intercept, volume.notes, volume.spacing_mm, volume.names)


def _is_usable(matrix: NDArray[np.float64]) -> bool:
    """Whether a map has numbers that a scanner could have meant, and can be inverted."""
    if not np.isfinite(matrix).all() or np.abs(matrix).max() > MOST_MM:
        return False
    edges = np.linalg.norm(matrix[:3, :3], axis=0)
    return bool(abs(np.linalg.det(matrix[:3, :3])) > 1e-9 * edges.prod())


def _known(voxels: NDArray[Any]) -> NDArray[Any]:
    kind, size = voxels.dtype.kind, voxels.dtype.itemsize
    if kind == "b":
        return voxels.astype(np.uint8)
    if kind in "iu" and size <= 4:
        return voxels.astype(voxels.dtype.newbyteorder("<"), copy=False)
    if kind in "iu":
        fits = int(voxels.min(initial=0)) >= -(2**31) and int(voxels.max(initial=0)) < 2**31
        return voxels.astype("<i4" if fits else "<f4")
    if kind == "f":
        return voxels.astype("<f4", copy=False)
    raise Unfit("unsupported-type")


def grid(data: bytes | memoryview, dtype: np.dtype[Any], shape: tuple[int, ...], offset: int = 0) -> NDArray[Any]:
    """Voxels of raw bytes in C order; Unfit where there are fewer than promised."""
    count = 1
    for size in shape:
        if size < 1:
            raise Unfit("bad-header")
        count *= size
    if offset < 0 or count * dtype.itemsize > len(data) - offset:
        raise Unfit("truncated")
    return np.frombuffer(data, dtype, count, offset).reshape(shape)

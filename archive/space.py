"""The spaces of a scan and the maps between them: voxel, patient (LPS mm), RAS, and the letters of the directions.

A map is named `target_from_source` and is a 4x4 float64 matrix for column vectors. Patient space is DICOM's: x grows to
the patient's Left, y to the Posterior, z to the Head (PS3.3 C.7.6.2.1.1), in millimetres. A voxel's integer index
(i, j, k) is its *centre*; arrays are `voxels[k, j, i]`. The half voxel and the reversal of the axes live here alone.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]

RAS_FROM_PATIENT: Final = np.diag([-1.0, -1.0, 1.0, 1.0])  # LPS to RAS and back: x and y turn round
PATIENT_FROM_RAS: Final = RAS_FROM_PATIENT


def apply(target_from_source: ArrayLike, points: ArrayLike) -> NDArray[np.float64]:
    """Map points[..., 3] by a 4x4 affine matrix."""
    matrix = np.asarray(target_from_source, np.float64)
    return np.asarray(points, np.float64) @ matrix[:3, :3].T + matrix[:3, 3]


def turn(target_from_source: ArrayLike, vectors: ArrayLike) -> NDArray[np.float64]:
    """Map directions[..., 3]: the matrix without its translation."""
    return np.asarray(vectors, np.float64) @ np.asarray(target_from_source, np.float64)[:3, :3].T


def inverse(target_from_source: ArrayLike) -> Matrix:
    """The map the other way round."""
    return np.linalg.inv(np.asarray(target_from_source, np.float64))


def spacing_mm(patient_from_voxel: ArrayLike) -> tuple[float, float, float]:
    """Length in mm of one step along i, j and k (along the slanted edge where the stack is sheared)."""
    edges = np.linalg.norm(np.asarray(patient_from_voxel, np.float64)[:3, :3], axis=0)
    return float(edges[0]), float(edges[1]), float(edges[2])


def texture_from_voxel(shape_kji: tuple[int, int, int]) -> Matrix:
    """Texture coordinates (0..1 over the whole texture, texel centres at (n + 1/2) / size) of a voxel index (i, j, k)."""
    size = np.array(shape_kji[::-1], np.float64)
    matrix = np.diag([*(1.0 / size), 1.0])
    matrix[:3, 3] = 0.5 / size
    return matrix


def corners_patient_mm(
    patient_from_voxel: ArrayLike, shape_kji: tuple[int, int, int], outer: bool = True
) -> NDArray[np.float64]:
    """The eight corners [8, 3] of a voxel grid: of the voxels' outer faces, or of the outermost centres."""
    grow = 0.5 if outer else 0.0
    last = np.array(shape_kji[::-1], np.float64) - 1
    index = np.array(np.meshgrid([0, 1], [0, 1], [0, 1], indexing="ij")).reshape(3, -1).T
    return apply(patient_from_voxel, np.where(index == 1, last + grow, -grow))


def centre_patient_mm(patient_from_voxel: ArrayLike, shape_kji: tuple[int, int, int]) -> NDArray[np.float64]:
    """The middle of a voxel grid."""
    return apply(patient_from_voxel, (np.array(shape_kji[::-1], np.float64) - 1) / 2)


_LETTERS: Final = (("L", "R"), ("P", "A"), ("H", "F"))  # of +x -x, +y -y, +z -z in patient space


def letters(direction_patient: ArrayLike, most: int = 3, least_share: float = 0.2) -> str:
    """Orientation letters of a direction, strongest first: "L", "PH", "RAF" (PS3.3 C.7.6.1.1.1)."""
    direction = np.asarray(direction_patient, np.float64)
    length = float(np.linalg.norm(direction))
    if length == 0.0:
        return ""
    share = direction / length
    order = np.argsort(-np.abs(share), kind="stable")[:most]
    return "".join(_LETTERS[axis][0 if share[axis] > 0 else 1] for axis in order if abs(share[axis]) >= least_share)

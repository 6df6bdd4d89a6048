"""Made volumes with known answers: linear fields, cubes, balls, single voxels - arrays, not files."""

from typing import Any

import numpy as np

from archive.volumes.volume import Volume


def matrix_of(spacing: Any = (1.0, 1.0, 1.0), origin: Any = (0.0, 0.0, 0.0), axes: Any = None) -> Any:
    """patient_from_voxel with spacing along i, j, k; axes[:, n] is the direction of voxel axis n."""
    matrix = np.eye(4)
    matrix[:3, :3] = (np.eye(3) if axes is None else np.asarray(axes, float)) * np.asarray(spacing, float)
    matrix[:3, 3] = origin
    return matrix


def centred(shape_kji: Any, spacing: Any = (1.0, 1.0, 1.0), axes: Any = None) -> Any:
    """A matrix whose grid has its middle at the patient origin."""
    matrix = matrix_of(spacing, axes=axes)
    matrix[:3, 3] = -matrix[:3, :3] @ ((np.array(shape_kji[::-1]) - 1) / 2)
    return matrix


def volume(values: Any, matrix: Any = None, dtype: Any = np.int16, **more: Any) -> Volume:
    """A complete volume of values [k, j, i]."""
    array = np.ascontiguousarray(np.asarray(values), dtype)
    return Volume(array, centred(array.shape) if matrix is None else matrix, **more)


def places(shape_kji: Any, matrix: Any) -> Any:
    """Patient position [k, j, i, 3] of every voxel centre."""
    k, j, i = np.indices(shape_kji)
    return np.stack([i, j, k], -1) @ matrix[:3, :3].T + matrix[:3, 3]

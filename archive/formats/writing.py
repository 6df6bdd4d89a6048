"""Headers of the files that are written: NIfTI-1, NRRD and NumPy, by our own code. The voxels follow as they are."""

import io
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.space import RAS_FROM_PATIENT, spacing_mm

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Written:
    """What a header is made of. shape: [time,] slices, rows, columns[, 3]; patient_from_voxel: None without a place."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    slope: float
    intercept: float
    patient_from_voxel: Matrix | None
    spacing_mm: tuple[float, float, float]
    is_colour: bool = False

    @property
    def sizes(self) -> tuple[int, ...]:
        """Columns, rows, slices[, times]: the order in which files count."""
        return (self.shape[:-1] if self.is_colour else self.shape)[::-1]


NIFTI_TYPES = {"u1": 2, "i2": 4, "i4": 8, "f4": 16, "i1": 256, "u2": 512, "u4": 768}
NIFTI_RGB = 128
NIFTI_MM = 2
VOXELS_FROM = 352


def nifti(written: Written) -> bytes:
    """The 352 bytes before the voxels of a single-file NIfTI-1 (nifti1.h): sform always, qform where axes are square."""
    code = NIFTI_RGB if written.is_colour else NIFTI_TYPES[written.dtype.str[1:]]
    bits = 24 if written.is_colour else 8 * written.dtype.itemsize
    sizes = written.sizes
    header = bytearray(VOXELS_FROM)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, len(sizes), *sizes, *[1] * (7 - len(sizes)))
    struct.pack_into("<hh", header, 70, code, bits)
    struct.pack_into("<8f", header, 76, 1.0, *written.spacing_mm, *[1.0] * 4)
    struct.pack_into("<3f", header, 108, VOXELS_FROM, written.slope, written.intercept)
    header[123] = NIFTI_MM
    if written.patient_from_voxel is not None:
        _place(header, RAS_FROM_PATIENT @ written.patient_from_voxel)
    header[344:348] = b"n+1\0"
    return bytes(header)


def _place(header: bytearray, ras_from_voxel: Matrix) -> None:
    quaternion = _quaternion(ras_from_voxel[:3, :3])
    struct.pack_into("<hh", header, 252, 0 if quaternion is None else 1, 1)
    struct.pack_into("<6f", header, 256, *(quaternion or (0.0, 0.0, 0.0)), *ras_from_voxel[:3, 3])
    struct.pack_into("<12f", header, 280, *ras_from_voxel[:3].ravel())


def _quaternion(axes: Matrix) -> tuple[float, float, float] | None:
    """b, c, d of the rotation; None where axes are not square or mirror (a shear has no quaternion)."""
    rotation = axes / np.linalg.norm(axes, axis=0)
    if np.abs(rotation.T @ rotation - np.eye(3)).max() > 1e-5 or np.linalg.det(rotation) < 0:
        return None
    # The eigenvector of the largest eigenvalue of this symmetric matrix is the quaternion (x, y, z, w): no case by case.
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = rotation
    symmetric = np.array(
        [
            [xx - yy - zz, yx + xy, zx + xz, zy - yz],
            [yx + xy, yy - xx - zz, zy + yz, xz - zx],
            [zx + xz, zy + yz, zz - xx - yy, yx - xy],
            [zy - yz, xz - zx, yx - xy, xx + yy + zz],
        ]
    )
    b, c, d, a = np.linalg.eigh(symmetric)[1][:, -1]
    sign = math.copysign(1.0, a)
    return float(b * sign), float(c * sign), float(d * sign)


NRRD_TYPES = {
    "u1": "uint8",
    "i1": "int8",
    "u2": "uint16",
    "i2": "int16",
    "u4": "uint32",
    "i4": "int32",
    "f4": "float",
}


def nrrd(written: Written) -> bytes:
    """An attached NRRD header in LPS; slope and intercept as key/value pairs, which the format has no fields for."""
    matrix = np.diag([*written.spacing_mm, 1.0]) if written.patient_from_voxel is None else written.patient_from_voxel
    directions = [_point(matrix[:3, axis]) for axis in range(3)]
    kinds = ["domain"] * 3
    sizes = [str(size) for size in written.sizes]
    if written.is_colour:
        sizes, directions, kinds = ["3", *sizes], ["none", *directions], ["RGB-color", *kinds]
    if len(written.sizes) == 4:
        directions, kinds = [*directions, "none"], [*kinds, "list"]
    lines = [
        "NRRD0004",
        f"type: {NRRD_TYPES[written.dtype.str[1:]]}",
        f"dimension: {len(sizes)}",
        "space: left-posterior-superior",
        f"sizes: {' '.join(sizes)}",
        f"space directions: {' '.join(directions)}",
        f"kinds: {' '.join(kinds)}",
        "endian: little",
        "encoding: raw",
        f"space origin: {_point(matrix[:3, 3])}",
        f"rescale slope:={written.slope!r}",
        f"rescale intercept:={written.intercept!r}",
    ]
    return ("\n".join(lines) + "\n\n").encode("ascii")


def _point(vector: Matrix) -> str:
    return "(" + ",".join(f"{float(value):.17g}" for value in vector) + ")"


def numpy_file(written: Written) -> bytes:
    """The header of a .npy."""
    target = io.BytesIO()
    facts = {"descr": written.dtype.str, "fortran_order": False, "shape": written.shape}
    np.lib.format.write_array_header_1_0(target, facts)
    return target.getvalue()


HEADERS: dict[str, Callable[[Written], bytes]] = {
    ".nii": nifti,
    ".nii.gz": nifti,
    ".nrrd": nrrd,
    ".npy": numpy_file,
}


def spacings(matrix: Matrix | None, pixel_spacing_mm: tuple[float, float] | None) -> tuple[float, float, float]:
    """Spacing along i, j, k: of the map, else of the pixels."""
    if matrix is not None:
        return spacing_mm(matrix)
    between_rows_mm, between_columns_mm = pixel_spacing_mm or (1.0, 1.0)
    return between_columns_mm, between_rows_mm, 1.0

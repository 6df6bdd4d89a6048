"""NIfTI-1, NIfTI-2 and Analyze: header by nibabel, everything that peers disagree on decided here.

Rules: the sform is used when it can be inverted, then the qform, then method 1 with left and right unknown; metres and
microns are scaled; a slope of 0 or NaN means no scaling; the voxels' offset is never inside the header.
"""

import io
import math
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray

from archive.formats.described import OtherVolume, Unfit, grid
from archive.space import PATIENT_FROM_RAS

UNITS_MM = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}  # of xyzt_units: unknown, metre, millimetre, micron
SMALLEST = {348: 352, 540: 544}  # header -> first byte that voxels can have in a single file
COLOURS = (128, 2304)  # RGB24, RGBA32
Matrix = NDArray[np.float64]


def read(header_data: bytes, voxel_data: bytes | None) -> list[OtherVolume]:
    """The volume of a file, or of a pair of header and voxels."""
    header = _header(header_data)
    size = int(header["sizeof_hdr"])
    shape = _shape(header)
    offset = _offset(header, size) if voxel_data is None else max(0, int(_finite(header["vox_offset"], 0)))
    voxels = _voxels(header, header_data if voxel_data is None else voxel_data, shape, offset)
    slope, intercept = _scaling(header)
    matrix, notes = _placed(header)
    return [OtherVolume(voxels, matrix, slope, intercept, notes)]


def _header(data: bytes) -> Any:
    if len(data) < 348:
        raise Unfit("truncated")
    stream = io.BytesIO(data)
    for order in "little", "big":
        size = int.from_bytes(data[:4], order)
        if size == 540:
            return _of(nibabel.Nifti2Header, stream)
        if size == 348:
            is_nifti = data[344:348] in (b"n+1\0", b"ni1\0")
            kind = nibabel.Nifti1Header if is_nifti else nibabel.Spm99AnalyzeHeader
            return _of(kind, stream)
    raise Unfit("bad-header")


def _of(kind: Any, stream: io.BytesIO) -> Any:
    """The header as nibabel unpacks it, byte order found by itself, nothing mended."""
    return kind.from_fileobj(stream, check=False)


def _shape(header: Any) -> tuple[int, int, int, int]:
    """Times, slices, rows, columns."""
    dim = [int(size) for size in header["dim"]]
    if not 1 <= dim[0] <= 7:
        raise Unfit("bad-header")
    sizes = [max(1, size) if size >= 0 else -1 for size in dim[1 : dim[0] + 1]] + [1, 1, 1]
    if -1 in sizes:
        raise Unfit("bad-header")
    return math.prod(sizes[3:]), sizes[2], sizes[1], sizes[0]


def _offset(header: Any, size: int) -> int:
    return max(SMALLEST.get(size, 352), int(_finite(header["vox_offset"], 0)))


def _finite(value: Any, otherwise: float) -> float:
    number = float(value)
    return number if math.isfinite(number) else otherwise


def _voxels(header: Any, data: bytes, shape: tuple[int, ...], offset: int) -> NDArray[Any]:
    code = int(header["datatype"])
    if code in COLOURS:
        channels = 3 if code == COLOURS[0] else 4
        return grid(data, np.dtype(np.uint8), (*shape, channels), offset)[..., :3]
    try:
        dtype = np.dtype(header.get_data_dtype())
    except Exception as error:
        raise Unfit("unsupported-type") from error
    if dtype.kind not in "iufb" or dtype.itemsize > 8:
        raise Unfit("unsupported-type")
    return grid(data, dtype, shape, offset)


def _scaling(header: Any) -> tuple[float, float]:
    if "scl_slope" not in header.keys():  # noqa: SIM118 - a structured header, no mapping
        return 1.0, 0.0
    slope = _finite(header["scl_slope"], 0.0)
    intercept = _finite(header["scl_inter"], 0.0) if "scl_inter" in header.keys() else 0.0  # noqa: SIM118 - not in SPM's
    return (slope, intercept) if slope else (1.0, 0.0)


def _placed(header: Any) -> tuple[Matrix, tuple[str, ...]]:
    """patient_from_voxel and what was assumed."""
    zooms = _zooms(header)
    if "sform_code" not in header.keys():  # noqa: SIM118
        return PATIENT_FROM_RAS @ header.get_best_affine(), ("left-right-unknown",)
    scale = UNITS_MM.get(int(header["xyzt_units"]) & 7, 1.0)
    found = _sform(header, zooms)
    notes: tuple[str, ...] = ()
    if found is None and int(header["qform_code"]) > 0:
        found = _qform(header, zooms)
    if found is None:
        found, notes = np.diag([*zooms, 1.0]), ("left-right-unknown",)
    found[:3] *= scale
    return PATIENT_FROM_RAS @ found, notes


def _zooms(header: Any) -> list[float]:
    sizes = [abs(_finite(size, 1.0)) for size in header["pixdim"][1:4]]
    return [size if size > 0 else 1.0 for size in sizes]


def _sform(header: Any, zooms: list[float]) -> Matrix | None:
    """The sform, where it is meant and can be inverted (nibabel hands back an all-zero one without complaint)."""
    if int(header["sform_code"]) <= 0:
        return None
    matrix = np.eye(4)
    matrix[0], matrix[1], matrix[2] = header["srow_x"], header["srow_y"], header["srow_z"]
    usable = np.isfinite(matrix).all() and abs(np.linalg.det(matrix[:3, :3])) > 1e-9 * math.prod(zooms)
    return matrix if usable else None


def _qform(header: Any, zooms: list[float]) -> Matrix | None:
    """Method 2 of nifti1.h: a quaternion, spacings, and a third axis that qfac -1 turns round."""
    b, c, d = (float(header[f"quatern_{name}"]) for name in "bcd")
    if not all(map(math.isfinite, (b, c, d))):
        return None
    a = math.sqrt(max(0.0, 1.0 - b * b - c * c - d * d))
    rotation = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
    qfac = -1.0 if float(header["pixdim"][0]) < 0 else 1.0
    matrix = np.eye(4)
    matrix[:3, :3] = rotation * np.array([zooms[0], zooms[1], zooms[2] * qfac])
    matrix[:3, 3] = [_finite(header[f"qoffset_{axis}"], 0.0) for axis in "xyz"]
    return matrix

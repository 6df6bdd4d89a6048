"""MGH, MINC 1, PAR/REC, AFNI and ECAT by nibabel, from bytes only: nothing is mapped, nothing is opened by name."""

import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from nibabel.brikhead import AFNIImage
from nibabel.ecat import EcatImage
from nibabel.fileholders import FileHolder
from nibabel.freesurfer.mghformat import MGHImage
from nibabel.minc1 import Minc1Image
from nibabel.parrec import PARRECImage
from numpy.typing import NDArray

from archive.formats.described import OtherVolume, Unfit
from archive.space import PATIENT_FROM_RAS

IMAGES: dict[str, Any] = {
    "mgh": MGHImage,
    "minc": Minc1Image,
    "ecat": EcatImage,
    "par-rec": PARRECImage,
    "afni": AFNIImage,
}
PAIRS = ("par-rec", "afni")  # the header is a text, the voxels lie beside it
SMALLEST_DETERMINANT = 1e-12


def reader(kind: str) -> Callable[[bytes, bytes | None], list[OtherVolume]]:
    """The reader of one kind: (file, the file beside it) -> its volume."""
    return lambda data, apart: [_read(kind, data, apart)]


def _read(kind: str, data: bytes, apart: bytes | None) -> OtherVolume:
    if kind in PAIRS and apart is None:
        raise Unfit("no-voxels")
    body = data if apart is None else apart
    image = IMAGES[kind].from_file_map(_files(kind, data, body))
    dtype = image.get_data_dtype(0) if kind == "ecat" else image.get_data_dtype()
    if math.prod(image.shape) * dtype.itemsize > len(body):
        raise Unfit("truncated")  # before anything of that size is asked for
    try:
        voxels = np.asanyarray(image.dataobj)
    except (OSError, EOFError) as error:
        raise Unfit("truncated") from error
    return OtherVolume(_as_ours(voxels), _placed(image.affine))


def _files(kind: str, data: bytes, body: bytes) -> dict[str, FileHolder]:
    header: Any = io.StringIO(data.decode("latin-1")) if kind in PAIRS else io.BytesIO(data)
    image = io.BytesIO(body) if kind in PAIRS else header
    return {"header": FileHolder(fileobj=header), "image": FileHolder(fileobj=image)}


def _as_ours(voxels: NDArray[Any]) -> NDArray[Any]:
    """nibabel's [i, j, k(, t, ...)] as [t, k, j, i]."""
    turned = voxels.T
    while turned.ndim < 4:
        turned = turned[np.newaxis]
    return turned.reshape(-1, *turned.shape[-3:])


def _placed(affine: Any) -> NDArray[np.float64]:
    matrix = np.asarray(PATIENT_FROM_RAS @ np.asarray(affine, np.float64), np.float64)
    if not np.isfinite(matrix).all() or abs(np.linalg.det(matrix[:3, :3])) < SMALLEST_DETERMINANT:
        raise Unfit("bad-header")
    return matrix

"""NumPy arrays (.npy): [time,] slices, rows, columns, of which nothing is known but their values."""

import io

import numpy as np

from archive.formats.described import OtherVolume, Unfit, grid


def read(data: bytes, _: bytes | None) -> list[OtherVolume]:
    """The array of a file. Objects are refused: they would be pickles."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, is_fortran, dtype = header(stream)
    except ValueError as error:
        raise Unfit("bad-header") from error
    if dtype.kind not in "biuf" or not 2 <= len(shape) <= 4:
        raise Unfit("unsupported-type")
    found = grid(data, dtype, shape[::-1] if is_fortran else shape, stream.tell())
    voxels = found.transpose() if is_fortran else found
    while voxels.ndim < 4:
        voxels = voxels[np.newaxis]
    return [OtherVolume(voxels)]

"""A stack of raw slices for tests of loading and viewing: plain files of pixels, described by hand, no DICOM around them."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archive.stack import FileRef, FrameRecord, PixelPlace, Stack, Verdict

EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"


def ball(size: int = 48) -> NDArray[np.int16]:
    """A bony shell around soft tissue in air [k, j, i], in stored values that are HU."""
    k, j, i = np.indices((size, size, size)) - (size - 1) / 2
    radius = np.sqrt(k * k + j * j + i * i) / size
    return np.select([radius < 0.3, radius < 0.42], [40, 900], -1000).astype(np.int16)


def raw_stack(folder: Path, voxels: NDArray[np.int16], times: int = 1) -> tuple[Stack, list[FileRef]]:
    """One file a slice; voxels [k, j, i], 1 mm apart. All times hold the same slices."""
    count, rows, columns = voxels.shape
    files = [_file(folder / f"slice {k}", voxels[k]) for k in range(count)]
    frames = tuple(
        FrameRecord(
            file=k,
            frame=0,
            rows=rows,
            columns=columns,
            signed=True,
            modality="CT",
            unit="HU",
            position_patient_mm=(0.0, 0.0, float(k)),
            orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
            pixel_spacing_mm=(1.0, 1.0),
        )
        for k in range(count)
    )
    identity = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))
    positions = tuple(float(k) for k in range(count))
    return Stack("volume", (frames,) * times, Verdict("regular"), rows, columns, identity, positions), files


def _file(path: Path, plane: NDArray[np.int16]) -> FileRef:
    path.write_bytes(plane.astype("<i2").tobytes())
    facts = path.stat()
    place = PixelPlace(0x7FE00010, 0, facts.st_size)
    return FileRef(os.fsencode(path), facts.st_size, facts.st_mtime_ns, EXPLICIT_LITTLE, place)

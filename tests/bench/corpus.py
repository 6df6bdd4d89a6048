"""What the bench measures on: made CT files, so that it runs anywhere, and the real chest CT where it is unpacked."""

import os
from pathlib import Path

import numpy as np
from make import dicom
from numpy.typing import NDArray


def real_data() -> Path | None:
    """The folder of unpacked real scans, if it is there."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(os.environ.get("TOMOTHEQUE_TEST_DATA", os.path.join(cache, "tomotheque-test-data")))
    return folder if (folder / "ct-thorax").is_dir() else None


def made_ct(folder: Path, slices: int = 500, size: int = 512) -> Path:
    """A series of `slices` files of size x size uint16, with CT-like noise; written once."""
    if not folder.exists():
        random = np.random.default_rng(7)
        plane = random.integers(0, 2000, (size, size), dtype=np.int16)
        values = np.stack([np.roll(plane, 7 * k, axis=k % 2) for k in range(slices)])
        matrix = np.diag([0.7, 0.7, 0.8, 1.0])
        dicom.write_series(folder, values, matrix)
    return folder


def thorax_phantom(shape_kji: tuple[int, int, int] = (300, 512, 512)) -> tuple[NDArray[np.int16], tuple[float, float, float]]:
    """Real values of a body-like phantom (fat, muscle, lungs, heart, spine, ribs, rod; noise of 30 HU) and its spacing i, j, k."""
    spacing_mm = (0.75, 0.75, 1.0)
    k, j, i = (np.arange(n, dtype=np.float32)[(slice(None),) + (None,) * (2 - axis)] for axis, n in enumerate(shape_kji))
    x = (i - shape_kji[2] / 2) * spacing_mm[0]
    y = (j - shape_kji[1] / 2) * spacing_mm[1]
    z = (k - shape_kji[0] / 2) * spacing_mm[2]
    body = (x / 170) ** 2 + (y / 115) ** 2
    values = np.where(body + 0 * z < 1, np.float32(-90), np.float32(-1000))
    values[(body + 0 * z) < 0.82] = 45
    for side in (-1, 1):
        lung = ((x - side * 75) / 58) ** 2 + (y / 80) ** 2 + (z / 135) ** 2
        values[lung < 1] = -830
    values[((x + 15) / 45) ** 2 + ((y + 25) / 40) ** 2 + ((z + 20) / 55) ** 2 < 1] = 180
    spine = (x / 22) ** 2 + ((y - 78) / 18) ** 2 + 0 * z
    values[spine < 1] = 350
    ring = np.abs(np.sqrt((x / 150) ** 2 + (y / 98) ** 2) - 0.93)
    ribs = (ring < 0.035) & (np.abs((z + 0.35 * np.abs(x)) % 28 - 14) < 5)
    values[ribs] = 700
    values[((x - 60) ** 2 + (y + 60) ** 2 + 0 * z) < 9] = 3000
    values += np.random.default_rng(11).normal(0, 30, shape_kji).astype(np.float32)
    return np.clip(np.rint(values), -1024, 3071).astype(np.int16), spacing_mm

"""Statistics of a volume's values, by which the presets of MR and PET are fitted: Otsu's threshold and percentiles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from archive.volumes.volume import Volume
from render.grid import ready_slices

_MOST_SAMPLES = 1_000_000


@dataclass(frozen=True, eq=False)
class Statistics:
    """Real values: least and greatest, Otsu's threshold, percentiles 0..100 of what lies above it."""

    least: float
    greatest: float
    otsu: float
    percentiles: NDArray[np.float64]  # [1001], tenths of a percent

    def level(self, name: float | str) -> float:
        """A number itself; "p99.5" the percentile; "otsu" or "otsu*0.7" the threshold."""
        if not isinstance(name, str):
            return float(name)
        word, _, factor = name.partition("*")
        if word == "otsu":
            return self.least + (self.otsu - self.least) * float(factor or 1)
        return float(np.interp(float(word[1:]) * 10, np.arange(1001), self.percentiles)) * float(factor or 1)


def statistics(volume: Volume, most_samples: int = _MOST_SAMPLES) -> Statistics:
    """Of the slices that have arrived, from some voxels spread evenly; padding at the low end is left out."""
    values = sample(volume, most_samples)
    if not len(values) or values[0] == values[-1]:
        least = float(values[0]) if len(values) else 0.0
        return Statistics(least, least + 1.0, least + 0.5, np.linspace(least, least + 1.0, 1001))
    threshold = otsu(values)
    above = values[values > threshold]
    tenths = np.percentile(above if len(above) else values, np.linspace(0, 100, 1001))
    return Statistics(float(values[0]), float(values[-1]), threshold, tenths)


def sample(volume: Volume, most: int = _MOST_SAMPLES) -> NDArray[np.float64]:
    """Real values in rising order."""
    ready = ready_slices(volume)
    if not len(ready) or volume.voxels.ndim != 3:
        return np.zeros(0)
    per_slice = max(1, most // len(ready))
    plane = volume.voxels[0].size
    stride = max(1, plane // per_slice) | 1  # odd: does not stay in one column
    values = np.concatenate([volume.voxels[k].ravel()[::stride] for k in ready])
    real = volume.real(values)
    return np.sort(real[np.isfinite(real)])


def otsu(values: NDArray[np.float64], bins: int = 256) -> float:
    """The threshold that parts background and object best (greatest variance between the two); values rise.

    Seen from the lowest value to the 99.5th percentile, without the spike of exactly the lowest value (padding).
    """
    above = values[values > values[0]]
    if len(above) < 2:
        return float(values[0])
    top = float(np.percentile(above, 99.5))
    counts, edges = np.histogram(above, bins, (float(above[0]), max(top, float(above[0]) + 1e-9)))
    centres = (edges[:-1] + edges[1:]) / 2
    weight = np.cumsum(counts)
    mean = np.cumsum(counts * centres)
    rest = weight[-1] - weight
    with np.errstate(divide="ignore", invalid="ignore"):
        between = weight * rest * (mean / weight - (mean[-1] - mean) / rest) ** 2
    between = np.where(np.isfinite(between), between, -1)
    if between.max() <= 0:  # one heap: what parts it from the padding
        return float(values[0] + above[0]) / 2
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))  # all of the gap where nothing lies between two heaps
    return float(centres[best].mean())

"""Editing a transfer: points added, dragged, taken away, shifted and scaled - values to values, so that undo is the value before."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from archive.volumes.volume import Volume
from render.statistics import sample
from render.transfer import Point, Transfer, at

MOST_POINTS: Final = 64
_FEWEST_POINTS: Final = 2
_BINS: Final = 256


def added(transfer: Transfer, value: float, opacity: float | None = None) -> Transfer:
    """With a point at a real value, in the colour that is there; without an opacity the picture stays as it is."""
    if len(transfer.points) >= MOST_POINTS:
        return transfer
    red, green, blue, there = (float(n) for n in at(transfer, np.array(value)))
    point = Point(value, red, green, blue, there if opacity is None else _held(opacity))
    return _with(transfer, (*transfer.points, point))


def dragged(transfer: Transfer, index: int, value: float, opacity: float) -> Transfer:
    """With a point at another value and opacity; it stays between its neighbours."""
    points = transfer.points
    low = points[index - 1].value if index > 0 else -np.inf
    high = points[index + 1].value if index + 1 < len(points) else np.inf
    moved = replace(points[index], value=float(np.clip(value, low, high)), opacity=_held(opacity))
    return replace(transfer, points=(*points[:index], moved, *points[index + 1 :]))


def coloured(transfer: Transfer, index: int, colour: tuple[float, float, float]) -> Transfer:
    """With a point in another colour."""
    red, green, blue = (_held(n) for n in colour)
    point = replace(transfer.points[index], red=red, green=green, blue=blue)
    return replace(transfer, points=(*transfer.points[:index], point, *transfer.points[index + 1 :]))


def deleted(transfer: Transfer, index: int) -> Transfer:
    """Without a point; the last two stay."""
    if len(transfer.points) <= _FEWEST_POINTS:
        return transfer
    return replace(transfer, points=(*transfer.points[:index], *transfer.points[index + 1 :]))


def shifted(transfer: Transfer, by: float) -> Transfer:
    """With all values raised by so much: for scanners whose Hounsfield units are not quite that."""
    return replace(transfer, points=tuple(replace(point, value=point.value + by) for point in transfer.points))


def scaled(transfer: Transfer, factor: float) -> Transfer:
    """With attenuations (not opacities, which would pass 1) times a factor: 1 - (1 - a)^factor."""
    strength = max(factor, 0.0)
    return replace(
        transfer,
        points=tuple(replace(p, opacity=float(1 - (1 - _held(p.opacity)) ** strength)) for p in transfer.points),
    )


def fitted(transfer: Transfer, low: float, high: float) -> Transfer:
    """Stretched so that its first and last point lie at two values: a window drives the 3D look."""
    first, last = transfer.domain
    gain = (high - low) / (last - first)
    return replace(
        transfer, points=tuple(replace(point, value=low + (point.value - first) * gain) for point in transfer.points)
    )


def point_near(
    transfer: Transfer, value: float, opacity: float, value_reach: float, opacity_reach: float
) -> int | None:
    """Index of the point nearest to a place of the editor, within the reach of the mouse on both axes."""
    away = [
        ((point.value - value) / value_reach) ** 2 + ((point.opacity - opacity) / opacity_reach) ** 2
        for point in transfer.points
    ]
    nearest = int(np.argmin(away))
    return nearest if away[nearest] <= 1 else None


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts [bins] of real values between `low` and `high`, both ends included."""

    low: float
    high: float
    counts: NDArray[np.int64]

    def heights(self, is_log: bool) -> NDArray[np.float64]:
        """0..1 [bins], as an editor draws them. Linear: the fullest bin but one is full height, so that air hides nothing."""
        counts = np.log1p(self.counts) if is_log else self.counts.astype(np.float64)
        top = np.sort(counts)[-1 if is_log else -2] if len(counts) > 1 else counts.max()
        return np.clip(counts / (top or counts.max() or 1), 0, 1)


def histogram(volume: Volume, bins: int = _BINS) -> Histogram:
    """Of the slices that have arrived, from at most a million voxels; without the highest thousandth (metal)."""
    values = sample(volume)
    if not len(values):
        return Histogram(0.0, 1.0, np.zeros(bins, np.int64))
    low, high = float(values[0]), float(values[int(0.999 * (len(values) - 1))])
    high = high if high > low else low + 1.0
    return Histogram(low, high, np.histogram(values, bins, (low, high))[0].astype(np.int64))


def _held(share: float) -> float:
    return float(np.clip(share, 0.0, 1.0))


def _with(transfer: Transfer, points: tuple[Point, ...]) -> Transfer:
    return replace(transfer, points=tuple(sorted(points, key=lambda point: point.value)))

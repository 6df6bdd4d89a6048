"""Transfer: which colour and opacity a value has in the 3D view, and how light falls on it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Colour = tuple[float, float, float]
ENTRIES: Final = 4096


@dataclass(frozen=True)
class Point:
    """A real value and what it looks like: red, green, blue 0..1 and opacity 0..1 of one millimetre."""

    value: float
    red: float
    green: float
    blue: float
    opacity: float


@dataclass(frozen=True)
class Shade:
    """Light (Phong): shares of ambient, diffuse and specular light and the gloss; `lit` False draws flat colour."""

    lit: bool = True
    ambient: float = 0.2
    diffuse: float = 0.8
    specular: float = 0.2
    power: float = 8.0
    reach: float = 1.0  # voxels to each side over which the gradient is taken: more is smoother
    flat_cuts: bool = True  # cut faces are lit as planes
    edge: float = 0.0  # real units per mm: opacity of softer transitions than this fades away (0: off)


@dataclass(frozen=True)
class Transfer:
    """Points in rising order of value; before the first and after the last the nearest point holds."""

    points: tuple[Point, ...]
    shade: Shade = Shade()

    @property
    def domain(self) -> tuple[float, float]:
        """Real values from the first point to the last."""
        return self.points[0].value, max(self.points[-1].value, self.points[0].value + 1e-6)


def at(transfer: Transfer, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Colour and opacity per mm [..., 4] of real values."""
    rows = np.array([(p.value, p.red, p.green, p.blue, p.opacity) for p in transfer.points], np.float64)
    return np.stack([np.interp(values, rows[:, 0], rows[:, column]) for column in range(1, 5)], -1)


def table(transfer: Transfer, entries: int = ENTRIES) -> NDArray[np.float64]:
    """Colour and opacity per mm [entries, 4] over the domain, the first and last entry on its ends."""
    return at(transfer, np.linspace(*transfer.domain, entries))


def opacity_of_step(opacity_per_mm: NDArray[np.float64], step_mm: float) -> NDArray[np.float64]:
    """Opacity of a step: 1 - (1 - a)^step, so that the picture does not depend on the step."""
    return 1.0 - np.power(1.0 - np.clip(opacity_per_mm, 0, 1), step_mm)


def is_visible(entries: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which entries [n + 2] of a table show anything, their two neighbours included: it is read with interpolation.

    The first and last stand for all values beyond the table's ends, where the end's own opacity holds.
    """
    shown = np.pad(entries[:, 3] > 0, 1, mode="edge")
    wide = shown.copy()
    wide[1:-2] |= shown[2:-1]
    wide[2:-1] |= shown[1:-2]
    return wide


def visible_range(transfer: Transfer, entries: NDArray[np.float64]) -> tuple[float, float] | None:
    """Lowest and highest real value that shows anything (infinite where an end of the table does); None: nothing shows."""
    shown = np.flatnonzero(is_visible(entries)[1:-1])
    if not len(shown):
        return None
    low, high = transfer.domain
    step = (high - low) / (len(entries) - 1)
    first, last = int(shown[0]), int(shown[-1])
    return (
        -np.inf if first == 0 and entries[0, 3] > 0 else low + first * step,
        np.inf if last == len(entries) - 1 and entries[-1, 3] > 0 else low + last * step,
    )

"""Window: which real values become black and white, by the formulas of PS3.3 C.11.2.1.2 and C.11.2.1.3."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Greys = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """Centre and width in real values; function LINEAR, LINEAR_EXACT or SIGMOID."""

    centre: float
    width: float
    function: str = "LINEAR"
    name: str = ""


@dataclass(frozen=True)
class Ramp:
    """A window as the shader wants it, in stored values: grey = (stored - low) * gain, bent to an S where `sigmoid`."""

    low: float
    gain: float
    sigmoid: bool = False


# Proposals for CT in HU, in the order of the keys 1-9; texts: window.<name>
CT_WINDOWS: Final = (
    Window(40, 400, name="abdomen"),
    Window(-600, 1500, name="lung"),
    Window(450, 1800, name="bone"),
    Window(40, 80, name="brain"),
    Window(50, 350, name="mediastinum"),
    Window(60, 160, name="liver"),
    Window(300, 600, name="angio"),
    Window(75, 215, name="subdural"),
    Window(1000, 4000, name="everything"),
)
_STEEPEST: Final = 1e9  # gain of a window of width 1, which PS3.3 makes a threshold
_LEAST_WIDTH: Final = 1e-6


def linear(values: Greys, window: Window) -> Greys:
    """PS3.3 C.11.2.1.2.1: black up to centre - 1/2 - (width - 1)/2, white from centre - 1/2 + (width - 1)/2 on."""
    middle, width = window.centre - 0.5, window.width - 1
    if width <= 0:
        return (values > middle).astype(np.float64)
    return np.clip((values - middle) / width + 0.5, 0, 1)


def linear_exact(values: Greys, window: Window) -> Greys:
    """PS3.3 C.11.2.1.3.2."""
    return np.clip((values - window.centre) / max(window.width, _LEAST_WIDTH) + 0.5, 0, 1)


def sigmoid(values: Greys, window: Window) -> Greys:
    """PS3.3 C.11.2.1.3.1."""
    exponent = -4 * (values - window.centre) / max(window.width, _LEAST_WIDTH)
    return 1 / (1 + np.exp(np.clip(exponent, -80, 80)))


WINDOW_FUNCTIONS: Final[dict[str, Callable[[Greys, Window], Greys]]] = {
    "LINEAR": linear,
    "LINEAR_EXACT": linear_exact,
    "SIGMOID": sigmoid,
}


def grey(values: ArrayLike, window: Window, invert: bool = False) -> Greys:
    """Grey 0..1 of real values; `invert` turns black and white round after the window (MONOCHROME1)."""
    found = WINDOW_FUNCTIONS[window.function](np.asarray(values, np.float64), window)
    return 1 - found if invert else found


def ramp(window: Window, slope: float = 1.0, intercept: float = 0.0) -> Ramp:
    """The window over stored values (real = stored * slope + intercept); the same greys as `grey`."""
    slope = slope or 1.0
    low, span = _RAMPS[window.function](window)
    gain = 1 / span if span > 0 else _STEEPEST
    return Ramp((low - intercept) / slope, gain * slope, window.function == "SIGMOID")


_RAMPS: Final[dict[str, Callable[[Window], tuple[float, float]]]] = {  # real value of black, and values to white
    "LINEAR": lambda w: (w.centre - 0.5 - (w.width - 1) / 2, w.width - 1),
    "LINEAR_EXACT": lambda w: (w.centre - w.width / 2, max(w.width, _LEAST_WIDTH)),
    "SIGMOID": lambda w: (w.centre, max(w.width, _LEAST_WIDTH)),
}


def between(low: float, high: float, name: str = "") -> Window:
    """The window that is black at `low` and white at `high` (exact, also where values are fractions)."""
    return Window((low + high) / 2, max(high - low, _LEAST_WIDTH), "LINEAR_EXACT", name)


def dragged(window: Window, right: float, down: float) -> Window:
    """The window after a drag in pixels: right widens, down darkens less (lowers the centre). Speed follows the width."""
    speed = max(window.width, _LEAST_WIDTH) / 300
    width = max(window.width * 1.005**right, 1.0 if window.function == "LINEAR" else _LEAST_WIDTH)
    return replace(window, centre=window.centre - down * speed, width=width, name="")

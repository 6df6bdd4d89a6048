"""Verdicts: how far the places of a stack's slices can be trusted, and the facts of the sentence that says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.stack import Verdict
from archive.volumes.geometry import MOST_ROUNDING, Axes, Vector, rounding_mm

WORST_FIRST = ("none", "single", "wandering", "uneven", "missing", "sheared", "duplicate", "regular")
MOST_NAMED = 8  # missing slices named in a sentence; the rest are counted


@dataclass(frozen=True)
class Placed:
    """Slices of one volume in order of depth, and what was found about them.

    slots: index on the grid of each slice (holes are left out where slices are missing).
    """

    positions: Vector  # [n, 3] patient mm
    depths: Vector  # [n] mm along the normal
    slots: tuple[int, ...]
    codes: tuple[str, ...]
    facts: dict[str, Any]

    @property
    def grid(self) -> int:
        """Slices of the grid, holes included."""
        return self.slots[-1] + 1

    @property
    def step(self) -> Vector:
        """From one slice of the grid to the next, patient mm."""
        return np.asarray((self.positions[-1] - self.positions[0]) / max(1, self.grid - 1), np.float64)


@dataclass(frozen=True)
class _Measures:
    """The numbers every test below looks at."""

    positions: Vector
    depths: Vector
    normal: Vector
    pixel_mm: float
    rounding: float  # mm that printing with few decimals can do to a depth

    @property
    def gaps(self) -> Vector:
        return np.asarray(np.diff(self.depths), np.float64)

    @property
    def step_mm(self) -> float:
        return float(np.median(self.gaps))

    @property
    def drift_mm(self) -> Vector:
        """In-plane way from the first slice to the last."""
        way = self.positions[-1] - self.positions[0]
        return np.asarray(way - (way @ self.normal) * self.normal, np.float64)


def place(positions: Vector, axes: Axes, pixel_mm: float, decimals: int) -> Placed:
    """Judge the slices of one volume, given in increasing depth, one per position (notes: tolerances follow the decimals)."""
    depths = np.asarray(positions @ axes.normal, np.float64)
    if len(depths) < 2:
        return Placed(positions, depths, tuple(range(len(depths))), ("single",), {"slices": len(depths)})
    step_mm = float(np.median(np.diff(depths)))
    rounding = min(rounding_mm(decimals), MOST_ROUNDING * step_mm)
    measures = _Measures(positions, depths, axes.normal, pixel_mm, rounding)
    codes, facts = [], _common(measures)
    slots = tuple(range(len(depths)))
    for code, test in _TESTS:
        found = test(measures)
        if found is not None:
            codes.append(code)
            facts |= found
    if "missing" in codes:
        slots = tuple(int(slot) for slot in _multiples(measures))
    return Placed(positions, depths, slots, tuple(codes), facts)


def verdict(codes: Sequence[str], facts: dict[str, Any]) -> Verdict:
    """The worst code that holds; the facts carry all of them."""
    holding = [code for code in WORST_FIRST if code in codes] or ["regular"]
    return Verdict(holding[0], {**facts, "holds": holding})


def _common(measures: _Measures) -> dict[str, Any]:
    extent = float(measures.depths[-1] - measures.depths[0])
    return {"slices": len(measures.depths), "step_mm": round(extent / (len(measures.depths) - 1), 4)}


def _wandering(measures: _Measures) -> dict[str, Any] | None:
    """The slices are not on one straight line."""
    along = measures.depths - measures.depths[0]
    way = (measures.positions[-1] - measures.positions[0]) / along[-1]
    off_mm = np.linalg.norm(measures.positions - measures.positions[0] - along[:, None] * way, axis=1).max()
    return {"off_mm": round(float(off_mm), 2)} if off_mm > max(0.5 * measures.pixel_mm, 2 * measures.rounding) else None


def _is_even(measures: _Measures) -> bool:
    count = len(measures.depths)
    mean = (measures.depths[-1] - measures.depths[0]) / (count - 1)
    off = np.abs(measures.depths - measures.depths[0] - np.arange(count) * mean).max()
    return bool(max(off, np.abs(measures.gaps - mean).max()) <= max(0.05 * measures.step_mm, measures.rounding))


def _multiples(measures: _Measures) -> NDArray[np.int64]:
    """Grid index of every slice if all gaps were whole steps."""
    steps = np.rint(measures.gaps / measures.step_mm).astype(np.int64)
    return np.concatenate([[0], np.cumsum(np.maximum(steps, 1))])


def _has_holes(measures: _Measures) -> bool:
    """All gaps are whole steps but for a tenth, at most a third of them more than one, and the grid is mostly filled."""
    steps = measures.gaps / measures.step_mm
    whole = np.rint(steps)
    slack = max(0.1, measures.rounding / measures.step_mm)
    mostly_filled = 3 * (whole > 1).sum() <= len(whole) and whole.sum() <= 3 * len(whole)
    return bool((np.abs(steps - whole) <= slack).all() and (whole >= 1).all() and mostly_filled)


def _uneven(measures: _Measures) -> dict[str, Any] | None:
    if _is_even(measures) or _has_holes(measures):
        return None
    return {"least_mm": round(float(measures.gaps.min()), 2), "most_mm": round(float(measures.gaps.max()), 2)}


def _missing(measures: _Measures) -> dict[str, Any] | None:
    if _is_even(measures) or not _has_holes(measures):
        return None
    slots = _multiples(measures)
    holes = sorted(set(range(int(slots[-1]) + 1)) - set(slots.tolist()))
    step_mm = float(measures.depths[-1] - measures.depths[0]) / int(slots[-1])
    return {
        "count": len(holes),
        "grid": int(slots[-1]) + 1,
        "missing": [hole + 1 for hole in holes],
        "where": ", ".join(str(hole + 1) for hole in holes[:MOST_NAMED]) + ("…" if len(holes) > MOST_NAMED else ""),
        "step_mm": round(step_mm, 4),
    }


def _sheared(measures: _Measures) -> dict[str, Any] | None:
    """The stack leans: told from the positions; the tilt tag's sign depends on the vendor and it survives a correction."""
    drift_mm = float(np.linalg.norm(measures.drift_mm))
    if drift_mm <= max(0.5 * measures.pixel_mm, 2 * measures.rounding):
        return None
    return {"tilt_deg": round(float(np.degrees(np.arctan2(drift_mm, measures.depths[-1] - measures.depths[0]))), 1)}


_TESTS: tuple[tuple[str, Callable[[_Measures], dict[str, Any] | None]], ...] = (
    ("wandering", _wandering),
    ("uneven", _uneven),
    ("missing", _missing),
    ("sheared", _sheared),
)

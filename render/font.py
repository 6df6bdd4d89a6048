"""The stroke font of the marks: text as line segments, sharp at any size."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

CAPITAL: Final = 14.0  # height of a capital in the font's units
_GAP: Final = 5.0  # between two glyphs
_SPACE: Final = 4.0
_DEGREES_PER_SEGMENT: Final = 20.0


@dataclass(frozen=True, eq=False)
class Glyph:
    """Width in font units, and segments [n, 4] of x0, y0, x1, y1, y upwards from the baseline."""

    width: float
    segments: NDArray[np.float64]


def segments_of(text: str, size: float) -> tuple[NDArray[np.float64], float]:
    """Segments [n, 4] in pixels (y downwards, the capitals' top at 0) of a line of text with capitals `size` high; its width.

    Characters the font does not have are left out, as a space.
    """
    glyphs, unit = _glyphs(), size / CAPITAL
    found, x = [np.zeros((0, 4))], 0.0
    for character in text:
        glyph = glyphs.get(character, _BLANK)
        found.append(np.add(glyph.segments, (x, 0, x, 0)))
        x += glyph.width + _GAP
    placed = np.concatenate(found) * unit
    placed[:, 1::2] = size - placed[:, 1::2]
    return placed, max(x - _GAP, 0.0) * unit


_BLANK: Final = Glyph(_SPACE, np.zeros((0, 4)))


@lru_cache(maxsize=1)
def _glyphs() -> dict[str, Glyph]:
    lines = (files("render") / "font.txt").read_text("utf-8").splitlines()
    rows = (line.split(" ", 2) for line in lines if not line.startswith("#"))
    return {character: Glyph(float(width), _strokes(strokes)) for character, width, strokes in rows}


def _strokes(text: str) -> NDArray[np.float64]:
    points = [_points(stroke.strip()) for stroke in text.split(";")]
    return np.concatenate([np.hstack([line[:-1], line[1:]]) for line in points])


def _points(stroke: str) -> NDArray[np.float64]:
    """The points [n, 2] of a line, or of an arc cut into short lines."""
    if not stroke.startswith("@"):
        return np.array([[float(v) for v in point.split(",")] for point in stroke.split()])
    x, y, rx, ry, start, end = (float(v) for v in stroke[1:].split(","))
    count = max(2, round(abs(end - start) / _DEGREES_PER_SEGMENT) + 1)
    angles = np.radians(np.linspace(start, end, count))
    return np.stack([x + rx * np.cos(angles), y + ry * np.sin(angles)], -1)

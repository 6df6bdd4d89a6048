"""The program's icon, drawn by numbers: three slices of a stack on a dark tile, sharp at every size."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

SIZES: Final = (16, 32, 48, 64, 128)
_GRID: Final = 24.0  # units of the drawing; it is the mark of ui/icons.svg on a tile
_TILE: Final = ((0x1B, 0x2A, 0x33), (0x0B, 0x10, 0x15))  # from top to bottom
_INK: Final = ((0x9B, 0xE7, 0xF2), (0x58, 0xC4, 0xD4), (0x2E, 0x8F, 0xA1))  # first, second and third slice
_HALF_WIDTH, _HALF_HEIGHT = 7.6, 3.8  # of a slice, seen from the side
_STROKE: Final = 1.7

Plane = NDArray[np.float64]


def pixels(size: int) -> NDArray[np.uint8]:
    """The icon as [size, size, 4]: red, green, blue, alpha (not multiplied)."""
    edge = np.arange(size) + 0.5
    x, y = np.meshgrid(edge * _GRID / size, edge * _GRID / size)
    sharp = size / _GRID
    picture = np.empty((size, size, 4))
    picture[..., :3] = _between(*_TILE, y / _GRID)
    slices = (_rhomb(x, y, 8.0), _chevron(x, y, 12.2), _chevron(x, y, 16.4))
    for inside, colour in reversed(list(zip(slices, _INK, strict=True))):
        cover = np.clip(0.5 + inside * sharp, 0, 1)[..., None]
        picture[..., :3] += cover * (np.array(colour) - picture[..., :3])
    picture[..., 3] = 255 * np.clip(0.5 + _tile(x, y) * sharp, 0, 1)
    return np.rint(picture).astype(np.uint8)


def _between(top: tuple[int, ...], bottom: tuple[int, ...], share: Plane) -> Plane:
    return np.asarray(np.array(top) + share[..., None] * (np.array(bottom) - np.array(top)))


def _tile(x: Plane, y: Plane, radius: float = 5.4) -> Plane:
    """How far inside a square with round corners a point lies."""
    half = _GRID / 2 - 0.3
    over = np.hypot(*(np.maximum(np.abs(each - _GRID / 2) - half + radius, 0) for each in (x, y)))
    return np.asarray(radius - over)


def _rhomb(x: Plane, y: Plane, centre: float) -> Plane:
    share = 1 - np.abs(x - _GRID / 2) / _HALF_WIDTH - np.abs(y - centre) / _HALF_HEIGHT
    return np.asarray(share / np.hypot(1 / _HALF_WIDTH, 1 / _HALF_HEIGHT))


def _chevron(x: Plane, y: Plane, top: float) -> Plane:
    """The lower edge of a slice whose corners lie at the height `top`, as a stroke."""
    across = np.abs(x - _GRID / 2)  # both sides are one: the drawing is its own mirror image
    along = np.clip(((_HALF_WIDTH - across) * _HALF_WIDTH + (y - top) * _HALF_HEIGHT), 0, None)
    share = np.clip(along / (_HALF_WIDTH**2 + _HALF_HEIGHT**2), 0, 1)
    distance = np.hypot(across - _HALF_WIDTH * (1 - share), y - top - _HALF_HEIGHT * share)
    return np.asarray(_STROKE / 2 - distance)

"""Marks drawn over a picture: orientation letters, scale bar, crosshair lines, borders. What and where, not how."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from archive import space
from render import camera, plane
from render.grid import Grid
from render.layout import Pane
from render.view import View

Rgba = tuple[float, float, float, float]

INK: Final[Rgba] = (0.93, 0.95, 0.97, 0.92)
QUIET: Final[Rgba] = (0.80, 0.84, 0.88, 0.75)
COLOURS: Final[dict[str, Rgba]] = {  # of each plane, wherever it is seen
    "axial": (0.96, 0.43, 0.43, 0.85),
    "coronal": (0.45, 0.84, 0.53, 0.85),
    "sagittal": (0.96, 0.80, 0.36, 0.85),
    "oblique": (0.62, 0.60, 0.98, 0.85),
    "3d": (0.45, 0.68, 0.98, 0.85),
    "frames": (0.80, 0.84, 0.88, 0.85),
}


@dataclass(frozen=True)
class Text:
    """A line of text at a pixel of the picture (top left of the glyph box, or its right or middle); size in pixels."""

    text: str
    x: float
    y: float
    size: float
    align: str = "left"  # left, middle, right
    colour: Rgba = INK


@dataclass(frozen=True)
class Line:
    """From one pixel of the picture to another."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float = 1.0
    colour: Rgba = INK


@dataclass(frozen=True)
class Marks:
    """All marks of a pane."""

    texts: tuple[Text, ...] = ()
    lines: tuple[Line, ...] = ()


_LETTER: Final = 15.0  # heights and distances in pixels at scale 1
_SMALL: Final = 12.0
_MARGIN: Final = 8.0
_HOLE: Final = 9.0  # radius of the gap in the crosshair, so that it does not hide what it points at
_CUBE: Final = 15.0  # half an edge
_CUBE_AWAY: Final = 34.0  # of its middle from the pane's corner
_EDGE_ON: Final = 0.02  # cosine below which a face is seen from the side
_BAR_SHARE: Final = 0.22  # of the pane's width, at most


def marks_of(view: View, pane: Pane, grid: Grid, scale: float = 1.0) -> Marks:
    """The marks that `view.marks` asks for in one pane; `scale` is pixels per point of the screen (2 on HiDPI)."""
    wanted = [_MAKERS[name](view, pane, grid, scale) for name in view.marks if name in _MAKERS]
    return Marks(tuple(t for m in wanted for t in m.texts), tuple(line for m in wanted for line in m.lines))


def letters_of(view: View, pane: Pane, grid: Grid) -> tuple[str, str, str, str]:
    """Orientation letters (left, right, top, bottom) of a pane: the patient's sides that the picture's sides face."""
    if not grid.is_spatial:
        return "", "", "", ""
    if pane.is_slice:
        axes = plane.axes_of(view, pane.kind, grid)
        right, up = axes.right, -axes.down
    else:
        right, up, _ = camera.directions(view.camera)
    return space.letters(-right), space.letters(right), space.letters(up), space.letters(-up)


def _letters(view: View, pane: Pane, grid: Grid, scale: float) -> Marks:
    left, right, top, bottom = letters_of(view, pane, grid)
    size, edge = _LETTER * scale, _MARGIN * scale
    middle_x, middle_y = pane.x + pane.width / 2, pane.y + (pane.height - size) / 2
    return Marks(
        (
            Text(left, pane.x + edge, middle_y, size),
            Text(right, pane.x + pane.width - edge, middle_y, size, "right"),
            Text(top, middle_x, pane.y + edge, size, "middle"),
            Text(bottom, middle_x, pane.y + pane.height - edge - size, size, "middle"),
        )
    )


def round_length_mm(most_mm: float) -> float:
    """The longest of 1, 2, 5, 10, 20, 50, ... mm that is not longer than given."""
    power = 10.0 ** np.floor(np.log10(max(most_mm, 1e-6)))
    return float(max(step * power for step in (1, 2, 5) if step * power <= most_mm * (1 + 1e-9)))


def length_text(length_mm: float) -> str:
    """In cm from one centimetre on, else in mm."""
    return f"{length_mm / 10:g} cm" if length_mm >= 10 else f"{length_mm:g} mm"


def _scale_bar(view: View, pane: Pane, grid: Grid, scale: float) -> Marks:
    if not grid.is_spatial and pane.kind != "frames":
        return Marks()
    per_pixel = plane.mm_per_pixel(view, pane, grid) if pane.is_slice else _mm_per_pixel_3d(view, pane, grid)
    length = round_length_mm(pane.width * _BAR_SHARE * per_pixel)
    right, tick = pane.x + pane.width - 2 * _MARGIN * scale, 3 * scale
    left, y = right - length / per_pixel, pane.y + pane.height - 2 * _MARGIN * scale
    ends = tuple(Line(x, y - tick, x, y + tick, 1.5 * scale, QUIET) for x in (left, right))
    words = Text(length_text(length), right, y - (_SMALL + 7) * scale, _SMALL * scale, "right", QUIET)
    return Marks((words,), (Line(left, y, right, y, 1.5 * scale, QUIET), *ends))


def _mm_per_pixel_3d(view: View, pane: Pane, grid: Grid) -> float:
    return camera.eye_of(view.camera, grid, pane.size).mm_per_pixel


def _cursor(view: View, pane: Pane, grid: Grid, scale: float) -> Marks:
    """The two other standard planes, as lines through the crosshair with a gap in the middle."""
    if pane.kind not in plane.STANDARD or view.layout not in ("mpr", "planes"):
        return Marks()
    local_x, local_y, _ = space.apply(plane.pixel_from_patient(view, pane, grid), view.cursor_mm)
    x, y = float(local_x) + pane.x + 0.5, float(local_y) + pane.y + 0.5
    axes = plane.axes_of(view, pane.kind, grid)
    gap, lines = _HOLE * scale, []
    for other in plane.STANDARD:
        normal = plane.axes_of(view, other, grid).normal
        if abs(normal @ axes.down) > 0.5:  # that plane is seen as a horizontal line
            lines += _cut((pane.x, y), (pane.x + pane.width, y), (x, y), gap, scale, COLOURS[other])
        elif abs(normal @ axes.right) > 0.5:
            lines += _cut((x, pane.y), (x, pane.y + pane.height), (x, y), gap, scale, COLOURS[other])
    return Marks((), tuple(lines))


Spot = tuple[float, float]


def _cut(start: Spot, end: Spot, hole: Spot, gap: float, scale: float, colour: Rgba) -> list[Line]:
    """A line from start to end without what is nearer than `gap` to the hole."""
    direction = np.subtract(end, start) / max(float(np.hypot(*np.subtract(end, start))), 1e-9)
    before, after = np.subtract(hole, gap * direction), np.add(hole, gap * direction)
    parts = ((start, before), (after, end))
    kept = [(a, b) for a, b in parts if np.subtract(b, a) @ direction > 0]
    return [Line(float(a[0]), float(a[1]), float(b[0]), float(b[1]), scale, colour) for a, b in kept]


def _border(view: View, pane: Pane, grid: Grid, scale: float) -> Marks:
    """A short coloured stroke in the corner tells the planes apart."""
    colour, length = COLOURS[pane.kind], 18 * scale
    return Marks((), (Line(pane.x, pane.y + scale, pane.x + length, pane.y + scale, 2 * scale, colour),))


def _cube(view: View, pane: Pane, grid: Grid, scale: float) -> Marks:
    """A cube in the corner of 3D, turned as the volume is: the faces that look at the eye, each with its patient letter."""
    if pane.is_slice or not grid.is_spatial:
        return Marks()
    right, up, forward = camera.directions(view.camera)
    half, size = _CUBE * scale, _SMALL * scale
    middle = np.array([pane.x + _CUBE_AWAY * scale, pane.y + pane.height - _CUBE_AWAY * scale])

    def spot(place: NDArray[np.float64]) -> Spot:
        x, y = middle + half * np.array([place @ right, -(place @ up)])
        return float(x), float(y)

    texts, edges = [], set()
    for axis, sign in ((axis, sign) for axis in range(3) for sign in (-1.0, 1.0)):
        normal = sign * np.eye(3)[axis]
        facing = float(-normal @ forward)
        if facing <= _EDGE_ON:
            continue  # a convex body hides exactly the faces that look away
        x, y = spot(normal)
        ink = (*INK[:3], INK[3] * min(1.0, 0.25 + facing))
        texts.append(Text(space.letters(normal), x, y - size / 2, size, "middle", ink))
        one, other = np.delete(np.eye(3), axis, 0)
        corners = [spot(normal + a * one + b * other) for a, b in ((-1, -1), (-1, 1), (1, 1), (1, -1))]
        edges |= {tuple(sorted(pair)) for pair in zip(corners, corners[1:] + corners[:1], strict=True)}
    return Marks(tuple(texts), tuple(Line(*start, *end, scale, QUIET) for start, end in sorted(edges)))


_MAKERS: Final = {"letters": _letters, "scale": _scale_bar, "cursor": _cursor, "border": _border, "cube": _cube}

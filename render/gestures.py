"""Gestures: what a drag, a wheel or a movement in a pane does to the View, as one table."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from archive import space
from render import camera, plane, window
from render.camera import Camera
from render.grid import Grid, Vector, vector
from render.layout import Pane
from render.view import Framing, View

_ZOOM_PER_PIXEL: Final = 1.006
_ZOOM_PER_NOTCH: Final = 1.15
_ZOOMS: Final = (0.1, 64.0)


@dataclass(frozen=True)
class Drag:
    """One movement of the mouse: button left, middle, right, wheel or move (none pressed); modifiers shift, ctrl, alt.

    x, y: pixel of the picture at which the movement began; dx, dy: how far it went; steps: notches of the wheel, up > 0.
    """

    button: str
    x: float = 0.0
    y: float = 0.0
    dx: float = 0.0
    dy: float = 0.0
    steps: float = 0.0
    modifiers: frozenset[str] = frozenset()


Action = Callable[[View, Pane, Drag, Grid], View]


@dataclass(frozen=True)
class Gesture:
    """One row: button and modifiers, in slice or 3d panes; texts: gesture.<name>."""

    name: str
    button: str
    modifiers: frozenset[str]
    where: str
    action: Action


def apply(view: View, pane: Pane, drag: Drag, grid: Grid) -> View:
    """The view after a movement in a pane; the same view where no gesture answers to it."""
    action = _ACTIONS.get((drag.button, drag.modifiers, "slice" if pane.is_slice else "3d"))
    return action(view, pane, drag, grid) if action else view


def rotate(view: View, pane: Pane, drag: Drag, grid: Grid) -> View:
    return replace(view, camera=camera.turned(view.camera, drag.dx, drag.dy))


def adjust_window(view: View, pane: Pane, drag: Drag, grid: Grid) -> View:
    if pane.kind == "3d" and view.projection_window is not None:
        return replace(view, projection_window=window.dragged(view.projection_window, drag.dx, drag.dy))
    return replace(view, window=window.dragged(view.window, drag.dx, drag.dy))


def pan(view: View, pane: Pane, drag: Drag, grid: Grid) -> View:
    if not pane.is_slice:
        return replace(view, camera=camera.panned(view.camera, grid, pane.size, drag.dx, drag.dy))
    framing, size = view.framing(pane.kind), plane.mm_per_pixel(view, pane, grid)
    moved = replace(framing, right_mm=framing.right_mm - drag.dx * size, down_mm=framing.down_mm - drag.dy * size)
    return view.framed(pane.kind, moved)


def zoom_by_drag(view: View, pane: Pane, drag: Drag, grid: Grid) -> View:
    return zoomed(view, pane, _ZOOM_PER_PIXEL**-drag.dy, grid, (drag.x, drag.y))


def zoom_by_wheel(view: View, pane: Pane, drag: Drag, grid: Grid) -> View:
    return zoomed(view, pane, _ZOOM_PER_NOTCH**drag.steps, grid, (drag.x, drag.y))


def scroll_by_wheel(view: View, pane: Pane, drag: Drag, grid: Grid) -> View:
    return scrolled(view, pane.kind, -drag.steps, grid)


def move_cursor(view: View, pane: Pane, drag: Drag, grid: Grid) -> View:
    """The crosshair jumps to the mouse."""
    x, y = pane.local(drag.x + drag.dx, drag.y + drag.dy)
    point = space.apply(plane.patient_from_pixel(view, pane, grid), (x, y, 0.0))
    return replace(view, cursor_mm=grid.clamped_mm(vector(point)))


def zoomed(view: View, pane: Pane, factor: float, grid: Grid, at_pixel: tuple[float, float] | None = None) -> View:
    """Closer by a factor; in a slice view the point under the pixel (of the picture) stays where it is."""
    if not pane.is_slice:
        return replace(view, camera=camera.zoomed(view.camera, factor))
    framing = view.framing(pane.kind)
    zoom = float(np.clip(framing.zoom * factor, *_ZOOMS))
    x, y = pane.local(*at_pixel) if at_pixel else ((pane.width - 1) / 2, (pane.height - 1) / 2)
    away = np.array([x - (pane.width - 1) / 2, y - (pane.height - 1) / 2]) * plane.mm_per_pixel(view, pane, grid)
    right, down = away * (1 - framing.zoom / zoom)
    return view.framed(pane.kind, Framing(zoom, framing.right_mm + float(right), framing.down_mm + float(down)))


def scrolled(view: View, kind: str, steps: float, grid: Grid) -> View:
    """The cursor moved by slices of a slice view; down the wheel is towards the picture's depth (right x down)."""
    point = np.array(view.cursor_mm) + steps * plane.scroll_step_mm(view, kind, grid)
    return replace(view, cursor_mm=grid.clamped_mm(vector(point)))


def to_end(view: View, kind: str, last: bool, grid: Grid) -> View:
    """The first or last slice of a slice view."""
    return scrolled(view, kind, 1e5 if last else -1e5, grid)


def cursor_at(view: View, point_mm: Vector, grid: Grid) -> View:
    """The crosshair at a patient position, moved into the volume."""
    return replace(view, cursor_mm=grid.clamped_mm(point_mm))


def fitted(view: View, pane: Pane) -> View:
    """The whole volume in a pane again."""
    if pane.is_slice:
        return view.framed(pane.kind, Framing())
    return replace(view, camera=replace(view.camera, zoom=1.0, focal_mm=None, distance_mm=None))


def reset(view: View, first: View) -> View:
    """As the volume was opened, in the same layout."""
    return replace(
        first, layout=view.layout, preset=view.preset, mode=view.mode, transfer=view.transfer, camera=Camera()
    )


def _keys(*names: str) -> frozenset[str]:
    return frozenset(names)


GESTURES: Final = (
    Gesture("window", "left", _keys(), "slice", adjust_window),
    Gesture("rotate", "left", _keys(), "3d", rotate),
    Gesture("window", "left", _keys("ctrl"), "3d", adjust_window),
    Gesture("cursor", "left", _keys("ctrl"), "slice", move_cursor),
    *(Gesture("pan", "left", _keys("shift"), where, pan) for where in ("slice", "3d")),
    *(Gesture("pan", "middle", _keys(), where, pan) for where in ("slice", "3d")),
    *(Gesture("zoom", "right", _keys(), where, zoom_by_drag) for where in ("slice", "3d")),
    Gesture("scroll", "wheel", _keys(), "slice", scroll_by_wheel),
    Gesture("zoom", "wheel", _keys(), "3d", zoom_by_wheel),
    *(Gesture("zoom", "wheel", _keys("ctrl"), where, zoom_by_wheel) for where in ("slice", "3d")),
    Gesture("cursor", "move", _keys("shift"), "slice", move_cursor),
)
_ACTIONS: Final = {(g.button, g.modifiers, g.where): g.action for g in GESTURES}

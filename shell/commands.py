"""The table of all viewer commands: one row each, used by the viewer's keys, its menu and help sheet, and the page's palette.

A row either makes a View from a View (`act`), or names an action of the window itself (`action`, carried out by
shell.viewer). Texts are in ui/texts/viewer.*.json: `command.<id>`, `group.<group>`, `choice.<choice>`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from archive.volumes.volume import Volume
from render import camera, gestures, presets, window
from render.grid import Grid
from render.layout import Pane
from render.statistics import Statistics
from render.view import INTERPOLATIONS, MODES, SLAB_MODES, View
from render.window import Window


@dataclass(frozen=True, eq=False)
class Scene:
    """What a command may know besides the view."""

    volume: Volume
    grid: Grid
    statistics: Statistics
    first: View  # as the volume opened
    windows: tuple[Window, ...]  # proposals for the keys 1-9
    pane: Pane  # the one the command is meant for: under the pointer, or the last one that was
    home: str  # the layout to which a pane seen alone goes back

    @property
    def slice_kind(self) -> str:
        """The slice view a command about slices is meant for."""
        return self.pane.kind if self.pane.is_slice else "axial"


Act = Callable[[View, Scene, Any], View]


@dataclass(frozen=True)
class Key:
    """A key as the table writes it ("Ctrl+Z", "PageUp", "?") and the argument it gives."""

    name: str
    argument: Any = None


@dataclass(frozen=True)
class Argument:
    """What a command needs: kind none, number, numbers (two), preset, or choice (one of `choices`)."""

    kind: str = "none"
    choices: tuple[str, ...] = ()

    def all_choices(self) -> tuple[str, ...]:
        """What a menu offers; the presets are read from their files only when they are asked for."""
        return tuple(each.name for each in presets.all()) if self.kind == "preset" else self.choices


@dataclass(frozen=True)
class Command:
    """One row; exactly one of `act` and `action` is given."""

    id: str
    group: str
    keys: tuple[Key, ...] = ()
    argument: Argument = Argument()
    act: Act | None = None
    action: str = ""
    in_menu: bool = False  # offered by a click of the right button
    repeats: bool = False  # while its key is held


class BadArgument(ValueError):
    """A command was given an argument it cannot use."""


# what the rows do


def _moved(count: int) -> Act:
    return lambda view, scene, _: gestures.scrolled(view, scene.slice_kind, count, scene.grid)


def _end(last: bool) -> Act:
    return lambda view, scene, _: gestures.to_end(view, scene.slice_kind, last, scene.grid)


def _slice(view: View, scene: Scene, number: float) -> View:
    start = gestures.to_end(view, scene.slice_kind, False, scene.grid)
    return gestures.scrolled(start, scene.slice_kind, max(round(number) - 1, 0), scene.grid)


def _window_preset(view: View, scene: Scene, number: float) -> View:
    if not 1 <= number <= len(scene.windows):
        return view
    return replace(view, window=scene.windows[round(number) - 1])


def _window(view: View, _: Scene, numbers: tuple[float, float]) -> View:
    centre, width = numbers
    return replace(view, window=replace(view.window, centre=centre, width=max(width, 1e-6), name=""))


def _layout(view: View, scene: Scene, name: str) -> View:
    return replace(view, layout=name) if scene.volume.is_spatial else view


def _maximise(view: View, scene: Scene, _: Any) -> View:
    kind = scene.pane.kind
    return replace(view, layout=scene.home if view.layout == kind else kind)


def _fit(view: View, _: Scene, __: Any) -> View:
    return replace(view, framings=(), camera=replace(view.camera, zoom=1.0, focal_mm=None, distance_mm=None))


def _reset(view: View, scene: Scene, _: Any) -> View:
    return replace(scene.first, layout=view.layout)


def _preset(view: View, scene: Scene, name: str) -> View:
    return presets.applied(view, presets.by_name(name), scene.statistics)


def _zoomed(factor: float) -> Act:
    return lambda view, scene, _: gestures.zoomed(view, scene.pane, factor, scene.grid)


def _turned(right: float, down: float) -> Act:
    return lambda view, _, __: replace(view, camera=camera.turned(view.camera, right, down))


_SIDES: Final = {  # azimuth and elevation in degrees
    "front": (0.0, 0.0),
    "back": (180.0, 0.0),
    "left": (90.0, 0.0),
    "right": (270.0, 0.0),
    "head": (0.0, 90.0),
    "feet": (0.0, -90.0),
}


def _side(view: View, _: Scene, name: str) -> View:
    azimuth, elevation = _SIDES[name]
    return replace(view, camera=replace(view.camera, azimuth_deg=azimuth, elevation_deg=elevation, roll_deg=0.0))


def _slab(view: View, _: Scene, thickness_mm: float) -> View:
    return replace(view, slab=replace(view.slab, thickness_mm=max(thickness_mm, 0.0)))


def _slab_mode(view: View, _: Scene, name: str) -> View:
    return replace(view, slab=replace(view.slab, mode=name))


def _interpolation(view: View, _: Scene, name: str) -> View:
    return replace(view, interpolation=name)


def _mode(view: View, _: Scene, name: str) -> View:
    return replace(view, mode=name)


def _invert(view: View, _: Scene, __: Any) -> View:
    return replace(view, invert=not view.invert)


def _marks(view: View, scene: Scene, _: Any) -> View:
    return replace(view, marks=() if view.marks else scene.first.marks)


# the table

LAYOUTS: Final = ("mpr", "side", "planes", "axial", "coronal", "sagittal", "3d")
_NUMBER: Final = Argument("number")
_DIGITS: Final = tuple(Key(str(n), n) for n in range(1, 10))
_LAYOUT_KEYS: Final = tuple(Key(f"Alt+{n}", name) for n, name in enumerate(LAYOUTS, 1))

COMMANDS: Final = (
    Command("slice.previous", "slices", (Key("Up"), Key("Left")), act=_moved(-1), repeats=True),
    Command("slice.next", "slices", (Key("Down"), Key("Right")), act=_moved(1), repeats=True),
    Command("slice.back", "slices", (Key("PageUp"),), act=_moved(-10), repeats=True),
    Command("slice.forward", "slices", (Key("PageDown"),), act=_moved(10), repeats=True),
    Command("slice.first", "slices", (Key("Home"),), act=_end(False)),
    Command("slice.last", "slices", (Key("End"),), act=_end(True)),
    Command("slice.go", "slices", (), _NUMBER, _slice),
    Command("slice.play", "slices", (Key("Space"),), action="play", in_menu=True),
    Command("time.previous", "slices", (Key(","),), action="time_back"),
    Command("time.next", "slices", (Key("."),), action="time_on"),
    Command("time.go", "slices", (), _NUMBER, action="time_go"),
    Command("time.play", "slices", (Key("T"),), action="time_play"),
    Command("window.preset", "window", _DIGITS, _NUMBER, _window_preset),
    Command("window.set", "window", (), Argument("numbers"), _window),
    Command("window.invert", "window", (Key("I"),), act=_invert, in_menu=True),
    Command("view.layout", "view", _LAYOUT_KEYS, Argument("choice", LAYOUTS), _layout),
    Command("view.maximise", "view", (Key("Enter"),), act=_maximise, in_menu=True),
    Command("view.fit", "view", (Key("F"),), act=_fit, in_menu=True),
    Command("view.reset", "view", (Key("R"),), act=_reset, in_menu=True),
    Command("view.closer", "view", (Key("+"),), act=_zoomed(1.25), repeats=True),
    Command("view.farther", "view", (Key("-"),), act=_zoomed(0.8), repeats=True),
    Command("view.marks", "view", (Key("M"),), act=_marks, in_menu=True),
    Command("view.resampled", "view", (Key("U"),), action="resampled", in_menu=True),
    Command("view.slab", "view", (), _NUMBER, _slab),
    Command("view.slab-mode", "view", (), Argument("choice", SLAB_MODES), _slab_mode),
    Command("view.interpolation", "view", (), Argument("choice", INTERPOLATIONS), _interpolation),
    Command("volume.preset", "volume", (), Argument("preset"), _preset),
    Command("volume.mode", "volume", (), Argument("choice", MODES), _mode),
    Command("volume.left", "volume", (Key("Shift+Left"),), act=_turned(-30, 0), repeats=True),
    Command("volume.right", "volume", (Key("Shift+Right"),), act=_turned(30, 0), repeats=True),
    Command("volume.up", "volume", (Key("Shift+Up"),), act=_turned(0, -30), repeats=True),
    Command("volume.down", "volume", (Key("Shift+Down"),), act=_turned(0, 30), repeats=True),
    Command("volume.from", "volume", (), Argument("choice", tuple(_SIDES)), _side),
    Command("tool.undo", "tools", (Key("Ctrl+Z"),), action="undo", repeats=True),
    Command("tool.redo", "tools", (Key("Ctrl+Y"), Key("Ctrl+Shift+Z")), action="redo", repeats=True),
    Command("tool.screenshot", "tools", (Key("S"),), action="screenshot", in_menu=True),
    Command("tool.panel", "tools", (Key("Tab"),), action="panel", in_menu=True),
    Command("tool.full-screen", "tools", (Key("F11"),), action="full_screen"),
    Command("tool.help", "tools", (Key("?"), Key("F1")), action="help", in_menu=True),
    Command("tool.escape", "tools", (Key("Escape"),), action="escape"),
    Command("tool.close", "tools", (Key("Ctrl+W"), Key("Ctrl+Q")), action="close"),
)

GROUPS: Final = ("slices", "window", "view", "volume", "tools")
BY_ID: Final = {row.id: row for row in COMMANDS}
BY_KEY: Final = {key.name: (row, key.argument) for row in COMMANDS for key in row.keys}


def run(row: Command, view: View, scene: Scene, argument: Any = None) -> View:
    """The view after a command of the table; raises BadArgument, or NoSuchPreset."""
    assert row.act is not None
    return row.act(view, scene, checked(row, argument))


def checked(row: Command, argument: Any) -> Any:
    """The argument, if it is of the row's kind and finite; raises BadArgument."""
    if not _FITS[row.argument.kind](argument, row.argument):
        raise BadArgument(row.id)
    return argument


def _is_number(value: Any, _: Argument | None = None) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


_FITS: Final[dict[str, Callable[[Any, Argument], bool]]] = {
    "none": lambda value, _: value is None,
    "number": _is_number,
    "numbers": lambda value, _: isinstance(value, (list, tuple)) and len(value) == 2 and all(map(_is_number, value)),
    "preset": lambda value, _: isinstance(value, str),
    "choice": lambda value, argument: value in argument.choices,
}


def windows_of(volume: Volume, first: View) -> tuple[Window, ...]:
    """The windows of the keys 1-9: the file's own, then the usual ones for CT, or else the one it opened with."""
    own = tuple(Window(centre, width, name=name) for centre, width, name in volume.windows if width >= 1)
    usual = window.CT_WINDOWS if volume.unit == "HU" else (first.window,)
    found: dict[tuple[float, float], Window] = {}
    for each in (*own[:3], *usual):
        found.setdefault((each.centre, each.width), each)
    return tuple(found.values())[:9]


def palette() -> tuple[dict[str, Any], ...]:
    """The table as the page's palette takes it: id, group, keys, argument kind and choices."""
    return tuple(
        {
            "id": row.id,
            "group": row.group,
            "keys": [key.name for key in row.keys],
            "argument": row.argument.kind,
            "choices": list(row.argument.all_choices()),
        }
        for row in COMMANDS
    )

"""Presets of the 3D view: read from presets/*.toml, fitted to the values of a volume, and put into a View."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

from archive.errors import BadPreset, NoSuchPreset
from archive.volumes.volume import Volume
from render.statistics import Statistics, statistics
from render.transfer import Colour, Point, Shade, Transfer
from render.view import COLOUR_MAPS, MODES, View, first_view
from render.window import Window, between

_LEVEL: Final = re.compile(r"(p\d+(\.\d+)?|otsu)(\*\d+(\.\d+)?)?")
Level = float | str  # a real value, or "p99" (percentile above background), "otsu", "otsu*0.7"


@dataclass(frozen=True)
class Preset:
    """A look of the 3D view. `points` are (level, red, green, blue, opacity per mm); texts: preset.<name>."""

    name: str
    group: str  # ct, mr, pet, any; own: a person's
    mode: str
    points: tuple[tuple[Level, float, float, float, float], ...]
    shade: Shade
    background: Colour
    window: tuple[Level, Level] | None  # black and white of the projections
    colour_map: str


def all() -> tuple[Preset, ...]:  # noqa: A001 - read as presets.all()
    """Every preset, in the order in which menus show them."""
    return _read()


def by_name(name: str) -> Preset:
    """The preset of a name; NoSuchPreset if there is none."""
    found = next((preset for preset in _read() if preset.name == name), None)
    if found is None:
        raise NoSuchPreset(name=name)
    return found


def suitable(volume: Volume) -> tuple[Preset, ...]:
    """The presets that suit a volume's values, the default one first."""
    group = _group_of(volume)
    return tuple(preset for preset in _read() if preset.group in (group, "any"))


def opening_view(volume: Volume) -> View:
    """The view in which a volume opens: the first of its suitable presets, fitted to the slices that have arrived."""
    return applied(first_view(volume), suitable(volume)[0], statistics(volume))


def _group_of(volume: Volume) -> str:
    """CT presets need Hounsfield units: a CT without them is drawn by percentiles, like MR."""
    if volume.unit == "HU":
        return "ct"
    return "pet" if volume.modality in ("PT", "NM") else "mr"


def applied(view: View, preset: Preset, statistics: Statistics) -> View:
    """The view with a preset's transfer, mode and background, its levels turned into real values of this volume."""
    points = tuple(Point(statistics.level(level), *rest) for level, *rest in preset.points)
    points = tuple(sorted(points, key=lambda point: point.value))
    return replace(
        view,
        preset=preset.name,
        mode=preset.mode,
        transfer=Transfer(points, preset.shade),
        background=preset.background,
        projection_window=_window_of(preset, statistics),
        colour_map=preset.colour_map,
    )


def _window_of(preset: Preset, statistics: Statistics) -> Window | None:
    if preset.window is None:
        return None
    low, high = (statistics.level(level) for level in preset.window)
    return between(low, high if high > low else low + 1)


@lru_cache(maxsize=1)
def _read() -> tuple[Preset, ...]:
    folder = files("render") / "presets"
    names = ("ct.toml", "mr.toml", "pet.toml", "any.toml")
    return tuple(
        _preset(group, name, row)
        for group, file in ((name.removesuffix(".toml"), folder / name) for name in names)
        for name, row in tomllib.loads(file.read_text("utf-8")).items()
    )


def of_view(view: View, name: str, group: str = "own") -> Preset:
    """The look of a view as a preset of one's own, in real values."""
    window = view.projection_window
    return Preset(
        name=name,
        group=group,
        mode=view.mode,
        points=tuple((p.value, p.red, p.green, p.blue, p.opacity) for p in view.transfer.points),
        shade=view.transfer.shade,
        background=view.background,
        window=(window.centre - window.width / 2, window.centre + window.width / 2) if window else None,
        colour_map=view.colour_map,
    )


def to_toml(preset: Preset) -> str:
    """A preset as a file's text, in the form of presets/*.toml; `from_toml` reads it back unchanged."""
    shade = ", ".join(f"{name} = {_told(value)}" for name, value in asdict(preset.shade).items())
    lines = [f"[{json.dumps(preset.name, ensure_ascii=False)}]", f"mode = {json.dumps(preset.mode)}"]
    lines += [f"background = {_told(preset.background)}", f"colour_map = {json.dumps(preset.colour_map)}"]
    lines += [f"window = {_told(preset.window)}"] if preset.window else []
    lines += ["points = [", *(f"    {_told(point)}," for point in preset.points), "]", f"shade = {{ {shade} }}"]
    return "\n".join(lines) + "\n"


def from_toml(text: str, group: str = "own") -> tuple[Preset, ...]:
    """The presets of a file's text; BadPreset where it is none."""
    try:
        found = tuple(_preset(group, name, row) for name, row in tomllib.loads(text).items())
        _check(found)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadPreset(reason=type(error).__name__) from error
    return found


def _told(value: Any) -> str:
    """A value in TOML, numbers to the last bit."""
    if isinstance(value, tuple):
        return f"[{', '.join(_told(each) for each in value)}]"
    return json.dumps(value, ensure_ascii=False)


def _check(presets: tuple[Preset, ...]) -> None:
    """ValueError where a preset from outside could not be drawn."""
    if not presets:
        raise ValueError
    for preset in presets:
        rows = np.array([row[1:] for row in preset.points], np.float64)
        is_drawn = preset.mode in MODES and preset.colour_map in COLOUR_MAPS and rows.shape[0] >= 2
        levels = [level for level, *_ in preset.points] + list(preset.window or ())
        is_strange = any(isinstance(level, str) and not _LEVEL.fullmatch(level) for level in levels)
        numbers = np.array([level for level in levels if not isinstance(level, str)] + [0.0], np.float64)
        is_finite = np.isfinite(numbers).all() and (rows >= 0).all() and (rows <= 1).all()
        if is_strange or not (is_drawn and is_finite and rows.shape[1] == 4 and len(preset.background) == 3):
            raise ValueError


def _preset(group: str, name: str, row: Mapping[str, Any]) -> Preset:
    window = row.get("window")
    return Preset(
        name=name,
        group=group,
        mode=row.get("mode", "composite"),
        points=tuple((level, *(float(v) for v in rest)) for level, *rest in row["points"]),
        shade=Shade(**row.get("shade", {})),
        background=tuple(row.get("background", (0.0, 0.0, 0.0))),
        window=(window[0], window[1]) if window else None,
        colour_map=row.get("colour_map", "grey"),
    )

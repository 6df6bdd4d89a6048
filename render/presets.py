"""Presets of the 3D view: read from presets/*.toml, fitted to the values of a volume, and put into a View."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from archive.errors import NoSuchPreset
from archive.volumes.volume import Volume
from render.statistics import Statistics, statistics
from render.transfer import Colour, Point, Shade, Transfer
from render.view import View, first_view
from render.window import Window, between

Level = float | str  # a real value, or "p99" (percentile above background), "otsu", "otsu*0.7"


@dataclass(frozen=True)
class Preset:
    """A look of the 3D view. `points` are (level, red, green, blue, opacity per mm); texts: preset.<name>."""

    name: str
    group: str  # ct, mr, pet, any
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

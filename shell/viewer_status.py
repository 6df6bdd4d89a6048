"""What the window says about itself in words and facts: slice, value, place, window, progress. Pure."""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from archive.stack import Dimension
from archive.volumes.volume import SliceState, Volume
from render.grid import Grid, states_of
from render.layout import SLICES
from render.measure import Probe, probe_at
from render.plane import scroll_step_mm
from render.view import View
from shell.commands import Scene
from shell.texts import Texts

_SIDES: Final = (("L", "R"), ("P", "A"), ("H", "F"))  # patient space is LPS: +x is left, +y posterior, +z head


@dataclass(frozen=True)
class Arrived:
    """How much of a volume is there."""

    done: int
    total: int
    damaged: int

    @property
    def is_whole(self) -> bool:
        return self.done >= self.total


def arrived(volume: Volume) -> Arrived:
    """Counted over the slices that exist; holes are nothing to wait for."""
    states = np.asarray(states_of(volume))
    return Arrived(
        int(np.isin(states, (SliceState.READY, SliceState.DAMAGED)).sum()),
        int((states != SliceState.HOLE).sum()),
        int((states == SliceState.DAMAGED).sum()),
    )


def slice_number(view: View, kind: str, grid: Grid) -> tuple[int, int]:
    """Which slice (1-based) a slice view shows and of how many, in the order in which the wheel goes through them."""
    step = scroll_step_mm(view, kind, grid)
    axes = grid.patient_from_voxel[:3, :3]
    share = step @ axes / np.linalg.norm(axes, axis=0)
    axis = int(np.argmax(np.abs(share)))
    count = grid.shape_kji[2 - axis]
    at = grid.nearest_voxel(view.cursor_mm)[axis]
    return (count - at if share[axis] < 0 else at + 1), count


def facts_of(view: View, scene: Scene) -> dict[str, Any]:
    """What the desk mirrors: the slice of each plane, the exact value at the crosshair, the window, the look."""
    kinds = SLICES if scene.volume.is_spatial else ("frames",)
    probe = probe_at(scene.volume, view.cursor_mm)
    return {
        "slices": {kind: slice_number(view, kind, scene.grid) for kind in kinds},
        "plane": scene.slice_kind,
        "value": probe.real if probe else None,
        "unit": scene.volume.unit,
        "position_mm": [round(each, 2) for each in view.cursor_mm],
        "window": [view.window.centre, view.window.width],
        "invert": view.invert,
        "layout": view.layout,
        "preset": view.preset,
        "mode": view.mode,
    }


def sentence_of(facts: dict[str, Any], texts: Texts) -> str:
    """The facts for a screen reader: "Axial slice 12 of 27, value 40 HU, window 40 / 400"."""
    at, count = facts["slices"].get(facts["plane"], (1, 1))
    centre, width = facts["window"]
    return texts.say(
        "viewer.state",
        plane=texts.say(f"pane.{facts['plane']}"),
        slice=at,
        slices=count,
        value=value_text(facts["value"], facts["unit"]),
        centre=number_text(centre),
        width=number_text(width),
    )


def number_text(value: float) -> str:
    """A number as short as it is exact enough: whole from 100 on, else four digits. With a true minus sign."""
    shown = f"{value:.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.4g}"
    return shown.replace("-", "−")


def value_text(real: float | None, unit: str | None) -> str:
    """A real value with its unit; a dash where the slice has not been read."""
    if real is None or not math.isfinite(real):
        return "–"
    return f"{number_text(real)} {unit}" if unit else number_text(real)


def place_text(position_mm: tuple[float, float, float]) -> str:
    """A patient position by the patient's sides: "L 12.3  P 4.0  H 101.5 mm"."""
    parts = (f"{_SIDES[n][0 if each >= 0 else 1]} {abs(each):.1f}" for n, each in enumerate(position_mm))
    return "  ".join(parts) + " mm"


def dimension_text(dimension: Dimension | None, time: int, texts: Texts) -> str:
    """What tells a time of a 4D stack from the others: "Echo time (ms): 4.6"."""
    if dimension is None or not texts.has(f"dimension.{dimension.name}") or time >= len(dimension.values):
        return ""
    value = dimension.values[time]
    shown = number_text(value) if isinstance(value, (int, float)) else str(value)
    return f"{texts.say(f'dimension.{dimension.name}')}: {shown}"


def probe_text(probe: Probe | None, is_spatial: bool) -> tuple[str, str]:
    """Value and place of what is under the pointer; two empty texts outside the volume."""
    if probe is None:
        return "", ""
    i, j, k = probe.index_ijk
    place = place_text(probe.position_mm) if is_spatial else f"{i}, {j}, {k}"
    if isinstance(probe.stored, tuple):
        return " ".join(str(each) for each in probe.stored), place
    return value_text(probe.real, probe.unit), place

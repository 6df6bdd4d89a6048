"""Slice views: sheets along the voxels' axes, and planes of any direction sampled in the 3D texture."""

from dataclasses import dataclass
from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from archive import space
from archive.volumes.volume import SliceState
from render import pass_window, plane, reslice, sheet
from render.context import Gpu, release
from render.layout import Pane
from render.pass_window import Ink, Place
from render.shader import Shader, Shaders
from render.sheet import Cut
from render.source import Source
from render.targets import Target, Targets
from render.textures import made
from render.view import INTERPOLATIONS, SLAB_MODES, View

_PLANE: Final = len(SLAB_MODES)  # SLAB of a single plane
_EDGE: Final = -0.499  # voxels from the outermost centres; a thousandth is left to rounding
_KINDS: Final = np.array([1.0, 0.0, 2.0, 3.0], np.float32)  # by SliceState; see lib/window.glsl


def matrix_bytes(matrix: NDArray[Any]) -> bytes:
    """A matrix as GLSL stores it: column after column, float32."""
    return np.ascontiguousarray(matrix.T, np.float32).tobytes()


@dataclass(frozen=True, eq=False)
class _Sheet:
    """A sheet on the card, and what it was made from."""

    key: Any
    cut: Cut
    texture: Any
    kinds: Any  # of its rows; None where `kind` holds for all of them
    kind: float


class SlicePass:
    """Shows slice panes. A sheet is kept for each kind of pane: panning, zooming and windowing draw it again.

    Where a plane is sampled in 3D, a change of the window alone is drawn from the values of before (`values`).
    """

    def __init__(self, gpu: Gpu, shaders: Shaders, targets: Targets):
        self._gpu, self._shaders, self._targets = gpu, shaders, targets
        self._sheets: dict[str, _Sheet] = {}
        self._shown: dict[str, Any] = {}  # what was last sampled and shown at once, by kind of pane

    def show(self, source: Source, view: View, place: Place, ink: Ink) -> None:
        """Draw a slice view into its pane."""
        pane = place.pane
        index_from_pixel = source.grid.voxel_from_patient @ plane.patient_from_pixel(view, pane, source.grid)
        cut = self._cut(source, view, pane, index_from_pixel)
        if cut is not None:
            shader = self._over_sheet(
                source, view, pane, cut, index_from_pixel, place.below, {"WINDOWED": 1, **ink.variant()}
            )
        else:
            key = _key(source, view, pane, index_from_pixel)
            was_shown, self._shown[pane.kind] = self._shown.get(pane.kind), key
            if not _is_sampled(source) or was_shown == key:
                pass_window.show(self._shaders, self._values(source, view, pane, index_from_pixel), ink, place)
                return
            shader = self._over_texture(
                source, view, pane, index_from_pixel, place.below, {"WINDOWED": 1, **ink.variant()}
            )
        shader.set(**ink.uniforms())
        place.enter()
        shader.draw()

    def values(self, source: Source, view: View, pane: Pane) -> Target:
        """Target [rows from below, columns] of (stored value, kind); see lib/window.glsl."""
        index_from_pixel = source.grid.voxel_from_patient @ plane.patient_from_pixel(view, pane, source.grid)
        return self._values(source, view, pane, index_from_pixel)

    def _values(self, source: Source, view: View, pane: Pane, index_from_pixel: space.Matrix) -> Target:
        target = self._targets.get(pane.kind, pane.size, 2)
        key = _key(source, view, pane, index_from_pixel)
        if target.key == key:
            return target
        target.key = None
        cut = self._cut(source, view, pane, index_from_pixel)
        here = Pane(pane.kind, 0, 0, pane.width, pane.height)
        if cut is None and not _is_sampled(source):
            target.texture.write(np.ascontiguousarray(reslice.values(source.volume, view, pane)[::-1]))
        else:
            if cut is not None:
                shader = self._over_sheet(source, view, here, cut, index_from_pixel, 0, {"WINDOWED": 0})
            else:
                shader = self._over_texture(source, view, here, index_from_pixel, 0, {"WINDOWED": 0})
            target.framebuffer.use()
            target.framebuffer.scissor = None
            shader.draw()
        target.key = key
        return target

    def _cut(self, source: Source, view: View, pane: Pane, index_from_pixel: space.Matrix) -> Cut | None:
        """The cut, where a sheet shows it exactly and fits."""
        cut = sheet.cut_of(view, pane, source.grid, index_from_pixel)
        fits = max(source.grid.shape_kji) <= self._gpu.max_2d
        return cut if cut is not None and fits and sheet.is_exact(cut, view) else None

    def _over_sheet(
        self,
        source: Source,
        view: View,
        pane: Pane,
        cut: Cut,
        index_from_pixel: space.Matrix,
        below: int,
        variant: dict[str, int],
    ) -> Shader:
        held = self._sheet(source, view, pane, cut)
        interpolation = "nearest" if cut.is_on_voxels else view.interpolation
        across, down = (axis for axis in range(3) if axis != cut.axis)
        first, right, up = (vector[[across, down]] for vector in _steps(index_from_pixel, pane, below))
        shader = self._shaders.get(
            "sheet.frag",
            {
                "EXACT": int(not self._gpu.filters_exactly),
                "INTERPOLATION": INTERPOLATIONS.index(interpolation),
                "ROWS": int(held.kinds is not None),
                "COVERED": int(
                    bool(cut.indices) and _is_covered(held.texture.size, index_from_pixel[[across, down]], pane)
                ),
                **variant,
            },
        )
        shader.set(
            sheet=0,
            kinds=1,
            kind=held.kind,
            sheet_size=held.texture.size,
            first=tuple(first),
            right=tuple(right),
            up=tuple(up),
        )
        held.texture.use(0)
        if held.kinds is not None:
            held.kinds.use(1)
        return shader

    def _sheet(self, source: Source, view: View, pane: Pane, cut: Cut) -> _Sheet:
        states = source.states
        across = (cut.axis, cut.indices, cut.middle)
        key = (source, across, view.interpolation, view.slab.mode, states.tobytes())
        held = self._sheets.get(pane.kind)
        if held is not None and held.key == key:
            return held
        data = sheet.values(source.volume, cut, view, states)
        size = (data.shape[1], data.shape[0])
        if held is not None and held.texture.size == size:
            texture = held.texture
            texture.write(data)
        else:
            release([held.texture if held else None])
            texture = made(self._gpu, "texture", size, 1, data.tobytes())
            texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
        release([held.kinds if held else None])
        kinds, kind = self._kinds(cut, states)
        self._sheets[pane.kind] = _Sheet(key, cut, texture, kinds, kind)
        return self._sheets[pane.kind]

    def _kinds(self, cut: Cut, states: NDArray[np.uint8]) -> tuple[Any, float]:
        """(texture of the rows' kinds or None, kind of the whole)."""
        if not cut.indices:
            return None, -1.0
        if cut.axis == 2:
            k = int(np.clip(np.floor(cut.middle + 0.5), 0, len(states) - 1))
            return None, float(_KINDS[states[k]])
        if (states == SliceState.READY).all():
            return None, 0.0
        return made(self._gpu, "texture", (1, len(states)), 1, _KINDS[states].tobytes()), 0.0

    def _over_texture(
        self,
        source: Source,
        view: View,
        pane: Pane,
        index_from_pixel: space.Matrix,
        below: int,
        variant: dict[str, int],
    ) -> Shader:
        samples = plane.slab_samples(view, pane.kind, source.grid)
        texture = source.texture
        shader = self._shaders.get(
            "slice.frag",
            {
                "EXACT": int(not self._gpu.filters_exactly),
                "INTERPOLATION": INTERPOLATIONS.index(view.interpolation),
                "SLAB": SLAB_MODES.index(view.slab.mode) if samples.count > 1 else _PLANE,
                "INTEGER": int(texture.coding.is_integer),
                "STATES": int(source.has_gaps),
                **variant,
            },
        )
        first, right, up = _steps(index_from_pixel, pane, below)
        normal = index_from_pixel[:3, 2]
        shader.set(
            volume=0,
            states=1,
            size_ijk=source.grid.shape_kji[::-1],
            first=tuple(first),
            right=tuple(right),
            up=tuple(up),
            stored_from_texel=(texture.coding.scale, texture.coding.bias),
            slab_step=tuple(normal * samples.step_mm),
            slab_first=tuple(normal * samples.first_mm),
            slab_low=tuple(normal * samples.low_mm),
            slab_high=tuple(normal * samples.high_mm),
            slab_samples=samples.count,
        )
        texture.voxels.use(0)
        texture.states.use(1)
        return shader

    def release(self) -> None:
        """Let go of the sheets."""
        for held in self._sheets.values():
            release([held.texture, held.kinds])
        self._sheets.clear()
        self._shown.clear()


def _steps(index_from_pixel: space.Matrix, pane: Pane, below: int) -> tuple[Any, Any, Any]:
    """Voxel index of the framebuffer's corner (gl_FragCoord 0, 0), and from a pixel to the next right and up."""
    right, down = index_from_pixel[:3, 0], index_from_pixel[:3, 1]
    corner = (-0.5 - pane.x) * right + (pane.height + below - 0.5) * down + index_from_pixel[:3, 3]
    return corner, right, -down


def _is_covered(size: tuple[int, int], index_from_pixel: NDArray[np.float64], pane: Pane) -> bool:
    """Whether the middle of every pixel of a pane lies on a sheet (columns, rows)."""
    corners = [(x, y, 0.0, 1.0) for x in (0, pane.width - 1) for y in (0, pane.height - 1)]
    index = index_from_pixel @ np.transpose(corners)
    return bool((index.min(1) >= _EDGE).all() and (index.max(1) <= np.array(size) - 1 - _EDGE).all())


def _is_sampled(source: Source) -> bool:
    """Whether the 3D texture holds the voxels themselves: what does not fit is sampled from the array, and stays exact."""
    return source.plan.is_exact and source.texture.states is not None


def _key(source: Source, view: View, pane: Pane, index_from_pixel: space.Matrix) -> tuple[Any, ...]:
    """All that the values depend on."""
    return (source, source.version, pane, index_from_pixel.tobytes(), view.slab, view.interpolation)

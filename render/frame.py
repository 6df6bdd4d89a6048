"""Renderer: a volume and a View to pixels - the one path of window, command line and tests."""

from collections.abc import Iterator
from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from archive.errors import NoVolume
from archive.volumes.volume import Volume
from render import context, layout, marks, plane
from render.badge import Badge
from render.context import Gpu
from render.grid import Grid, grid_of
from render.layout import Pane
from render.pass_marks import MarksPass
from render.pass_slice import SlicePass, Source, matrix_bytes
from render.pass_volume import PROJECTIONS, WATER_PER_MM, VolumePass
from render.shader import Shader, Shaders
from render.targets import Target, Targets
from render.textures import VolumeTexture
from render.transfer import Colour
from render.view import COLOUR_MAPS, View
from render.window import Window, between, ramp

_BLACK: Final[Colour] = (0.0, 0.0, 0.0)
_GAP_COLOUR: Final[Colour] = (0.16, 0.17, 0.19)
_FLOAT_EXACT_BITS: Final = 24
_XRAY_DEPTH: Final = 1.4  # white lies at so many half extents of water


class Renderer:
    """Draws one volume at a time into any framebuffer of its context."""

    def __init__(self, gpu: Gpu):
        self.gpu = gpu
        self._shaders, self._targets = Shaders(gpu), Targets(gpu)
        self._slices = SlicePass(gpu, self._shaders, self._targets)
        self._volumes = VolumePass(gpu, self._shaders, self._targets)
        self._marks = MarksPass(gpu, self._shaders)
        self._source: Source | None = None

    def set_volume(self, volume: Volume | None) -> None:
        """Show another volume (or none); slices that are there are uploaded by `update` and before the next drawing."""
        if self._source is not None:
            self._source.texture.release()
        self._source = None
        if volume is not None:
            self._source = Source(volume, grid_of(volume), VolumeTexture(self.gpu, volume))

    def update(self, most_slices: int | None = None) -> bool:
        """Upload slices that have arrived (at most so many); True if the picture may have changed."""
        return self._source is not None and self._source.texture.update(self._source.volume, most_slices)

    def draw(self, view: View, size: tuple[int, int], framebuffer: Any, **how: Any) -> None:
        """Draw at once; arguments as of draw_steps."""
        for _ in self.draw_steps(view, size, framebuffer, **how):
            pass

    def draw_steps(
        self,
        view: View,
        size: tuple[int, int],
        framebuffer: Any,
        *,
        scale: float = 1.0,
        panes: tuple[Pane, ...] | None = None,
        with_marks: bool = False,
        transparent: bool = False,
        pixels_per_point: float = 1.0,
        clear: bool = True,
    ) -> Iterator[None]:
        """Draw a picture of (width, height) pixels, yielding between strips of 3D so that the caller can look at events.

        Slices come first and are whole at the first yield; a 3D pane is filled when all its strips are drawn.
        scale: resolution of 3D (below 1 while moving). clear: False leaves what lies outside `panes` as it is. Closing the generator leaves the framebuffer as far as it got.
        """
        panes = panes if panes is not None else layout.panes(view.layout, size)
        if clear:
            self._clear(framebuffer, size, view, transparent, len(panes) > 1)
        if self._source is None:
            return
        for pane in sorted(panes, key=lambda p: not p.is_slice):
            if pane.is_slice:
                self._draw_slice(self._source, view, pane, size, framebuffer, transparent)
            else:
                yield from self._draw_3d(self._source, view, pane, size, framebuffer, scale, transparent)
        if with_marks:
            self._draw_marks(view, panes, size, framebuffer, pixels_per_point)
        framebuffer.scissor = None

    def picture(
        self, view: View, size: tuple[int, int], transparent: bool = False, with_marks: bool = False
    ) -> NDArray[np.uint8]:
        """Pixels [rows, columns, 3], or with straight alpha [rows, columns, 4] where `transparent`."""
        self.update()
        target = self._targets.get("picture", size, 4, "f1")
        self.draw(view, size, target.framebuffer, transparent=transparent, with_marks=with_marks)
        channels = 4 if transparent else 3
        data = target.framebuffer.read(components=channels, alignment=1)
        return np.frombuffer(data, np.uint8).reshape(size[1], size[0], channels)[::-1].copy()

    def values(self, view: View, size: tuple[int, int]) -> NDArray[np.float32]:
        """Real values before windowing [rows, columns], NaN outside; opacity where 3D is composed, optical depth where xray."""
        self.update()
        found = np.full((size[1], size[0]), np.nan, np.float32)
        for pane in layout.panes(view.layout, size):
            found[pane.y : pane.y + pane.height, pane.x : pane.x + pane.width] = self._values_of(view, pane)
        return found

    def badge(self) -> Badge:
        """How the picture is made."""
        if self._source is None:
            return Badge((0, 0, 0), 0, (0, 0, 0), 0, self.gpu.renderer, self.gpu.is_software, False)
        volume, plan = self._source.volume, self._source.texture.plan
        return Badge(
            source_shape=volume.shape_kji,
            source_bits=volume.source_bits,
            texture_shape=plan.shape_kji,
            texture_bits=plan.bits,
            renderer=self.gpu.renderer,
            is_software=self.gpu.is_software,
            is_rounded=volume.voxels.dtype.kind in "iu" and volume.source_bits > _FLOAT_EXACT_BITS,
        )

    def release(self) -> None:
        """Give everything back to the driver; the context stays."""
        self.set_volume(None)
        self._volumes.release()
        self._marks.release()
        context.release([self._targets, self._shaders])

    def _clear(self, framebuffer: Any, size: tuple[int, int], view: View, transparent: bool, has_gaps: bool) -> None:
        framebuffer.use()
        framebuffer.viewport = (0, 0, *size)
        framebuffer.scissor = None
        self.gpu.ctx.disable(moderngl.BLEND | moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        colour = _GAP_COLOUR if has_gaps else _BLACK
        framebuffer.clear(*colour, 0.0 if transparent else 1.0)

    def _draw_slice(
        self, source: Source, view: View, pane: Pane, size: tuple[int, int], framebuffer: Any, transparent: bool
    ) -> None:
        if source.texture.is_colour:
            self._draw_colour(source, view, pane, size, framebuffer, transparent)
            return
        target = self._slices.values(source, view, pane)
        shader = self._window_shader(source, view.window, view.invert, "grey")
        shader.set(background=_BLACK, clear_alpha=0.0 if transparent else 1.0)
        self._show(shader, target, pane, size, framebuffer)

    def _draw_colour(
        self, source: Source, view: View, pane: Pane, size: tuple[int, int], framebuffer: Any, transparent: bool
    ) -> None:
        shader = self._shaders.get("colour.frag")
        shader.set(
            volume=0,
            size_ijk=source.grid.shape_kji[::-1],
            index_from_pixel=matrix_bytes(
                source.grid.voxel_from_patient @ plane.patient_from_pixel(view, pane, source.grid)
            ),
            picture_rows=float(pane.height),
            is_nearest=int(view.interpolation == "nearest"),
            background=_BLACK,
            clear_alpha=0.0 if transparent else 1.0,
        )
        source.texture.voxels.use(0)
        _enter(shader, framebuffer, pane, size)
        shader.draw()

    def _draw_3d(
        self,
        source: Source,
        view: View,
        pane: Pane,
        size: tuple[int, int],
        framebuffer: Any,
        scale: float,
        transparent: bool,
    ) -> Iterator[None]:
        _demand_volume(source.grid, source.texture.is_colour)
        small = (max(1, round(pane.width * scale)), max(1, round(pane.height * scale)))
        target = self._volumes.target(view, small, moving=scale != 1.0)
        for _ in self._volumes.steps(source, view, target):
            yield
        self._resolve(source, view, target, pane, size, framebuffer, transparent)

    def _resolve(
        self,
        source: Source,
        view: View,
        target: Target,
        pane: Pane,
        size: tuple[int, int],
        framebuffer: Any,
        transparent: bool,
    ) -> None:
        if view.mode in PROJECTIONS:
            window = _xray_window(source.grid) if view.mode == "xray" else view.projection_window or view.window
            shader = self._window_shader(source, window, view.invert, view.colour_map, is_stored=view.mode != "xray")
            shader.set(background=view.background, clear_alpha=0.0 if transparent else 1.0)
        else:
            shader = self._shaders.get("resolve.frag")
            shader.set(picture=0, pane_size=pane.size, background=view.background, transparent=int(transparent))
        self._show(shader, target, pane, size, framebuffer)

    def _window_shader(
        self, source: Source, window: Window, invert: bool, colour_map: str, is_stored: bool = True
    ) -> Shader:
        scale = (source.volume.slope, source.volume.intercept) if is_stored else (1.0, 0.0)
        line = ramp(window, *scale)
        shader = self._shaders.get("window.frag")
        shader.set(
            values=0,
            window_low=line.low,
            window_gain=line.gain,
            window_sigmoid=int(line.sigmoid),
            window_invert=int(invert),
            colour_map=COLOUR_MAPS.index(colour_map),
        )
        return shader

    def _show(self, shader: Shader, target: Target, pane: Pane, size: tuple[int, int], framebuffer: Any) -> None:
        target.texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
        target.texture.use(0)
        if "shrink" in shader.program:
            shader.set(shrink=(target.size[0] / pane.width, target.size[1] / pane.height))
        _enter(shader, framebuffer, pane, size)
        shader.draw()

    def _draw_marks(
        self, view: View, panes: tuple[Pane, ...], size: tuple[int, int], framebuffer: Any, pixels_per_point: float
    ) -> None:
        if self._source is not None:
            found = [marks.marks_of(view, pane, self._source.grid, pixels_per_point) for pane in panes]
            framebuffer.use()
            framebuffer.viewport, framebuffer.scissor = (0, 0, *size), None
            self._marks.draw(found, size)

    def _values_of(self, view: View, pane: Pane) -> NDArray[np.float32]:
        if self._source is None:
            return np.full((pane.height, pane.width), np.nan, np.float32)
        if pane.is_slice:
            target = self._slices.values(self._source, view, pane)
        else:
            _demand_volume(self._source.grid, self._source.texture.is_colour)
            target = self._volumes.target(view, pane.size, moving=False)
            for _ in self._volumes.steps(self._source, view, target):
                pass
        found = np.frombuffer(target.texture.read(alignment=1), np.float32).reshape(pane.height, pane.width, -1)[::-1]
        if found.shape[2] == 4:
            return found[..., 3]
        volume, is_depth = self._source.volume, view.mode == "xray" and not pane.is_slice
        real = found[..., 0] if is_depth else volume.real(found[..., 0])
        return np.where(found[..., 1] < 0, np.nan, real).astype(np.float32)


def _xray_window(grid: Grid) -> Window:
    return between(0.0, WATER_PER_MM * grid.half_extent_mm * _XRAY_DEPTH)


def _demand_volume(grid: Grid, is_colour: bool) -> None:
    if not grid.is_spatial or is_colour:
        raise NoVolume(view="3d")


def _enter(shader: Shader, framebuffer: Any, pane: Pane, size: tuple[int, int]) -> None:
    """Make a pane of the framebuffer the place to draw to; OpenGL counts rows from below."""
    below = size[1] - pane.y - pane.height
    framebuffer.use()
    framebuffer.viewport = framebuffer.scissor = (pane.x, below, pane.width, pane.height)
    shader.set(origin=(float(pane.x), float(below)))

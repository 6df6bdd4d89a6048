"""Renderer: a volume and a View to pixels - the one path of window, command line and tests."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from archive.errors import NoVolume
from archive.volumes.volume import SliceState, Volume
from render import context, layout, marks, pass_window, plane
from render.badge import Badge
from render.context import Gpu
from render.grid import Grid
from render.layout import Pane
from render.pass_marks import MarksPass
from render.pass_slice import SlicePass, matrix_bytes
from render.pass_volume import PROJECTIONS, WATER_PER_MM, VolumePass
from render.pass_window import Ink, Place
from render.shader import Shaders
from render.source import Source
from render.targets import Target, Targets
from render.transfer import Colour
from render.view import View
from render.window import Window, between

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
        self._has_said = False  # that a slice has arrived, so that it can be drawn before it is uploaded

    def set_volume(self, volume: Volume | None) -> None:
        """Show another volume (or none). Its slices can be drawn at once; the 3D texture is made when it is needed."""
        if self._source is not None:
            self._source.release()
        self._slices.release()
        self._source = Source(self.gpu, volume) if volume is not None else None
        self._has_said = False

    def update(self, most_slices: int | None = None) -> bool:
        """Upload slices that have arrived (at most so many); True if the picture may have changed.

        A window that asks for a few slices at a time draws its first picture before any texture is made: the first True
        only says that something has arrived.
        """
        if self._source is None:
            return False
        if most_slices is not None and not self._has_said and not self._source.has_texture:
            self._has_said = bool((self._source.states != SliceState.EMPTY).any())
            return self._has_said
        return self._source.update(most_slices)

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
        passes: int = 1,
    ) -> Iterator[None]:
        """Draw a picture of (width, height) pixels, yielding between strips of 3D so that the caller can look at events.

        Slices come first and are whole at the first yield; a 3D pane is filled when all its strips are drawn.
        passes: of 3D, shifted along the rays and added up: more than one for a picture at rest, going on where the last drawing
        of the same picture ended. scale: resolution of 3D (below 1 while moving). clear: False leaves what lies outside `panes` as it is. Closing the generator leaves the framebuffer as far as it got.
        """
        panes = panes if panes is not None else layout.panes(view.layout, size)
        if clear:
            self._clear(framebuffer, size, view, transparent, panes)
        if self._source is None:
            return
        for pane in sorted(panes, key=lambda p: not p.is_slice):
            place = Place(framebuffer, pane, size)
            if pane.is_slice:
                self._draw_slice(self._source, view, place, transparent)
            else:
                yield from self._draw_3d(self._source, view, place, scale, transparent, passes)
        if with_marks:
            self._draw_marks(view, panes, size, framebuffer, pixels_per_point)
        framebuffer.scissor = None

    def picture(
        self, view: View, size: tuple[int, int], transparent: bool = False, with_marks: bool = False, passes: int = 1
    ) -> NDArray[np.uint8]:
        """Pixels [rows, columns, 3], or with straight alpha [rows, columns, 4] where `transparent`."""
        self._catch_up()
        target = self._targets.get("picture", size, 4, "f1")
        self.draw(view, size, target.framebuffer, transparent=transparent, with_marks=with_marks, passes=passes)
        channels = 4 if transparent else 3
        data = target.framebuffer.read(components=channels, alignment=1)
        return np.frombuffer(data, np.uint8).reshape(size[1], size[0], channels)[::-1].copy()

    def values(self, view: View, size: tuple[int, int]) -> NDArray[np.float32]:
        """Real values before windowing [rows, columns], NaN outside; opacity where 3D is composed, optical depth where xray."""
        self._catch_up()
        found = np.full((size[1], size[0]), np.nan, np.float32)
        for pane in layout.panes(view.layout, size):
            found[pane.y : pane.y + pane.height, pane.x : pane.x + pane.width] = self._values_of(view, pane)
        return found

    def badge(self) -> Badge:
        """How the picture is made."""
        if self._source is None:
            return Badge((0, 0, 0), 0, (0, 0, 0), 0, self.gpu.renderer, self.gpu.is_software, False, False)
        volume, plan = self._source.volume, self._source.plan
        return Badge(
            source_shape=volume.shape_kji,
            source_bits=volume.source_bits,
            texture_shape=plan.shape_kji,
            texture_bits=plan.bits,
            renderer=self.gpu.renderer,
            is_software=self.gpu.is_software,
            is_resampled=volume.is_resampled,
            is_rounded=volume.voxels.dtype.kind in "iu" and volume.source_bits > _FLOAT_EXACT_BITS,
        )

    def release(self) -> None:
        """Give everything back to the driver; the context stays."""
        self.set_volume(None)  # and with it the sheets
        self._volumes.release()
        self._marks.release()
        context.release([self._targets, self._shaders])

    def _catch_up(self) -> None:
        """What has arrived goes to the card, if there is a texture already; else it is made of all of it."""
        if self._source is not None and self._source.has_texture:
            self._source.update()

    def _clear(
        self, framebuffer: Any, size: tuple[int, int], view: View, transparent: bool, panes: tuple[Pane, ...]
    ) -> None:
        framebuffer.use()
        framebuffer.viewport = (0, 0, *size)
        framebuffer.scissor = None
        self.gpu.ctx.disable(moderngl.BLEND | moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        if len(panes) != 1 or panes[0].size != size or self._source is None:  # a single pane writes every pixel itself
            colour = _GAP_COLOUR if len(panes) > 1 else _BLACK
            framebuffer.clear(*colour, 0.0 if transparent else 1.0)

    def _draw_slice(self, source: Source, view: View, place: Place, transparent: bool) -> None:
        if source.is_colour:
            self._draw_colour(source, view, place, transparent)
        else:
            ink = _ink(source, view.window, view.invert, "grey", _BLACK, transparent)
            self._slices.show(source, view, place, ink)

    def _draw_colour(self, source: Source, view: View, place: Place, transparent: bool) -> None:
        shader = self._shaders.get("colour.frag")
        patient_from_pixel = plane.patient_from_pixel(view, place.pane, source.grid)
        shader.set(
            volume=0,
            size_ijk=source.grid.shape_kji[::-1],
            index_from_pixel=matrix_bytes(source.grid.voxel_from_patient @ patient_from_pixel),
            picture_rows=float(place.pane.height),
            is_nearest=int(view.interpolation == "nearest"),
            background=_BLACK,
            clear_alpha=0.0 if transparent else 1.0,
            origin=(float(place.pane.x), float(place.below)),
        )
        source.texture.voxels.use(0)
        place.enter()
        shader.draw()

    def _draw_3d(
        self, source: Source, view: View, place: Place, scale: float, transparent: bool, passes: int
    ) -> Iterator[None]:
        _demand_volume(source.grid, source.is_colour)
        pane = place.pane
        small = (max(1, round(pane.width * scale)), max(1, round(pane.height * scale)))
        target = self._volumes.target(view, small, moving=scale != 1.0)
        for _ in self._volumes.steps(source, view, target, passes):
            yield
        self._resolve(source, view, target, place, transparent)

    def _resolve(self, source: Source, view: View, target: Target, place: Place, transparent: bool) -> None:
        if view.mode in PROJECTIONS:
            pass_window.show(self._shaders, target, _projection_ink(source, view, transparent), place)
            return
        shader = self._shaders.get("resolve.frag")
        shader.set(picture=0, passes=float(target.passes), pane_size=place.pane.size)
        shader.set(background=view.background, transparent=int(transparent))
        pass_window.draw(shader, target, place)

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
            _demand_volume(self._source.grid, self._source.is_colour)
            target = self._volumes.target(view, pane.size, moving=False)
            for _ in self._volumes.steps(self._source, view, target):
                pass
        found = np.frombuffer(target.texture.read(alignment=1), np.float32).reshape(pane.height, pane.width, -1)[::-1]
        if found.shape[2] == 4:
            return np.asarray(found[..., 3] / target.passes, np.float32)
        volume, is_depth = self._source.volume, view.mode == "xray" and not pane.is_slice
        real = found[..., 0] if is_depth else volume.real(found[..., 0])
        return np.where(found[..., 1] < 0, np.nan, real).astype(np.float32)


def _ink(source: Source, window: Window, invert: bool, colour_map: str, background: Colour, transparent: bool) -> Ink:
    outside = (*background, 0.0 if transparent else 1.0)
    return Ink(window, source.volume.slope, source.volume.intercept, invert, colour_map, outside, source.has_gaps)


def _projection_ink(source: Source, view: View, transparent: bool) -> Ink:
    """Rays have no slice of their own, and those of an X-ray end in an optical depth, not in a stored value."""
    window = view.projection_window or view.window
    ink = _ink(source, window, view.invert, view.colour_map, view.background, transparent)
    if view.mode == "xray":
        water = between(0.0, WATER_PER_MM * source.grid.half_extent_mm * _XRAY_DEPTH)
        ink = replace(ink, window=water, slope=1.0, intercept=0.0)
    return replace(ink, has_states=False)


def _demand_volume(grid: Grid, is_colour: bool) -> None:
    if not grid.is_spatial or is_colour:
        raise NoVolume(view="3d")

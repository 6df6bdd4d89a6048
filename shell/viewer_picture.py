"""The picture in the window: drawn coarsely while something moves, refined in strips when it rests, kept otherwise."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from archive.volumes.volume import Volume
from render import layout
from render.context import Gpu
from render.frame import Renderer
from render.governor import Governor, governor_for
from render.layout import Pane
from render.view import Framing, Slab, View
from render.window import Window

_REST_S: Final = 0.12  # without a change before the picture is refined
_STRIPS_S: Final = 0.015  # of refining between two looks at the events
_UPLOAD_S: Final = 0.1  # between two uploads of slices that arrive
_UPLOAD_SLICES: Final = 32


class Picture:
    """Two framebuffers of one size: `front` is shown, `back` is where the fine picture grows.

    Slices never wait for 3D: while slices arrive, and at the very first, they are drawn alone and 3D follows.
    """

    def __init__(self, gpu: Gpu) -> None:
        self.renderer = Renderer(gpu)
        self._gpu = gpu
        self._governor = _first_guess(gpu)
        self._front: Any = None
        self._back: Any = None
        self._refining: Iterator[None] | None = None
        self._drawn: _Drawn | None = None
        self._solid_shown: Any = None  # what the 3D pane shows, coarsely or in full
        self._solid_whole: Any = None  # what it shows in full
        self._coarse_s, self._coarse_took_s, self._coarse_scale = 0.0, 0.0, 1.0
        self._uploaded_s = 0.0
        self._version = 0
        self.is_uploaded = True  # all that has arrived is on the card

    @property
    def texture(self) -> Any:
        """The texture of what is shown."""
        return self._front.color_attachments[0]

    @property
    def is_refining(self) -> bool:
        """Whether a finer picture is wanted or grows."""
        drawn = self._drawn
        return drawn is not None and drawn.solid is not None and drawn.solid != self._solid_whole

    def warm(self, volume: Volume, view: View) -> None:
        """Compile and run the programs once on something small, while the window is still hidden."""
        self.set_volume(volume)
        self.renderer.update()
        self.draw(view, (64, 64), 1.0, 0.0)
        self.set_volume(None)
        self._governor = _first_guess(self._gpu)  # what a picture of so few pixels took says nothing

    def set_volume(self, volume: Volume | None) -> None:
        """Show another volume; the old one's textures go back to the driver first."""
        self.renderer.set_volume(volume)
        self.is_uploaded = volume is None
        self._forget()

    def exchange(self, volume: Volume) -> None:
        """Another volume of the same shape takes the place of the shown one, and nothing flickers."""
        self.renderer.set_volume(volume)
        while self.renderer.update(_UPLOAD_SLICES):
            pass
        self.is_uploaded = True
        self._version += 1

    def load(self, is_last: bool, now_s: float) -> bool:
        """Upload slices that have arrived, now and then (`is_last`: all are there); True if the picture has to change."""
        if now_s - self._uploaded_s < _UPLOAD_S and not is_last:
            return False
        self._uploaded_s = now_s
        has_new = self.renderer.update(_UPLOAD_SLICES)
        self.is_uploaded = not has_new
        self._version += has_new
        return has_new

    def draw(self, view: View, size: tuple[int, int], pixels_per_point: float, now_s: float) -> bool:
        """Bring the picture up to date with the view, at once; True if it has changed."""
        wanted = _drawn_of(view, size, pixels_per_point, self._version, now_s)
        before = self._drawn
        if before is not None and wanted.key == before.key:
            return False
        self._resize(size)
        self._stop()
        self._drawn = wanted
        if wanted.solid is None or wanted.solid == self._solid_whole:
            self._draw_all(wanted, 1.0)
        elif wanted.solid == self._solid_shown:
            self._draw_all(wanted, self._coarse_scale)  # the renderer still has that picture of 3D
        elif before is None or (wanted.arrangement == before.arrangement and not _has_moved(wanted, before)):
            self._draw_slices(wanted, is_first=before is None)
        else:
            self._draw_coarse(wanted)
        return True

    def refine(self, now_s: float) -> bool:
        """Go on with 3D: coarsely where it is out of date, in full if nothing has changed for a while; True: to be shown."""
        drawn = self._drawn
        if drawn is None or not self.is_refining or now_s < self._next_s(drawn):
            return False
        if self._solid_shown != drawn.solid:
            self._draw_coarse(drawn)
            return True
        if self._refining is None:
            self._solid_whole = None  # the renderer keeps one full 3D picture: the old one is gone now
            self._refining = self._steps(drawn, self._back, 1.0)
        until = time.perf_counter() + _STRIPS_S
        while time.perf_counter() < until:
            if next(self._refining, self) is self:
                self._refining = None
                self._front, self._back = self._back, self._front
                self._solid_whole = drawn.solid
                return True
        return False

    def wait_s(self, now_s: float) -> float | None:
        """How long nothing is to be done here; None: until something happens."""
        if self._drawn is None or not self.is_refining:
            return None
        return max(self._next_s(self._drawn) - now_s, 0.0)

    def pixels(self) -> NDArray[np.uint8]:
        """What is shown, in full resolution [rows, columns, 3]."""
        while self.is_refining:
            self.refine(float("inf"))
        width, height = self._front.size
        data = self._front.read(components=3, alignment=1)
        return np.frombuffer(data, np.uint8).reshape(height, width, 3)[::-1].copy()

    def _next_s(self, drawn: "_Drawn") -> float:
        """When 3D is to be gone on with: data that arrive may cost it a third of the time, not more."""
        if self._solid_shown != drawn.solid:
            return self._coarse_s + 3 * self._coarse_took_s
        return drawn.changed_s + _REST_S

    def _draw_slices(self, drawn: "_Drawn", is_first: bool) -> None:
        """The slice views alone; what 3D shows stays as it is."""
        slices = tuple(pane for pane in layout.panes(drawn.view.layout, drawn.size) if pane.is_slice)
        for _ in self._steps(drawn, self._front, 1.0, panes=slices, clear=is_first):
            pass

    def _draw_coarse(self, drawn: "_Drawn") -> None:
        """Everything, 3D as coarsely as the machine needs to keep up."""
        pane = drawn.solid_pane
        assert pane is not None
        self._governor = self._governor.moving(pane.size)
        scale = self._coarse_scale = self._governor.scale
        has_tables = _tables(self._solid_shown) == _tables(drawn.solid)
        started = time.perf_counter()
        self._draw_all(drawn, scale)
        took_s = time.perf_counter() - started
        if has_tables:  # making the tables of a look or of new data says nothing of how fast pictures are drawn
            self._governor = self._governor.seen(int(pane.width * pane.height * scale * scale), took_s * 1000)
        self._coarse_took_s, self._coarse_s = took_s, time.monotonic()

    def _draw_all(self, drawn: "_Drawn", scale: float) -> None:
        for _ in self._steps(drawn, self._front, scale):
            pass
        self._solid_shown = drawn.solid
        if scale == 1.0 and drawn.solid is not None:
            self._solid_whole = drawn.solid

    def _steps(self, drawn: "_Drawn", target: Any, scale: float, **how: Any) -> Iterator[None]:
        points = drawn.pixels_per_point
        return self.renderer.draw_steps(
            drawn.view, drawn.size, target, scale=scale, with_marks=True, pixels_per_point=points, **how
        )

    def _resize(self, size: tuple[int, int]) -> None:
        if self._front is not None and self._front.size == size:
            return
        self._forget()
        for old in (self._front, self._back):
            if old is not None:
                old.color_attachments[0].release()
                old.release()
        self._front, self._back = (self._target(size) for _ in range(2))

    def _target(self, size: tuple[int, int]) -> Any:
        texture = self._gpu.ctx.texture(size, 3, alignment=1)
        texture.repeat_x = texture.repeat_y = False
        texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        return self._gpu.ctx.framebuffer([texture])

    def _forget(self) -> None:
        self._stop()
        self._drawn = self._solid_shown = self._solid_whole = None

    def _stop(self) -> None:
        """Give up the fine picture that grows; its generator ends where it is."""
        self._refining = None


@dataclass(frozen=True)
class _Drawn:
    """What was drawn, and what of it the 3D pane depends on (None where there is no 3D pane)."""

    view: View
    size: tuple[int, int]
    pixels_per_point: float
    version: int
    solid: tuple[View, tuple[int, int], int] | None
    solid_pane: Pane | None
    changed_s: float

    @property
    def key(self) -> tuple[Any, ...]:
        return self.view, self.size, self.pixels_per_point, self.version

    @property
    def arrangement(self) -> tuple[Any, ...]:
        return self.view.layout, self.size


def _drawn_of(view: View, size: tuple[int, int], pixels_per_point: float, version: int, now_s: float) -> _Drawn:
    pane = next((pane for pane in layout.panes(view.layout, size) if not pane.is_slice), None)
    solid_key = None if pane is None else (solid(view), pane.size, version)
    return _Drawn(view, size, pixels_per_point, version, solid_key, pane, now_s)


def _has_moved(now: _Drawn, before: _Drawn) -> bool:
    """Whether a person has changed what 3D shows; slices that arrive are no such change."""
    return (now.solid or ())[:2] != (before.solid or ())[:2]


def _tables(of_solid: Any) -> Any:
    """What the renderer's tables for 3D depend on."""
    if of_solid is None:
        return None
    view, _, version = of_solid
    return view.transfer, view.mode, version


def _first_guess(gpu: Gpu) -> Governor:
    """Before anything was measured, a careful guess: the first picture comes fast and the fine one after it."""
    return governor_for(gpu.is_software).seen(1_000_000, 1500.0 if gpu.is_software else 15.0)


_NO_WINDOW: Final = Window(0.0, 1.0)


def solid(view: View) -> View:
    """The view without what the 3D pane does not depend on, so that two can be compared."""
    return replace(
        view,
        layout="",
        cursor_mm=(0.0, 0.0, 0.0),
        window=_NO_WINDOW,
        projection_window=None,
        invert=False,
        slab=Slab(),
        interpolation="",
        framings=(("", Framing()),),
        marks=(),
        preset="",
    )

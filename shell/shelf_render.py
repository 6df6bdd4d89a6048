"""Making pictures of a stack without a window: the wishes of the command line as a View, the View as picture files."""

import os
import time as clock
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from archive.errors import NoVolume, TooLarge
from shell.shelf_export import can_be_written
from shell.shelf_open import Piece, time_index

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from archive.sandbox.client import Decoder
    from archive.volumes.loading import Loading
    from archive.volumes.on_grid import GridLoading
    from archive.volumes.volume import Volume
    from render.context import Gpu
    from render.view import View
    from shell.shelf import Shelf

    Pixels = NDArray[np.uint8]

Object = dict[str, Any]
SLICE_VIEWS: Final = ("axial", "coronal", "sagittal", "oblique", "frames")
USUAL_SIZE: Final = (800, 600)


@dataclass(frozen=True)
class Wishes:
    """What a picture shall be; None: as the scan suggests. Real values, patient LPS mm, degrees, pixels."""

    stack: int | None = None
    time: int | None = None
    view: str | None = None
    preset: str | None = None
    mode: str | None = None
    size: tuple[int, int] | None = None
    camera: tuple[float, ...] | None = None
    window: tuple[float, float] | None = None
    at: tuple[float, float, float] | None = None
    slab: float | None = None
    plane: tuple[float, ...] | None = None
    interpolation: str | None = None
    crop: tuple[float, ...] | None = None
    clip: tuple[tuple[float, ...], ...] = ()
    step: float | None = None
    transparent: bool = False
    marks: bool = False
    raw: str | None = None
    scene: str | None = None
    save_scene: str | None = None
    turntable: int | None = None
    repeat: int | None = None


def render(
    shelf: "Shelf", selector: str, target: str, wish: Wishes, on_choice: Callable[[Piece, int], None] | None = None
) -> tuple[Object, bool]:
    """The `render` object, and whether every slice could be read. What can be refused is refused before the pixels are read."""
    from archive.sandbox.client import Decoder
    from render import context, presets
    from shell.scene_files import read_scene

    for path in filter(None, (target, wish.raw, wish.save_scene)):
        can_be_written(path)
    scene = read_scene(wish.scene) if wish.scene else None
    if wish.preset:
        presets.by_name(wish.preset)
    with shelf.look(selector) as found, Decoder() as decoder:
        piece = found.piece(wish.stack)
        if wish.stack is None and len(found.pieces) > 1 and on_choice is not None:
            on_choice(piece, len(found.pieces))
        _can_be_shown(piece, wish.view)
        gpu = context.offscreen()
        size = _fitting(wish.size or (scene.size if scene else None) or USUAL_SIZE, gpu)
        is_flat = (wish.view or (scene.view.layout if scene else None)) == "frames"
        loading = _loaded(piece, time_index(piece, wish.time) or 0, decoder, on_grid=not is_flat)
    view = _view_of(loading.volume, wish, scene.view if scene else None)
    value = _Studio(gpu, loading.volume, view, size, wish).shoot(os.path.abspath(target))
    value |= {"stack": piece.number, "damaged": len(loading.damaged), "resampled": loading.volume.is_resampled}
    return value | {"notices": _notices(loading.volume, shelf)}, not loading.damaged


def _notices(volume: "Volume", shelf: "Shelf") -> list[str]:
    """What a person should be told of how the picture was made."""
    return [shelf.texts.say("badge.resampled")] if volume.is_resampled else []


def pictures(shelf: "Shelf", selector: str, wishes: Mapping[str, Wishes]) -> tuple[dict[str, "Pixels"], str]:
    """Several pictures of the largest stack, read once; and the renderer's name."""
    from archive.sandbox.client import Decoder
    from render import context

    with shelf.look(selector) as found, Decoder() as decoder:
        volume = _loaded(found.piece(None), 0, decoder, on_grid=True).volume
    gpu = context.offscreen()
    made = {
        name: _Studio(gpu, volume, _view_of(volume, wish, None), wish.size or USUAL_SIZE, wish).pixels()
        for name, wish in wishes.items()
    }
    return made, gpu.renderer


def _can_be_shown(piece: Piece, view: str | None) -> None:
    """Documents have no picture at all, and what has no millimetres across its slices has its own frames only."""
    if piece.stack.kind == "document":
        raise NoVolume(view=view or "frames")
    if view not in (None, "frames") and piece.stack.kind != "volume":
        raise NoVolume(view=view)


def _fitting(size: tuple[int, int], gpu: "Gpu") -> tuple[int, int]:
    if max(size) > gpu.max_2d:
        allowed = f"{gpu.max_2d} x {gpu.max_2d} pixels"
        raise TooLarge(what="--size", wanted=f"{size[0]} x {size[1]} pixels", allowed=allowed)
    return size


def _loaded(piece: Piece, time: int, decoder: "Decoder", *, on_grid: bool) -> "Loading | GridLoading":
    """The volume; `on_grid`: uneven slices on a regular grid, since more than the slices as they are is to be shown."""
    from archive.volumes.on_grid import loading_of

    loading = loading_of(piece.stack, piece.files, time, decoder=decoder, on_grid=on_grid)
    loading.run()
    return loading


def _view_of(volume: "Volume", wish: Wishes, begun: "View | None") -> "View":
    """The view of the wishes: a scene's or the first one, then one change for each wish."""
    from render import presets
    from render.statistics import statistics
    from render.view import first_view

    view = begun
    if view is None:
        view = replace(first_view(volume), layout="3d" if volume.is_spatial else "frames")
    if wish.preset or (begun is None and volume.is_spatial):
        preset = presets.by_name(wish.preset) if wish.preset else presets.suitable(volume)[0]
        view = presets.applied(view, preset, statistics(volume))
    for name, change in _CHANGES.items():
        asked = getattr(wish, name)
        if asked not in (None, ()):
            view = change(view, asked)
    return view


def _window(view: "View", asked: tuple[float, float]) -> "View":
    from render.window import Window

    window = Window(*asked)
    return replace(view, window=window, projection_window=window)


def _camera(view: "View", asked: tuple[float, ...]) -> "View":
    now = view.camera
    azimuth, elevation, zoom, roll = (*asked, *(now.zoom, now.roll_deg)[len(asked) - 2 :])
    return replace(view, camera=replace(now, azimuth_deg=azimuth, elevation_deg=elevation, zoom=zoom, roll_deg=roll))


def _plane(view: "View", asked: tuple[float, ...]) -> "View":
    from render.view import Plane

    normal = (asked[0], asked[1], asked[2])
    return replace(view, oblique=Plane(normal, (asked[3], asked[4], asked[5]) if len(asked) == 6 else None))


def _crop(view: "View", asked: tuple[float, ...]) -> "View":
    from render.view import Crop

    return replace(view, crop=Crop(*(int(edge) for edge in asked)))


def _clip(view: "View", asked: tuple[tuple[float, ...], ...]) -> "View":
    from render.view import Clip

    return replace(view, clips=tuple(Clip((x, y, z), offset) for x, y, z, offset in asked))


def _mode(view: "View", asked: str) -> "View":
    """The mode of 3D, and of slabs where those know it."""
    from render.view import SLAB_MODES

    slab = replace(view.slab, mode=asked) if asked in SLAB_MODES else view.slab
    return replace(view, mode=asked, slab=slab)


_CHANGES: Final[dict[str, Callable[["View", Any], "View"]]] = {
    "view": lambda view, asked: replace(view, layout=asked),
    "mode": _mode,
    "window": _window,
    "camera": _camera,
    "at": lambda view, asked: replace(view, cursor_mm=asked),
    "slab": lambda view, asked: replace(view, slab=replace(view.slab, thickness_mm=asked)),
    "plane": _plane,
    "interpolation": lambda view, asked: replace(view, interpolation=asked),
    "crop": _crop,
    "clip": _clip,
    "step": lambda view, asked: replace(view, step_mm=asked),
}


class _Studio:
    """One volume in front of one renderer, and the pictures that are taken of it."""

    def __init__(self, gpu: "Gpu", volume: "Volume", view: "View", size: tuple[int, int], wish: Wishes) -> None:
        from render.frame import Renderer

        self._renderer: Renderer = Renderer(gpu)
        self._renderer.set_volume(volume)
        self._volume, self._view, self._size, self._wish = volume, view, size, wish
        self._milliseconds: list[float] = []

    def pixels(self) -> "Pixels":
        """The picture alone."""
        try:
            return self._picture(self._view)
        finally:
            self._renderer.release()

    def shoot(self, target: str) -> Object:
        """Write everything that was asked for; the object about it."""
        try:
            outputs = self._turned(target) if self._wish.turntable else self._one(target)
            self._beside()
            return self._account() | outputs
        finally:
            self._renderer.release()

    def _one(self, target: str) -> Object:
        for _ in range((self._wish.repeat or 1) - 1):
            self._picture(self._view)
        self._write(target, self._view)
        return {"output": target}

    def _turned(self, target: str) -> Object:
        """Once around the patient's long axis, in equal steps, into files numbered behind their name."""
        stem, ending = os.path.splitext(target)
        count = self._wish.turntable or 1
        paths = []
        for number in range(count):
            camera = self._view.camera
            turned = replace(camera, azimuth_deg=(camera.azimuth_deg + 360 * number / count) % 360)
            paths.append(f"{stem}-{number + 1:0{len(str(count))}d}{ending}")
            self._write(paths[-1], replace(self._view, camera=turned))
        return {"output": paths[0], "outputs": paths}

    def _picture(self, view: "View") -> "Pixels":
        started = clock.monotonic()
        pixels = self._renderer.picture(view, self._size, self._wish.transparent, with_marks=self._wish.marks)
        self._milliseconds.append(round((clock.monotonic() - started) * 1000, 2))
        return pixels

    def _write(self, path: str, view: "View") -> None:
        from render import png

        png.write(path, self._picture(view))

    def _beside(self) -> None:
        """The files that go with a picture: values before windowing, and the scene."""
        from shell.scene_files import write_scene, write_values

        if self._wish.raw:
            write_values(self._wish.raw, self._renderer.values(self._view, self._size))
        if self._wish.save_scene:
            write_scene(self._wish.save_scene, self._view, self._size)

    def _account(self) -> Object:
        """How the picture was made."""
        from render.grid import grid_of

        grid, badge, view = grid_of(self._volume), self._renderer.badge(), self._view
        times = self._milliseconds
        value: Object = {
            "size": list(self._size),
            "view": view.layout,
            "preset": view.preset or None,
            "mode": view.mode,
            "camera": [view.camera.azimuth_deg, view.camera.elevation_deg, view.camera.zoom, view.camera.roll_deg],
            "window": [view.window.centre, view.window.width],
            "step_mm": view.step_of(grid),
            "source": {"shape": list(badge.source_shape), "bits": badge.source_bits},
            "texture": {"shape": list(badge.texture_shape), "bits": badge.texture_bits},
            "renderer": badge.renderer,
            "ms": {"first": times[0], "median": median(times)} if self._wish.repeat else times[0],
        }
        if view.layout in SLICE_VIEWS:
            value["pixel_from_patient"] = self._pixel_from_patient()
        return value

    def _pixel_from_patient(self) -> list[list[float]]:
        from render import layout, plane
        from render.grid import grid_of

        pane = layout.panes(self._view.layout, self._size)[0]
        return plane.pixel_from_patient(self._view, pane, grid_of(self._volume)).tolist()  # type: ignore[no-any-return]

"""Tomotheque draws 3D scenes and slices: `our_volume VOXELS.npy SPACING`; the requests are those of vtk_volume."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tests.bench.peers.serving import clocked, serve


def start() -> Any:
    import render.frame  # noqa: F401 - its import is nobody's drawing time

    return Stage(*sys.argv[1:]).answer


class Stage:
    """One volume in one context without a window."""

    def __init__(self, voxels: str, spacing: str) -> None:
        from archive.volumes.volume import SliceState, Volume

        held = np.load(voxels)
        states = np.full(held.shape[0], SliceState.READY, np.uint8)
        matrix = np.diag([*(float(v) for v in spacing.split(",")), 1.0])
        self.volume = Volume(held, matrix, unit="HU", modality="CT", states=states)
        self.renderer: Any = None
        self.count = 0
        self.framebuffers: dict[tuple[int, int], Any] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if "edit" in request:
            return self._edited(request)
        view, size = self._view(request["scene"]), tuple(request["scene"]["size"])
        if self.renderer is None:
            first = clocked(lambda: (self._open(), self._draw(view, size)))
            return {**first, "renderer": self.renderer.gpu.renderer, "is_software": self.renderer.gpu.is_software}
        if request.get("warm"):
            self._draw(view, size)
        spent = clocked(lambda: self._draw(self._moved(view), size))
        if request.get("picture"):
            np.save(request["picture"], self.renderer.picture(view, size))
        return spent

    def _open(self) -> None:
        from render import context
        from render.frame import Renderer

        self.renderer = Renderer(context.offscreen())
        self.renderer.set_volume(self.volume)
        self.renderer.update()

    def _draw(self, view: Any, size: tuple[int, int]) -> None:
        if size not in self.framebuffers:
            self.framebuffers[size] = self.renderer.gpu.ctx.simple_framebuffer(size, 4)
        self.renderer.draw(view, size, self.framebuffers[size])
        self.renderer.gpu.ctx.finish()

    def _moved(self, view: Any) -> Any:
        """The same picture to the eye, another one to a renderer that remembers what it drew last."""
        self.count += 1
        camera = replace(view.camera, zoom=1.0 + 1e-12 * self.count)
        return replace(view, camera=camera, cursor_mm=tuple(c + 1e-9 * self.count for c in view.cursor_mm))

    def _view(self, scene: dict[str, Any]) -> Any:
        from render.camera import looking
        from render.transfer import Point, Shade, Transfer
        from render.view import first_view
        from render.window import between

        camera = scene["camera"]
        shade = Shade(**scene["shade"], flat_cuts=False) if scene["shade"] else Shade(lit=False)  # VTK has no flat cuts
        return replace(
            first_view(self.volume),
            layout="3d",
            mode=scene["mode"],
            camera=looking(camera["position"], camera["focal_point"], camera["view_up"], camera["view_angle"]),
            transfer=Transfer(tuple(Point(*point) for point in scene["transfer"]), shade),
            light=(0.0, 0.0, 1.0),
            step_mm=scene["step_mm"],
            projection_window=between(*scene["window"]) if "window" in scene else None,
        )

    def _edited(self, request: dict[str, Any]) -> dict[str, Any]:
        """Seconds of a change, drawn: see EDITS."""
        if self.renderer is None:
            self._open()
        scene = request["scene"]
        before, after = EDITS[request["edit"]](self, self._view(scene))
        size = tuple(scene["size"])
        self._draw(before, size)
        return clocked(lambda: self._draw(after, size))


def _windowed(stage: Stage, view: Any) -> tuple[Any, Any]:
    from render.window import between

    stage.count += 1
    before = replace(view, layout="axial")
    return before, replace(before, window=between(-200.0 + stage.count % 50, 300.0))


def _slice(layout: str, **more: Any) -> Callable[[Stage, Any], tuple[Any, Any]]:
    def change(stage: Stage, view: Any) -> tuple[Any, Any]:
        from render.view import Plane, Slab

        values = {"oblique": Plane(tuple(more["normal"]))} if "normal" in more else {}
        if "slab_mm" in more:
            values["slab"] = Slab(more["slab_mm"], "mip")
        stage.count += 1
        before = replace(view, layout=layout, **values)
        x, y, z = before.cursor_mm
        return before, replace(before, cursor_mm=(x, y, z + 0.37 * (1 + stage.count % 20)))

    return change


def _transfer(stage: Stage, view: Any) -> tuple[Any, Any]:
    stage.count += 1
    points = list(view.transfer.points)
    points[1] = replace(points[1], opacity=points[1].opacity * (1 - 0.001 * (stage.count % 50)))
    return view, replace(view, transfer=replace(view.transfer, points=tuple(points)))


NORMAL = (0.36, 0.48, 0.8)
EDITS: dict[str, Callable[[Stage, Any], tuple[Any, Any]]] = {
    "window": _windowed,
    "axial": _slice("axial"),
    "oblique": _slice("oblique", normal=NORMAL),
    "slab": _slice("axial", slab_mm=19.0),
    "transfer": _transfer,
}


if __name__ == "__main__":
    serve(start)

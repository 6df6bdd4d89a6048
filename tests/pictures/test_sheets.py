"""Slices without a 3D texture: there at once, the same as sampled ones, and nothing is uploaded that is not needed."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from make import volumes

from archive.volumes.volume import SliceState
from render import layout, plane, reslice, sheet
from render.frame import Renderer
from render.grid import grid_of
from render.view import Framing, Plane, Slab, View, first_view
from render.window import Window

SHEARED = np.array([[1, 0, 0], [0, 1, 0.27], [0, 0, 1.0]])


def noise(shape: Any = (14, 20, 24), axes: Any = None, **more: Any) -> Any:
    values = np.random.default_rng(5).integers(-900, 900, shape)
    return volumes.volume(values, volumes.centred(shape, (1.0, 1.3, 2.0), axes), **more)


def cut(view: View, volume: Any, size: Any = (60, 50)) -> Any:
    pane, grid = layout.panes(view.layout, size)[0], grid_of(volume)
    return sheet.cut_of(view, pane, grid, grid.voxel_from_patient @ plane.patient_from_pixel(view, pane, grid))


@pytest.mark.parametrize("kind", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize("interpolation", ["nearest", "linear"])
@pytest.mark.parametrize("slab", [Slab(), Slab(6.6, "mean"), Slab(6.6, "mip")])
def test_a_sheet_is_what_sampling_the_array_says(renderer_of: Any, kind: str, interpolation: str, slab: Slab) -> None:
    volume = noise()
    view = replace(first_view(volume), layout=kind, interpolation=interpolation, slab=slab, cursor_mm=(0.3, -0.4, 0.7))
    view = view.framed(kind, Framing(1.7, 0.31, -1.2))
    seen = renderer_of(volume).values(view, (60, 50))
    want = reslice.values(volume, view, layout.panes(kind, (60, 50))[0])
    assert (np.isnan(seen) == (want[..., 1] < 0)).all()
    assert np.nanmax(np.abs(seen - want[..., 0])) < 0.02


def test_planes_along_voxels_are_cut_and_others_are_not() -> None:
    upright, tilted = noise(), noise(axes=SHEARED)
    views = {kind: replace(first_view(upright), layout=kind) for kind in ("axial", "coronal", "sagittal")}
    assert [cut(view, upright).axis for view in views.values()] == [2, 1, 0]
    assert cut(replace(views["axial"], layout="oblique", oblique=Plane((0.1, 0, 1))), upright) is None
    assert cut(views["axial"], tilted).axis == 2 and cut(views["coronal"], tilted) is None
    assert cut(replace(views["axial"], slab=Slab(5.0)), tilted) is None


def test_a_maximum_is_taken_from_sheets_only_where_nothing_is_interpolated() -> None:
    volume = volumes.volume(np.zeros((8, 16, 16)))
    view = replace(first_view(volume), layout="axial", slab=Slab(4.0))
    nearer = view.framed("axial", Framing(1.1))
    assert sheet.is_exact(cut(view, volume, (16, 16)), view)
    assert not sheet.is_exact(cut(nearer, volume, (16, 16)), nearer)
    nearest = replace(nearer, interpolation="nearest")
    assert sheet.is_exact(cut(nearest, volume, (16, 16)), nearest)


def test_a_plane_beside_the_volume_shows_nothing(renderer_of: Any) -> None:
    volume = noise()
    for kind, point in (("axial", (0, 0, 99.0)), ("coronal", (0, 99.0, 0)), ("sagittal", (-99.0, 0, 0))):
        view = replace(first_view(volume), layout=kind, cursor_mm=point)
        assert np.isnan(renderer_of(volume).values(view, (20, 20))).all()


@pytest.mark.parametrize("changes", [{}, {"layout": "planes"}, {"layout": "coronal", "interpolation": "cubic"}])
def test_slices_along_the_voxels_need_no_3d_texture(gpu: Any, changes: Any) -> None:
    renderer = Renderer(gpu)
    renderer.set_volume(noise())
    view = replace(first_view(noise()), layout="axial", window=Window(0, 800))
    assert renderer.picture(replace(view, **changes), (60, 50)).any()
    assert renderer._source is not None and not renderer._source.has_texture
    assert renderer.badge().texture_shape == (14, 20, 24)
    renderer.release()


def test_a_window_sees_its_first_slice_before_anything_is_uploaded(gpu: Any) -> None:
    """Row 7: with a volume of 700 slices the texture alone took longer than the slice on the screen may."""
    states = np.zeros(14, np.uint8)
    volume = noise(states=states)
    renderer = Renderer(gpu)
    renderer.set_volume(volume)
    assert not renderer.update(32)  # nothing has arrived
    states[7] = SliceState.READY
    assert renderer.update(32) and renderer._source is not None and not renderer._source.has_texture
    view = replace(first_view(volume), layout="axial", window=Window(0, 800))
    renderer.draw(view, (24, 20), gpu.ctx.simple_framebuffer((24, 20), 4))
    assert renderer.update(32) and renderer._source.has_texture and not renderer.update(32)
    renderer.release()


@pytest.mark.parametrize("kind", ["axial", "coronal", "oblique"])
def test_a_window_drag_gives_what_drawing_afresh_gives(renderer_of: Any, kind: str) -> None:
    volume = noise()
    view = replace(first_view(volume), layout=kind, oblique=Plane((0.3, 0.2, 0.9)))
    dragged, fresh = renderer_of(volume), renderer_of(volume)
    for centre in (0, 100, 200, 300):
        seen = dragged.picture(replace(view, window=Window(centre, 700)), (60, 50))
    want = fresh.picture(replace(view, window=Window(300, 700)), (60, 50))
    assert np.abs(seen.astype(int) - want.astype(int)).max() <= 1


@pytest.mark.parametrize("kind", ["coronal", "sagittal"])
def test_rows_of_slices_still_to_come_show_their_neighbour_dimmed(renderer_of: Any, kind: str) -> None:
    states = np.array([1, 1, 0, 0, 2, 3], np.uint8)
    volume = replace(volumes.volume(np.full((6, 12, 12), 100)), states=states)
    view = replace(first_view(volume), layout=kind, window=Window(50.5, 101), interpolation="nearest")
    picture = renderer_of(volume).picture(view, (12, 12))[..., 0].astype(int)  # 6 rows of slices in the middle, head up
    rows = picture[3:9, 6][::-1]
    assert rows[0] == rows[1] == 253 or rows[0] > 240
    assert 80 < rows[2] < 150 and 80 < rows[3] < 150 and rows[4] < 250

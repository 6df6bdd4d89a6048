"""Slice views against arithmetic: exact values, exact greys, exact places, for every orientation of a series."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from make import volumes

from archive import space
from archive.volumes.volume import SliceState
from render import layout, plane, reslice
from render.grid import grid_of
from render.view import Framing, Plane, Slab, View, first_view
from render.window import Window, grey

FIELD = np.array([2.0, 3.0, 5.0])  # per mm


def field(shape: Any, matrix: Any, **more: Any) -> Any:
    return volumes.volume(100 + volumes.places(shape, matrix) @ FIELD, matrix, np.float32, **more)


def points_of(view: View, size: Any, volume: Any) -> Any:
    pane = layout.panes(view.layout, size)[0]
    columns, rows = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    pixels = np.stack([columns, rows, np.zeros_like(rows)], -1)
    return space.apply(plane.patient_from_pixel(view, pane, grid_of(volume)), pixels)


def well_inside(points: Any, volume: Any, margin: float = 0.01) -> Any:
    index = space.apply(grid_of(volume).voxel_from_patient, points)
    return ((index >= margin) & (index <= np.array(volume.shape_kji[::-1]) - 1 - margin)).all(-1)


def test_at_zoom_one_the_axial_picture_is_the_array(renderer_of: Any) -> None:
    values = np.random.default_rng(0).integers(-3000, 3000, (5, 16, 16))
    volume = volumes.volume(values)
    for interpolation in ("nearest", "linear", "cubic"):
        view = replace(first_view(volume), layout="axial", interpolation=interpolation)
        seen = renderer_of(volume).values(view, (16, 16))
        np.testing.assert_allclose(seen, values[2], atol=0.02 if interpolation != "nearest" else 0)


def test_half_a_voxel_aside_lies_the_mean_of_two_neighbours(renderer_of: Any) -> None:
    values = np.random.default_rng(0).integers(-3000, 3000, (5, 16, 16))
    volume = volumes.volume(values)
    view = replace(first_view(volume), layout="axial").framed("axial", Framing(right_mm=0.5))
    seen = renderer_of(volume).values(view, (16, 16))
    np.testing.assert_allclose(seen[:, :-1], (values[2, :, :-1] + values[2, :, 1:]) / 2, atol=0.02)


TURNED = np.array([[0.8, -0.36, 0.48], [0.6, 0.48, -0.64], [0.0, 0.8, 0.6]])
SHEARED = np.array([[1, 0, 0], [0, 1, 0.27], [0, 0, 1.0]])


@pytest.mark.parametrize("kind", ["axial", "coronal", "sagittal", "oblique"])
@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
@pytest.mark.parametrize("axes", [np.eye(3), TURNED, SHEARED])
def test_every_pixel_of_a_linear_field_has_the_value_of_its_place(
    renderer_of: Any, kind: str, interpolation: str, axes: Any
) -> None:
    shape = (20, 48, 40)
    volume = field(shape, volumes.centred(shape, (1.5, 1.1, 3.0), axes))
    view = replace(first_view(volume), layout=kind, interpolation=interpolation, oblique=Plane((0.36, 0.48, 0.8)))
    points = points_of(view, (90, 70), volume)
    seen = renderer_of(volume).values(view, (90, 70))
    within = well_inside(points, volume, 1.01 if interpolation == "cubic" else 0.01)
    assert within.mean() > 0.1
    assert np.abs(seen - (100 + points @ FIELD))[within].max() < 0.02


@pytest.mark.parametrize("signs", list(itertools.product((1, -1), repeat=3)))
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_an_asymmetric_phantom_looks_the_same_however_its_array_is_turned(
    renderer_of: Any, signs: Any, order: Any
) -> None:
    """An L of three bars in patient space, stored with axes flipped and exchanged: one and the same picture."""
    axes = (np.diag(signs) @ np.eye(3)[:, list(order)]).astype(float)
    shape = (24, 24, 24)
    matrix = volumes.centred(shape, (2.0, 2.0, 2.0), axes)
    x, y, z = np.moveaxis(volumes.places(shape, matrix), -1, 0)
    bars = ((x > 5) & (abs(y) < 5) & (abs(z) < 5)) | ((y > 9) & (abs(x) < 5)) | ((z > 13) & (x > 9))
    volume = volumes.volume(np.where(bars, 1000, 0), matrix)
    renderer = renderer_of(volume)
    cursor = (1.0, 1.0, 1.0)
    axial = renderer.values(replace(first_view(volume), layout="axial", cursor_mm=cursor), (48, 48))
    coronal = renderer.values(replace(first_view(volume), layout="coronal", cursor_mm=(1.0, 13.0, 1.0)), (48, 48))
    assert axial[24, 40] > 900 and axial[24, 8] < 100  # the bar to the patient's left lies on the right
    assert axial[42, 24] > 900 and axial[6, 24] < 100  # the bar to the back lies below
    assert coronal[10, 24] > 900 and coronal[10, 8] < 100
    head = renderer.values(replace(first_view(volume), layout="coronal", cursor_mm=cursor), (48, 48))
    assert head[4, 40] > 900 and head[44, 40] < 100  # the bar at the head lies above


@pytest.mark.parametrize("mode", ["mip", "minip", "mean"])
@pytest.mark.parametrize("kind", ["axial", "oblique"])
def test_a_slab_is_what_the_array_says_between_its_faces(renderer_of: Any, mode: str, kind: str) -> None:
    shape = (18, 20, 22)
    matrix = volumes.centred(shape, (1.0, 1.0, 2.0))
    volume = volumes.volume(np.random.default_rng(5).integers(-500, 500, shape), matrix)
    view = replace(first_view(volume), layout=kind, slab=Slab(7.0, mode), oblique=Plane((0.3, 0.2, 0.9)))
    pane = layout.panes(kind, (60, 50))[0]
    want = reslice.values(volume, view, pane)
    seen = renderer_of(volume).values(view, (60, 50))
    both = np.isfinite(seen) & (want[..., 1] == 0)
    points = points_of(view, (60, 50), volume)
    inner = both & well_inside(points, volume, 4.0 if kind == "axial" else 5.0)
    assert inner.sum() > 50
    assert np.abs(seen - want[..., 0])[inner].max() < 0.1


def test_an_axial_slab_finds_the_exact_maximum_of_one_voxel(renderer_of: Any) -> None:
    values = np.zeros((24, 16, 16))
    values[17, 5, 6] = 2000
    volume = volumes.volume(values)
    view = replace(first_view(volume), layout="axial", cursor_mm=(0.5, 0.5, 0.0), slab=Slab(16.0))
    assert abs(np.nanmax(renderer_of(volume).values(view, (16, 16))) - 2000) < 0.1


@pytest.mark.parametrize(
    "window",
    [Window(40, 80), Window(-200, 1), Window(300, 1500), Window(0.5, 3, "LINEAR_EXACT"), Window(10, 40, "SIGMOID")],
)
@pytest.mark.parametrize("slope", [1.0, 0.37, -2.0])
def test_the_shader_and_the_formula_give_the_same_greys(renderer_of: Any, window: Window, slope: float) -> None:
    values = np.arange(-2048, 2048).reshape(1, 64, 64)
    volume = volumes.volume(values, slope=slope, intercept=-24.0)
    for invert in (False, True):
        view = replace(first_view(volume), layout="axial", interpolation="nearest", window=window, invert=invert)
        seen = renderer_of(volume).picture(view, (64, 64))
        want = grey(volume.real(values[0]), window, invert) * 255
        assert np.abs(seen - want[..., None]).max() <= 1.0


def test_outside_the_volume_is_nan_in_values_and_black_in_pictures(renderer_of: Any) -> None:
    volume = volumes.volume(np.full((9, 9, 9), 5))
    view = replace(first_view(volume), layout="axial", window=Window(0, 2), invert=False)
    seen = renderer_of(volume).values(view, (40, 20))
    assert np.isnan(seen[:, :9]).all() and (seen[5:15, 12:28] == 5).all()
    assert (renderer_of(volume).picture(view, (40, 20))[:, :9] == 0).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.uint32, np.float32])
def test_every_kind_of_voxel_keeps_its_values(renderer_of: Any, dtype: Any) -> None:
    info = np.finfo(np.float32) if dtype is np.float32 else np.iinfo(dtype)
    ends = (-1e6, 1e6) if dtype is np.float32 else (max(int(info.min), -(2**24)), min(int(info.max), 2**24))
    values = np.linspace(*ends, 64).reshape(1, 8, 8).astype(dtype)
    volume = volumes.volume(values, dtype=dtype)
    view = replace(first_view(volume), layout="axial", interpolation="nearest")
    np.testing.assert_array_equal(renderer_of(volume).values(view, (8, 8)), values[0].astype(np.float32))


def test_a_volume_filled_slice_by_slice_ends_as_one_uploaded_at_once(renderer_of: Any, gpu: Any) -> None:
    values = np.random.default_rng(2).integers(-100, 300, (40, 17, 19))
    whole = volumes.volume(values)
    states = np.zeros(40, np.uint8)
    growing = replace(volumes.volume(np.zeros_like(values)), states=states)
    renderer = renderer_of(growing)
    view = replace(first_view(whole), layout="mpr")
    for k in np.random.default_rng(7).permutation(40):
        growing.voxels[k], states[k] = values[k], SliceState.READY
        assert renderer.update()
    assert not renderer.update()
    np.testing.assert_array_equal(renderer.picture(view, (80, 60)), renderer_of(whole).picture(view, (80, 60)))


def test_a_slice_not_read_yet_shows_its_nearest_neighbour_dimmed(renderer_of: Any) -> None:
    states = np.array([SliceState.READY, SliceState.EMPTY, SliceState.EMPTY], np.uint8)
    volume = replace(volumes.volume(np.full((3, 8, 8), 100)), states=states)
    view = replace(first_view(volume), layout="axial", window=Window(50.5, 101), cursor_mm=(0.0, 0.0, 1.0))
    picture = renderer_of(volume).picture(view, (8, 8))
    assert 80 < picture[4, 4, 0] < 150


@pytest.mark.parametrize("most", [8, 16])
def test_what_is_too_large_for_the_card_is_drawn_coarser_in_3d_and_exact_in_slices(gpu: Any, most: int) -> None:
    from render.frame import Renderer

    values = np.random.default_rng(2).integers(0, 300, (20, 18, 17))
    volume = volumes.volume(values)
    renderer = Renderer(replace(gpu, max_3d=most))
    renderer.set_volume(volume)
    view = replace(first_view(volume), layout="axial", interpolation="nearest")
    seen = renderer.values(view, (17, 18))
    np.testing.assert_array_equal(seen, values[10])
    assert renderer.badge().is_reduced and max(renderer.badge().texture_shape) <= most
    solid = renderer.picture(replace(view, layout="3d", mode="mip", window=Window(150, 300)), (40, 40))
    assert solid.max() > 100
    renderer.release()


def test_colour_frames_are_shown_as_they_are(renderer_of: Any) -> None:
    colours = np.random.default_rng(4).integers(0, 255, (3, 10, 12, 3)).astype(np.uint8)
    matrix = np.eye(4)
    matrix[:3, 2] = 0.0  # frames that lie nowhere
    volume = replace(volumes.volume(colours, matrix, np.uint8), is_spatial=False)
    view = first_view(volume)
    assert view.layout == "frames"
    seen = renderer_of(volume).picture(replace(view, interpolation="nearest"), (12, 10))
    np.testing.assert_array_equal(seen, colours[1])

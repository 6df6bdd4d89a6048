"""Cameras, planes, layouts, gestures, marks and measures: maps and their inverses, sides and letters."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import volumes

from archive import space
from render import camera, gestures, layout, marks, measure, plane
from render.camera import Camera, eye_of
from render.gestures import Drag
from render.grid import Grid, grid_of
from render.layout import Pane
from render.view import Clip, Crop, Framing, Plane, Slab, View, first_view, from_json, to_json
from render.window import Window

TILTED = np.array([[0.8, -0.6, 0.1], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
SHAPE = (12, 30, 40)


def grid(axes: Any = None) -> Grid:
    return Grid(volumes.centred(SHAPE, (0.7, 0.9, 2.5), axes), SHAPE)


degrees = st.floats(-360, 360)


@settings(max_examples=40, deadline=None)
@given(
    degrees,
    st.floats(-90, 90),
    degrees,
    st.floats(0.2, 9),
    st.sampled_from([0.0, 30.0]),
    st.tuples(*[st.floats(-20, 20)] * 3),
)
def test_a_point_is_met_by_the_ray_through_the_pixel_it_appears_at(
    azimuth: float, elevation: float, roll: float, zoom: float, angle: float, point: Any
) -> None:
    eye = eye_of(Camera(azimuth, elevation, zoom, roll, angle), grid(), (300, 200))
    start, direction = eye.ray(*eye.pixel_of(point, (300, 200)), (300, 200))
    away = np.array(point) - start
    assert np.linalg.norm(away - (away @ direction) * direction) < 0.01


@settings(max_examples=40, deadline=None)
@given(degrees, st.floats(-90, 90), degrees)
def test_the_picture_of_a_camera_is_upright_and_not_mirrored(azimuth: float, elevation: float, roll: float) -> None:
    right, up, forward = camera.directions(Camera(azimuth, elevation, roll_deg=roll))
    np.testing.assert_allclose(np.cross(right, up), -forward, atol=1e-12)
    np.testing.assert_allclose([right @ up, right @ right, up @ up], [0, 1, 1], atol=1e-12)


@pytest.mark.parametrize(
    ("azimuth", "elevation", "right", "up"),
    [
        (0, 0, "L", "H"),
        (90, 0, "P", "H"),
        (180, 0, "R", "H"),
        (270, 0, "A", "H"),
        (0, 90, "L", "P"),
        (0, -90, "L", "A"),
    ],
)
def test_the_letters_of_the_six_sides(azimuth: float, elevation: float, right: str, up: str) -> None:
    view = View(camera=Camera(azimuth, elevation))
    letters = marks.letters_of(view, Pane("3d", 0, 0, 100, 100), grid())
    assert (letters[1], letters[2]) == (right, up)


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 359), st.floats(-89, 89), st.floats(-170, 170))
def test_a_camera_of_position_focal_point_and_up_looks_the_same_way(
    azimuth: float, elevation: float, roll: float
) -> None:
    eye = eye_of(Camera(azimuth, elevation, roll_deg=roll), grid(), (200, 200))
    again = camera.looking(tuple(eye.position_mm), tuple(eye.focal_mm), tuple(eye.up), 30.0)
    other = eye_of(again, grid(), (200, 200))
    np.testing.assert_allclose(other.position_mm, eye.position_mm, atol=1e-6)
    np.testing.assert_allclose([other.right, other.up], [eye.right, eye.up], atol=1e-5)


@pytest.mark.parametrize("elevation", [90.0, -90.0])
def test_a_camera_straight_above_or_below_is_found_from_its_up(elevation: float) -> None:
    eye = eye_of(Camera(40, elevation), grid(), (200, 200))
    other = eye_of(camera.looking(tuple(eye.position_mm), tuple(eye.focal_mm), tuple(eye.up), 30.0), grid(), (200, 200))
    np.testing.assert_allclose([other.right, other.up], [eye.right, eye.up], atol=1e-6)


@pytest.mark.parametrize("kind", ["axial", "coronal", "sagittal", "oblique", "frames"])
@pytest.mark.parametrize("axes", [None, TILTED])
def test_patient_to_pixel_and_back_is_exact_to_a_hundredth_of_a_millimetre(kind: str, axes: Any) -> None:
    view = View(layout=kind, cursor_mm=(3.0, -2.0, 4.0), oblique=Plane((0.3, -0.5, 0.8))).framed(
        kind, Framing(2.3, 4.0, -7.0)
    )
    pane = Pane(kind, 10, 20, 333, 222)
    there = plane.pixel_from_patient(view, pane, grid(axes))
    points = np.random.default_rng(0).uniform(-30, 30, (50, 3))
    back = space.apply(plane.patient_from_pixel(view, pane, grid(axes)), space.apply(there, points))
    assert np.abs(back - points).max() < 0.01
    assert np.linalg.det(there[:3, :3]) > 0


@pytest.mark.parametrize(
    ("kind", "letters"),
    [("axial", ("R", "L", "A", "P")), ("coronal", ("R", "L", "H", "F")), ("sagittal", ("A", "P", "H", "F"))],
)
def test_the_letters_of_the_standard_planes(kind: str, letters: Any) -> None:
    assert marks.letters_of(View(), Pane(kind, 0, 0, 100, 100), grid(TILTED)) == letters


@pytest.mark.parametrize("normal", [(0, 0, 1), (0, 0, -1), (0, 1, 0), (1, 0, 0), (-1, 0, 0), (0.2, 0.3, -0.9)])
def test_an_oblique_plane_without_up_is_turned_as_radiologists_expect(normal: Any) -> None:
    axes = plane.oblique_axes(Plane(normal))
    assert abs(abs(axes.normal @ np.array(normal)) / np.linalg.norm(normal) - 1) < 1e-12
    assert axes.right[int(np.abs(axes.right[:2]).argmax())] > 0


def test_an_oblique_plane_with_up_looks_along_its_normal() -> None:
    axes = plane.oblique_axes(Plane((0.0, -1.0, 0.0), (0.0, 0.0, 1.0)))  # from behind
    np.testing.assert_allclose(axes.normal, (0, -1, 0))
    np.testing.assert_allclose(axes.right, (-1, 0, 0))


@pytest.mark.parametrize("name", list(layout.LAYOUTS))
@pytest.mark.parametrize("size", [(640, 480), (101, 77), (3, 3), (1, 1)])
def test_panes_do_not_overlap_and_each_is_found_under_its_pixels(name: str, size: Any) -> None:
    panes = layout.panes(name, size)
    for pane in panes:
        assert pane.width > 0 and pane.height > 0
        if min(size) > 10:
            assert pane.x + pane.width <= size[0] and pane.y + pane.height <= size[1]
            assert layout.pane_at(panes, pane.x + pane.width - 1, pane.y) == pane


def test_the_wheel_moves_by_one_slice_and_stops_at_the_ends() -> None:
    the_grid, pane = grid(), Pane("axial", 0, 0, 100, 100)
    view = View(cursor_mm=tuple(space.apply(the_grid.patient_from_voxel, (5, 6, 7))))
    moved = gestures.apply(view, pane, Drag("wheel", steps=1), the_grid)
    np.testing.assert_allclose(space.apply(the_grid.voxel_from_patient, moved.cursor_mm), (5, 6, 6), atol=1e-9)
    last = gestures.to_end(view, "axial", True, the_grid)
    np.testing.assert_allclose(
        space.apply(the_grid.voxel_from_patient, last.cursor_mm), (5, 6, SHAPE[0] - 1), atol=1e-9
    )


@pytest.mark.parametrize("kind", ["axial", "coronal", "sagittal"])
def test_the_crosshair_jumps_to_the_pixel_under_the_mouse(kind: str) -> None:
    the_grid, pane = grid(), Pane(kind, 50, 30, 200, 150)
    view = gestures.apply(View(), pane, Drag("move", 150, 110, modifiers=frozenset({"shift"})), the_grid)
    x, y, _ = space.apply(plane.pixel_from_patient(view, pane, the_grid), view.cursor_mm)
    np.testing.assert_allclose((x, y), (100, 80), atol=0.01)


def test_zooming_keeps_the_point_under_the_mouse() -> None:
    the_grid, pane = grid(), Pane("axial", 50, 30, 200, 150)
    before = measure_point(View(), pane, the_grid)
    view = gestures.apply(View(), pane, Drag("wheel", 90, 60, steps=3, modifiers=frozenset({"ctrl"})), the_grid)
    np.testing.assert_allclose(measure_point(view, pane, the_grid), before, atol=1e-6)
    assert view.framing("axial").zoom > 1.4


def measure_point(view: View, pane: Pane, the_grid: Grid) -> Any:
    return space.apply(plane.patient_from_pixel(view, pane, the_grid), (40, 30, 0))


@pytest.mark.parametrize("kind", ["axial", "3d"])
def test_panning_moves_the_picture_with_the_hand(kind: str) -> None:
    the_grid, pane = grid(), Pane(kind, 0, 0, 200, 150)
    view = gestures.apply(View(), pane, Drag("middle", 90, 60, dx=10, dy=-4), the_grid)
    if kind == "3d":
        x, y = eye_of(view.camera, the_grid, pane.size).pixel_of(the_grid.centre_mm, pane.size)
    else:
        x, y, _ = space.apply(plane.pixel_from_patient(view, pane, the_grid), the_grid.centre_mm)
    np.testing.assert_allclose((x - 99.5, y - 74.5), (10, -4), atol=1e-6)


def test_rotating_turns_the_front_after_the_hand() -> None:
    the_grid, pane = grid(), Pane("3d", 0, 0, 200, 150)
    view = gestures.apply(View(), pane, Drag("left", dx=20, dy=0), the_grid)
    x, _ = eye_of(view.camera, the_grid, pane.size).pixel_of(the_grid.centre_mm - (0, 10, 0), pane.size)
    assert x > 99.5


def test_every_gesture_has_its_own_row_and_an_unknown_one_does_nothing() -> None:
    rows = [(g.button, g.modifiers, g.where) for g in gestures.GESTURES]
    assert len(rows) == len(set(rows))
    view = View()
    assert gestures.apply(view, Pane("axial", 0, 0, 9, 9), Drag("left", modifiers=frozenset({"alt"})), grid()) is view


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    the_grid, pane = grid(), Pane("axial", 0, 0, 400, 300)
    found = marks.marks_of(View(marks=("scale",)), pane, the_grid)
    bar = found.lines[0]
    length_mm = (bar.x1 - bar.x0) * plane.mm_per_pixel(View(), pane, the_grid)
    told = {"cm": 10.0, "mm": 1.0}
    number, unit = found.texts[0].text.split()
    assert abs(float(number) * told[unit] - length_mm) < 1e-6


@pytest.mark.parametrize(("most", "length"), [(0.7, 0.5), (1.0, 1.0), (4.9, 2.0), (99, 50), (100, 100)])
def test_scale_bars_have_round_lengths(most: float, length: float) -> None:
    assert marks.round_length_mm(most) == pytest.approx(length)


def test_the_value_under_the_cursor_is_the_array_s_own() -> None:
    values = np.random.default_rng(0).integers(-1000, 1000, SHAPE)
    volume = volumes.volume(values, grid(TILTED).patient_from_voxel, slope=2.0, intercept=-5.0, unit="HU")
    point = tuple(space.apply(volume.patient_from_voxel, (7.2, 8.4, 3.4)))
    found = measure.probe_at(volume, point)
    assert found is not None and found.index_ijk == (7, 8, 3)
    assert found.stored == values[3, 8, 7] and found.real == values[3, 8, 7] * 2.0 - 5.0
    assert measure.probe_at(volume, (900.0, 0.0, 0.0)) is None


def test_the_first_hit_of_a_ray_lies_on_the_surface() -> None:
    volume = volumes.volume(np.where(volumes.places((40, 40, 40), volumes.centred((40, 40, 40)))[..., 1] > 2, 1000, 0))
    view = replace(first_view(volume), layout="3d")
    view = replace(
        view,
        transfer=replace(
            view.transfer,
            points=(*view.transfer.points[:1], replace(view.transfer.points[1], value=1000.0, opacity=1.0)),
        ),
    )
    hit = measure.first_hit(volume, view, Pane("3d", 0, 0, 101, 101), (50, 50))
    assert hit is not None and abs(hit[1] - 2.5) < 0.6


def test_a_view_goes_through_its_scene_unchanged() -> None:
    view = View(
        layout="oblique",
        cursor_mm=(0.1, 0.2, 1 / 3),
        window=Window(40, 400, "SIGMOID", "x"),
        camera=Camera(12.5, -30, 1.1, 5, 20, (1.0, 2.0, 3.0), 400.0),
        oblique=Plane((0.1, 0.2, 0.9), (0.0, 0.0, 1.0)),
        slab=Slab(5.0, "mean"),
        crop=Crop(0, 5, 1, 6, 2, 7),
        clips=(Clip((1.0, 0.0, 0.0), -3.5),),
        step_mm=0.37,
        projection_window=Window(1, 2),
    ).framed("axial", Framing(2, 3, 4))
    assert from_json(to_json(view)) == view


@pytest.mark.parametrize(
    "told", [{"mode": "cubist"}, {"cursor_mm": [1, 2]}, {"cursor_mm": [1, 2, float("nan")]}, {"slab": {"a": 1}}]
)
def test_a_scene_that_makes_no_sense_is_refused(told: Any) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        from_json(told)


def test_a_scene_may_give_the_camera_as_vtk_does() -> None:
    view = from_json(
        {"camera": {"position": [0, -500, 0], "focal_point": [0, 0, 0], "view_up": [0, 0, 1], "view_angle": 20}}
    )
    assert (view.camera.azimuth_deg, view.camera.elevation_deg, view.camera.distance_mm) == (0.0, 0.0, 500.0)


def test_frames_that_lie_nowhere_still_have_a_grid() -> None:
    volume = replace(volumes.volume(np.zeros((3, 4, 5)), np.diag([0.5, 0.5, 0.0, 1.0])), is_spatial=False)
    assert grid_of(volume).spacing_mm == (0.5, 0.5, 1.0)


@pytest.mark.parametrize(
    ("angles", "seen"), [((0, 0), "A"), ((90, 0), "L"), ((0, 90), "H"), ((180, 0), "P"), ((30, 20), "ALH")]
)
def test_the_cube_shows_the_sides_of_the_patient_that_face_the_eye(angles: tuple[float, float], seen: str) -> None:
    found = marks.marks_of(View(camera=Camera(*angles), marks=("cube",)), Pane("3d", 0, 0, 200, 150), grid())
    assert {text.text for text in found.texts} == set(seen)
    assert len(found.lines) == {1: 4, 3: 9}[len(seen)]  # the outline, and inside it the corner that is nearest
    assert not marks.marks_of(View(marks=("cube",)), Pane("axial", 0, 0, 200, 150), grid()).lines

"""Pictures whose every pixel has an answer on paper: extinction, projections, first hits, cuts."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from make import volumes

from render.camera import Camera
from render.grid import grid_of
from render.transfer import Point, Shade, Transfer
from render.view import Clip, Crop, View, first_view

SIZE = (33, 33)  # odd: pixel 16, 16 looks through the middle
TAU = 0.02  # extinction per mm of the homogeneous cube
FLAT = Shade(lit=False)
HAZE = Transfer(
    (Point(0, 1, 1, 1, 0), Point(100, 1, 1, 1, 1 - np.exp(-TAU)), Point(200, 1, 1, 1, 1 - np.exp(-TAU))), FLAT
)
PARALLEL = Camera(view_angle_deg=0)


def looking(volume: Any, **changes: Any) -> View:
    return replace(replace(first_view(volume), layout="3d", camera=PARALLEL, transfer=HAZE), **changes)


def cube() -> Any:
    """41 voxels of 1 mm: 40 mm between the outermost centres."""
    return volumes.volume(np.full((41, 41, 41), 150))


def middle_opacity(renderer: Any, view: View) -> float:
    return float(renderer.values(view, SIZE)[16, 16])


@pytest.mark.parametrize("step", [0.25, 0.5, 1.0, 1.7])
def test_a_homogeneous_cube_weakens_light_by_its_thickness_whatever_the_step(renderer_of: Any, step: float) -> None:
    volume = cube()
    seen = middle_opacity(renderer_of(volume), looking(volume, step_mm=step))
    assert abs(seen - (1 - np.exp(-TAU * 40))) < 1 / 255


def test_the_cube_seen_at_45_degrees_is_root_two_thicker(renderer_of: Any) -> None:
    volume = cube()
    view = looking(volume, camera=replace(PARALLEL, azimuth_deg=45))
    assert abs(middle_opacity(renderer_of(volume), view) - (1 - np.exp(-TAU * 40 * np.sqrt(2)))) < 1 / 255


def test_perspective_and_parallel_agree_through_the_middle(renderer_of: Any) -> None:
    volume = cube()
    renderer = renderer_of(volume)
    perspective = middle_opacity(renderer, looking(volume, camera=Camera(view_angle_deg=30)))
    assert abs(perspective - middle_opacity(renderer, looking(volume))) < 1 / 255


@pytest.mark.parametrize("thickness", [1.0, 13.3, 39.0])
def test_a_clip_plane_leaves_exactly_what_lies_before_it(renderer_of: Any, thickness: float) -> None:
    volume = cube()
    view = looking(volume, clips=(Clip((0.0, -1.0, 0.0), thickness - 20),))  # keeps y <= thickness - 20
    assert abs(middle_opacity(renderer_of(volume), view) - (1 - np.exp(-TAU * thickness))) < 1 / 255


def test_a_crop_box_shows_what_the_cropped_array_shows(renderer_of: Any) -> None:
    shape = (20, 24, 28)
    values = np.random.default_rng(3).integers(0, 200, shape)
    whole = volumes.volume(values)
    matrix = np.array(whole.patient_from_voxel)
    matrix[:3, 3] += matrix[:3, :3] @ (4, 6, 2)
    part = volumes.volume(values[2:15, 6:20, 4:22], matrix)
    camera = Camera(30, 20, focal_mm=(0.0, 0.0, 0.0), distance_mm=150.0)
    seen = [
        renderer_of(volume).values(looking(volume, camera=camera, step_mm=0.5, crop=crop), (64, 64))
        for volume, crop in ((whole, Crop(4, 22, 6, 20, 2, 15)), (part, None))
    ]
    assert np.abs(seen[0] - seen[1]).max() < 1 / 255


@pytest.mark.parametrize(("off", "share"), [(0.0, 1.0), (0.25, 0.75), (0.5, 0.5)])
def test_the_maximum_of_one_voxel_falls_linearly_beside_its_centre(renderer_of: Any, off: float, share: float) -> None:
    values = np.zeros((11, 11, 11))
    values[5, 5, 5] = 1000
    volume = volumes.volume(values)
    view = looking(volume, mode="mip", step_mm=0.1)
    view = replace(view, camera=replace(PARALLEL, focal_mm=(off, 0.0, 0.0)))
    assert abs(renderer_of(volume).values(view, SIZE)[16, 16] - 1000 * share) <= 0.5


@pytest.mark.parametrize("mode", ["mip", "minip", "mean"])
def test_projections_of_a_ramp_are_its_ends_and_its_middle(renderer_of: Any, mode: str) -> None:
    values = np.broadcast_to(np.arange(40)[None, :, None] * 10, (20, 40, 20))
    volume = volumes.volume(values, intercept=-1000.0)
    seen = renderer_of(volume).values(looking(volume, mode=mode, step_mm=0.37), SIZE)[16, 16]
    assert abs(seen - {"mip": -610, "minip": -1000, "mean": -805}[mode]) <= 0.5


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.5, 0.9, 3.0)])
def test_an_opaque_level_of_a_ramp_is_met_at_its_depth(renderer_of: Any, spacing: Any) -> None:
    """Depth is told by colour: the transfer's red is the value itself, and opacity begins at the level."""
    shape = (20, 60, 20)
    matrix = volumes.centred(shape, spacing)
    values = np.broadcast_to(np.arange(60)[None, :, None] * 100, shape)
    volume = volumes.volume(values, matrix)
    level = 2345.0
    look = Transfer((Point(level, 0, 0, 0, 0), Point(level + 1e-3, 0, 0, 0, 1), Point(5900, 1, 1, 1, 1)), FLAT)
    step = 0.02 * spacing[1]
    picture = renderer_of(volume).picture(looking(volume, transfer=look, step_mm=step), SIZE)
    value = level + picture[16, 16, 0] / 255 * (5900 - level)
    depth_voxels = (value - level) / 100
    assert 0 <= depth_voxels < 0.02 + 0.5 / 255 * (5900 - level) / 100


def test_skipping_empty_blocks_changes_nothing(renderer_of: Any) -> None:
    """One visible voxel at block corners, faces, edges of the volume and in the last, partial block."""
    shape = (19, 26, 21)
    for place in [(0, 0, 0), (8, 8, 8), (7, 8, 15), (16, 16, 16), (18, 25, 20), (18, 0, 8), (9, 24, 17)]:
        values = np.zeros(shape)
        values[place] = 200
        volume = volumes.volume(values)
        view = looking(volume, step_mm=0.5)
        view = replace(view, camera=Camera(33, 21, 0.5))
        opaque = Transfer((Point(0, 1, 1, 1, 0), Point(200, 1, 1, 1, 0.5)), FLAT)
        # The same picture with a table whose lowest entries show almost nothing, so that no block is skipped.
        seen_everywhere = Transfer((Point(0, 1, 1, 1, 1e-7), Point(200, 1, 1, 1, 0.5)), FLAT)
        renderer = renderer_of(volume)
        fast = renderer.values(replace(view, transfer=opaque), (96, 96))
        slow = renderer.values(replace(view, transfer=seen_everywhere), (96, 96))
        assert fast.max() > 0.005, place
        assert np.abs(fast - slow).max() <= 1 / 255, place


def test_a_table_with_a_gap_shows_both_its_parts(renderer_of: Any) -> None:
    values = np.zeros((17, 17, 17))
    values[3:6, 3:6, 3:6], values[10:14, 10:14, 10:14] = 100, 300
    volume = volumes.volume(values)
    gap = Transfer(
        (
            Point(90, 1, 0, 0, 0),
            Point(100, 1, 0, 0, 1),
            Point(110, 1, 0, 0, 0),
            Point(290, 0, 1, 0, 0),
            Point(300, 0, 1, 0, 1),
        ),
        FLAT,
    )
    picture = renderer_of(volume).picture(replace(looking(volume), transfer=gap), (96, 96))
    assert (picture[..., 0] > 200).any() and (picture[..., 1] > 200).any()


def test_the_light_falls_by_the_gradient_in_millimetres(renderer_of: Any) -> None:
    """A field that rises along a known direction is lit by the cosine between it and the light, whatever the spacing."""
    spacing, shape = (0.5, 0.9, 3.0), (24, 60, 100)
    matrix = volumes.centred(shape, spacing)
    direction = np.array([0.6, 0.64, 0.48])
    values = 10000 + volumes.places(shape, matrix) @ direction * 100
    volume = volumes.volume(values, matrix)
    lit = Shade(ambient=0.0, diffuse=1.0, specular=0.0, flat_cuts=False)
    solid = Transfer((Point(9980, 1, 1, 1, 0), Point(9981, 1, 1, 1, 1)), lit)  # met in the middle, away from the faces
    view = replace(looking(volume), transfer=solid, light=(0.0, 0.0, 1.0), step_mm=0.5)
    grey = renderer_of(volume).picture(view, SIZE)[16, 16].astype(float) / 255
    np.testing.assert_allclose(grey, direction[1], atol=0.012)  # seen along +y


@pytest.mark.parametrize("changes", [{}, {"mode": "mip"}, {"mode": "xray"}, {"layout": "mpr"}])
def test_the_same_view_gives_the_same_bytes_twice(renderer_of: Any, changes: Any) -> None:
    volume = volumes.volume(np.random.default_rng(1).integers(-100, 200, (21, 22, 23)))
    view = replace(looking(volume), **changes)
    first, second = (renderer_of(volume).picture(view, (90, 70)) for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((5, 6, 7)),
        np.full((1, 9, 9), 120),
        np.full((1, 1, 40), 120),
        np.full((40, 1, 1), 120),
        np.where(np.indices((9, 9, 9)).sum(0) % 5 == 0, np.nan, np.inf),
    ],
)
def test_odd_volumes_give_pictures_without_nan(renderer_of: Any, values: Any) -> None:
    dtype = np.int16 if np.isfinite(values).all() else np.float32
    volume = volumes.volume(values, dtype=dtype)
    renderer = renderer_of(volume)
    for mode in ("composite", "mip", "minip", "mean", "xray"):
        view = replace(looking(volume), mode=mode)
        assert renderer.picture(view, (40, 30)).shape == (30, 40, 3)
        found = renderer.values(view, (40, 30))
        assert not np.isinf(found).any()
    assert grid_of(volume).radius_mm > 0


def test_a_table_that_shows_nothing_gives_the_background(renderer_of: Any) -> None:
    volume = cube()
    nothing = Transfer((Point(0, 1, 1, 1, 0), Point(1, 1, 1, 1, 0)))
    picture = renderer_of(volume).picture(replace(looking(volume), transfer=nothing, background=(0.2, 0.4, 0.6)), SIZE)
    assert (picture == np.array([51, 102, 153])).all()


def test_transparent_pictures_have_straight_alpha(renderer_of: Any) -> None:
    volume = cube()
    picture = renderer_of(volume).picture(looking(volume), SIZE, transparent=True)
    assert picture[0, 0, 3] == 0
    assert abs(int(picture[16, 16, 3]) - round(255 * (1 - np.exp(-TAU * 40)))) <= 1
    assert picture[16, 16, 0] == 255

"""What a picture at rest is made of: shifted passes that converge, nothing darker or brighter for it, the same bytes twice."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from make import volumes

from render.camera import Camera
from render.transfer import Point, Shade, Transfer
from render.view import Clip, View, first_view

FLAT = Shade(lit=False)
TAU = 0.02
HAZE = Transfer(
    (Point(0, 1, 1, 1, 0), Point(100, 1, 1, 1, 1 - np.exp(-TAU)), Point(200, 1, 1, 1, 1 - np.exp(-TAU))), FLAT
)


def psnr(a: Any, b: Any) -> float:
    return float(10 * np.log10(255**2 / max(np.mean((a.astype(float) - b.astype(float)) ** 2), 1e-9)))


def shells() -> Any:
    """A ball whose values fall outwards: thin coloured shells show every ring that steps leave."""
    shape = (40, 40, 40)
    away = np.linalg.norm(volumes.places(shape, volumes.centred(shape)), axis=-1)
    return volumes.volume(1000 - 40 * away)


def ringed(step_mm: float) -> View:
    points = [Point(300 + 100 * n, n % 2, 0.4, 1 - n % 2, 0.25 * (n % 2)) for n in range(6)]
    look = Transfer(tuple(points), FLAT)
    return replace(first_view(shells()), layout="3d", transfer=look, step_mm=step_mm, camera=Camera(20, 15))


def test_passes_added_up_come_close_to_steps_eight_times_as_fine(renderer_of: Any) -> None:
    renderer, size = renderer_of(shells()), (96, 96)
    fine = renderer.picture(ringed(0.125), size)
    one, many = (renderer.picture(ringed(1.0), size, passes=n) for n in (1, 16))
    assert psnr(many, fine) > 45 and psnr(many, fine) > psnr(one, fine) + 3


def test_going_on_with_more_passes_is_the_same_as_drawing_them_at_once(renderer_of: Any) -> None:
    size = (64, 64)
    grown, whole = renderer_of(shells()), renderer_of(shells())
    for passes in (1, 2, 3, 8):
        seen = grown.picture(ringed(1.0), size, passes=passes)
    assert (seen == whole.picture(ringed(1.0), size, passes=8)).all()
    assert (seen == whole.picture(ringed(1.0), size, passes=8)).all()


def test_a_change_begins_the_passes_anew(renderer_of: Any) -> None:
    renderer, size = renderer_of(shells()), (64, 64)
    first = renderer.picture(ringed(1.0), size)
    renderer.picture(replace(ringed(1.0), camera=Camera(70, 0)), size, passes=4)
    assert (renderer.picture(ringed(1.0), size) == first).all()


@pytest.mark.parametrize("thickness", [0.3, 1.0, 13.3])
def test_shifted_passes_leave_the_opacity_of_a_slab_as_it_is(renderer_of: Any, thickness: float) -> None:
    """Thin slabs grew darker by half a step where the first sample counted in full (vtk-js 1146)."""
    volume = volumes.volume(np.full((41, 41, 41), 150))
    view = replace(first_view(volume), layout="3d", camera=Camera(view_angle_deg=0), transfer=HAZE, step_mm=1.0)
    view = replace(view, clips=(Clip((0.0, -1.0, 0.0), thickness - 20),))
    renderer = renderer_of(volume)
    picture = renderer.picture(view, (33, 33), transparent=True, passes=7)
    want = 255 * (1 - np.exp(-TAU * thickness))
    assert np.abs(picture[10:23, 10:23, 3] - want).max() <= 1.01


def test_ending_a_ray_early_costs_at_most_one_grey_level(renderer_of: Any) -> None:
    """A bright wall behind a fog that hides all but a little of it: what is left out is below 1/255 of full white."""
    values = np.full((20, 60, 20), 100)
    values[:, 50:] = 200
    volume = volumes.volume(values)
    opacity = 0.2
    look = Transfer(
        (Point(99, 0.1, 0.1, 0.1, opacity), Point(101, 0.1, 0.1, 0.1, opacity), Point(199, 1, 1, 1, 1)), FLAT
    )
    view = replace(first_view(volume), layout="3d", camera=Camera(view_angle_deg=0), transfer=look, step_mm=0.5)
    seen = renderer_of(volume).picture(view, (33, 33))[16, 16] / 255.0
    assert abs(seen[0] - 0.1) <= 1.5 / 255

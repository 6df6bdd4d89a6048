"""The viewer's picture: coarse while moving, then exactly what is drawn at once; slices never wait for 3D."""

from dataclasses import replace

import numpy as np
import pytest
from make.graphics import gpu
from make.raw_stack import ball
from make.volumes import centred

from archive.volumes.volume import SliceState, Volume
from render.camera import turned
from render.statistics import statistics
from render.window import Window
from shell.viewer_picture import Picture, solid
from shell.viewer_scan import opening_view

__all__ = ["gpu"]
SIZE = (300, 240)


@pytest.fixture
def ball_volume():
    voxels = ball(32)
    states = np.full(32, SliceState.READY, np.uint8)
    return Volume(voxels, centred(voxels.shape), unit="HU", modality="CT", states=states)


@pytest.fixture
def view(ball_volume):
    return opening_view(ball_volume, statistics(ball_volume))


@pytest.fixture
def picture(gpu, ball_volume):
    found = Picture(gpu)
    found.set_volume(ball_volume)
    while found.load(True, 0.0):
        continue
    return found


def settled(picture: Picture) -> np.ndarray:
    while picture.is_refining:
        picture.refine(float("inf"))
    return picture.pixels()


def test_the_fine_picture_is_the_one_drawn_at_once(picture, view):
    assert picture.draw(view, SIZE, 1.0, 0.0)
    fine = settled(picture)
    assert np.array_equal(fine, picture.renderer.picture(view, SIZE, with_marks=True))


def test_slices_are_there_before_3d(picture, view):
    picture.draw(view, SIZE, 1.0, 0.0)
    assert picture.is_refining
    whole = picture.renderer.picture(view, SIZE, with_marks=True)
    first = np.frombuffer(picture.texture.read(alignment=1), np.uint8).reshape(240, 300, 3)[::-1]
    assert np.array_equal(first[:, :149], whole[:, :149])


def test_the_same_view_is_not_drawn_twice(picture, view):
    assert picture.draw(view, SIZE, 1.0, 0.0)
    assert not picture.draw(view, SIZE, 1.0, 1.0)


def test_a_window_drag_leaves_3d_as_fine_as_it_was(picture, view):
    picture.draw(view, SIZE, 1.0, 0.0)
    settled(picture)
    other = replace(view, window=Window(0.0, 50.0))
    assert picture.draw(other, SIZE, 1.0, 1.0) and not picture.is_refining
    assert np.array_equal(picture.pixels(), picture.renderer.picture(other, SIZE, with_marks=True))


def test_turning_is_coarse_until_it_rests(picture, view):
    picture.draw(view, SIZE, 1.0, 0.0)
    settled(picture)
    moved = replace(view, camera=turned(view.camera, 30, 0))
    picture.draw(moved, SIZE, 1.0, 10.0)
    assert not picture.is_refining or not picture.refine(10.01)  # a moment later: not yet at rest
    assert np.array_equal(settled(picture), picture.renderer.picture(moved, SIZE, with_marks=True))
    assert picture.wait_s(11.0) is None


def test_coming_back_to_the_four_panes_needs_no_new_3d(picture, view):
    picture.draw(view, SIZE, 1.0, 0.0)
    settled(picture)
    picture.draw(replace(view, layout="axial"), SIZE, 1.0, 1.0)
    assert not picture.is_refining
    picture.draw(view, SIZE, 1.0, 2.0)
    assert not picture.is_refining


def test_what_only_slices_show_is_no_part_of_3d(view):
    changed = replace(view, cursor_mm=(1.0, 2.0, 3.0), window=Window(1.0, 2.0), invert=True, layout="side", marks=())
    assert solid(changed) == solid(view)
    assert solid(replace(view, mode="mip")) != solid(view)

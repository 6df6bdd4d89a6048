"""Editing a transfer: each change on paper, its undo, histograms, and presets of one's own as files."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import volumes

from archive.errors import BadPreset
from render import editing, presets
from render.statistics import statistics
from render.transfer import Point, Transfer, at, opacity_of_step
from render.view import View, first_view

LOOK = Transfer((Point(0, 0, 0, 0, 0), Point(100, 1, 0.5, 0, 0.4), Point(300, 1, 1, 1, 0.9)))
VALUES = np.linspace(-50, 400, 91)


@settings(max_examples=40, deadline=None)
@given(st.floats(-100, 500))
def test_a_point_added_without_an_opacity_changes_no_picture(value: float) -> None:
    found = editing.added(LOOK, value)
    np.testing.assert_allclose(at(found, VALUES), at(LOOK, VALUES), atol=1e-9)
    assert len(found.points) == 4 and len(LOOK.points) == 3


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2), st.floats(-1e4, 1e4), st.floats(-1, 2))
def test_a_dragged_point_stays_between_its_neighbours(index: int, value: float, opacity: float) -> None:
    found = editing.dragged(LOOK, index, value, opacity)
    values = [point.value for point in found.points]
    assert values == sorted(values) and 0 <= found.points[index].opacity <= 1


def test_deleting_keeps_the_last_two_points() -> None:
    two = editing.deleted(LOOK, 1)
    assert [point.value for point in two.points] == [0, 300]
    assert editing.deleted(two, 0) is two


def test_the_points_are_never_more_than_an_editor_can_show() -> None:
    look = LOOK
    for value in range(200):
        look = editing.added(look, value / 10)
    assert len(look.points) == editing.MOST_POINTS


def test_shifting_and_fitting_move_values_and_nothing_else() -> None:
    assert [p.value for p in editing.shifted(LOOK, -40).points] == [-40, 60, 260]
    assert [p.value for p in editing.fitted(LOOK, 50, 80).points] == [50, 60, 80]
    assert editing.shifted(editing.shifted(LOOK, 12.5), -12.5) == LOOK


def test_scaling_is_of_attenuation_so_that_two_halves_make_a_whole() -> None:
    half = editing.scaled(LOOK, 0.5).points[1].opacity
    assert opacity_of_step(np.array(half), 2.0) == pytest.approx(0.4)
    assert editing.scaled(LOOK, 1e6).points[2].opacity <= 1


def test_the_mouse_finds_the_nearest_point_within_its_reach() -> None:
    assert editing.point_near(LOOK, 108, 0.42, 10, 0.05) == 1
    assert editing.point_near(LOOK, 150, 0.42, 10, 0.05) is None


def test_a_colour_of_a_point_is_held_between_0_and_1() -> None:
    assert editing.coloured(LOOK, 0, (0.5, 2.0, -1.0)).points[0] == Point(0, 0.5, 1.0, 0.0, 0)


def test_a_histogram_counts_every_value_but_the_highest_thousandth() -> None:
    values = np.full((4, 50, 50), -1000)
    values[1:3], values[3, 0, :5] = 40, 30000
    found = editing.histogram(volumes.volume(values, unit="HU"))
    assert (found.low, found.high) == (-1000, 40)
    assert found.counts.sum() == values.size - 5 and found.counts[-1] == 5000
    for is_log in (False, True):
        heights = found.heights(is_log)
        assert heights.max() == 1 and heights.min() == 0
    assert editing.histogram(volumes.volume(np.full((2, 3, 3), 7))).counts.sum() == 18


@pytest.mark.parametrize("name", [preset.name for preset in presets.all()])
def test_every_preset_goes_through_a_file_unchanged(name: str) -> None:
    preset = presets.by_name(name)
    assert presets.from_toml(presets.to_toml(preset), preset.group) == (preset,)


def test_the_look_of_a_view_is_saved_in_real_values_and_comes_back_the_same() -> None:
    volume = volumes.volume(np.random.default_rng(0).integers(0, 900, (8, 9, 10)), modality="MR")
    view = presets.opening_view(volume)
    view = replace(view, transfer=editing.added(view.transfer, 1 / 3, 0.1))
    saved = presets.of_view(view, 'mine = "é"')
    (read,) = presets.from_toml(presets.to_toml(saved))
    again = presets.applied(first_view(volume), read, statistics(volume))
    assert read.name == 'mine = "é"' and again.transfer == view.transfer and again.background == view.background


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[a]\npoints = 3",
        "[a]\npoints = [[0, 0, 0, 0, 0]]",
        "[a]\npoints = [[0, 0, 0, 0, 0], [1, 0, 0, 0, nan]]",
        "[a]\npoints = [[0, 0, 0, 0, 0], [inf, 0, 0, 0, 1]]",
        '[a]\npoints = [["p1; rm", 0, 0, 0, 0], [1, 0, 0, 0, 1]]',
        '[a]\nmode = "cubist"\npoints = [[0, 0, 0, 0, 0], [1, 0, 0, 0, 1]]',
        "[a]\nbackground = [0, 0]\npoints = [[0, 0, 0, 0, 0], [1, 0, 0, 0, 1]]",
        "[a]\npoints = [[0, 0, 0, 0, 0], [1, 0, 0, 0, 1]]\nshade = { glitter = 1 }",
    ],
)
def test_a_file_that_holds_no_preset_is_refused(text: str) -> None:
    with pytest.raises(BadPreset):
        presets.from_toml(text)


def test_editing_leaves_the_view_before_as_it_was() -> None:
    before = View(transfer=LOOK)
    editing.dragged(before.transfer, 1, 200, 0.9)
    assert before.transfer == LOOK

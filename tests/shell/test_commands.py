"""The table of viewer commands: every row works, has words in both languages, and refuses what does not fit."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from archive.errors import NoSuchPreset
from archive.volumes.volume import SliceState, Volume
from render.grid import grid_of
from render.layout import Pane
from render.statistics import statistics
from render.view import View
from shell import commands
from shell.commands import BY_ID, BY_KEY, COMMANDS, BadArgument, Scene, run
from shell.viewer_actions import ACTIONS
from shell.viewer_scan import opening_view
from shell.viewer_status import slice_number

TEXTS = Path(__file__).parents[2] / "ui" / "texts"


def a_scene(kind: str = "axial") -> Scene:
    """A CT of 6 slices, 5 rows, 4 columns."""
    voxels = (np.arange(120, dtype=np.int16).reshape(6, 5, 4) * 20) - 1000
    matrix = np.diag([1.0, 2.0, 3.0, 1.0])
    states = np.full(6, SliceState.READY, np.uint8)
    volume = Volume(voxels, matrix, unit="HU", modality="CT", states=states, windows=((50.0, 350.0, "SOFT"),))
    values = statistics(volume)
    first = opening_view(volume, values)
    pane = Pane(kind, 0, 0, 100, 100)
    return Scene(volume, grid_of(volume), values, first, commands.windows_of(volume, first), pane, "mpr")


EXAMPLES = {"none": None, "number": 2, "numbers": [40.0, 400.0], "preset": "ct-bone"}


def example(row: commands.Command) -> object:
    return row.argument.choices[-1] if row.argument.kind == "choice" else EXAMPLES[row.argument.kind]


def test_every_id_and_every_key_is_there_once():
    assert len(BY_ID) == len(COMMANDS)
    assert len(BY_KEY) == sum(len(row.keys) for row in COMMANDS)


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row.id)
def test_a_row_has_exactly_one_effect_and_words_in_both_languages(row):
    assert (row.act is None) != (not row.action)
    assert row.act is not None or row.action in ACTIONS
    assert row.group in commands.GROUPS
    for lang in ("en", "fr"):
        texts = json.loads((TEXTS / f"viewer.{lang}.json").read_text("utf-8"))
        assert f"command.{row.id}" in texts and f"group.{row.group}" in texts


@pytest.mark.parametrize("row", [row for row in COMMANDS if row.act], ids=lambda row: row.id)
@pytest.mark.parametrize("kind", ["axial", "coronal", "3d"])
def test_a_row_makes_a_view_of_a_view(row, kind):
    scene = a_scene(kind)
    assert isinstance(run(row, scene.first, scene, example(row)), View)


@pytest.mark.parametrize("row", [row for row in COMMANDS if row.act], ids=lambda row: row.id)
@pytest.mark.parametrize("argument", [float("nan"), "nonsense", [1], {"a": 1}, True, [1.0, float("inf")]])
def test_an_argument_of_another_kind_is_refused(row, argument):
    scene = a_scene()
    with pytest.raises((BadArgument, NoSuchPreset)):
        run(row, scene.first, scene, argument)


def test_the_keys_of_the_design_are_bound():
    expected = "Up Down PageUp PageDown Home End 1 2 3 4 5 6 7 8 9 R I F Space Escape Ctrl+Z S ?"
    assert set(expected.split()) <= set(BY_KEY)


@pytest.mark.parametrize("kind, count", [("axial", 6), ("coronal", 5), ("sagittal", 4)])
def test_home_end_and_steps_count_through_all_slices(kind, count):
    scene = a_scene(kind)
    first = run(BY_ID["slice.first"], scene.first, scene)
    assert slice_number(first, kind, scene.grid) == (1, count)
    assert slice_number(run(BY_ID["slice.next"], first, scene), kind, scene.grid) == (2, count)
    last = run(BY_ID["slice.last"], scene.first, scene)
    assert slice_number(last, kind, scene.grid) == (count, count)
    assert slice_number(run(BY_ID["slice.next"], last, scene), kind, scene.grid) == (count, count)
    gone = run(BY_ID["slice.go"], last, scene, 3)
    assert slice_number(gone, kind, scene.grid) == (3, count)


def test_the_first_window_is_the_files_own_and_lung_follows():
    scene = a_scene()
    view = run(BY_ID["window.preset"], scene.first, scene, 1)
    assert (view.window.centre, view.window.width) == (50.0, 350.0)
    assert any(each.name == "lung" for each in scene.windows)
    assert len(scene.windows) <= 9


def test_a_window_that_is_not_in_the_list_changes_nothing():
    scene = a_scene()
    assert run(BY_ID["window.preset"], scene.first, scene, 42) == scene.first


def test_inverting_twice_gives_the_view_back():
    scene = a_scene()
    once = run(BY_ID["window.invert"], scene.first, scene)
    assert once != scene.first and run(BY_ID["window.invert"], once, scene) == scene.first


def test_a_pane_is_enlarged_and_goes_back_home():
    scene = a_scene("coronal")
    alone = run(BY_ID["view.maximise"], scene.first, scene)
    assert alone.layout == "coronal"
    assert run(BY_ID["view.maximise"], alone, scene).layout == "mpr"


def test_reset_brings_everything_back_but_the_layout():
    scene = a_scene()
    view = replace(scene.first, layout="side")
    for name, argument in (
        ("window.set", [1.0, 2.0]),
        ("view.closer", None),
        ("volume.left", None),
        ("slice.last", None),
    ):
        view = run(BY_ID[name], view, scene, argument)
    assert run(BY_ID["view.reset"], view, scene) == replace(scene.first, layout="side")


def test_frames_have_no_other_layout():
    scene = a_scene()
    flat = replace(scene, volume=replace(scene.volume, is_spatial=False))
    view = replace(scene.first, layout="frames")
    assert run(BY_ID["view.layout"], view, flat, "mpr") == view


def test_the_palette_is_plain_data():
    rows = commands.palette()
    assert json.loads(json.dumps(rows)) == list(rows)
    assert next(row for row in rows if row["id"] == "volume.preset")["choices"]

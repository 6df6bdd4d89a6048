"""The scan in the viewer: it loads in its own thread, first guesses follow the values, what a person chose stays."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from make.raw_stack import ball, raw_stack

from archive.errors import FilesGone
from render.layout import Pane
from render.view import View, to_json
from render.window import Window
from shell.messages import Open
from shell.viewer_manifest import StackManifest
from shell.viewer_scan import History, Scan, refreshed


def opened(folder, times=1, **how) -> Scan:
    stack, files = raw_stack(folder, ball(24), times)
    return Scan(StackManifest(stack, tuple(files)), Open(1, **how), lambda: None)


def settle(scan: Scan) -> Scan:
    """Poll as the window's loop does, until nothing more comes."""
    pause = threading.Event()
    deadline = time.monotonic() + 20
    while not scan.is_settled and time.monotonic() < deadline:
        scan.poll()
        pause.wait(0.005)
    assert scan.is_settled
    return scan


def test_a_stack_is_loaded_and_seen_from_its_middle(tmp_path):
    scan = settle(opened(tmp_path))
    assert np.array_equal(scan.scene.volume.voxels, ball(24))
    assert scan.arrived().is_whole and scan.view.layout == "mpr" and scan.view.preset


def test_files_that_are_gone_are_said(tmp_path):
    stack, files = raw_stack(tmp_path, ball(8))
    for path in tmp_path.iterdir():
        path.unlink()
    scan = settle(Scan(StackManifest(stack, tuple(files)), Open(1), lambda: None))
    assert isinstance(scan.failure, FilesGone)


def test_one_slice_that_is_cut_is_named(tmp_path):
    stack, files = raw_stack(tmp_path, ball(8))
    (tmp_path / "slice 3").write_bytes(b"\0" * 10)
    scan = settle(Scan(StackManifest(stack, tuple(files)), Open(1), lambda: None))
    assert scan.failure is None and scan.arrived().damaged == 1 and len(scan.damaged) == 1


def test_a_view_that_was_left_is_taken_up_again(tmp_path):
    left = settle(opened(tmp_path))
    view = replace(left.view, layout="coronal", window=Window(10.0, 20.0))
    again = settle(opened(tmp_path, view=to_json(view)))
    assert again.view == view


@pytest.mark.parametrize("given", [{"layout": 7}, {"window": "wide"}, {"layout": "frames"}, {"cursor_mm": ["a"]}])
def test_a_view_that_does_not_fit_is_passed_over(tmp_path, given):
    scan = settle(opened(tmp_path))
    before = scan.view
    scan.take(given, 0.0)
    assert scan.view.layout == before.layout and scan.view.window == before.window


def test_another_time_is_seen_as_this_one(tmp_path):
    scan = settle(opened(tmp_path, times=3))
    scan.change(replace(scan.view, layout="axial"), "", 0.0)
    other = settle(scan.at_time(2))
    assert scan.times == 3 and other.opened.time == 2 and other.view == scan.view


def test_a_pane_alone_remembers_where_it_came_from(tmp_path):
    scan = settle(opened(tmp_path))
    scan.change(replace(scan.view, layout="planes"), "", 0.0)
    scan.aim(Pane("sagittal", 0, 0, 9, 9))
    scan.change(replace(scan.view, layout="sagittal"), "", 0.0)
    scan.aim(Pane("sagittal", 0, 0, 99, 99))
    assert scan.scene.home == "planes"


def test_undo_and_redo_go_both_ways():
    history = History()
    views = [View(layout=name) for name in ("mpr", "side", "3d")]
    history.record(views[0], "", 0.0)
    history.record(views[1], "", 0.1)
    assert history.undo(views[2]) == views[1]
    assert history.undo(views[1]) == views[0]
    assert history.undo(views[0]) == views[0]
    assert history.redo(views[0]) == views[1]
    assert history.redo(views[1]) == views[2]


def test_a_drag_is_one_step_of_undo():
    history = History()
    views = [View(window=Window(float(n), 10.0)) for n in range(6)]
    for n, view in enumerate(views[:-1]):
        history.record(view, "left axial", n * 0.1, is_new=n == 0)
    assert history.undo(views[-1]) == views[0]


def test_a_second_drag_is_a_step_of_its_own():
    history = History()
    views = [View(window=Window(float(n), 10.0)) for n in range(3)]
    history.record(views[0], "left axial", 0.0, is_new=True)
    history.record(views[1], "left axial", 0.1, is_new=True)
    assert history.undo(views[2]) == views[1]


def test_better_guesses_change_only_what_nobody_touched():
    guess, better = View(window=Window(1.0, 2.0), mode="mip"), View(window=Window(5.0, 6.0), mode="composite")
    touched = replace(guess, window=Window(3.0, 3.0), layout="side")
    after = refreshed(touched, guess, better)
    assert (after.window, after.layout, after.mode) == (Window(3.0, 3.0), "side", "composite")

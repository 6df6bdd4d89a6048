"""The six walks of docs/ARCHITECTURE.md, each from its first step to its last, on made scans."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from make.calls import Caller
from make.graphics import gpu, renderer_of

from archive.volumes.loading import Loading
from archive.volumes.volume import SliceState, Volume
from render import layout
from render.frame import Renderer
from render.gestures import Drag, apply
from render.grid import grid_of
from render.view import first_view
from shell.demo_dicom import write_series
from shell.shelf import Shelf
from shell.texts import Texts

__all__ = ["gpu", "renderer_of"]
TEXTS = Texts("en")
ORIGIN_MM, SPACING_MM = (-20.0, -15.0, 100.0), (1.0, 1.0, 2.0)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A bright ball towards the patient's left, in soft tissue, as twelve slices."""
    k, j, i = np.indices((12, 30, 40))
    ball = (i - 28) ** 2 + (j - 15) ** 2 + (2 * (k - 6)) ** 2 < 36
    words = {
        (0x00080060, "CS"): "CT",
        (0x00100010, "PN"): "Walker^Ada",
        (0x00100020, "LO"): "W-1",
        (0x00080020, "DA"): "20230405",
    }
    write_series(str(tmp_path / "scan"), np.where(ball, 900, 40).astype(np.int16), ORIGIN_MM, SPACING_MM, words, "walk")
    return tmp_path / "scan"


@pytest.fixture
def shelf(tmp_path: Path, scan: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    shelf = Shelf.on_disk(str(tmp_path / "data"), TEXTS)
    for _ in shelf.import_([str(scan)]):
        pass
    return shelf


def loaded(shelf: Shelf) -> Volume:
    with shelf.look(shelf.search()["studies"][0]["series"][0]["key"]) as found:
        piece = found.piece(None)
        return Loading(piece.stack, piece.files).run()


def test_walk_1_a_folder_becomes_rows_and_a_receipt(tmp_path: Path, scan: Path, shelf: Shelf) -> None:
    steps = list(shelf.import_([str(scan)]))
    assert steps[-1].receipt is not None
    receipt = shelf.receipt_json(steps[-1].receipt)
    assert receipt["files"] == {"found": 12, "imported": 0, "known": 12, "duplicate": 0, "skipped": 0, "unreadable": 0}
    assert receipt["totals"]["instances"] == 12 and not any(receipt["added"].values())


def test_walk_2_words_find_the_study_with_its_verdict(shelf: Shelf) -> None:
    study = shelf.search("ada mod:ct date:2023")["studies"][0]
    assert study["patient"]["patient_id"] == "W-1"
    assert study["series"][0]["verdict"]["code"] == "regular"
    assert shelf.search("ada -walker")["total"] == 0


def test_walk_3_a_click_becomes_pixels(shelf: Shelf, renderer_of: Callable[[Volume], Renderer]) -> None:
    volume = loaded(shelf)
    assert set(volume.states) == {SliceState.READY}
    assert volume.real(volume.voxels).max() == 900
    picture = renderer_of(volume).picture(first_view(volume), (160, 120))
    assert picture.shape == (120, 160, 3) and len(np.unique(picture)) > 2


def test_walk_4_a_drag_becomes_another_view_and_another_picture(
    shelf: Shelf, renderer_of: Callable[[Volume], Renderer]
) -> None:
    volume = loaded(shelf)
    before = first_view(volume)
    pane = layout.panes(before.layout, (160, 120))[0]
    after = apply(before, pane, Drag("left", 10, 10, dx=40, dy=-20), grid_of(volume))
    assert after.window != before.window and after.camera == before.camera
    renderer = renderer_of(volume)
    assert not np.array_equal(renderer.picture(before, (160, 120)), renderer.picture(after, (160, 120)))


def test_walk_5_the_command_line_makes_the_picture_that_the_window_shows(
    tmp_path: Path, scan: Path, gpu: object, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    said = Caller(tmp_path, capfdbinary).ask(
        *("render", scan, "-o", tmp_path / "p.png", "--view", "axial", "--size", "80x60"),
        *("--raw", tmp_path / "v.npy", "--interpolation", "nearest", "--at=0,0,112"),
    )
    assert said.status == 0 and said.value["size"] == [80, 60] and said.value["view"] == "axial"
    values = np.load(tmp_path / "v.npy")
    column, row, _, _ = np.array(said.value["pixel_from_patient"]) @ [8.0, 0.0, 112.0, 1.0]
    assert values[round(row), round(column)] == 900  # the ball, at the patient's left: right in the picture
    assert np.nanmin(values) == 40


def test_walk_6_a_disc_is_looked_at_without_a_trace(
    tmp_path: Path, scan: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    before = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.rglob("*") if path.is_file()}
    caller = Caller(tmp_path, capfdbinary)
    uid = caller.ask("--session", scan, "search").value["studies"][0]["series"][0]["series_uid"]
    stack = caller.ask("--session", scan, "info", uid).value["stacks"][0]
    assert stack["shape"] == [12, 30, 40] and json.dumps(stack["patient_from_voxel"][2]) == "[0.0, 0.0, 2.0, 100.0]"
    after = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before

"""The shelf: one method a use case, the same for command line and page."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from archive.errors import FilesGone, NoSuchStack, NotDicom, NothingThere, PathGone
from shell import wire
from shell.demo_dicom import write_series
from shell.shelf import Shelf
from shell.texts import Texts

TEXTS = Texts("en")


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


def scan(folder: Path, name: str = "Trial^Anna", slices: int = 4) -> Path:
    values = (np.indices((slices, 10, 12)).sum(0) * 20 - 300).astype(np.int16)
    words = {
        (0x00080060, "CS"): "CT",
        (0x00100010, "PN"): name,
        (0x00100020, "LO"): name[:3],
        (0x00080020, "DA"): "20240102",
    }
    write_series(str(folder), values, (0.0, 0.0, 0.0), (1.0, 1.0, 2.0), words, name)
    return folder


def filled(tmp_path: Path) -> Shelf:
    shelf = Shelf.on_disk(str(tmp_path / "data"), TEXTS)
    for _ in shelf.import_([str(scan(tmp_path / "scan"))]):
        pass
    return shelf


def test_reading_an_archive_that_is_not_there_makes_none(tmp_path: Path) -> None:
    with Shelf.on_disk(str(tmp_path / "data"), TEXTS) as shelf:
        assert shelf.search("x")["total"] == 0
        assert shelf.totals()["studies"] == 0
        assert shelf.recent() == []
        with pytest.raises(NothingThere):
            shelf.info("1.2.3")
    assert not (tmp_path / "data").exists()


def test_an_import_is_seen_by_a_shelf_that_was_opened_before_it(tmp_path: Path) -> None:
    with Shelf.on_disk(str(tmp_path / "data"), TEXTS) as early:
        assert early.search()["total"] == 0
        with filled(tmp_path):
            assert early.search()["total"] == 1


def test_every_answer_is_plain_json(tmp_path: Path) -> None:
    with filled(tmp_path) as shelf:
        key = shelf.search()["studies"][0]["series"][0]["key"]
        shelf.remember_opened(key, {"layout": "mpr"})
        for value in (
            shelf.search(),
            shelf.info(key, images=True, tags=True),
            shelf.totals(),
            shelf.recent(),
            shelf.verify(),
        ):
            json.dumps(value, allow_nan=False)


def test_a_series_is_named_by_key_uid_prefix_or_path(tmp_path: Path) -> None:
    with filled(tmp_path) as shelf:
        row = shelf.search()["studies"][0]["series"][0]
        for selector in (row["key"], row["series_uid"], row["series_uid"][:15], str(tmp_path / "scan")):
            with shelf.look(selector) as found:
                assert [piece.stack.slices for piece in found.pieces] == [4]


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no scan")
    with Shelf.session([str(scan(tmp_path / "scan"))], TEXTS) as shelf:
        with pytest.raises(NotDicom):
            shelf.look(str(tmp_path / "notes.txt"))
        with pytest.raises(PathGone):
            shelf.look("./gone")
        with shelf.look(str(tmp_path / "scan")) as found, pytest.raises(NoSuchStack):
            found.piece(2)


def test_a_series_whose_files_are_gone_is_described_and_not_exported(tmp_path: Path) -> None:
    with filled(tmp_path) as shelf:
        key = shelf.search()["studies"][0]["series"][0]["key"]
        (tmp_path / "scan").rename(tmp_path / "away")
        stack = shelf.info(key)["stacks"][0]
        assert stack["unread"]["code"] == "files-gone" and stack["shape"] == [4, 10, 12]
        with pytest.raises(FilesGone):
            shelf.export(key, str(tmp_path / "x.npy"))
        assert not (tmp_path / "x.npy").exists()


def test_a_session_is_the_same_shelf_in_memory(tmp_path: Path) -> None:
    with Shelf.session([str(scan(tmp_path / "scan"))], TEXTS) as shelf:
        assert [progress.receipt is not None for progress in shelf.fill()][-1]
        assert shelf.is_session and shelf.search("anna")["total"] == 1
        assert list(shelf.fill()) == []


def test_a_forgotten_study_comes_back_with_undo(tmp_path: Path) -> None:
    with filled(tmp_path) as shelf:
        study = shelf.search()["studies"][0]
        shelf.tag(study["key"], ["knee"], [])
        assert shelf.forget("study", study["key"])["forgotten"] == 4
        assert shelf.search()["total"] == 0
        assert shelf.undo()["kind"] == "forget"
        assert shelf.search("knee")["studies"][0]["tags"] == ["knee"]
        assert len(list((tmp_path / "scan").iterdir())) == 4


def test_many_threads_may_search_at_once(tmp_path: Path) -> None:
    with filled(tmp_path) as shelf:
        found: list[int] = []
        threads = [threading.Thread(target=lambda: found.append(shelf.search("anna")["total"])) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [1] * 8


def test_a_thumbnail_is_made_once_and_kept(tmp_path: Path) -> None:
    with filled(tmp_path) as shelf:
        key = shelf.search()["studies"][0]["series"][0]["key"]
        made = shelf.thumbnail(key)
        assert made is not None and made.startswith(b"\x89PNG")
        (tmp_path / "scan").rename(tmp_path / "away")
        assert shelf.thumbnail(key) == made


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (float("nan"), None),
        ((1, np.float32(2)), [1, 2.0]),
        (b"/a/\xff", "/a/�"),
        ({"k": np.arange(2)}, {"k": [0, 1]}),
        (np.int16(3), 3),
    ],
)
def test_values_become_what_json_knows(value: object, plain: object) -> None:
    assert wire.plain(value) == plain

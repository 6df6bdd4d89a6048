"""The importer process: the same receipt as in one process, nothing private on a line, and an end whenever it is told."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
from make import dicom
from make.screens import children_of, until

from archive.errors import ImportStopped, PathGone
from archive.importing.receipt import Conflict, Named, Progress, Receipt
from archive.index.records import Notice, Totals
from shell import import_parcels, messages
from shell.import_link import imported
from shell.parcels import BadParcel
from shell.shelf import Shelf
from shell.texts import Texts

HERE = Path(__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A series, a text, and a broken file whose name is not text."""
    place = tmp_path / "Doe Jane"
    dicom.write_series(place, np.zeros((6, 4, 4), np.int16), np.eye(4))
    (place / "notes.txt").write_text("no scan")
    Path(os.fsdecode(os.fsencode(place) + b"/broken\xff.dcm")).write_bytes(b"\0" * 128 + b"DICM")
    return place


def receipt_of(data_dir: Path, *paths: Path) -> Receipt:
    *_, last = imported(str(data_dir), [os.fsencode(path) for path in paths])
    assert last.receipt is not None
    return last.receipt


def test_the_receipt_is_the_one_of_an_import_without_a_process(tmp_path: Path, folder: Path) -> None:
    ours = receipt_of(tmp_path / "one", folder)
    with Shelf.on_disk(str(tmp_path / "two"), Texts("en")) as shelf:
        *_, last = shelf.import_([str(folder)])
        assert last.receipt is not None
        assert [ours.files, ours.added, ours.totals, ours.skipped, ours.unreadable] == [
            last.receipt.files,
            last.receipt.added,
            last.receipt.totals,
            last.receipt.skipped,
            last.receipt.unreadable,
        ]
    assert ours.files["imported"] == 6 and ours.unreadable[0].path.endswith(b"/broken\xff.dcm")
    assert receipt_of(tmp_path / "one", folder).files["known"] == 6


def test_what_was_imported_is_found_at_once_by_a_shelf_that_was_open_before(tmp_path: Path, folder: Path) -> None:
    with Shelf.on_disk(str(tmp_path / "data"), Texts("en")) as shelf:
        assert shelf.search("ell")["total"] == 0
        receipt_of(tmp_path / "data", folder)
        assert shelf.search("ell")["total"] == 1


def test_an_error_of_the_import_comes_over_whole(tmp_path: Path) -> None:
    with pytest.raises(PathGone) as told:
        receipt_of(tmp_path / "data", tmp_path / "nowhere")
    assert "nowhere" in str(told.value)


def test_a_receipt_arrives_as_it_was_and_names_no_path_in_json() -> None:
    place = (b"/media/CD \xff/IMG\n1", None), (b"/a.zip", "é/IMG2")
    receipt = Receipt(
        files={"found": 4, "imported": 2, "known": 0, "duplicate": 0, "skipped": 1, "unreadable": 1},
        added=Totals(1, 1, 1, 2, 2, 90),
        totals=Totals(3, 4, 5, 6, 7, 8),
        skipped=(Named(*place[0], "not-dicom"),),
        unreadable=(Named(*place[1], "bomb", {"count": 3}),),
        conflicts=(Conflict("1.2.3", place),),
        notices=(Notice("path-missing", {"name": "x"}),),
        seconds=1.5,
        status=3,
    )
    packed = import_parcels.pack_receipt(receipt)
    assert import_parcels.unpack_receipt(packed) == receipt
    assert b"IMG" not in packed[12 : 12 + int.from_bytes(packed[8:12], "little")]
    for cut in (0, 8, 11, 60, len(packed) - 1):
        with pytest.raises(BadParcel):
            import_parcels.unpack_receipt(packed[:cut])


def started(tmp_path: Path, folder: Path) -> tuple[Generator[Progress, None, None], int]:
    """An import of many files that has begun, and its process."""
    for n in range(3000):
        (folder / f"note {n}.txt").write_text("x")
    before = children_of(os.getpid())
    steps = imported(str(tmp_path / "data"), [os.fsencode(folder)])
    assert until(lambda: next(steps).done > 0)
    process = next(
        each
        for each in children_of(os.getpid()) - before
        if b"shell.importer" in Path(f"/proc/{each}/cmdline").read_bytes()
    )
    return steps, process


def test_it_is_niced_and_its_words_hold_no_path(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[bytes] = []
    decode = messages.decode
    monkeypatch.setattr(messages, "decode", lambda line: decode((said.append(line), line)[1]))
    steps, process = started(tmp_path, folder)
    assert os.getpriority(os.PRIO_PROCESS, process) >= 10
    assert b"Doe" not in Path(f"/proc/{process}/cmdline").read_bytes()
    list(steps)
    assert said and not any(b"Doe" in line or b"note" in line or b"data" in line for line in said)


def test_closing_ends_it_and_what_was_committed_stays(tmp_path: Path, folder: Path) -> None:
    steps, process = started(tmp_path, folder)
    steps.close()
    assert not os.path.exists(f"/proc/{process}")
    again = receipt_of(tmp_path / "data", folder).files
    assert again["found"] == 3008 and again["imported"] + again["known"] == 6


def test_a_killed_importer_is_told_and_the_next_import_goes_on(tmp_path: Path, folder: Path) -> None:
    steps, process = started(tmp_path, folder)
    os.kill(process, signal.SIGKILL)
    with pytest.raises(ImportStopped):
        list(steps)
    assert receipt_of(tmp_path / "data", folder).files["found"] == 3008


PARENT = """
    import os, sys
    sys.path[:0] = [{top!r}]
    from archive.index import locks
    from shell.import_link import imported
    with locks.importing({data!r}):  # so that the importer waits
        for step in imported({data!r}, [os.fsencode({folder!r})]):
            print(flush=True)
"""


def test_no_importer_outlives_a_killed_parent(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "data").mkdir()
    words = textwrap.dedent(PARENT).format(top=str(HERE.parent.parent), data=str(tmp_path / "data"), folder=str(folder))
    parent = subprocess.Popen([sys.executable, "-c", words], stdout=subprocess.PIPE)
    try:
        assert parent.stdout is not None and parent.stdout.readline()
        tree = children_of(parent.pid)
        assert tree
    finally:
        parent.kill()
        parent.wait()
    assert until(lambda: not any(os.path.exists(f"/proc/{process}/exe") for process in tree), 5)

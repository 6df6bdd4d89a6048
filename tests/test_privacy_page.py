"""docs/PRIVACY.md is true: every file it names is one the program writes, and none is left out."""

import os
import re
from pathlib import Path

import pytest
from make import archives

from archive.index.catalogue import Catalogue
from shell.shelf import Shelf
from shell.texts import Texts

PAGE = (Path(__file__).parent.parent / "docs" / "PRIVACY.md").read_text("utf-8")


def named() -> set[str]:
    """Names in the first column of the table of the data directory."""
    rows = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    return {name.rstrip("/") for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_every_file_of_a_data_directory_stands_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    archives.series(tmp_path / "scans", 2)
    data = tmp_path / "data"
    with Shelf.on_disk(str(data), Texts("en")) as shelf:
        for _ in shelf.import_([str(tmp_path / "scans")], copy=True):
            there = {entry.name for entry in os.scandir(data)}
        shelf.tag(shelf.search()["studies"][0]["key"], ["seen"], [])
        there |= {entry.name for entry in os.scandir(data)}
    with Catalogue.open(str(data)) as catalogue:
        assert catalogue.totals().instances == 2
    there |= {entry.name for entry in os.scandir(data)}
    known = named() | {f"archive.db{ending}" for ending in ("-wal", "-shm")}
    assert {name for name in there if not name.startswith("backup.work")} <= known
    assert {"archive.db", "journal.db", "archive.json", "key", "store"} <= there


def test_the_limits_it_tells_are_those_of_the_code() -> None:
    from archive.importing.receipt import MOST_KEPT
    from archive.index.describing import DIGEST_BYTES
    from shell.proof_watch import BETWEEN_S

    assert f"of which {DIGEST_BYTES * 8} bits are kept" in PAGE
    assert f"last {MOST_KEPT} import receipts" in PAGE
    assert f"every\n{BETWEEN_S * 1000:.0f} ms" in PAGE

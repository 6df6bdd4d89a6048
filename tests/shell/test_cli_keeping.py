"""The commands that keep copies, receipts and rescues, and the limit of a shared machine."""

import json
from pathlib import Path
from typing import Any

import pytest
from make import archives

from shell.cli import run


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        archives.series(tmp_path / "scans" / name, 3, PatientID=name)
    return tmp_path / "scans"


class Line:
    """A command line with a data directory of its own."""

    def __init__(self, data: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self._data, self._capfd = data, capfd

    def ask(self, *words: object, status: int = 0) -> Any:
        got = run(["--json", "--data-dir", str(self._data), *map(str, words)], {"TOMOTHEQUE_TRACEBACK": "1"})
        said = self._capfd.readouterr().out
        assert got == status, said
        return json.loads(said)


@pytest.fixture
def line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Line:
    return Line(tmp_path / "data", capfd)


def test_copies_are_told_in_the_receipt_and_receipts_are_read_again(line: Line, scans: Path, tmp_path: Path) -> None:
    first = line.ask("import", scans)
    assert "copied" not in first
    second = line.ask("import", scans, "--copy")
    assert second["copied"]["files"] == 6 == second["files"]["known"]
    found = line.ask("journal")
    assert [receipt["files"] for receipt in found["receipts"]] == [second["files"], first["files"]]
    assert found["receipts"][0]["copied"] == second["copied"]
    assert line.ask("--session", scans, "import", scans, "--copy", status=2)["error"]["code"] == "usage"


def test_a_patient_limit_is_a_setting_and_its_refusal_a_sentence(line: Line, scans: Path) -> None:
    assert line.ask("settings", "patient-limit")["settings"] == {"patient-limit": 0}
    line.ask("settings", "patient-limit", "1")
    receipt = line.ask("import", scans)
    assert (receipt["totals"]["patients"], receipt["files"]["skipped"]) == (1, 3)
    assert "1 patients" in receipt["skipped"][0]["sentence"]
    assert line.ask("settings", "patient-limit", "many", status=2)["error"]["code"] == "bad-setting"
    line.ask("settings", "patient-limit", "0")
    assert line.ask("import", scans)["totals"]["patients"] == 2


def test_a_rescue_copies_a_disc_and_is_imported_like_any_folder(line: Line, scans: Path, tmp_path: Path) -> None:
    value = line.ask("session", scans, "--rescue", tmp_path / "copy")
    assert (value["files"], value["lost_bytes"], value["damaged"], value["unreadable"]) == (6, 0, [], [])
    assert line.ask("import", tmp_path / "copy")["files"]["imported"] == 6
    error = line.ask("session", scans, "--rescue", tmp_path / "copy", status=1)["error"]
    assert error["code"] == "cannot-write"


def test_info_says_how_the_files_are_now(line: Line, scans: Path) -> None:
    line.ask("import", scans)
    series = line.ask("search")["studies"][0]["series"]
    value = line.ask("info", series[0]["key"])
    assert value["notices"] == [] and value["series"]["state"] == "present"
    assert value["series"]["only_on_removable"] is False

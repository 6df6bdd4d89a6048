"""The commands that keep the archive: repair, and the key with its passphrase and recovery code."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from make import archives

from archive.index import keys
from shell.cli import run


class Line:
    """A command line with a data directory of its own; what is typed are lines of the standard input."""

    def __init__(self, data: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._data, self._capfd, self._monkeypatch = data, capfd, monkeypatch

    def ask(self, *words: object, typed: str = "", status: int = 0) -> Any:
        stdin = SimpleNamespace(buffer=io.BytesIO(typed.encode()), isatty=lambda: False)
        self._monkeypatch.setattr(sys, "stdin", stdin)
        got = run(["--json", "--data-dir", str(self._data), *map(str, words)], {"TOMOTHEQUE_TRACEBACK": "1"})
        said = self._capfd.readouterr().out
        assert got == status, said
        return json.loads(said)


@pytest.fixture
def line(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.delenv("TOMOTHEQUE_KEY_FILE", raising=False)
    monkeypatch.setattr(keys, "_into_keyring", lambda *_: False)
    for name in ("a", "b"):
        archives.series(tmp_path / "scans" / name, 3, PatientID=name)
    made = Line(tmp_path / "data", capfd, monkeypatch)
    made.ask("import", tmp_path / "scans")
    return made


def test_repair_of_a_sound_archive_changes_nothing(line: Line, tmp_path: Path) -> None:
    before = (tmp_path / "data" / "archive.db").read_bytes()
    value = line.ask("repair")
    assert (value["was_damaged"], value["kept_aside"], value["totals"]["instances"]) == (False, [], 6)
    assert (tmp_path / "data" / "archive.db").read_bytes() == before


def test_repair_of_a_damaged_archive_keeps_it_aside_and_the_next_search_finds_all(line: Line, tmp_path: Path) -> None:
    study = line.ask("search")["studies"][0]
    line.ask("tag", study["key"], "+kept")
    database = tmp_path / "data" / "archive.db"
    body = bytearray(database.read_bytes())
    body[100] ^= 1
    database.write_bytes(body)
    assert line.ask("search", status=4)["error"]["code"] == "damaged"
    value = line.ask("repair")
    assert value["damaged"] == ["database"] and value["rescan"] == []
    assert (tmp_path / "data" / value["kept_aside"][0]).read_bytes() == body
    assert line.ask("search", "kept")["total"] == 1 and line.ask("search")["total"] == 2
    assert line.ask("doctor")["kept_aside"] == value["kept_aside"]


def test_repair_where_there_is_no_archive_says_so_and_makes_none(line: Line, tmp_path: Path) -> None:
    error = line.ask("--data-dir", tmp_path / "nowhere", "repair", status=1)["error"]
    assert error["code"] == "not-found" and not (tmp_path / "nowhere").exists()


def test_lost_changes_are_told_by_every_search_until_repair(line: Line, tmp_path: Path) -> None:
    from archive.index import sidecar

    found = sidecar.read(str(tmp_path / "data"))
    assert found is not None
    sidecar.count(str(tmp_path / "data"), found, found.commits + 2)
    assert line.ask("search")["notices"][0].startswith("2 of the archive's last changes")
    line.ask("repair")
    assert line.ask("search")["notices"] == []


def test_a_passphrase_is_set_asked_for_changed_and_removed(line: Line) -> None:
    assert line.ask("key") == line.ask("key", "status")
    value = line.ask("key", "passphrase", typed="correct horse\n")
    assert value["sealed"] and len(value["code"]) == 39
    assert line.ask("search", status=4)["error"]["code"] == "sealed"
    assert line.ask("search", typed="wrong horse\n", status=4)["error"]["code"] == "wrong-passphrase"
    assert line.ask("search", typed="correct horse\n")["total"] == 2
    doctor = line.ask("doctor")
    assert doctor["key"]["sealed"] and doctor["archive"]["state"] == "sealed"
    changed = line.ask("key", "passphrase", typed="correct horse\nanother horse\n")
    assert "code" not in changed, "the recovery code is shown once"
    assert not line.ask("key", "remove", typed="another horse\n")["sealed"]
    assert line.ask("search")["total"] == 2


def test_a_recovery_code_opens_what_a_forgotten_passphrase_closed(line: Line) -> None:
    code = line.ask("key", "passphrase", typed="correct horse\n")["code"]
    assert line.ask("key", "recover", typed="AAAA-BBBB\n", status=4)["error"]["code"] == "wrong-passphrase"
    assert not line.ask("key", "recover", typed=f"{code.lower()}\n")["sealed"]
    assert line.ask("search")["total"] == 2


def test_wrong_calls_about_the_key_are_usage_errors(line: Line, tmp_path: Path) -> None:
    assert line.ask("key", "passphrase", typed="short\n", status=2)["error"]["code"] == "usage"
    assert line.ask("key", "dance", status=2)["error"]["code"] == "usage"
    assert line.ask("--session", tmp_path / "scans", "key", status=2)["error"]["code"] == "usage"
    assert line.ask("key", "passphrase", status=4)["error"]["code"] == "sealed"


def test_the_archives_own_backups_are_listed_by_the_doctor(line: Line) -> None:
    kept = line.ask("doctor")["backups"]
    assert sorted(one["kind"] for one in kept) == ["daily", "weekly"] and all(one["bytes"] > 10_000 for one in kept)

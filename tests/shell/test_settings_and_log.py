"""Settings and the log: a table of what may be set, a closed vocabulary of what may be written."""

import json
from pathlib import Path

import pytest

from archive.errors import BadSetting, NothingThere
from shell.journal import LARGEST_BYTES, Journal
from shell.places import Places, places_of
from shell.settings import Settings


def test_a_setting_is_kept_and_read_again(tmp_path: Path) -> None:
    Settings(Places(str(tmp_path))).set("theme", "light")
    assert Settings(Places(str(tmp_path))).get("theme") == "light"
    assert (tmp_path / "settings.json").stat().st_mode & 0o077 == 0


def test_a_setting_that_is_not_allowed_is_refused_with_what_is(tmp_path: Path) -> None:
    with pytest.raises(BadSetting) as caught:
        Settings(Places(str(tmp_path))).set("theme", "pink")
    assert "dark" in caught.value.facts["allowed"]
    with pytest.raises(NothingThere):
        Settings(Places(str(tmp_path))).get("no-such-setting")


def test_a_broken_file_means_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"theme": "pink", "language')
    assert Settings(Places(str(tmp_path))).get("theme") == "dark"


def test_switches_are_read_from_words(tmp_path: Path) -> None:
    assert Settings(Places(str(tmp_path))).set("remember-opened", "off") is False


def test_the_log_takes_events_and_numbers_of_its_vocabulary_alone(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path / "log"))
    journal.note("command.failed", status=1, code="not-found")
    line = json.loads((tmp_path / "log").read_text())
    assert (line["event"], line["status"], line["code"]) == ("command.failed", 1, "not-found")
    with pytest.raises(KeyError):
        journal.note("patient.seen")
    with pytest.raises(ValueError, match="carries no"):
        journal.note("command.failed", name="x")
    with pytest.raises(ValueError, match="only codes"):
        journal.note("command.failed", code="Müller^Zoë")


def test_the_log_makes_no_folder_and_a_session_none_at_all(tmp_path: Path) -> None:
    Journal(str(tmp_path / "none" / "log")).note("app.ended", status=0)
    Journal(None).note("app.ended", status=0)
    assert list(tmp_path.iterdir()) == []


def test_a_large_log_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * (LARGEST_BYTES + 1))
    Journal(str(tmp_path / "log")).note("app.ended", status=0)
    assert (tmp_path / "log").stat().st_size < 1000 and (tmp_path / "log.1").exists()


def test_the_data_directory_is_the_option_then_the_variable_then_the_systems(tmp_path: Path) -> None:
    environment = {"TOMOTHEQUE_DATA_DIR": "/somewhere"}
    assert places_of(str(tmp_path), environment).data_dir == str(tmp_path)
    assert places_of(None, environment).data_dir == "/somewhere"
    assert places_of(None, {}).data_dir.lower().endswith("tomotheque")

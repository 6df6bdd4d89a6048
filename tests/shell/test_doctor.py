"""The doctor: says where everything is and what is missing, also where the archive is broken."""

from pathlib import Path

import pytest

from shell import doctor
from shell.places import Places
from shell.texts import Texts


@pytest.fixture(autouse=True)
def no_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_probed", lambda name: None)


def test_without_an_archive_it_says_so_and_makes_none(tmp_path: Path) -> None:
    found = doctor.examined(Places(str(tmp_path / "data")), Texts("en"))
    assert (found["archive"]["state"], found["key"]["place"]) == ("none", "none")
    assert set(found["paths"]) >= {"data_dir", "database", "sidecar", "key", "log"}
    assert found["versions"]["python"] and not (tmp_path / "data").exists()


def test_a_broken_archive_is_a_problem_with_its_sentence(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_bytes(b"")
    (tmp_path / "archive.json").write_text("{}")
    found = doctor.examined(Places(str(tmp_path)), Texts("en"))
    assert found["archive"]["state"] == "damaged"
    assert any("damaged" in problem for problem in found["problems"])


def test_a_machine_without_opengl_is_told_what_to_install(tmp_path: Path) -> None:
    found = doctor.examined(Places(str(tmp_path)), Texts("fr"))
    assert found["graphics"] is None
    assert any("libgl1" in problem for problem in found["problems"])


def test_a_probe_that_dies_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert doctor._probed("no-such-probe") is None

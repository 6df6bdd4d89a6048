"""The command line: wrong calls, global options, one object or one sentence, exit statuses."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from make.calls import Caller

from shell import cli, cli_help, cli_show
from shell.demo_dicom import write_series

ROOT = Path(__file__).parents[2]


@pytest.fixture
def caller(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.chdir(tmp_path)
    return Caller(tmp_path, capfdbinary)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A little CT of five slices."""
    values = (np.indices((5, 12, 16)).sum(0) * 10 - 500).astype(np.int16)
    words = {
        (0x00080060, "CS"): "CT",
        (0x00100010, "PN"): "Trial^Anna",
        (0x00100020, "LO"): "T-1",
        (0x00080020, "DA"): "20240102",
        (0x0008103E, "LO"): "little",
    }
    write_series(str(tmp_path / "scan"), values, (-10.0, -5.0, 3.0), (1.0, 1.0, 2.5), words, "little")
    return tmp_path / "scan"


WRONG = [
    "frobnicate",
    "import",
    "search --limit many",
    "search --limit 0",
    "search --no-such-option",
    "info",
    "info a b",
    "info a --stack first",
    "export a",
    "export a -o",
    "export a -o x.docx",
    "render a -o x.png --view inside",
    "render a -o x.png --size 0x0",
    "render a -o x.png --camera left",
    "render a -o x.png --window 40,-5",
    "render a -o x.png --crop 1,2,3",
    "render a -o x.png --plane 0,0,0",
    "render a -o x.png --at nan,0,0",
    "render a -o x.png --turntable 0",
    "tag a",
    "tag a b",
    "note a",
    "forget a --study --patient",
    "--lang xx search",
    "--data-dir",
    "--no-such-option",
]


@pytest.mark.parametrize("words", WRONG)
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_wrong_call_ends_with_status_2_and_one_sentence_in_the_language_asked_for(
    caller: Caller, words: str, lang: str
) -> None:
    said = caller.ask(*words.split(), TOMOTHEQUE_LANG=lang)
    assert said.status == 2
    assert said.value["error"]["code"] == "usage"
    assert 8 <= len(said.value["error"]["sentence"]) <= 300
    assert not said.value["error"]["sentence"].startswith("usage.")  # an id that no catalogue has
    assert not caller.data_dir.exists()


def test_the_sentence_of_a_wrong_call_stands_on_stderr_without_json(caller: Caller) -> None:
    said = caller.call("search", "--limit", "many")
    assert (said.status, said.out) == (2, "")
    assert "--limit" in said.err and "Traceback" not in said.err


def test_json_is_heeded_behind_the_command_but_not_behind_the_two_dashes(caller: Caller) -> None:
    assert json.loads(caller.call("search", "--json").out)["total"] == 0
    assert caller.call("search", "--", "--json").out.startswith("0 ")


def test_a_search_without_an_archive_finds_nothing_and_makes_nothing(caller: Caller) -> None:
    said = caller.ask("search", "anyone")
    assert (said.status, said.value["total"], said.value["studies"]) == (0, 0, [])
    assert not caller.data_dir.exists()


@pytest.mark.parametrize(
    "words",
    [
        "info nowhere",
        "import ./nowhere",
        "export 1.2.3.4 -o x.nii",
        "forget 1.2.3",
        "tag t1 +a",
        "--session gone search",
    ],
)
def test_what_is_not_there_ends_with_status_1(caller: Caller, words: str) -> None:
    said = caller.ask(*words.split())
    assert said.status == 1
    assert said.value["error"]["code"] in ("not-found", "path-not-found")


def test_an_output_that_cannot_be_written_is_refused_before_anything_is_read(caller: Caller, scan: Path) -> None:
    for words in (("export", scan, "-o", "no/such/x.nii"), ("render", scan, "-o", "no/such/x.png")):
        assert caller.ask(*words).value["error"]["code"] == "cannot-write"


def test_a_scan_is_imported_found_described_and_exported(caller: Caller, scan: Path, tmp_path: Path) -> None:
    assert caller.ask("import", scan).value["files"]["imported"] == 5
    study = caller.ask("search", "anna").value["studies"][0]
    uid = study["series"][0]["series_uid"]
    stack = caller.ask("info", uid).value["stacks"][0]
    assert (stack["kind"], stack["shape"], stack["verdict"]["code"]) == ("volume", [5, 12, 16], "regular")
    assert stack["spacing_mm"] == [1.0, 1.0, 2.5]
    assert stack["range"] == [-500, -500 + 10 * (4 + 11 + 15)]
    assert caller.ask("export", uid[:12], "-o", tmp_path / "x.npy").status == 0
    assert np.load(tmp_path / "x.npy").shape == (5, 12, 16)


def test_a_path_archives_nothing(caller: Caller, scan: Path) -> None:
    assert caller.ask("info", scan).value["stacks"][0]["shape"] == [5, 12, 16]
    assert not caller.data_dir.exists()


def test_a_session_sees_its_own_scans_alone_and_leaves_no_file(caller: Caller, scan: Path) -> None:
    assert caller.ask("--session", scan, "search").value["total"] == 1
    assert caller.ask("--session", scan, "search", "nobody").value["total"] == 0
    assert not caller.data_dir.exists()


def test_images_and_tags_are_listed_on_request(caller: Caller, scan: Path) -> None:
    value = caller.ask("info", scan, "--images", "--tags", "--image", "2").value
    assert [image["position_mm"][2] for image in value["images"]] == [3.0, 5.5, 8.0, 10.5, 13.0]
    assert {image["state"] for image in value["images"]} == {"present"}
    named = {row["keyword"]: row["value"] for row in value["tags"]}
    assert named["PatientName"] == "Trial^Anna" and named["Rows"] == 12


def test_tags_and_notes_are_kept_and_undone(caller: Caller, scan: Path) -> None:
    caller.ask("import", scan)
    key = caller.ask("search").value["studies"][0]["key"]
    assert caller.ask("tag", key, "+knee", "+urgent").value["tags"] == ["knee", "urgent"]
    assert caller.ask("tag", key, "-knee").value["tags"] == ["urgent"]
    assert caller.ask("undo").status == 0
    assert sorted(caller.ask("search").value["studies"][0]["tags"]) == ["knee", "urgent"]
    assert caller.ask("note", key, "ask again").value["note"] == "ask again"


def test_people_get_a_table_and_programs_an_object(caller: Caller, scan: Path) -> None:
    caller.ask("import", scan)
    said = caller.call("search")
    assert "Anna" in said.out and "{" not in said.out


def test_a_name_cannot_command_the_terminal() -> None:
    assert cli_show._safe("A\x1b[2J\nB") == "A[2JB"


def test_what_the_program_writes_is_closed_to_others(caller: Caller, scan: Path) -> None:
    before = os.umask(0o077)
    try:
        caller.ask("import", scan)
    finally:
        os.umask(before)
    wide = [path for path in [caller.data_dir, *caller.data_dir.rglob("*")] if path.stat().st_mode & 0o077]
    assert not wide


def test_the_log_holds_events_and_numbers_alone(caller: Caller, scan: Path) -> None:
    caller.ask("import", scan)
    caller.ask("info", "no-such-selector")
    text = (caller.data_dir / "log").read_text()
    assert "import.finished" in text and "not-found" in text
    assert not any(word in text for word in ("Anna", "Trial", "T-1", "selector", str(scan)))


def test_the_overview_names_every_command_and_each_has_its_help(caller: Caller) -> None:
    for lang in ("en", "fr"):
        overview = caller.call("--help", "--lang", lang).out
        for row in cli.COMMANDS:
            assert f"  {row.name} " in overview
            page = caller.call(row.name, "--help", "--lang", lang)
            assert page.status == 0 and "help." not in page.out


def test_the_version_is_that_of_the_project(caller: Caller) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == cli_help.VERSION
    assert caller.call("--version").out.strip().endswith(cli_help.VERSION)


def test_light_commands_load_no_heavy_library() -> None:
    heavy = ("pydicom", "webview", "moderngl", "nibabel", "keyring", "rich", "scipy", "PySide6", "imagecodecs")
    code = (
        "import sys, os; from shell.cli import run; run(['--json', 'search'], os.environ); "
        f"sys.stderr.write(' '.join(name for name in {heavy} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr == ""

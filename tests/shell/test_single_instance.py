"""One application for one archive: claiming, handing over, and what is left after a kill."""

import os
import queue
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shell.second_start import handed_over
from shell.single_instance import Meeting, Words, claim, hand_over, meeting_of


@pytest.fixture
def meeting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Meeting:
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    return meeting_of(tmp_path / "data")


def test_a_second_start_hands_over_paths_that_are_not_text(meeting: Meeting) -> None:
    first = claim(meeting)
    assert first is not None
    heard: queue.Queue[Words] = queue.Queue()
    first.listen(heard.put)
    words = Words((b"/scans/\xe9t\xe9", "/scans/漢字".encode()), "token")
    started = time.monotonic()
    assert hand_over(meeting, words)
    assert time.monotonic() - started < 1.0
    assert heard.get(timeout=5) == words
    first.close()


def test_there_is_one_first_start_and_the_next_comes_after_it_closes(meeting: Meeting) -> None:
    first = claim(meeting)
    assert first is not None
    assert claim(meeting) is None
    first.close()
    again = claim(meeting)
    assert again is not None
    again.close()


def test_a_killed_start_leaves_nothing_in_the_way(meeting: Meeting) -> None:
    code = f"from shell.single_instance import *; i = claim(Meeting(*{(meeting.address, meeting.key_file, meeting.lock_file)!r})); import os; os._exit(9)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 9
    assert os.path.exists(meeting.address)
    assert not hand_over(meeting, Words(()))
    first = claim(meeting)
    assert first is not None
    first.close()


def test_a_stranger_without_the_key_is_not_heard(meeting: Meeting) -> None:
    first = claim(meeting)
    assert first is not None
    heard: queue.Queue[Words] = queue.Queue()
    first.listen(heard.put)
    Path(meeting.key_file).write_bytes(b"another key")
    assert not hand_over(meeting, Words((b"/x",)))
    assert heard.empty()
    first.close()


def test_the_key_is_readable_by_its_owner_only(meeting: Meeting) -> None:
    first = claim(meeting)
    assert first is not None
    assert os.stat(meeting.key_file).st_mode & 0o077 == 0
    assert os.stat(meeting.address).st_mode & 0o077 == 0
    first.close()


def test_two_archives_have_two_applications(tmp_path: Path) -> None:
    assert meeting_of(tmp_path / "one") != meeting_of(tmp_path / "two")
    assert len(os.fsencode(meeting_of(tmp_path / ("long" * 60)).address)) < 108


SECOND = """
import sys
sys.argv[1:] = ["--data-dir", {data!r}, "./scans"]
from shell.__main__ import main
status = main()
heavy = {{"click", "numpy", "webview", "moderngl", "shell.cli"}} & set(sys.modules)
sys.exit(", ".join(heavy) or status)
"""


def test_a_second_start_hands_over_before_anything_heavy_is_imported(meeting: Meeting, tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    first = claim(meeting)
    assert first is not None
    heard: queue.Queue[Words] = queue.Queue()
    first.listen(heard.put)
    top = str(Path(__file__).parent.parent.parent)
    words = [sys.executable, "-c", SECOND.format(data=str(tmp_path / "data"))]
    ended = subprocess.run(words, cwd=tmp_path, env=os.environ | {"PYTHONPATH": top}, check=False, timeout=60)
    assert ended.returncode == 0
    assert heard.get(timeout=5).paths == (os.fsencode(tmp_path / "scans"),)
    first.close()


@pytest.mark.parametrize("words", [["search", "x"], ["import", "."], ["--json"], ["nothing.dcm"], ["--session", "."]])
def test_what_is_no_plain_start_is_left_to_the_command_line(meeting: Meeting, tmp_path: Path, words: list[str]) -> None:
    first = claim(meeting)
    assert first is not None
    first.listen(lambda _: None)
    assert not handed_over(["--data-dir", str(tmp_path / "data"), *words], {})
    first.close()

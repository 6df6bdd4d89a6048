"""One application for one archive: claiming, handing over, and what is left after a kill."""

import os
import queue
import subprocess
import sys
import time
from pathlib import Path

import pytest

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

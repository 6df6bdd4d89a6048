"""Reading ahead: only where files are slow, never an error of its own."""

import os
from pathlib import Path

from archive.intake.ahead import Ahead
from archive.intake.found import FoundFile, Refusal


def test_it_begins_with_a_slow_file_and_ends_after_many_quick_ones() -> None:
    ahead = Ahead()
    assert not ahead.pays
    ahead.took(0.02)
    assert ahead.pays
    for _ in range(100):
        ahead.took(0.00002)
    assert not ahead.pays


def test_what_cannot_be_opened_is_left_to_who_reads_it(tmp_path: Path) -> None:
    ahead, path = Ahead(), os.fsencode(tmp_path / "pipe")
    os.mkfifo(path)
    before = len(os.listdir("/proc/self/fd"))
    ahead.fetch(FoundFile(path, None, 0, 0))
    ahead.fetch(FoundFile(os.fsencode(tmp_path / "gone"), None, 0, 0))
    ahead.fetch(FoundFile(os.fsencode(tmp_path), "member", 0, 0))
    ahead.fetch(FoundFile(path, None, 0, 0, Refusal("not-regular")))
    assert len(os.listdir("/proc/self/fd")) == before

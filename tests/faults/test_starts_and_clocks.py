"""Many starts at once, and clocks that jump."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import children
import pytest
from make import archives

from archive.errors import ArchiveLocked
from archive.index import backups, locks, precious, repair
from archive.index.catalogue import Catalogue

Amount = Callable[[int, int], int]
NOW = datetime(2024, 5, 17, 12, tzinfo=UTC)


def test_p17_f17_twenty_first_imports_at_once_make_one_whole_archive(
    tmp_path: Path, amount: Amount, figure: Callable[[str], None]
) -> None:
    for number in range(20):
        archives.series(tmp_path / "scans" / f"s{number}", 2, PatientID=f"S-{number}", PatientName=f"Start{number}")
    rounds = amount(1, 20)
    for turn in range(rounds):
        data = str(tmp_path / f"data{turn}")

        def one(number: int, data: str = data) -> None:
            with Catalogue.open(data, create=True) as catalogue:
                archives.receipt_of(catalogue, tmp_path / "scans" / f"s{number}")
                catalogue.tag(catalogue.search(f"start{number}").studies[0].key, [f"t{number}"])
                catalogue.back_up_when_due()

        started = [children.start(lambda number=number: one(number)) for number in range(20)]
        assert [os.waitpid(child, 0)[1] for child in started] == [0] * 20
        with Catalogue.open(data) as catalogue:
            tags = {tag for study in catalogue.search().studies for tag in study.tags}
            assert catalogue.totals().instances == 40 and len(tags) == 20 and catalogue.engine.sound()
    figure(f"{20 * rounds} starts")


def test_p17_f17_commands_started_together_all_answer(data: Path, amount: Amount) -> None:
    words = [sys.executable, "-m", "shell", "--data-dir", str(data), "--json", "search"]
    started = [subprocess.Popen(words, stdout=subprocess.PIPE) for _ in range(amount(4, 20))]
    answers = [(child.communicate()[0], child.returncode) for child in started]
    assert [(json.loads(body)["total"], status) for body, status in answers] == [(6, 0)] * len(started)


def test_p17_nobody_repairs_an_archive_that_is_open_elsewhere(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks.alone.__wrapped__, "__defaults__", (0.05,))
    with Catalogue.open(str(data)), pytest.raises(ArchiveLocked):
        repair.repair(str(data))
    assert not repair.repair(str(data)).was_damaged


@pytest.mark.parametrize("years", [-10, 10, 76])
def test_f23_a_clock_that_jumps_changes_no_order(data: Path, monkeypatch: pytest.MonkeyPatch, years: int) -> None:
    with Catalogue.open(str(data)) as catalogue:
        first, second, third = [row.key for row in catalogue.all_series()][:3]
        catalogue.remember_opened(first)
        jumped = datetime.now(UTC) + timedelta(days=365 * years)
        monkeypatch.setattr(precious, "_now", lambda: jumped.isoformat(timespec="milliseconds"))
        catalogue.remember_opened(second)
        monkeypatch.undo()
        catalogue.remember_opened(third)
        assert [row.series_key for row in catalogue.recent(3)] == [third, second, first]
        catalogue.tag(catalogue.search().studies[0].key, ["after"])
        assert catalogue.undo().kind == "tag"


def test_f23_a_backup_from_the_future_does_not_keep_others_from_being_made(data: Path) -> None:
    with Catalogue.open(str(data)) as catalogue:
        assert catalogue.key is not None
        for days in (0, 3650, 1, -3650, 2, 3):
            catalogue.tag(catalogue.search().studies[0].key, [f"day{days}"])
            assert "daily" in backups.keep_up(str(data), catalogue.engine, catalogue.key, NOW + timedelta(days=days))
        found = [one for one in backups.kept(str(data)) if one.kind == "daily"]
        assert len(found) == backups.KEPT
        assert [one.commits for one in found] == sorted((one.commits for one in found), reverse=True)
        assert found[0].at == NOW + timedelta(days=3), "the newest is the last made, whatever the clock said before"

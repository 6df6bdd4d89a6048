"""kill -9 at every step of everything that writes: what was called saved is there, and doing it again ends the same."""

import functools
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import children
import pytest
from make import archives

from archive.errors import ArchiveDamaged
from archive.importing.order import import_paths
from archive.index import backup, keyholding, repair, sealing
from archive.index.catalogue import Catalogue

Amount = Callable[[int, int], int]


def swept(base: Path, work: Callable[[Path], object], check: Callable[[Path], None], most: int) -> str:
    """Kill the work at its first, second, ... step, each time from the same beginning; at `most` steps, evenly spread."""
    place, step, kills = base.parent / "swept", 1, 0
    stride = max(_steps(base, place, work) // most, 1)
    while _is_killed(base, place, work, step):
        check(place)
        kills, step = kills + 1, step + stride
    check(place)
    return f"{kills} kills, at {'every step' if stride == 1 else f'every {stride}th step'}"


def _steps(base: Path, place: Path, work: Callable[[Path], object]) -> int:
    """About how many steps a work has."""
    low, high = 1, 2
    while _is_killed(base, place, work, high):
        low, high = high, high * 2
    while high - low > 8:
        middle = (low + high) // 2
        low, high = (middle, high) if _is_killed(base, place, work, middle) else (low, middle)
    return high


def _is_killed(base: Path, place: Path, work: Callable[[Path], object], step: int) -> bool:
    shutil.rmtree(place, ignore_errors=True)
    if base.exists():
        shutil.copytree(base, place)
    return children.killed_at(step, str(place), lambda: work(place))


def contents(place: Path) -> object:
    with Catalogue.open(str(place)) as catalogue:
        assert catalogue.notices == ()
        assert catalogue.engine.sound()
        return archives.contents(catalogue)


def test_p1_p10_f1_an_import_killed_at_any_step_loses_nothing_it_showed(
    data: Path, tmp_path: Path, amount: Amount, figure: Callable[[str], None]
) -> None:
    for number in range(3):
        archives.series(tmp_path / "more" / f"m{number}", 4, PatientID=f"M-{number}", PatientName="More")
    shown = tmp_path / "shown"

    def work(place: Path) -> None:
        shown.unlink(missing_ok=True)
        with Catalogue.open(str(place)) as catalogue:
            for progress in import_paths([os.fsencode(tmp_path / "more")], catalogue, None):
                shown.write_text(str(18 + progress.outcomes["imported"]))

    clean = tmp_path / "clean"
    shutil.copytree(data, clean)
    work(clean)
    whole = contents(clean)

    def check(place: Path) -> None:
        with Catalogue.open(str(place)) as catalogue:
            assert catalogue.totals().instances >= (int(shown.read_text()) if shown.exists() else 18)
            assert {tag for study in catalogue.search().studies for tag in study.tags} == {f"tag{n}" for n in range(6)}
        work(place)
        assert contents(place) == whole

    figure(swept(data, work, check, amount(9, 200)))


def test_p1_f1_a_first_import_killed_at_any_step_leaves_no_archive_or_a_whole_one(
    tmp_path: Path, scans: Path, amount: Amount, figure: Callable[[str], None]
) -> None:
    def work(place: Path) -> None:
        with Catalogue.open(str(place), create=True) as catalogue:
            archives.receipt_of(catalogue, scans / "s0")

    def check(place: Path) -> None:
        work(place)
        with Catalogue.open(str(place)) as catalogue:
            assert catalogue.totals().instances == 3 and catalogue.engine.sound()

    figure(swept(tmp_path / "nothing", work, check, amount(9, 200)))


def test_p6_f1_a_tag_a_note_and_their_undoing_killed_at_any_step_are_whole_or_not_there(
    data: Path, amount: Amount, figure: Callable[[str], None]
) -> None:
    def work(place: Path) -> None:
        with Catalogue.open(str(place)) as catalogue:
            key = catalogue.search().studies[1].key
            catalogue.tag(key, ["new"], ["tag1"])
            catalogue.undo()

    def check(place: Path) -> None:
        with Catalogue.open(str(place)) as catalogue:
            assert set(catalogue.search().studies[1].tags) in ({"tag1"}, {"new"})
            entries = len(catalogue.journal_entries())
            catalogue.note(catalogue.search().studies[2].key, "afterwards")
            assert catalogue.key is not None
            from archive.index import journal

            assert len(journal.events(str(place), catalogue.key)) == entries + 1

    figure(swept(data, work, check, amount(9, 200)))


def test_p23_f1_a_backup_killed_at_any_step_leaves_none_or_a_sound_one(
    data: Path, tmp_path: Path, amount: Amount, figure: Callable[[str], None]
) -> None:
    target = tmp_path / "out.backup"
    whole = contents(data)

    def work(place: Path) -> None:
        backup.backup(str(place), str(target))

    def check(place: Path) -> None:
        if target.exists():
            shutil.rmtree(tmp_path / "back", ignore_errors=True)
            backup.restore(str(target), str(tmp_path / "back"))
            assert contents(tmp_path / "back") == whole
            target.unlink()
        assert contents(place) == whole

    figure(swept(data, work, check, amount(9, 200)))


def test_p23_f1_the_archives_own_backups_killed_at_any_step_are_sound(
    data: Path, tmp_path: Path, amount: Amount, figure: Callable[[str], None]
) -> None:
    from archive.index import backups

    def work(place: Path) -> None:
        with Catalogue.open(str(place)) as catalogue:
            assert catalogue.key is not None
            backups.before_migration(str(place), catalogue.engine, catalogue.key)

    def check(place: Path) -> None:
        assert len(backups.kept(str(place))) >= 2
        for number, one in enumerate(backups.kept(str(place))):
            back = tmp_path / f"back{number}"
            backup.restore(one.path, str(back))
            shutil.copy(place / "key", back / "key")
            with Catalogue.open(str(back)) as catalogue:
                assert catalogue.totals().instances == 18
            shutil.rmtree(back)

    figure(swept(data, work, check, amount(9, 200)))


@pytest.mark.parametrize("bad", ["first page", "another page"])
def test_p5_f1_a_repair_killed_at_any_step_can_be_begun_again(
    data: Path, scans: Path, amount: Amount, figure: Callable[[str], None], bad: str
) -> None:
    whole = contents(data)
    body = bytearray((data / "archive.db").read_bytes())
    body[300 if bad == "first page" else len(body) // 2] ^= 1
    (data / "archive.db").write_bytes(body)

    def work(place: Path) -> None:
        repair.repair(str(place))

    def check(place: Path) -> None:
        try:
            with Catalogue.open(str(place)) as catalogue:
                catalogue.totals()
        except ArchiveDamaged:
            pass
        repair.repair(str(place))
        with Catalogue.open(str(place)) as catalogue:
            archives.receipt_of(catalogue, scans)
        assert contents(place) == whole
        assert [name for name in os.listdir(place) if name.startswith("damaged-")]

    figure(swept(data, work, check, amount(6, 60)))


def test_f1_setting_and_removing_a_passphrase_killed_at_any_step_never_loses_the_key(
    data: Path, amount: Amount, figure: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "sealed", functools.partial(sealing.sealed, cost=16))

    def work(place: Path) -> None:
        with Catalogue.open(str(place)) as catalogue:
            assert catalogue.key is not None
            keyholding.seal(str(place), catalogue.key, "correct horse")
            keyholding.new_code(str(place), catalogue.key)
            keyholding.unseal(str(place), catalogue.key)

    def check(place: Path) -> None:
        with Catalogue.open(str(place), ask=lambda: "correct horse") as catalogue:
            assert catalogue.totals().instances == 18

    figure(swept(data, work, check, amount(9, 200)))

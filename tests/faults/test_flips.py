"""Flipped bits in every file of the archive: told, harmless, or mended; never fewer studies and no word about it."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import children
import pytest
from make import archives

from archive.errors import ArchiveClosed
from archive.index import repair
from archive.index.catalogue import Catalogue

Amount = Callable[[int, int], int]
TAGS = {f"tag{number}" for number in range(6)}


@pytest.fixture
def unclosed(data: Path, tmp_path: Path) -> Path:
    """The archive as a kill leaves it: its last study and its last tag are in the WAL alone."""

    def left_open() -> None:
        catalogue = Catalogue.open(str(data))
        archives.receipt_of(catalogue, tmp_path / "late")
        catalogue.tag(catalogue.search("late").studies[0].key, ["late"])
        catalogue.saved()
        os._exit(0)

    archives.series(tmp_path / "late", 3, PatientID="L", PatientName="Late")
    children.done(left_open)
    assert (data / "archive.db-wal").stat().st_size > 0
    return data


def flipped(place: Path, name: str, chance: random.Random) -> None:
    body = bytearray((place / name).read_bytes())
    body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    (place / name).write_bytes(body)


def seen(place: Path) -> str:
    """What a person sees: "whole", "told" (an error, or a notice), or "silent" (fewer studies or tags and not a word)."""
    try:
        with Catalogue.open(str(place)) as catalogue:
            page = catalogue.search(limit=1000)
            tags = {tag for study in page.studies for tag in study.tags}
            if len(page.studies) == page.total == 7 and tags == TAGS | {"late"}:
                return "whole"
            return "told" if catalogue.notices else "silent"
    except ArchiveClosed:
        return "told"


@pytest.mark.parametrize("name", ["archive.db", "archive.db-wal", "archive.json", "journal.db"])
def test_p4_f13_f15_a_flipped_bit_is_never_fewer_studies_without_a_word(
    unclosed: Path, tmp_path: Path, amount: Amount, figure: Callable[[str], None], name: str
) -> None:
    found = {"whole": 0, "told": 0, "silent": 0}
    for seed in range(amount(20, 400) if name != "journal.db" else amount(5, 50)):
        place = tmp_path / "flip"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(unclosed, place)
        flipped(place, name, random.Random(seed))
        found[seen(place)] += 1
    figure(f"{sum(found.values())} flips, {found['told']} told, {found['silent']} silent")
    assert found["silent"] == 0


@pytest.mark.parametrize("own_backups", [True, False], ids=["with backups", "without"])
def test_p5_p6_f13_after_any_bad_page_repair_and_a_new_import_have_everything(
    data: Path, scans: Path, tmp_path: Path, amount: Amount, figure: Callable[[str], None], own_backups: bool
) -> None:
    with Catalogue.open(str(data)) as catalogue:
        whole = archives.contents(catalogue)
    if not own_backups:
        shutil.rmtree(data / "backups")
    pages = (data / "archive.db").stat().st_size // 4096
    rescanned = 0
    for page in range(0, pages, max(pages // amount(6, pages), 1)):
        place = tmp_path / "page"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(data, place)
        body = bytearray((place / "archive.db").read_bytes())
        body[page * 4096 + 2000] ^= 4
        (place / "archive.db").write_bytes(body)
        report = repair.repair(str(place))
        assert report.was_damaged and report.kept_aside and not report.unknown_folders
        assert (place / report.kept_aside[0]).read_bytes() == body, "the damaged file is kept as it was"
        rescanned += bool(report.rescan)
        with Catalogue.open(str(place)) as catalogue:
            if report.rescan:
                archives.receipt_of(catalogue, *(os.fsdecode(path) for path in report.rescan))
            assert archives.contents(catalogue) == whole and catalogue.notices == ()
            assert catalogue.undo().kind == "note"
    figure(f"{len(range(0, pages, max(pages // amount(6, pages), 1)))} pages, {rescanned} needed an import")


def test_p5_f14_a_database_that_is_gone_comes_back_from_backup_and_journal(data: Path, scans: Path) -> None:
    with Catalogue.open(str(data)) as catalogue:
        whole = archives.contents(catalogue)
    for spoil in (lambda p: p.unlink(), lambda p: p.write_bytes(b""), lambda p: p.write_bytes(bytes(65536))):
        spoil(data / "archive.db")
        report = repair.repair(str(data))
        assert report.from_backup and "database" in report.damaged
        with Catalogue.open(str(data)) as catalogue:
            assert archives.contents(catalogue) == whole


def test_p5_f14_a_lost_sidecar_and_a_damaged_journal_are_written_anew(data: Path) -> None:
    with Catalogue.open(str(data)) as catalogue:
        whole, entries = archives.contents(catalogue), catalogue.journal_entries()
    (data / "archive.json").unlink()
    body = bytearray((data / "journal.db").read_bytes())
    body[4096 + 100] ^= 1
    (data / "journal.db").write_bytes(body)
    report = repair.repair(str(data))
    assert set(report.damaged) == {"sidecar", "journal"} and report.events == len(entries)
    with Catalogue.open(str(data)) as catalogue:
        assert (archives.contents(catalogue), catalogue.journal_entries()) == (whole, entries)
    assert not repair.repair(str(data)).was_damaged

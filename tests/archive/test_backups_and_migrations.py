"""The archive's own backups, and the steps from one format to the next."""

import itertools
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from make import archives, frozen

from archive.errors import ArchiveNewer
from archive.index import backup, backups, journal, keys, migrations, opening, sidecar
from archive.index.backups import Kept
from archive.index.catalogue import Catalogue

NOW = datetime(2024, 5, 17, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOMOTHEQUE_KEY_FILE", raising=False)
    monkeypatch.setattr(keys, "_into_keyring", lambda *_: False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    archives.series(tmp_path / "scan", 2)
    with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
        archives.receipt_of(catalogue, tmp_path / "scan")
    return tmp_path / "data"


def made(kind: str, number: int, commits: int, days_ago: float) -> Kept:
    return Kept(kind, number, commits, NOW - timedelta(days=days_ago), "")


def test_p23_a_backup_is_due_when_there_is_none_or_the_last_is_old_and_something_changed() -> None:
    daily, weekly = made("daily", 1, 10, 0.5), made("weekly", 2, 10, 0.5)
    assert backups.due([], 5, NOW) == ("daily", "weekly")
    assert backups.due([weekly, daily], 99, NOW) == ()
    old = [made("weekly", 2, 10, 3), made("daily", 1, 10, 3)]
    assert backups.due(old, 11, NOW) == ("daily",)
    assert backups.due(old, 10, NOW) == (), "nothing changed"
    assert backups.due([made("daily", 1, 10, -400), weekly], 11, NOW) == ("daily",), (
        "one from the future is no reason to wait"
    )


def test_p23_three_of_each_kind_are_kept_and_all_from_before_migrations() -> None:
    numbers = itertools.count()
    there = [made(kind, next(numbers), 1, 0) for _ in range(5) for kind in ("daily", "weekly", "migration")]
    gone = backups.surplus(sorted(there, key=lambda one: -one.number))
    assert sorted(one.number for one in gone) == [0, 1, 3, 4]


def test_p23_backups_are_made_after_a_change_and_hold_no_key(data: Path, tmp_path: Path) -> None:
    with Catalogue.open(str(data)) as catalogue:
        assert catalogue.back_up_when_due() == (), "nothing changed since it was opened"
        catalogue.tag(catalogue.search().studies[0].key, ["saved"])
        assert catalogue.back_up_when_due() == ("daily", "weekly")
        assert catalogue.key is not None
        raw = catalogue.key.raw
    for one in backups.kept(str(data)):
        body = Path(one.path).read_bytes()
        assert raw not in body and raw.hex().encode() not in body
        shutil.rmtree(tmp_path / "back", ignore_errors=True)
        backup.restore(one.path, str(tmp_path / "back"))
        shutil.copy(data / "key", tmp_path / "back" / "key")
        with Catalogue.open(str(tmp_path / "back")) as again:
            assert again.search().studies[0].tags == ("saved",) and again.notices == ()


def test_p23_what_cannot_be_opened_again_is_not_called_a_backup(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Catalogue.open(str(data)) as catalogue:
        catalogue.tag(catalogue.search().studies[0].key, ["x"])
        monkeypatch.setattr("archive.index.bundles.is_sound", lambda *_: False)
        assert catalogue.back_up_when_due() == ()
        assert [notice.code for notice in catalogue.notices] == ["backup-failed"]
    assert backups.kept(str(data)) == []


def test_p6_a_damaged_journal_is_told_when_the_archive_looks_after_itself(data: Path) -> None:
    with Catalogue.open(str(data)) as catalogue:
        catalogue.tag(catalogue.search().studies[0].key, ["x"])
        body = bytearray((data / "journal.db").read_bytes())
        body[4096 + 99] ^= 1
        (data / "journal.db").write_bytes(body)
        catalogue.back_up_when_due()
        assert [notice.code for notice in catalogue.notices] == ["journal-damaged"]


# formats --------------------------------------------------------------------------------------------------------------


def to_two(engine) -> None:
    engine._connection.execute("ALTER TABLE study ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'")


def to_three(engine) -> None:
    engine._connection.execute("UPDATE study SET colour = 'blue'")


@pytest.fixture
def next_program(monkeypatch: pytest.MonkeyPatch):
    """The program two formats later."""
    monkeypatch.setattr(sidecar, "FORMAT", 3)
    monkeypatch.setattr(migrations.migrate, "__defaults__", ({2: to_two, 3: to_three},))


def test_p22_an_archive_of_the_first_format_opens(tmp_path: Path) -> None:
    frozen.write(str(tmp_path / "data"))
    with Catalogue.open(str(tmp_path / "data")) as catalogue:
        study = catalogue.search("frozen").studies[0]
        assert (study.tags, study.note, study.patient.patient_id) == (("old",), "from long ago", "FROZEN-1")
        assert catalogue.notices == () and catalogue.totals().studies == 1
        catalogue.undo()
        assert catalogue.study(study.key).note == ""
        assert catalogue.key is not None and len(journal.events(str(tmp_path / "data"), catalogue.key)) == 3


def test_p22_a_newer_program_brings_it_up_step_by_step_after_a_backup(tmp_path: Path, next_program) -> None:
    data = str(tmp_path / "data")
    frozen.write(data)
    with Catalogue.open(data) as catalogue:
        assert catalogue.engine.value("format") == 3
        assert catalogue.engine._connection.execute("SELECT colour FROM study").fetchall()[0][0] == "blue"
        assert catalogue.search("frozen").studies[0].tags == ("old",)
    assert [one.kind for one in backups.kept(data)] == ["migration"]
    found = sidecar.read(data)
    assert found is not None and found.format == 3
    with Catalogue.open(data) as catalogue:
        assert len(backups.kept(data)) == 1, "done once"


def test_p22_an_older_program_never_opens_a_newer_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = str(tmp_path / "data")
    frozen.write(data)
    described = sidecar.read(data)
    assert described is not None
    with monkeypatch.context() as newer:
        newer.setattr(sidecar, "FORMAT", 2)
        newer.setattr(migrations.migrate, "__defaults__", ({2: to_two},))
        Catalogue.open(data).close()
    with pytest.raises(ArchiveNewer):
        Catalogue.open(data)
    sidecar.write(data, described)  # as if it had been killed before the sidecar followed
    with pytest.raises(ArchiveNewer):
        Catalogue.open(data)


def test_p22_a_step_that_fails_leaves_the_archive_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = str(tmp_path / "data")
    frozen.write(data)

    def fails(engine) -> None:
        to_two(engine)
        raise RuntimeError("half a step")

    with monkeypatch.context() as newer:
        newer.setattr(sidecar, "FORMAT", 2)
        newer.setattr(migrations.migrate, "__defaults__", ({2: fails},))
        with pytest.raises(RuntimeError):
            Catalogue.open(data)
    with Catalogue.open(data) as catalogue:
        assert catalogue.engine.value("format") == 1 and catalogue.totals().studies == 1
    assert opening.find(data) is not None

"""The data directory: private, unreadable without its key, and broken archives told apart and left as they are."""

import json
import os
import shutil
import stat
import sys
import threading
from pathlib import Path

import pytest
from make import archives

from archive.errors import ArchiveClosed, ArchiveDamaged, ArchiveLocked, ArchiveNewer, KeyLost, WrongKey
from archive.index import engine as engines
from archive.index import journal, keys, opening, sidecar
from archive.index.catalogue import Catalogue


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with one study, tagged and noted."""
    monkeypatch.delenv("TOMOTHEQUE_KEY_FILE", raising=False)
    monkeypatch.setattr(keys, "_into_keyring", lambda *_: False)
    made(tmp_path / "data", tmp_path / "scan")
    return tmp_path / "data"


def made(data: Path, scan: Path, name: str = "Zweifelhaft^Ludmilla") -> None:
    archives.series(
        scan, 4, PatientName=name, PatientID="SECRET-5551", InstitutionName="Quokka", SeriesInstanceUID="1.2.987654"
    )
    with Catalogue.open(str(data), create=True) as catalogue:
        archives.receipt_of(catalogue, scan)
        key = catalogue.search().studies[0].key
        catalogue.tag(key, ["wallaby"])
        catalogue.note(key, "confidential remark")


def test_reading_makes_no_archive(tmp_path: Path) -> None:
    with Catalogue.open(str(tmp_path / "none")) as catalogue:
        assert (catalogue.exists, catalogue.search("anyone").total) == (False, 0)
    assert not (tmp_path / "none").exists()


def test_nothing_of_a_patient_is_readable_in_any_file(data: Path) -> None:
    words = ("Zweifelhaft", "Ludmilla", "SECRET-5551", "Quokka", "1.2.987654", "wallaby", "confidential", "zweifelhaft")
    needles = [
        form for word in words for form in (word.encode(), word.encode("utf-16-le"), word.encode().hex().encode())
    ]
    written = [path for path in data.rglob("*") if path.is_file()]
    assert {path.name for path in written} >= {"archive.db", "archive.json", "key", "journal.db"}
    assert [path.name for path in written if any(needle in path.read_bytes() for needle in needles)] == []


def test_files_are_their_owners_alone_whatever_the_umask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_into_keyring", lambda *_: False)
    before = os.umask(0)
    try:
        archives.series(tmp_path / "scan", 2)
        with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
            archives.receipt_of(catalogue, tmp_path / "scan")
            catalogue.tag(catalogue.search().studies[0].key, ["x"])
            wide = [
                p
                for p in [tmp_path / "data", *(tmp_path / "data").rglob("*")]
                if stat.S_IMODE(p.stat().st_mode) & 0o077
            ]
    finally:
        os.umask(before)
    assert wide == []


def _zero(data: Path) -> None:
    (data / "archive.db").write_bytes(b"")


def _garbage(data: Path) -> None:
    (data / "archive.db").write_bytes(bytes(range(256)) * 256)


def _cut(data: Path) -> None:
    body = (data / "archive.db").read_bytes()
    (data / "archive.db").write_bytes(body[: len(body) // 2 + 100])


def _no_database(data: Path) -> None:
    (data / "archive.db").unlink()


def _no_sidecar(data: Path) -> None:
    (data / "archive.json").unlink()


def _odd_sidecar(data: Path) -> None:
    (data / "archive.json").write_text("{")


def _no_key(data: Path) -> None:
    (data / "key").unlink()


def _torn_key(data: Path) -> None:
    (data / "key").write_text("tomotheque-key-1 abcd")


def _other_key(data: Path) -> None:
    (data / "key").write_text(f"tomotheque-key-1 {'ab' * 48}\n")


def _newer(data: Path) -> None:
    facts = json.loads((data / "archive.json").read_text())
    (data / "archive.json").write_text(json.dumps(facts | {"format": 9999}))


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (_zero, ArchiveDamaged), (_garbage, ArchiveDamaged), (_cut, ArchiveDamaged), (_no_database, ArchiveDamaged),
        (_no_sidecar, ArchiveDamaged), (_odd_sidecar, ArchiveDamaged), (_no_key, KeyLost), (_torn_key, KeyLost),
        (_other_key, WrongKey), (_newer, ArchiveNewer),
    ],
)  # fmt: skip
@pytest.mark.parametrize("create", [False, True])
def test_a_broken_archive_is_told_and_left_as_it_is(
    data: Path, spoil, error: type[ArchiveClosed], create: bool
) -> None:
    spoil(data)
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    with pytest.raises(error) as raised:
        Catalogue.open(str(data), create=create)
    assert type(raised.value) is error
    after = {path.name: path.read_bytes() for path in data.iterdir() if path.name != "import.lock"}
    before.pop("import.lock", None)
    assert after == before


def test_a_flipped_bit_is_told_or_harmless_but_never_fewer_studies(data: Path, tmp_path: Path) -> None:
    for n in range(8):
        archives.series(tmp_path / f"more{n}", 2, PatientID=f"P{n}", PatientName=f"N{n}")
    with Catalogue.open(str(data)) as catalogue:
        archives.receipt_of(catalogue, *(tmp_path / f"more{n}" for n in range(8)))
    body = (data / "archive.db").read_bytes()
    told = 0
    for turn in range(12):
        broken = bytearray(body)
        broken[len(body) * (2 * turn + 1) // 24] ^= 0x10
        (data / "archive.db").write_bytes(broken)
        try:
            with Catalogue.open(str(data)) as catalogue:
                page = catalogue.search(limit=1000)
                assert page.total == len(page.studies) == 9
        except ArchiveDamaged:
            told += 1
    assert told >= 1


def test_changes_that_did_not_reach_the_disk_are_noticed(data: Path) -> None:
    found = sidecar.read(str(data))
    assert found is not None
    with Catalogue.open(str(data)) as catalogue:
        assert catalogue.notices == ()
    sidecar.count(str(data), found, found.commits + 3)
    with Catalogue.open(str(data)) as catalogue:
        assert [(n.code, n.facts["count"]) for n in catalogue.notices] == [("changes-missing", 3)]


def test_an_archive_whose_making_was_killed_before_its_last_step_is_whole(data: Path) -> None:
    (data / "archive.db").rename(data / "archive.db.new")
    with Catalogue.open(str(data)) as catalogue:
        assert catalogue.search().total == 1


@pytest.mark.parametrize("left", [("archive.db.new",), ("key",), ("archive.db.new", "key", "import.lock")])
def test_what_a_killed_making_leaves_is_no_archive_and_in_nobodys_way(data: Path, tmp_path: Path, left) -> None:
    (data / "archive.db").rename(data / "archive.db.new")
    for path in data.iterdir():
        if path.name not in left:
            path.unlink()
    with Catalogue.open(str(data)) as catalogue:
        assert not catalogue.exists
    made(data, tmp_path / "scan")


def test_two_first_imports_at_once_make_one_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_into_keyring", lambda *_: False)
    for n in range(3):
        archives.series(tmp_path / f"s{n}", 3, PatientID=f"P{n}")
    failures: list[BaseException] = []

    def job(n: int) -> None:
        try:
            with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
                archives.receipt_of(catalogue, tmp_path / f"s{n}")
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [threading.Thread(target=job, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with Catalogue.open(str(tmp_path / "data")) as catalogue:
        assert catalogue.totals().instances == 9


def test_the_key_file_named_by_the_environment_decides(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.move(data / "key", tmp_path / "elsewhere")
    with pytest.raises(KeyLost):
        Catalogue.open(str(data))
    monkeypatch.setenv("TOMOTHEQUE_KEY_FILE", str(tmp_path / "elsewhere"))
    with Catalogue.open(str(data)) as catalogue:
        assert catalogue.search("ludmilla").total == 1


class FakeKeyring:
    """A keyring backend that keeps what it is given, or (null) takes all and keeps nothing."""

    def __init__(self, keeps: bool) -> None:
        self.keeps, self.held = keeps, {}

    def get_keyring(self) -> object:
        return type("Keyring", (), {"__module__": "keyring.backends.SecretService"})()

    def set_password(self, service: str, name: str, body: str) -> None:
        if self.keeps:
            self.held[service, name] = body

    def get_password(self, service: str, name: str) -> str | None:
        return self.held.get((service, name))


@pytest.mark.parametrize("keeps", [True, False])
def test_a_keyring_has_the_key_only_if_it_gives_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keeps: bool
) -> None:
    keyring = FakeKeyring(keeps)
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    made(tmp_path / "data", tmp_path / "scan")
    assert (tmp_path / "data" / "key").exists() is not keeps
    with Catalogue.open(str(tmp_path / "data")) as catalogue:
        assert catalogue.search().total == 1
    keyring.held.clear()
    if keeps:
        with pytest.raises(KeyLost):
            Catalogue.open(str(tmp_path / "data"))


def test_a_key_shows_nothing_of_itself_when_printed() -> None:
    assert "ab" * 5 not in repr(keys.Key(bytes.fromhex("ab" * 32), bytes.fromhex("cd" * 16), "file"))


def test_the_journal_has_every_event_and_catches_up_after_a_crash(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Catalogue.open(str(data)) as catalogue, monkeypatch.context() as crash:
        crash.setattr(catalogue, "saved", lambda: None)
        catalogue.tag(catalogue.search().studies[0].key, ["lost?"])
        catalogue.engine.wrote = False
    with Catalogue.open(str(data)) as catalogue:
        catalogue.note(catalogue.search().studies[0].key, "another")
        entries = catalogue.journal_entries()
        rows = journal.events(str(data), catalogue.key)
    assert [row["kind"] for row in rows] == [entry["kind"] for entry in entries] == ["tag", "note", "tag", "note"]


def test_a_full_disk_and_a_busy_archive_have_errors_of_their_own(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY_S", 0.05)
    with Catalogue.open(str(data)) as one, Catalogue.open(str(data)) as other, one.engine.writing():
        key = other.search().studies[0].key
        with pytest.raises(ArchiveLocked):
            other.tag(key, ["x"])
    assert engines._meaning("database or disk is full").code == "full"


def test_an_error_never_repeats_what_the_library_said() -> None:
    assert str(engines._meaning("UNIQUE constraint failed: patient Zweifelhaft")) == str(ArchiveClosed())


def test_the_database_name_is_known_to_whoever_asks(data: Path) -> None:
    assert Path(opening.database_of(str(data))).stat().st_size > 0

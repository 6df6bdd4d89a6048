"""Volumes with an identity: an absent drive is offline, one that is mounted elsewhere takes its scans along."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from make import archives

from archive.index.catalogue import Catalogue
from archive.intake import places
from archive.intake.places import Volume

STICK = "uuid:AAAA-1111"


class Machine:
    """What the tests mount: a root, and sticks that come and go."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.sticks: dict[str, str] = {}

    def mounted(self) -> tuple[Volume, ...]:
        root = Volume(b"/", "ext4", "/dev/sda1", "uuid:root", removable=False)
        sticks = (
            Volume(os.fsencode(self.top / place), "vfat", "/dev/sdb1", identity, removable=True)
            for place, identity in self.sticks.items()
        )
        return (root, *sticks)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr(places, "volumes", made.mounted)
    return made


@pytest.fixture
def catalogue(machine: Machine, tmp_path: Path) -> Iterator[Catalogue]:
    """An archive of a stick that is mounted at `a`."""
    archives.series(tmp_path / "a" / "scans" / "one", 4, PatientID="one")
    machine.sticks = {"a": STICK}
    with Catalogue.open(str(tmp_path / "data"), create=True) as opened:
        archives.receipt_of(opened, tmp_path / "a" / "scans")
        yield opened


def counts(catalogue: Catalogue) -> tuple[int, int, int, int]:
    found = catalogue.verify()
    return found.present, found.offline, found.missing, found.changed


def test_p3_an_empty_mount_point_is_no_deletion(catalogue: Catalogue, machine: Machine, tmp_path: Path) -> None:
    machine.sticks = {}
    shutil.move(tmp_path / "a", tmp_path / "drawer")
    (tmp_path / "a").mkdir()
    assert counts(catalogue) == (0, 4, 0, 0)
    assert catalogue.search().studies[0].state == "offline"
    assert catalogue.totals().instances == 4, "nothing was removed"
    (tmp_path / "a").rmdir()
    shutil.move(tmp_path / "drawer", tmp_path / "a")
    machine.sticks = {"a": STICK}
    assert counts(catalogue) == (4, 0, 0, 0)
    assert catalogue.search().studies[0].state == "present"


def test_a_file_that_is_gone_from_a_drive_that_is_in_is_missing(catalogue: Catalogue, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "a" / "scans" / "one")
    assert counts(catalogue) == (0, 0, 4, 0)


def test_a_drive_mounted_elsewhere_takes_its_scans_along(
    catalogue: Catalogue, machine: Machine, tmp_path: Path
) -> None:
    shutil.move(tmp_path / "a", tmp_path / "longer-name")
    machine.sticks = {"longer-name": STICK}
    record = catalogue.series_by(catalogue.all_series()[0].key)
    assert all(os.path.exists(ref.path) for ref in record.files)
    assert counts(catalogue) == (4, 0, 0, 0)
    again = archives.receipt_of(catalogue, tmp_path / "longer-name" / "scans")
    assert (again.files["known"], again.totals.files) == (4, 4)


def test_another_stick_in_the_same_place_is_not_taken_for_the_first(
    catalogue: Catalogue, machine: Machine, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "a")
    archives.series(tmp_path / "a" / "scans" / "one", 2, PatientID="two")
    for path in (tmp_path / "a" / "scans" / "one").iterdir():
        os.utime(path, (1.7e9, 1.7e9))
    machine.sticks = {"a": "uuid:BBBB-2222"}
    assert counts(catalogue) == (0, 4, 0, 0), "of the first stick nothing is known now"
    receipt = archives.receipt_of(catalogue, tmp_path / "a" / "scans")
    assert (receipt.files["imported"], receipt.totals.instances) == (2, 6)
    assert {study.patient.patient_id: study.state for study in catalogue.search().studies}["two"] == "present"


def test_files_copied_to_a_new_disk_as_they_were_are_present(catalogue: Catalogue, machine: Machine) -> None:
    machine.sticks = {"a": "uuid:NEW-DISK"}
    assert counts(catalogue) == (4, 0, 0, 0)


def test_a_stick_whose_clock_was_shifted_by_an_hour_is_still_known(catalogue: Catalogue, tmp_path: Path) -> None:
    for path in (tmp_path / "a" / "scans" / "one").iterdir():
        status = path.stat()
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 3_600_000_000_000))
    assert counts(catalogue) == (4, 0, 0, 0)
    assert archives.receipt_of(catalogue, tmp_path / "a" / "scans").files["known"] == 4


def test_a_study_that_exists_on_a_stick_alone_says_so(catalogue: Catalogue, tmp_path: Path) -> None:
    study = catalogue.search().studies[0]
    assert study.only_on_removable and study.series[0].only_on_removable
    shutil.copytree(tmp_path / "a" / "scans", tmp_path / "desk")
    receipt = archives.receipt_of(catalogue, tmp_path / "desk")
    assert receipt.files["duplicate"] == 4
    assert not catalogue.search().studies[0].only_on_removable


def test_importing_from_a_stick_says_what_that_means(machine: Machine, tmp_path: Path) -> None:
    archives.series(tmp_path / "a", 2)
    machine.sticks = {"a": STICK}
    with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
        assert [notice.code for notice in archives.receipt_of(catalogue, tmp_path / "a").notices] == [
            "removable-medium"
        ]
    with Catalogue.in_memory() as session:
        assert archives.receipt_of(session, tmp_path / "a").notices == ()


def test_a_system_that_tells_no_volumes_goes_by_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "volumes", lambda: ())
    archives.series(tmp_path / "a", 2)
    with Catalogue.in_memory() as catalogue:
        archives.receipt_of(catalogue, tmp_path / "a")
        assert counts(catalogue) == (2, 0, 0, 0)
        shutil.rmtree(tmp_path / "a")
        assert counts(catalogue) == (0, 2, 0, 0)


def test_pointing_at_one_file_finds_all_that_moved_with_it(tmp_path: Path) -> None:
    for name in ("one", "two"):
        archives.series(tmp_path / "old" / name, 3, PatientID=name)
    with Catalogue.in_memory() as catalogue:
        archives.receipt_of(catalogue, tmp_path / "old")
        (tmp_path / "far" / "away").mkdir(parents=True)
        shutil.move(tmp_path / "old", tmp_path / "far" / "away" / "renamed")
        one = sorted((tmp_path / "far" / "away" / "renamed" / "one").iterdir())[1]
        assert catalogue.relink(os.fsencode(one)) == 6
        assert counts(catalogue) == (6, 0, 0, 0)


def test_verify_deep_notices_a_flipped_bit_that_changes_neither_size_nor_time(tmp_path: Path) -> None:
    archives.series(tmp_path / "a", 3)
    with Catalogue.in_memory() as catalogue:
        archives.receipt_of(catalogue, tmp_path / "a")
        assert catalogue.verify(deep=True).present == 3
        victim = sorted((tmp_path / "a").iterdir())[1]
        body, status = bytearray(victim.read_bytes()), victim.stat()
        body[-3] ^= 1
        victim.write_bytes(body)
        os.utime(victim, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert catalogue.verify().changed == 0
        found = catalogue.verify(deep=True)
        assert (found.present, found.changed) == (2, 1)
        assert found.items[0].path == os.fsencode(victim)

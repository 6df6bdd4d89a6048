"""Full, failing and read-only disks: a plain error, nothing lost, and the work goes on without a restart."""

import ctypes
import errno
import os
import resource
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import children
import cutfs
import pytest
from make import archives

from archive.errors import ArchiveClosed, ArchiveFull, ArchiveReadOnly
from archive.index.catalogue import Catalogue

Amount = Callable[[int, int], int]
_BIND, _REMOUNT_READ_ONLY = 0x1000, 0x1000 | 0x20 | 0x1


def apart(work: Callable[[], Any]) -> Any:
    if not os.path.exists("/dev/fuse"):
        pytest.skip("no /dev/fuse here")
    try:
        return cutfs.apart(work)
    except (PermissionError, FileNotFoundError) as error:
        pytest.skip(f"no mounts of one's own here ({error})")


def on_disk(tmp_path: Path, data: Path) -> tuple[cutfs.Mounted, str]:
    """A disk in memory with a copy of an archive on it."""
    disk = cutfs.Mounted(str(tmp_path / "disk"))
    shutil.copytree(data, f"{disk.place}/data", copy_function=shutil.copyfile)
    return disk, f"{disk.place}/data"


@pytest.fixture
def more(tmp_path: Path) -> Path:
    for number in range(8):
        archives.series(tmp_path / "more" / f"m{number}", 4, PatientID=f"D-{number}", StudyDescription="x" * 60)
    return tmp_path / "more"


def test_p18_f3_a_full_disk_is_told_and_the_work_goes_on_when_there_is_room(
    tmp_path: Path, data: Path, more: Path, amount: Amount, figure: Callable[[str], None]
) -> None:
    def work() -> dict[str, int]:
        told = 0
        disk, place = on_disk(tmp_path, data)
        used = sum(entry.stat().st_size for entry in os.scandir(place) if entry.is_file())
        with Catalogue.open(place) as catalogue:
            for kib in range(4, 4 + 8 * amount(6, 40), 8):
                disk.tell(room=used + backups_of(place) + (kib << 10))
                try:
                    archives.receipt_of(catalogue, more)
                    catalogue.tag(catalogue.search().studies[0].key, [f"full{kib}"])
                except ArchiveFull:
                    told += 1
                assert catalogue.totals().instances >= 18
            disk.tell(room=None)
            archives.receipt_of(catalogue, more)
            catalogue.tag(catalogue.search().studies[0].key, ["room"])
            assert catalogue.totals().instances == 18 + 32
        with Catalogue.open(place) as catalogue:
            assert catalogue.totals().instances == 18 + 32 and catalogue.engine.sound() and catalogue.notices == ()
        disk.end()
        return {"told": told}

    figure(f"{apart(work)['told']} times full")


def backups_of(place: str) -> int:
    return sum(entry.stat().st_size for entry in os.scandir(f"{place}/backups"))


def test_p18_f3_a_limit_on_the_size_of_files_is_a_full_disk_too(data: Path, more: Path) -> None:
    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with Catalogue.open(str(data)) as catalogue:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
            with pytest.raises(ArchiveFull):
                archives.receipt_of(catalogue, more)
            assert catalogue.totals().instances == 18
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            archives.receipt_of(catalogue, more)
            assert catalogue.totals().instances == 50

    children.done(work)


def test_p18_the_archives_own_backup_never_fills_the_disk(tmp_path: Path, data: Path) -> None:
    def work() -> list[str]:
        disk, place = on_disk(tmp_path, data)
        shutil.rmtree(f"{place}/backups")
        disk.tell(room=32 << 20)
        with Catalogue.open(place) as catalogue:
            catalogue.tag(catalogue.search().studies[0].key, ["x"])
            assert catalogue.back_up_when_due() == ()
            return [notice.code for notice in catalogue.notices]

    assert apart(work) == ["backup-failed"]


PLACES = ("archive.db-wal", "archive.db", "archive.json.new", "journal.db", "journal.db-journal", "data")


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_f4_an_error_of_the_disk_is_told_and_what_was_saved_stays(
    tmp_path: Path, data: Path, more: Path, amount: Amount, figure: Callable[[str], None], number: int
) -> None:
    def once(operation: str, name: str, after: int) -> bool:
        disk, place = on_disk(tmp_path, data)
        told = False
        try:
            with Catalogue.open(place) as catalogue:
                disk.tell(fault={"op": operation, "name": name, "errno": number, "after": after})
                archives.receipt_of(catalogue, more)
                catalogue.tag(catalogue.search().studies[0].key, ["failing"])
                told = any(notice.code == "journal-behind" for notice in catalogue.notices)
        except ArchiveClosed:
            told = True
        disk.tell(heal=True)
        with Catalogue.open(place) as catalogue:
            assert catalogue.totals().instances >= 18 and catalogue.engine.sound()
            tags = {tag for study in catalogue.search().studies for tag in study.tags}
            assert tags >= {f"tag{n}" for n in range(6)}
            archives.receipt_of(catalogue, more)
            assert catalogue.totals().instances == 50
        disk.end()
        return told

    def work() -> list[int]:
        cases = [
            (operation, name, after)
            for operation in ("write", "fsync")
            for name in PLACES
            for after in range(amount(1, 6))
        ]
        return [len(cases), sum(once(*case) for case in cases)]

    cases, told = apart(work)
    figure(f"{cases} faults, {told} told, the others not met")
    assert told


def read_only(place: Path) -> None:
    """Mount a folder over itself, read-only: also root cannot write there."""
    libc = ctypes.CDLL(None, use_errno=True)
    path = os.fsencode(place)
    if libc.mount(path, path, None, _BIND, None) or libc.mount(path, path, None, _REMOUNT_READ_ONLY, None):
        raise PermissionError(ctypes.get_errno(), "mount")


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "with a WAL left"])
def test_f12_an_archive_that_cannot_be_written_is_read_with_a_notice(data: Path, more: Path, closed: bool) -> None:
    def left_open() -> None:
        catalogue = Catalogue.open(str(data))
        archives.receipt_of(catalogue, more)
        catalogue.saved()
        os._exit(0)

    if not closed:
        children.done(left_open)
        (data / "archive.db-shm").unlink()

    def work() -> list[Any]:
        read_only(data)
        with Catalogue.open(str(data)) as catalogue:
            series = catalogue.all_series()[0].key
            catalogue.remember_opened(series, {})
            catalogue.keep_thumbnail(series, b"png")
            catalogue.look(series)
            refused = 0
            for write in (
                lambda: catalogue.note(catalogue.search().studies[0].key, "x"),
                lambda: archives.receipt_of(catalogue, more),
            ):
                try:
                    write()
                except ArchiveReadOnly:
                    refused += 1
            return [catalogue.totals().instances, [notice.code for notice in catalogue.notices], refused]

    assert apart(work) == [18 if closed else 50, ["read-only"], 2]

"""Managed copies, discs that contradict themselves, receipts that are kept, limits, and rescue from a failing disc."""

import errno
import hashlib
import os
import shutil
import time
from itertools import pairwise
from pathlib import Path

import pytest
from make import archives, dicom

from archive.errors import CannotWrite
from archive.importing import copies, copying, rescue
from archive.importing import order as importing
from archive.importing.order import Wishes, import_paths
from archive.importing.receipt import Receipt, kept
from archive.importing.rescue import SECTOR_BYTES
from archive.index.catalogue import Catalogue

DIRECTORY_CLASS = "1.2.840.10008.1.3.10"


def imported(catalogue: Catalogue, folder: Path, wishes: Wishes) -> Receipt:
    *_, last = import_paths([os.fsencode(folder)], catalogue, None, wishes)
    assert last.receipt is not None
    return last.receipt


def stored(data: Path) -> list[Path]:
    return sorted(path for path in (data / "store").rglob("*") if path.is_file())


# copies ---------------------------------------------------------------------------------------------------------------


def test_a_copied_image_is_named_by_its_contents_and_opens_when_the_disc_is_gone(tmp_path: Path) -> None:
    archives.series(tmp_path / "disc", 4)
    contents = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "disc").iterdir()}
    with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
        receipt = imported(catalogue, tmp_path / "disc", Wishes(copy=True))
        assert receipt.files["imported"] == receipt.files["found"] == 4 == receipt.totals.instances
        assert receipt.copied == {"files": 4, "bytes": receipt.totals.bytes, "already": 0, "failed": 0}
        assert {path.name for path in stored(tmp_path / "data")} == contents
        assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "data" / "store").rglob("*"))
        shutil.rmtree(tmp_path / "disc")
        key = catalogue.all_series()[0].key
        assert all(os.path.exists(ref.path) for ref in catalogue.series_by(key).files)
        assert catalogue.look(key) == "present"
        catalogue.forget("series", key)
        assert len(stored(tmp_path / "data")) == 4, "forgetting deletes no copy"


def test_copies_are_made_later_of_what_is_known_and_only_once(tmp_path: Path) -> None:
    archives.series(tmp_path / "disc", 3)
    with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
        assert archives.receipt_of(catalogue, tmp_path / "disc").copied is None
        for copied, already in ((3, 0), (0, 3)):
            receipt = imported(catalogue, tmp_path / "disc", Wishes(copy=True))
            assert receipt.files["known"] == 3 and receipt.copied is not None
            assert (receipt.copied["files"], receipt.copied["already"]) == (copied, already)
        assert receipt.totals.files == 6


def test_a_copy_that_reads_back_differently_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archives.series(tmp_path / "disc", 2)
    write = copies._write
    monkeypatch.setattr(copies, "_write", lambda source, path: write(source, path)[::-1])
    with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
        receipt = imported(catalogue, tmp_path / "disc", Wishes(copy=True))
    assert receipt.files["imported"] == 2 and receipt.copied is not None and receipt.copied["failed"] == 2
    assert stored(tmp_path / "data") == [] and receipt.status == 3
    assert "copies-failed" in {notice.code for notice in receipt.notices}


def test_what_a_killed_import_left_half_copied_is_swept_away(tmp_path: Path) -> None:
    copies.CopyStore(str(tmp_path))
    (tmp_path / "store" / "arriving" / "half").write_bytes(b"half a file")
    copies.CopyStore(str(tmp_path))
    assert stored(tmp_path) == []


def test_a_damaged_copy_is_made_anew(tmp_path: Path) -> None:
    archives.series(tmp_path / "disc", 1)
    with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
        imported(catalogue, tmp_path / "disc", Wishes(copy=True))
        (copy,) = stored(tmp_path / "data")
        copy.write_bytes(b"rot")
        imported(catalogue, tmp_path / "disc", Wishes(copy=True))
        assert hashlib.sha256(copy.read_bytes()).hexdigest() == copy.name
        assert catalogue.verify().changed == 0


# discs ----------------------------------------------------------------------------------------------------------------


def directory(path: Path, *listed: str) -> None:
    """A table of contents that lists files by relative names."""
    records = [{"DirectoryRecordType": "IMAGE", "ReferencedFileID": name.split("/")} for name in listed]
    dicom.write_file(path, {"SOPClassUID": DIRECTORY_CLASS, "FileSetID": "DISC", "DirectoryRecordSequence": records})


def test_a_table_of_contents_is_held_against_the_disc_in_both_directions(tmp_path: Path) -> None:
    archives.series(tmp_path / "images", 4)
    directory(tmp_path / "DICOMDIR", "IMAGES/0001", "IMAGES/0002", "IMAGES/GONE1", "IMAGES/GONE2")
    with Catalogue.in_memory() as catalogue:
        for _ in range(2):  # the second import knows the files, and says the same
            receipt = archives.receipt_of(catalogue, tmp_path)
            told = {notice.code: notice.facts for notice in receipt.notices}
            assert told["dicomdir-dangling"]["names"] == ["IMAGES/GONE1", "IMAGES/GONE2"]
            assert (told["dicomdir-dangling"]["count"], told["dicomdir-dangling"]["total"]) == (2, 4)
            assert sorted(told["dicomdir-unlisted"]["names"]) == ["images/0003.dcm", "images/0004.dcm"]
        assert receipt.totals.instances == 4, "the disc is walked, whatever its table says"


def test_a_whole_disc_gives_no_notice(tmp_path: Path) -> None:
    archives.series(tmp_path / "images", 2)
    directory(tmp_path / "dicomdir", "IMAGES/0001", "IMAGES/0002")
    with Catalogue.in_memory() as catalogue:
        assert archives.receipt_of(catalogue, tmp_path).notices == ()


# receipts -------------------------------------------------------------------------------------------------------------


def test_the_last_receipts_are_kept_and_read_as_they_were(tmp_path: Path) -> None:
    archives.series(tmp_path / "scans", 2)
    (tmp_path / "scans" / os.fsdecode(b"caf\xe9.txt")).write_text("no scan")
    with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
        first = archives.receipt_of(catalogue, tmp_path / "scans")
    with Catalogue.open(str(tmp_path / "data")) as catalogue:
        ((at, again),) = kept(catalogue)
        assert again == first and at.endswith("+00:00")
        assert again.as_json(lambda text_id, **_: text_id) == first.as_json(lambda text_id, **_: text_id)
        for _ in range(22):
            archives.receipt_of(catalogue, tmp_path / "scans")
        assert len(kept(catalogue)) == 20


def test_a_cancelled_import_ends_within_half_a_second_and_keeps_its_receipt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archives.series(tmp_path / "scans", 40)
    slow = importing.header_of

    def header_of(*arguments: object) -> object:
        time.sleep(0.02)
        return slow(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "header_of", header_of)
    with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
        steps, times = import_paths([os.fsencode(tmp_path / "scans")], catalogue, None), [time.monotonic()]
        for _ in range(4):
            next(steps)
            times.append(time.monotonic())
        steps.close()
        assert time.monotonic() - times[-1] < 0.5
        assert all(later - earlier > 0.09 for earlier, later in pairwise(times[1:])), "at most ten steps a second"
        ((_, receipt),) = kept(catalogue)
        assert [notice.code for notice in receipt.notices] == ["cancelled"]
        counts = dict(receipt.files)
        assert counts.pop("found") == sum(counts.values()) < 40


# limits ---------------------------------------------------------------------------------------------------------------


def test_a_patient_limit_refuses_new_patients_and_none_that_is_known(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        archives.series(tmp_path / "scans" / name, 2, PatientID=name)
    with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
        receipt = imported(catalogue, tmp_path / "scans", Wishes(patient_limit=2))
        assert (receipt.totals.patients, receipt.files["imported"], receipt.files["skipped"]) == (2, 4, 2)
        assert {(named.code, named.facts["limit"]) for named in receipt.skipped} == {("patient-limit", 2)}
        archives.series(tmp_path / "more" / "a", 2, PatientID="a", StudyInstanceUID="1.2.9")
        assert imported(catalogue, tmp_path / "more", Wishes(patient_limit=2)).files["imported"] == 2
        assert imported(catalogue, tmp_path / "scans", Wishes()).totals.patients == 3, "without the limit they come in"


# rescue ---------------------------------------------------------------------------------------------------------------


def scratched(bad_offsets: set[int]) -> rescue.Pread:
    """A drive that cannot read some sectors of files larger than one of them."""

    def pread(descriptor: int, length: int, offset: int) -> bytes:
        if any(offset <= bad < offset + length for bad in bad_offsets) and os.fstat(descriptor).st_size > 8000:
            raise OSError(errno.EIO, "a scratch")
        return os.pread(descriptor, length, offset)

    return pread


def test_a_rescue_copies_all_but_the_sectors_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "disc" / "sub").mkdir(parents=True)
    whole, hurt = os.urandom(5000), os.urandom(10000)
    (tmp_path / "disc" / "whole").write_bytes(whole)
    (tmp_path / "disc" / "sub" / "hurt").write_bytes(hurt)
    os.mkfifo(tmp_path / "disc" / "pipe")
    (tmp_path / "secret").write_text("not of this disc")
    (tmp_path / "disc" / "link").symlink_to(tmp_path / "secret")
    target = tmp_path / "copy"
    found = {
        one.name: one
        for one in rescue.rescue(os.fsencode(tmp_path / "disc"), os.fsencode(target), scratched({SECTOR_BYTES + 5}))
    }
    assert (target / "whole").read_bytes() == whole
    copy = (target / "sub" / "hurt").read_bytes()
    assert copy == hurt[:SECTOR_BYTES] + bytes(SECTOR_BYTES) + hurt[2 * SECTOR_BYTES :]
    assert (found[b"sub/hurt"].lost_bytes, found[b"whole"].lost_bytes) == (SECTOR_BYTES, 0)
    refusals = {name: one.refusal.code for name, one in found.items() if one.refusal}
    assert refusals == {b"pipe": "not-regular", b"link": "not-regular"} and not (target / "link").exists()
    with pytest.raises(CannotWrite):
        list(rescue.rescue(os.fsencode(tmp_path / "disc"), os.fsencode(target)))


def test_a_file_that_cannot_be_read_at_all_is_given_up_soon(tmp_path: Path) -> None:
    (tmp_path / "disc").mkdir()
    (tmp_path / "disc" / "dead").write_bytes(bytes(3 << 20))
    asked = []

    def pread(descriptor: int, length: int, offset: int) -> bytes:
        asked.append(offset)
        raise OSError(errno.EIO, "dead")

    (only,) = rescue.rescue(os.fsencode(tmp_path / "disc"), os.fsencode(tmp_path / "copy"), pread)
    assert only.lost_bytes == 3 << 20 and len(asked) < 100


def test_the_copier_counts_what_it_cannot_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archives.series(tmp_path / "disc", 2)

    def opened(*_: object) -> None:
        raise OSError(errno.EIO, "a scratch")

    monkeypatch.setattr(copying, "opened", opened)
    with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
        receipt = imported(catalogue, tmp_path / "disc", Wishes(copy=True))
    assert receipt.files["imported"] == 2 and receipt.copied is not None and receipt.copied["failed"] == 2

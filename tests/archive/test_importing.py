"""An import: every file in one outcome, nothing twice, nothing lost, whenever it is stopped."""

import os
import shutil
from pathlib import Path

import pytest
from make import archives, dicom

from archive.errors import ArchiveLocked, PathGone
from archive.importing import order as importing
from archive.importing.order import import_paths
from archive.index import locks
from archive.index.catalogue import Catalogue
from archive.index.engine import Engine


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Two patients: one with two series in two folders, one with a file that is no scan beside his series."""
    folder = tmp_path / "scans"
    archives.series(folder / "a" / "ct", 5, PatientID="A", StudyInstanceUID="1.2.3")
    archives.series(folder / "a" / "late", 4, PatientID="A", StudyInstanceUID="1.2.3", SeriesNumber=2)
    archives.series(folder / "b", 3, PatientID="B", Modality="MR")
    (folder / "b" / "readme.txt").write_text("no scan at all")
    return folder


def test_every_file_is_counted_once_and_a_second_import_adds_nothing(scans: Path, tmp_path: Path) -> None:
    with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
        first = archives.receipt_of(catalogue, scans)
        assert first.files == {"found": 13, "imported": 12, "known": 0, "duplicate": 0, "skipped": 1, "unreadable": 0}
        assert (first.added.patients, first.added.studies, first.added.series, first.added.instances) == (2, 2, 3, 12)
        assert first.totals.bytes == sum(p.stat().st_size for p in scans.rglob("*.dcm"))
        held = archives.contents(catalogue)
        again = archives.receipt_of(catalogue, scans)
        assert again.files == {"found": 13, "imported": 0, "known": 12, "duplicate": 0, "skipped": 1, "unreadable": 0}
        assert again.added.instances == again.added.series == 0 and again.totals == first.totals
        assert [(n.code, n.path) for n in again.skipped] == [(n.code, n.path) for n in first.skipped]
        assert archives.contents(catalogue) == held


def test_known_and_refused_files_are_not_opened_again(scans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Catalogue.in_memory() as catalogue:
        archives.receipt_of(catalogue, scans)
        monkeypatch.setattr(importing, "header_of", lambda *_: pytest.fail("a known file was opened"))
        assert archives.receipt_of(catalogue, scans).files["known"] == 12


def test_a_copy_elsewhere_is_a_duplicate_and_the_image_opens_from_either(scans: Path) -> None:
    shutil.copytree(scans / "b", scans / "c")
    with Catalogue.in_memory() as catalogue:
        receipt = archives.receipt_of(catalogue, scans)
        assert (receipt.files["imported"], receipt.files["duplicate"], receipt.totals.instances) == (12, 3, 12)
        uid = next(s for s in catalogue.all_series() if s.modality == "MR").series_uid
        shutil.rmtree(scans / "b")
        assert all(os.path.exists(file.path) for file in catalogue.series_by(uid).files)


def test_one_uid_with_other_contents_is_kept_apart_and_said(tmp_path: Path) -> None:
    archives.series(tmp_path / "s", 4, SOPInstanceUID=lambda k: f"1.2.{min(k, 2)}")
    with Catalogue.in_memory() as catalogue:
        receipt = archives.receipt_of(catalogue, tmp_path / "s")
        assert receipt.files["imported"] == receipt.totals.instances == 4
        assert [(c.sop_instance_uid, len(c.paths)) for c in receipt.conflicts] == [("1.2.2", 2)]
        assert {os.path.basename(path) for path, _ in receipt.conflicts[0].paths} == {b"0003.dcm", b"0004.dcm"}


def test_equal_headers_with_other_pixels_are_two_contents(tmp_path: Path) -> None:
    for name in ("one", "two"):
        archives.series(
            tmp_path / name,
            1,
            SeriesInstanceUID="1.2",
            SOPInstanceUID="1.2.3",
            StudyInstanceUID="1",
            FrameOfReferenceUID="9",
        )
    with Catalogue.in_memory() as catalogue:
        assert archives.receipt_of(catalogue, tmp_path / "one", tmp_path / "two").files["duplicate"] == 1
    changed = bytearray((tmp_path / "two" / "0001.dcm").read_bytes())
    changed[-1] ^= 0x55
    (tmp_path / "two" / "0001.dcm").write_bytes(changed)
    with Catalogue.in_memory() as catalogue:
        receipt = archives.receipt_of(catalogue, tmp_path / "one", tmp_path / "two")
        assert (receipt.files["duplicate"], len(receipt.conflicts), receipt.totals.instances) == (0, 1, 2)


def test_a_changed_file_is_imported_anew_in_place_of_the_old(scans: Path) -> None:
    with Catalogue.in_memory() as catalogue:
        archives.receipt_of(catalogue, scans)
        archives.series(scans / "b", 2, PatientID="B", Modality="MR", SeriesDescription="another")
        receipt = archives.receipt_of(catalogue, scans)
        assert (receipt.files["imported"], receipt.files["known"]) == (2, 10)
        assert receipt.totals.instances == 12, "two images replaced, one of the old series still there"
        os.utime(scans / "a" / "ct" / "0001.dcm", ns=(1, 1))
        receipt = archives.receipt_of(catalogue, scans)
        assert (receipt.files["imported"], receipt.totals.instances) == (1, 12)


def test_a_refusal_that_may_pass_is_tried_again(scans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = importing.header_of, []

    def denied(file, *others):
        asked.append(file.path)
        return importing.Refusal("permission") if file.path.endswith(b"0002.dcm") else real(file, *others)

    with Catalogue.in_memory() as catalogue:
        monkeypatch.setattr(importing, "header_of", denied)
        receipt = archives.receipt_of(catalogue, scans)
        assert (receipt.files["unreadable"], receipt.status) == (3, 3)
        monkeypatch.setattr(importing, "header_of", real)
        assert archives.receipt_of(catalogue, scans).files["imported"] == 3


def test_a_cancelled_import_keeps_what_it_said_was_done_and_is_finished_by_the_next(
    scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Catalogue.in_memory() as clean:
        archives.receipt_of(clean, scans)
        want = archives.contents(clean)
    monkeypatch.setattr(importing, "BATCH", 2)
    with Catalogue.open(str(tmp_path / "data"), create=True) as catalogue:
        walk = import_paths([os.fsencode(scans)], catalogue, None)
        progress = next(p for p in walk if p.done >= 4)
        walk.close()
        assert catalogue.totals().instances >= progress.outcomes["imported"]
        archives.receipt_of(catalogue, scans)
        assert archives.contents(catalogue) == want


def test_killed_at_any_write_the_next_import_ends_equal_to_one_clean_import(
    scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Catalogue.in_memory() as clean:
        archives.receipt_of(clean, scans)
        want = archives.contents(clean)
    monkeypatch.setattr(importing, "BATCH", 3)
    writes = 0
    for moment in range(3, 200, 9):
        data = tmp_path / f"killed{moment}"
        if not _killed_at(moment, scans, data):
            break
        writes = moment
        with Catalogue.open(str(data), create=True) as catalogue:
            archives.receipt_of(catalogue, scans)
            assert archives.contents(catalogue) == want, f"killed at write {moment}"
    assert writes > 30


def _killed_at(moment: int, scans: Path, data: Path) -> bool:
    """Import in a child that dies at its n-th write as kill -9 would have it; False where it was done before."""
    child = os.fork()
    if child == 0:
        count, run = 0, Engine.run

        def dying(self: Engine, name: str, /, **values: object) -> int:
            nonlocal count
            count += 1
            if count == moment:
                os._exit(9)
            return run(self, name, **values)

        Engine.run = dying  # type: ignore[method-assign,assignment]
        try:
            archives.receipt_of(Catalogue.open(str(data), create=True), scans)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def test_a_missing_path_among_others_is_named_and_all_missing_is_an_error(scans: Path, tmp_path: Path) -> None:
    with Catalogue.in_memory() as catalogue:
        receipt = archives.receipt_of(catalogue, scans / "b", tmp_path / "gone")
        assert receipt.status == 3
        assert [(n.code, n.facts["name"]) for n in receipt.notices] == [("path-missing", "gone")]
        with pytest.raises(PathGone):
            archives.receipt_of(catalogue, tmp_path / "gone")


def test_a_second_import_waits_and_then_says_that_it_is_locked(
    scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = str(tmp_path / "data")
    with Catalogue.open(data, create=True) as catalogue, locks.importing(data):
        monkeypatch.setattr(locks, "_taken", lambda *_: (_ for _ in ()).throw(ArchiveLocked()))
        with pytest.raises(ArchiveLocked):
            archives.receipt_of(catalogue, scans)


def test_people_who_share_a_study_uid_are_two_patients(tmp_path: Path) -> None:
    for name in ("One", "Other"):
        archives.series(
            tmp_path / name, 2, PatientID=name, PatientName=name, StudyInstanceUID="1.2", SeriesInstanceUID="1.2.3"
        )
    with Catalogue.in_memory() as catalogue:
        totals = archives.receipt_of(catalogue, tmp_path).totals
        assert (totals.patients, totals.studies, totals.instances) == (2, 2, 4)


def test_a_series_longer_than_a_part_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.index.open_series.PART", 4)
    monkeypatch.setattr(importing, "BATCH", 3)
    uid = archives.series(tmp_path / "s", 11)
    with Catalogue.in_memory() as catalogue:
        archives.receipt_of(catalogue, tmp_path / "s")
        record = catalogue.series_by(uid)
        assert (
            [h.integer("InstanceNumber") for h in record.headers]
            == [f.number for f in record.files]
            == list(range(1, 12))
        )
        assert [stack.slices for stack in record.split.stacks] == [11]


def test_a_file_without_any_uid_is_kept(tmp_path: Path) -> None:
    dicom.write_file(tmp_path / "bare.dcm", {"Modality": "CT", "PatientID": "NOUID", "Rows": 2, "Columns": 2})
    with Catalogue.in_memory() as catalogue:
        assert archives.receipt_of(catalogue, tmp_path).files["imported"] == 1
        assert catalogue.search("nouid").total == 1


def test_the_real_scans_are_indexed_whole(real_data: Path) -> None:
    folders = [real_data / name for name in ("ct-thorax", "mr-brain-t1", "ct-head-small")]
    with Catalogue.in_memory() as catalogue:
        receipt = archives.receipt_of(catalogue, *folders)
        assert (receipt.files["imported"], receipt.files["unreadable"], receipt.totals.series) == (267, 0, 3)
        assert archives.receipt_of(catalogue, *folders).files["known"] == 267
        verdicts = {s.modality + str(s.instances): s.verdict and s.verdict.code for s in catalogue.all_series()}
        assert verdicts == {"CT84": "regular", "MR175": "missing", "CT8": "regular"}

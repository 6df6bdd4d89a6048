"""Files that move, change or vanish; backups; and the statements kept compiled."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from make import archives

from archive.errors import ArchiveThere, BadBackup, CannotWrite, PathGone
from archive.index import backup, keys, statements
from archive.index.catalogue import Catalogue


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        archives.series(tmp_path / "scans" / name, 4, PatientID=name)
    return tmp_path / "scans"


@pytest.fixture
def catalogue(tmp_path: Path, scans: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keys, "_into_keyring", lambda *_: False)
    with Catalogue.open(str(tmp_path / "data"), create=True) as made:
        archives.receipt_of(made, scans)
        yield made


def states(catalogue: Catalogue) -> dict[str, str]:
    return {study.patient.patient_id: study.state for study in catalogue.search().studies}


def test_a_moved_folder_is_missing_and_found_again_by_what_is_in_its_files(
    catalogue: Catalogue, scans: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere" / "deep"
    moved.parent.mkdir()
    shutil.move(scans, moved)
    (moved / "one" / "0001.dcm").rename(moved / "one" / "renamed")
    found = catalogue.verify()
    assert (found.present, found.missing + found.offline, len(found.items)) == (0, 8, 8)
    assert set(states(catalogue).values()) == {"missing"}
    assert catalogue.relink(os.fsencode(moved)) == 8
    assert catalogue.relink(os.fsencode(moved)) == 0
    assert set(states(catalogue).values()) == {"present"} and catalogue.verify().present == 8
    assert archives.receipt_of(catalogue, moved).files["known"] == 8, "the new folder's files are known"


def test_only_what_was_below_the_old_place_is_relinked(catalogue: Catalogue, scans: Path, tmp_path: Path) -> None:
    shutil.move(scans, tmp_path / "moved")
    assert catalogue.relink(os.fsencode(tmp_path / "moved"), os.fsencode(scans / "one")) == 4
    assert states(catalogue) == {"one": "present", "two": "missing"}
    with pytest.raises(PathGone):
        catalogue.relink(os.fsencode(tmp_path / "gone"))


def test_a_deleted_file_is_missing_and_a_changed_one_changed(catalogue: Catalogue, scans: Path) -> None:
    (scans / "one" / "0002.dcm").unlink()
    victim = scans / "two" / "0003.dcm"
    victim.write_bytes(victim.read_bytes()[:-2] + b"\1\2")
    found = catalogue.verify()
    assert (found.present, found.missing, found.changed) == (6, 1, 1)
    assert states(catalogue) == {"one": "missing", "two": "changed"}
    archives.receipt_of(catalogue, scans)
    assert states(catalogue)["two"] == "present"


def test_deep_verify_sees_a_header_that_changed_behind_size_and_time(catalogue: Catalogue, scans: Path) -> None:
    victim = scans / "one" / "0001.dcm"
    before = victim.stat()
    victim.write_bytes(victim.read_bytes().replace(b"Phantom^Ell", b"Phantom^Elk"))
    os.utime(victim, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert catalogue.verify().changed == 0
    assert catalogue.verify(deep=True).changed == 1


def test_one_root_alone_is_verified(catalogue: Catalogue, scans: Path) -> None:
    assert catalogue.verify(os.fsencode(scans / "one")).present == 4
    assert catalogue.look(catalogue.all_series()[0].key) == "present"


def test_a_backup_restored_elsewhere_has_the_same_listing_tags_and_notes(catalogue: Catalogue, tmp_path: Path) -> None:
    key = catalogue.search().studies[0].key
    catalogue.tag(key, ["saved"])
    catalogue.note(key, "kept")
    held = archives.contents(catalogue)
    target = tmp_path / "archive.backup"
    assert backup.backup(str(tmp_path / "data"), str(target)) == target.stat().st_size
    assert target.stat().st_mode & 0o077 == 0
    backup.restore(str(target), str(tmp_path / "other"))
    with Catalogue.open(str(tmp_path / "other")) as again:
        assert archives.contents(again) == held and again.study(key).tags == ("saved",)
        assert again.undo().kind == "note"


def test_a_backup_is_never_put_over_an_archive_and_a_torn_one_is_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    target = tmp_path / "archive.backup"
    backup.backup(str(tmp_path / "data"), str(target))
    with pytest.raises(ArchiveThere):
        backup.restore(str(target), str(tmp_path / "data"))
    with pytest.raises(PathGone):
        backup.restore(str(tmp_path / "gone"), str(tmp_path / "other"))
    body = bytearray(target.read_bytes())
    body[len(body) // 2] ^= 1
    for name, torn in (("cut", body[: len(body) // 2]), ("flipped", body), ("empty", b"")):
        (tmp_path / name).write_bytes(torn)
        with pytest.raises(BadBackup):
            backup.restore(str(tmp_path / name), str(tmp_path / "other"))
    with zipfile.ZipFile(tmp_path / "strange", "w") as bundle:
        bundle.writestr("../evil", b"x")
    with pytest.raises(BadBackup):
        backup.restore(str(tmp_path / "strange"), str(tmp_path / "other"))
    assert all(path.name.startswith("backup.") for path in (tmp_path / "other").iterdir()), "a work folder and its lock"


def test_a_backup_that_cannot_be_written_leaves_nothing(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(CannotWrite):
        backup.backup(str(tmp_path / "data"), str(tmp_path / "no" / "such" / "folder"))
    assert not (tmp_path / "data" / "backup.work").exists()


def test_the_compiled_statements_are_those_of_the_tables() -> None:
    assert statements.FILE.read_text(encoding="utf-8") == statements.as_file(), "run python -m archive.index.statements"


def test_searching_imports_no_heavy_library() -> None:
    heavy = ("sqlalchemy", "numpy", "pydicom", "keyring", "webview", "moderngl", "nibabel", "PIL", "imagecodecs")
    script = (
        "import sys\nfrom archive.index.catalogue import Catalogue\n"
        f"Catalogue.open('/nowhere/at/all').search('anyone')\nprint([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

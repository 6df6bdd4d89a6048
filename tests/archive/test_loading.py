"""Loading: stored bits become voxels exactly, the middle comes first, and damage stays with its slice."""

import os
import threading
import zipfile
from dataclasses import replace
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from make import dicom
from make.series import frame, read

from archive.errors import EmptyClaim, FilesGone
from archive.stack import UNDEFINED_LENGTH, FileRef, PixelPlace
from archive.volumes.loading import Loading, load, real_range, survey
from archive.volumes.splitting import split
from archive.volumes.volume import SliceState

MATRIX = np.array([[0.8, 0, 0, -20], [0, 0.9, 0, -30], [0, 0, 2, 10], [0, 0, 0, 1.0]])


def values(slices: int = 6, low: int = -500) -> np.ndarray:
    """Different stored integers everywhere."""
    return (np.arange(slices * 12 * 10).reshape(slices, 12, 10) + low).astype(np.int16)


@pytest.mark.parametrize("syntax", [dicom.EXPLICIT_LE, dicom.IMPLICIT_LE, dicom.EXPLICIT_BE])
def test_native_pixels_are_the_stored_integers(tmp_path: Path, syntax: str):
    dicom.write_series(tmp_path, values(), MATRIX, syntax=syntax)
    series = read(tmp_path)
    volume = load(series.split.stacks[0], series.files)
    assert np.array_equal(volume.voxels, values())
    assert volume.patient_from_voxel == pytest.approx(MATRIX)
    assert (volume.states == SliceState.READY).all()


def test_bits_that_are_not_the_values_own_are_cut_off(tmp_path: Path):
    """12 bits stored, an overlay in the four above: they would be read as values of tens of thousands."""
    stored = values(3, 0).astype(np.uint16)
    dicom.write_series(tmp_path, stored | 0xA000, MATRIX, BitsStored=12, HighBit=11)
    series = read(tmp_path)
    assert np.array_equal(load(series.split.stacks[0], series.files).voxels, stored)


def test_a_sign_in_bit_eleven_is_extended(tmp_path: Path):
    stored = values(3, -700)
    raw = (stored & 0x0FFF).astype(np.int16)
    dicom.write_series(tmp_path, raw, MATRIX, BitsStored=12, HighBit=11)
    series = read(tmp_path)
    assert np.array_equal(load(series.split.stacks[0], series.files).voxels, stored)


def test_slopes_that_differ_from_slice_to_slice_give_real_values(tmp_path: Path):
    slopes = [1.0, 1.5, 2.0, 2.5, 3.0, 3.5]
    dicom.write_series(tmp_path, values(), MATRIX, RescaleSlope=lambda k: slopes[k], RescaleIntercept=lambda k: -k)
    series = read(tmp_path)
    volume = load(series.split.stacks[0], series.files)
    want = values() * np.array(slopes)[:, None, None] - np.arange(6)[:, None, None]
    assert (volume.voxels.dtype, volume.slope, volume.intercept) == (np.float32, 1.0, 0.0)
    assert volume.voxels == pytest.approx(want, rel=1e-6)


def test_the_range_is_in_real_values(tmp_path: Path):
    dicom.write_series(tmp_path, values(2, 0), MATRIX, RescaleSlope=2, RescaleIntercept=-1024)
    series = read(tmp_path)
    found = survey(series.split.stacks[0], series.files)
    assert (found.range, found.unit, found.dtype) == ((-1024.0, 2 * 239 - 1024.0), "HU", "int16")


def test_the_middle_slice_comes_first_and_the_rest_from_there_outwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("archive.volumes.loading.READERS", 1)
    dicom.write_series(tmp_path, values(7), MATRIX)
    series, order = read(tmp_path), []
    load(series.split.stacks[0], series.files, on_slice=order.append)
    assert order == [3, 2, 4, 1, 5, 0, 6]


def test_a_file_cut_short_is_named_and_the_rest_opens(tmp_path: Path):
    dicom.write_series(tmp_path, values(), MATRIX)
    victim = tmp_path / "0003.dcm"
    victim.write_bytes(victim.read_bytes()[:-60])
    series = read(tmp_path)
    loading = Loading(series.split.stacks[0], series.files)
    volume = loading.run()
    assert [(damaged.file, damaged.code) for damaged in loading.damaged] == [(2, "pixels-short")]
    assert np.array_equal(volume.voxels[2].ravel()[:90], values()[2].ravel()[:90])
    assert np.array_equal(np.delete(volume.voxels, 2, 0), np.delete(values(), 2, 0))


def test_a_file_that_changed_since_its_scan_is_not_trusted(tmp_path: Path):
    dicom.write_series(tmp_path, values(), MATRIX)
    series = read(tmp_path)
    with (tmp_path / "0001.dcm").open("ab") as file:
        file.write(b"more")
    loading = Loading(series.split.stacks[0], series.files)
    volume = loading.run()
    assert [damaged.code for damaged in loading.damaged] == ["changed"]
    assert (volume.voxels[0] == values()[1:].min()).all()


def test_files_that_are_all_gone_are_an_error_with_a_remedy(tmp_path: Path):
    dicom.write_series(tmp_path, values(), MATRIX)
    series = read(tmp_path)
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(FilesGone) as gone:
        load(series.split.stacks[0], series.files)
    assert gone.value.facts == {"missing": 6, "total": 6}


def test_a_hole_is_marked_and_no_brighter_than_what_was_measured(tmp_path: Path):
    dicom.write_series(tmp_path, values(), MATRIX)
    (tmp_path / "0003.dcm").unlink()
    series = read(tmp_path)
    volume = load(series.split.stacks[0], series.files)
    assert volume.states.tolist() == [1, 1, SliceState.HOLE, 1, 1, 1]
    assert (volume.voxels[2] == volume.voxels[[0, 1, 3, 4, 5]].min()).all()
    assert volume.patient_from_voxel == pytest.approx(MATRIX)


def test_cancelling_ends_the_loading_at_once(tmp_path: Path):
    dicom.write_series(tmp_path, values(40), MATRIX)
    series = read(tmp_path)
    loading = Loading(series.split.stacks[0], series.files)
    volume = loading.run(lambda _: loading.cancel())
    assert (volume.states == SliceState.EMPTY).sum() > 20
    assert threading.active_count() < 20


def test_a_series_in_one_file_per_slice_has_one_window_of_its_own(tmp_path: Path):
    dicom.write_series(tmp_path, values(3), MATRIX, WindowCenter=[40, 300], WindowWidth=[400, 1500])
    series = read(tmp_path)
    assert load(series.split.stacks[0], series.files).windows == ((40, 400, ""), (300, 1500, ""))


def test_an_empty_range_is_none(tmp_path: Path):
    dicom.write_series(tmp_path, values(2), MATRIX)
    series = read(tmp_path)
    assert real_range(Loading(series.split.stacks[0], series.files).volume) is None


def test_a_small_file_that_promises_gigabytes_is_refused_before_anything_is_allocated(tmp_path: Path):
    dicom.write_series(tmp_path, values(1), MATRIX, Rows=60000, Columns=60000)
    series = read(tmp_path)
    with pytest.raises(EmptyClaim):
        Loading(series.split.stacks[0], series.files)


def test_members_of_a_zip_load_like_files(tmp_path: Path):
    dicom.write_series(tmp_path / "in", values(), MATRIX)
    series = read(tmp_path / "in")
    packed = tmp_path / "scan.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted((tmp_path / "in").iterdir()):
            target.write(path, path.name)
    members = [
        replace(ref, path=os.fsencode(packed), member=os.path.basename(os.fsdecode(ref.path))) for ref in series.files
    ]
    assert np.array_equal(load(series.split.stacks[0], members).voxels, values())


def test_frames_of_one_compressed_file_are_slices(tmp_path: Path):
    """Each frame is a fragment of its own; the place of the fragments is looked up once for all of them."""
    streams = [bytes(imagecodecs.jpegls_encode(plane)) for plane in values(4, 0).astype(np.uint16)]
    items = [b"", *(stream + bytes(len(stream) % 2) for stream in streams)]
    body = b"".join(b"\xfe\xff\x00\xe0" + len(item).to_bytes(4, "little") + item for item in items)
    path = tmp_path / "frames"
    path.write_bytes(body + b"\xfe\xff\xdd\xe0" + bytes(4))
    place = PixelPlace(0x7FE00010, 0, UNDEFINED_LENGTH)
    ref = FileRef(os.fsencode(path), path.stat().st_size, 0, "1.2.840.10008.1.2.4.80", place)
    records = [frame(float(k), frame=k, rows=12, columns=10, frames_in_file=4) for k in range(4)]
    assert np.array_equal(load(split(records).stacks[0], [ref]).voxels, values(4, 0))

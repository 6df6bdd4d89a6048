"""Uneven stacks on a regular grid, and images that are there twice."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from make import dicom
from make.series import read

from archive.volumes.duplicates import without_duplicates
from archive.volumes.loading import Loading
from archive.volumes.on_grid import GridLoading, can_be_resampled, loading_of
from archive.volumes.volume import SliceState

DEPTHS = (0.0, 1.0, 2.0, 3.5, 6.0, 10.0)


def uneven(folder: Path) -> None:
    """Each slice's value is a hundred times its depth: right placing shows."""
    for number, depth in enumerate(DEPTHS):
        matrix = np.diag([1.0, 1.0, 1.0, 1.0])
        matrix[2, 3] = depth
        one = folder / f"{number}"
        one.mkdir()
        values = np.full((1, 8, 8), round(100 * depth), np.int16)
        dicom.write_series(one, values, matrix, SeriesInstanceUID="1.2.3", SOPInstanceUID=f"1.2.3.{number}")


def test_uneven_slices_come_to_lie_where_they_were_scanned(tmp_path: Path):
    uneven(tmp_path)
    series = read(tmp_path)
    (stack,) = series.split.stacks
    assert can_be_resampled(stack)
    told: list[int] = []
    volume = loading_of(stack, series.files, on_grid=True).run(told.append)
    depths = volume.patient_from_voxel[2, 2] * np.arange(len(volume.voxels)) + volume.patient_from_voxel[2, 3]
    assert volume.voxels[:, 4, 4] == pytest.approx(100 * depths, abs=0.51)
    assert volume.is_spatial and volume.is_resampled
    assert sorted(told) == list(range(len(volume.voxels)))
    assert (volume.states == SliceState.READY).all()


def test_the_slices_themselves_are_what_was_scanned(tmp_path: Path):
    uneven(tmp_path)
    series = read(tmp_path)
    loading = loading_of(series.split.stacks[0], series.files)
    assert isinstance(loading, Loading)
    assert loading.run().voxels[:, 0, 0].tolist() == [round(100 * depth) for depth in DEPTHS]
    assert not loading.volume.is_spatial


def test_a_damaged_slice_is_named_on_the_grid_too(tmp_path: Path):
    uneven(tmp_path)
    series = read(tmp_path)
    victim = next((tmp_path / "3").iterdir())
    victim.write_bytes(victim.read_bytes()[:-100])
    loading = loading_of(series.split.stacks[0], series.files, on_grid=True)
    assert isinstance(loading, GridLoading)
    volume = loading.run()
    assert len(loading.damaged) == 1
    assert SliceState.DAMAGED in volume.states and SliceState.READY in volume.states


SAME = {"SeriesInstanceUID": "1.2.3", "FrameOfReferenceUID": "1.2.4"}


def twice(folder: Path, change: int = 0) -> None:
    """Six slices, and the third once more under another name and UID."""
    values = np.arange(6 * 64).reshape(6, 8, 8).astype(np.int16)
    dicom.write_series(folder / "a", values, np.eye(4), **SAME)
    dicom.write_series(folder / "b", values + change, np.eye(4), **SAME)
    for path in sorted((folder / "b").iterdir()):
        if not path.name.startswith("0003"):
            path.unlink()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_an_image_that_is_there_twice_is_shown_once_and_counted(folder: Path):
    twice(folder)
    series = read(folder)
    found = without_duplicates(series.split, series.files)
    assert [(stack.kind, stack.slices, stack.verdict.code) for stack in found.stacks] == [("volume", 6, "regular")]
    assert [(item.code, item.count) for item in found.left_out] == [("duplicate", 1)]


def test_a_second_image_with_other_pixels_stays(folder: Path):
    twice(folder, change=1)
    series = read(folder)
    assert without_duplicates(series.split, series.files) is series.split
    assert len(series.split.stacks) == 2


def test_a_second_image_that_cannot_be_read_is_no_duplicate(folder: Path):
    twice(folder)
    series = read(folder)
    shutil.rmtree(folder / "b")
    assert len(without_duplicates(series.split, series.files).stacks) == 2

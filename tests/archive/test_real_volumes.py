"""Real scans: each splits as it must, lies where dcm2niix puts it, and holds the values that were measured once."""

import shutil
import subprocess
from pathlib import Path

import nibabel
import numpy as np
import pytest
from make.series import Series, read

from archive.sandbox.client import Decoder
from archive.volumes.export import write
from archive.volumes.loading import load, survey
from archive.volumes.thumbnails import of_stack

# folder -> (kind, slices, rows, columns, times, verdict, range of real values or None) of each stack
SPLITS = {
    "ct-thorax": [("volume", 84, 512, 512, 1, "regular", (-1000, 1758))],
    "ct-head-small": [("volume", 8, 512, 512, 1, "regular", (-1024, 782))],
    "ct-head-gantry-tilt": [("volume", 28, 512, 512, 1, "uneven", (-1500, 2121))],
    "mr-oblique-t2": [("volume", 10, 512, 384, 1, "regular", (0, 1960))],
    "mr-brain-t1": [("volume", 176, 192, 192, 1, "missing", (0, 1426))],
    "fmri-4d-ge": [("volume", 15, 64, 64, 10, "regular", (0, 9733))],
    "multi-echo-mag-phase-philips": [
        ("volume", 30, 96, 96, 2, "regular", None),
        ("volume", 30, 96, 96, 2, "regular", None),
    ],
    "mosaic-siemens": [("volume", 36, 64, 64, 6, "regular", (0, 1627))],
    "dti-uih-vframe": [("volume", 20, 64, 64, 17, "regular", (0, 1419))],
    "enhanced-mr-siemens-xa30-t1": [("volume", 96, 128, 128, 1, "regular", (0, 2927))],
    "enhanced-mr-siemens-xa10-fmri": [("volume", 6, 64, 64, 4, "regular", (0, 1199))],
    "enhanced-mr-philips-fieldmap": [
        ("volume", 32, 64, 64, 1, "regular", None),
        ("volume", 32, 64, 64, 1, "regular", None),
    ],
    "enhanced-small/legacy/multiframe/mf.dcm": [("volume", 3, 38, 23, 1, "regular", (0, 1))],
    "malformed/gen/series/per_slice_rescale": [("volume", 6, 16, 16, 1, "regular", (11, 961))],
}


@pytest.fixture(scope="module")
def decoder():
    with Decoder(2) as one:
        yield one


@pytest.mark.parametrize("folder", SPLITS)
def test_a_real_series_splits_into_its_volumes(real_data: Path, decoder: Decoder, folder: str):
    series = read(real_data / folder)
    seen = [
        (stack.kind, stack.slices, stack.rows, stack.columns, stack.times, stack.verdict.code)
        for stack in series.split.stacks
    ]
    assert seen == [row[:6] for row in SPLITS[folder]]
    for stack, row in zip(series.split.stacks, SPLITS[folder], strict=True):
        found = survey(stack, series.files, decoder=decoder)
        assert found.damaged == ()
        if row[6]:
            assert found.range == pytest.approx(row[6])


def test_the_missing_slice_of_a_brain_is_named_and_the_others_stay_where_they_were(real_data: Path):
    series = read(real_data / "mr-brain-t1")
    stack = series.split.stacks[0]
    assert stack.verdict.facts["missing"] == [115]
    matrix = np.array(stack.patient_from_voxel)
    for k, frame in enumerate(stack.frames[0]):
        if frame is not None:
            assert (matrix @ [0, 0, k, 1])[:3] == pytest.approx(frame.position_patient_mm, abs=0.01)


def converter() -> str:
    """The dcm2niix program: the wheel's, else the system's."""
    try:
        import dcm2niix

        return str(dcm2niix.bin)
    except (ImportError, AttributeError):
        found = shutil.which("dcm2niix")
        if found is None:
            pytest.skip("dcm2niix is not installed")
        return found


@pytest.mark.parametrize("folder", ["ct-thorax", "ct-head-small", "mr-oblique-t2"])
def test_an_export_agrees_with_dcm2niix(real_data: Path, tmp_path: Path, folder: str):
    series = read(real_data / folder)
    write(series.split.stacks[0], series.files, str(tmp_path / "ours.nii"))
    command = [converter(), "-z", "n", "-b", "n", "-f", "theirs", "-o", str(tmp_path), str(real_data / folder)]
    subprocess.run(command, check=True, capture_output=True)
    assert_same(nibabel.load(tmp_path / "ours.nii"), nibabel.load(tmp_path / "theirs.nii"))


def assert_same(ours: nibabel.Nifti1Image, theirs: nibabel.Nifti1Image) -> None:
    """Equal voxels and corners within 0.01 mm, once rows that were written upside down are turned back."""
    step = np.linalg.inv(theirs.affine) @ ours.affine
    turn = np.rint(step[:3, :3])
    assert np.abs(step[:3, :3] - turn).max() < 1e-3
    assert (np.abs(turn).sum(0) == 1).all()
    axes = np.abs(turn).argmax(1)
    seen = np.transpose(np.asanyarray(ours.dataobj), axes)
    for axis in range(3):
        if turn[axis, axes[axis]] < 0:
            seen = np.flip(seen, axis)
    assert np.array_equal(seen, np.asanyarray(theirs.dataobj))
    for corner in np.ndindex(2, 2, 2):
        index = step @ [*(np.array(corner) * (np.array(ours.shape) - 1)), 1]
        off_mm = theirs.affine[:3, :3] @ (index - np.rint(index))[:3]
        assert np.linalg.norm(off_mm) < 0.01


SYNTAXES = ("ct512/ts_1.2.840.10008.1.2.4.57", "ct512/ts_1.2.840.10008.1.2.4.70", "ct512/ts_1.2.840.10008.1.2.5")
SMALL = ("bigendian", "deflated", "htj2k_lossless", "implicit", "j2k", "j2k_5fragments", "jls", "rle")


def only(path: Path, decoder: Decoder) -> np.ndarray:
    series: Series = read(path)
    volume = load(series.split.stacks[0], series.files, decoder=decoder)
    return np.asarray(volume.real(volume.voxels))


@pytest.mark.parametrize("name", SYNTAXES)
def test_a_losslessly_compressed_slice_equals_its_twin(real_data: Path, decoder: Decoder, name: str):
    folder = real_data / "syntaxes"
    assert np.array_equal(only(folder / f"{name}.dcm", decoder), only(folder / "ct512/reference.dcm", decoder))


@pytest.mark.parametrize("name", SMALL)
def test_every_lossless_encoding_of_one_slice_is_that_slice(real_data: Path, decoder: Decoder, name: str):
    folder = real_data / "syntaxes/gen"
    assert np.array_equal(only(folder / f"ct128_{name}.dcm", decoder), only(folder / "ct128_native.dcm", decoder))


def test_a_thumbnail_is_a_small_png(real_data: Path, decoder: Decoder):
    series = read(real_data / "ct-head-small")
    picture = of_stack(series.split.stacks[0], series.files, decoder)
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert 1000 < len(picture) < 40_000

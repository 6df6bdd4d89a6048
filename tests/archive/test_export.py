"""Export: four formats hold the same voxels at the same place, and a refused call leaves nothing behind."""

import gzip
import hashlib
from pathlib import Path

import nibabel
import numpy as np
import pytest
from make import dicom
from make.series import Series, read

from archive.errors import CannotWrite, UnevenStack, UnknownFormat
from archive.space import PATIENT_FROM_RAS
from archive.volumes.export import write

MATRIX = np.array([[0.8, 0, 0, -20], [0, 0.9, 0, -30], [0, 0, 2, 10], [0, 0, 0, 1.0]])


def field(matrix: np.ndarray, slices: int = 5) -> np.ndarray:
    """Grey levels that grow by 2, 3 and 5 a millimetre along the patient's axes."""
    k, j, i = np.indices((slices, 12, 10))
    points = np.stack([i, j, k], -1) @ matrix[:3, :3].T + matrix[:3, 3]
    return np.rint(500 + points @ [2.0, 3.0, 5.0]).astype(np.int16)


def made(folder: Path, matrix: np.ndarray = MATRIX, **attributes: object) -> Series:
    dicom.write_series(folder, field(matrix), matrix, **attributes)
    return read(folder)


def in_place(path: Path, tolerance: float = 0.51) -> None:
    """Every voxel of a NIfTI has the grey level of the patient position its affine gives it."""
    image = nibabel.load(path, mmap=False)
    seen, matrix = np.asanyarray(image.dataobj), PATIENT_FROM_RAS @ image.affine
    points = np.stack(np.indices(seen.shape), -1) @ matrix[:3, :3].T + matrix[:3, 3]
    assert np.abs(seen - (500 + points @ [2.0, 3.0, 5.0])).max() <= tolerance


def test_four_formats_hold_the_same_voxels(tmp_path: Path):
    series = made(tmp_path / "in", RescaleSlope=2, RescaleIntercept=-7)
    endings = (".nii", ".nii.gz", ".nrrd", ".npy")
    done = [write(series.split.stacks[0], series.files, str(tmp_path / f"out{end}")) for end in endings]
    array = np.load(tmp_path / "out.npy")
    want = hashlib.sha256(array.tobytes()).hexdigest()
    assert {one.sha256 for one in done} == {want}
    assert np.array_equal(array, field(MATRIX))
    image = nibabel.load(tmp_path / "out.nii")
    assert (image.dataobj.slope, image.dataobj.inter) == (2, -7)
    assert gzip.decompress((tmp_path / "out.nii.gz").read_bytes()) == (tmp_path / "out.nii").read_bytes()
    assert (tmp_path / "out.nii.gz").read_bytes()[4:8] == bytes(4)
    assert (tmp_path / "out.nrrd").read_bytes().partition(b"\n\n")[2] == array.tobytes()


def test_a_nifti_lies_where_the_scan_lay(tmp_path: Path):
    series = made(tmp_path / "in")
    write(series.split.stacks[0], series.files, str(tmp_path / "out.nii"))
    in_place(tmp_path / "out.nii")
    header = nibabel.load(tmp_path / "out.nii").header
    assert (int(header["qform_code"]), int(header["sform_code"]), header.get_xyzt_units()[0]) == (1, 1, "mm")
    assert header.get_qform() == pytest.approx(header.get_sform(), abs=1e-4)


def test_a_tilted_stack_keeps_its_shear_and_has_no_qform(tmp_path: Path):
    tilted = MATRIX.copy()
    tilted[:3, 2] += [0, 0.7, 0]
    series = made(tmp_path / "in", tilted)
    write(series.split.stacks[0], series.files, str(tmp_path / "out.nii"))
    in_place(tmp_path / "out.nii")
    assert int(nibabel.load(tmp_path / "out.nii").header["qform_code"]) == 0


def test_an_oblique_quaternion_agrees_with_the_sform(tmp_path: Path):
    q, _ = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))
    q = q if np.linalg.det(q) > 0 else -q
    oblique = np.eye(4)
    oblique[:3, :3], oblique[:3, 3] = q * [0.8, 0.9, 2.0], [-20, -30, 10]
    series = made(tmp_path / "in", oblique)
    write(series.split.stacks[0], series.files, str(tmp_path / "out.nii"))
    header = nibabel.load(tmp_path / "out.nii").header
    assert header.get_qform() == pytest.approx(header.get_sform(), abs=1e-4)
    in_place(tmp_path / "out.nii", 1.2)  # printed positions have ten digits, grey levels are rounded


def test_an_uneven_stack_is_refused_with_a_hint_and_leaves_no_file(tmp_path: Path):
    series = uneven(tmp_path / "in")
    with pytest.raises(UnevenStack) as refused:
        write(series.split.stacks[0], series.files, str(tmp_path / "out.nii"))
    assert "--resample" in refused.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_an_uneven_stack_can_be_resampled_to_a_grid_that_is_right(tmp_path: Path):
    series = uneven(tmp_path / "in")
    done = write(series.split.stacks[0], series.files, str(tmp_path / "out.nii"), resample=True)
    assert done.shape == (10, 12, 10)
    in_place(tmp_path / "out.nii", 1.01)


def uneven(folder: Path) -> Series:
    """Slices at 0, 2, 4, 10 and 18 mm, each with the grey levels of its own place."""
    depths = [0, 1, 2, 5, 9]
    matrix = MATRIX
    dicom.write_series(
        folder,
        field(matrix, 10)[depths],
        matrix,
        ImagePositionPatient=lambda k: [float(value) for value in (matrix @ [0, 0, depths[k], 1])[:3]],
    )
    return read(folder)


def test_times_make_a_fourth_dimension_and_one_can_be_chosen(tmp_path: Path):
    for time in range(3):
        values = field(MATRIX) + 100 * time
        dicom.write_series(
            tmp_path / "in" / str(time),
            values,
            MATRIX,
            SeriesInstanceUID="1.2.3",
            TemporalPositionIdentifier=time + 1,
            FrameOfReferenceUID="1.2.4",
        )
    series = read(tmp_path / "in")
    stack = series.split.stacks[0]
    assert write(stack, series.files, str(tmp_path / "all.npy")).shape == (3, 5, 12, 10)
    assert write(stack, series.files, str(tmp_path / "one.npy"), time=2).shape == (5, 12, 10)
    assert np.array_equal(np.load(tmp_path / "one.npy"), field(MATRIX) + 200)
    write(stack, series.files, str(tmp_path / "all.nii"))
    assert nibabel.load(tmp_path / "all.nii").shape == (10, 12, 5, 3)


def test_an_unknown_ending_and_a_missing_folder_are_told_in_words(tmp_path: Path):
    series = made(tmp_path / "in")
    with pytest.raises(UnknownFormat):
        write(series.split.stacks[0], series.files, str(tmp_path / "out.doc"))
    with pytest.raises(CannotWrite):
        write(series.split.stacks[0], series.files, str(tmp_path / "none" / "out.nii"))


def test_a_failed_export_leaves_the_older_file(tmp_path: Path):
    series = made(tmp_path / "in")
    target = tmp_path / "out.npy"
    target.write_bytes(b"older")
    for path in (tmp_path / "in").iterdir():
        path.unlink()
    with pytest.raises(Exception, match="no longer"):
        write(series.split.stacks[0], series.files, str(target))
    assert (target.read_bytes(), sorted(path.name for path in tmp_path.iterdir())) == (b"older", ["in", "out.npy"])

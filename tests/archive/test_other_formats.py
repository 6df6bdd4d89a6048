"""Open Other: the rules on which readers of NIfTI, NRRD and MetaImage disagree, and files that lie."""

import gzip
import os
from pathlib import Path

import nibabel
import numpy as np
import pytest
import tifffile

from archive.errors import CutShort, NotDicom, PathGone, Unreadable
from archive.formats.kinds import kind_of
from archive.sandbox.client import Decoder
from archive.space import PATIENT_FROM_RAS
from archive.volumes.loading import load
from archive.volumes.opening_other import Opened, open_other
from archive.volumes.volume import Volume

VALUES = (np.arange(4 * 5 * 6).reshape(4, 5, 6) - 20).astype(np.int16)  # [i, j, k]
AFFINE = np.array([[-2, 0, 0, 40], [0, 3, 0, -50], [0, 0, 4, 60], [0, 0, 0, 1.0]])


@pytest.fixture(scope="module")
def sandbox():
    with Decoder(1) as one:
        yield one


def opened(path: Path, sandbox: Decoder) -> tuple[Opened, Volume]:
    found = open_other(os.fsencode(path), sandbox.other)
    return found, load(found.stacks[0], found.files, decoder=sandbox)


def real_at(volume: Volume, ras: np.ndarray) -> float:
    """The real value of the voxel at a RAS point."""
    index = np.linalg.inv(volume.patient_from_voxel) @ PATIENT_FROM_RAS @ [*ras, 1]
    i, j, k = np.rint(index[:3]).astype(int)
    return float(volume.real(volume.voxels[k, j, i]))


def same(volume: Volume, values: np.ndarray = VALUES, affine: np.ndarray = AFFINE, slope: float = 1.0) -> None:
    """Every voxel has its value at its own place."""
    assert np.linalg.det(volume.patient_from_voxel[:3, :3]) > 0
    for index in ((0, 0, 0), (3, 0, 0), (0, 4, 0), (0, 0, 5), (1, 2, 3)):
        point = (affine @ [*index, 1])[:3]
        assert real_at(volume, point) == pytest.approx(values[index] * slope, rel=1e-6)


def saved(path: Path, **header: object) -> Path:
    """A NIfTI-1 with these header fields, written as they are."""
    image = nibabel.Nifti1Image(VALUES, AFFINE)
    nibabel.save(image, path)
    raw = bytearray(path.read_bytes())
    fields = nibabel.Nifti1Header.template_dtype
    for name, value in header.items():
        kind, offset = fields.fields[name][:2]
        packed = np.array(value, kind.base).tobytes()
        raw[offset : offset + len(packed)] = packed
    path.write_bytes(raw)
    return path


def test_a_nifti_lies_where_its_sform_says(tmp_path: Path, sandbox: Decoder):
    found, volume = opened(saved(tmp_path / "a.nii"), sandbox)
    same(volume)
    assert (found.format, found.stacks[0].kind, found.stacks[0].verdict.code) == ("nifti", "volume", "regular")


def test_a_packed_nifti_opens_by_what_it_is_and_not_by_its_name(tmp_path: Path, sandbox: Decoder):
    data = saved(tmp_path / "a.nii").read_bytes()
    (tmp_path / "b.nii").write_bytes(gzip.compress(data))
    same(opened(tmp_path / "b.nii", sandbox)[1])


def test_big_endian_and_nifti_two_are_the_same_volume(tmp_path: Path, sandbox: Decoder):
    big = nibabel.Nifti1Image(VALUES, AFFINE, nibabel.Nifti1Header(endianness=">"))
    nibabel.save(big, tmp_path / "big.nii")
    nibabel.save(nibabel.Nifti2Image(VALUES, AFFINE), tmp_path / "two.nii")
    same(opened(tmp_path / "big.nii", sandbox)[1])
    same(opened(tmp_path / "two.nii", sandbox)[1])


@pytest.mark.parametrize(("unit", "factor"), [(1, 1000.0), (3, 0.001)])
def test_metres_and_microns_become_millimetres(tmp_path: Path, sandbox: Decoder, unit: int, factor: float):
    scaled = np.diag([factor, factor, factor, 1.0]) @ AFFINE
    same(opened(saved(tmp_path / "a.nii", xyzt_units=unit), sandbox)[1], affine=scaled)


def test_without_form_codes_left_and_right_are_unknown(tmp_path: Path, sandbox: Decoder):
    found, volume = opened(saved(tmp_path / "a.nii", sform_code=0, qform_code=0), sandbox)
    assert found.stacks[0].verdict.facts["notes"] == ["left-right-unknown"]
    same(volume, affine=np.diag([2.0, 3.0, 4.0, 1.0]))


def test_an_sform_of_zeros_gives_way_to_the_qform(tmp_path: Path, sandbox: Decoder):
    zeros = {name: [0.0] * 4 for name in ("srow_x", "srow_y", "srow_z")}
    image = nibabel.Nifti1Image(VALUES, None)
    image.set_qform(AFFINE, 1)
    nibabel.save(image, tmp_path / "q.nii")
    raw = bytearray((tmp_path / "q.nii").read_bytes())
    raw[254:256] = (1).to_bytes(2, "little")
    raw[280 : 280 + 48] = bytes(4 * sum(len(row) for row in zeros.values()))
    (tmp_path / "q.nii").write_bytes(raw)
    same(opened(tmp_path / "q.nii", sandbox)[1])


@pytest.mark.parametrize("slope", [0.0, float("nan"), float("inf")])
def test_a_slope_that_is_none_scales_nothing(tmp_path: Path, sandbox: Decoder, slope: float):
    same(opened(saved(tmp_path / "a.nii", scl_slope=slope, scl_inter=99.0), sandbox)[1])


def test_a_slope_is_kept_beside_the_stored_integers(tmp_path: Path, sandbox: Decoder):
    _, volume = opened(saved(tmp_path / "a.nii", scl_slope=0.5, scl_inter=0.0), sandbox)
    same(volume, slope=0.5)
    assert (volume.voxels.dtype, volume.slope) == (np.int16, 0.5)


def test_a_volume_stored_mirrored_is_turned_and_the_world_is_not(tmp_path: Path, sandbox: Decoder):
    mirrored = AFFINE @ np.diag([-1.0, 1, 1, 1])
    nibabel.save(nibabel.Nifti1Image(VALUES, mirrored), tmp_path / "m.nii")
    same(opened(tmp_path / "m.nii", sandbox)[1], affine=mirrored)


def test_times_of_a_nifti_are_times(tmp_path: Path, sandbox: Decoder):
    four = np.stack([VALUES, VALUES + 100], axis=-1)
    nibabel.save(nibabel.Nifti1Image(four, AFFINE), tmp_path / "t.nii.gz")
    found = open_other(os.fsencode(tmp_path / "t.nii.gz"), sandbox.other)
    assert (found.stacks[0].times, found.stacks[0].slices) == (2, 6)
    same(load(found.stacks[0], found.files, 1, decoder=sandbox), VALUES + 100)


def test_a_truncated_nifti_is_refused(tmp_path: Path, sandbox: Decoder):
    path = saved(tmp_path / "a.nii")
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(CutShort):
        opened(path, sandbox)


def test_a_nifti_that_claims_terabytes_is_refused_at_once(tmp_path: Path, sandbox: Decoder):
    path = saved(tmp_path / "a.nii", dim=[3, 32767, 32767, 32767, 1, 1, 1, 1])
    with pytest.raises(Unreadable):
        opened(path, sandbox)


def test_an_nrrd_is_the_same_volume_in_ras_and_in_lps(tmp_path: Path, sandbox: Decoder):
    matrix = {"left-posterior-superior": PATIENT_FROM_RAS @ AFFINE, "RAS": AFFINE}
    for space, own in matrix.items():
        vectors = " ".join("(" + ",".join(map(str, own[:3, axis])) + ")" for axis in range(3))
        head = (
            f"NRRD0004\ntype: short\ndimension: 3\nspace: {space}\nsizes: 4 5 6\nspace directions: {vectors}\n"
            f"endian: little\nencoding: gzip\nspace origin: ({','.join(map(str, own[:3, 3]))})\n\n"
        )
        path = tmp_path / f"{space}.nrrd"
        path.write_bytes(head.encode() + gzip.compress(VALUES.tobytes(order="F")))
        same(opened(path, sandbox)[1])


def test_an_nrrd_may_not_name_a_file_of_another_folder(tmp_path: Path, sandbox: Decoder):
    head = "NRRD0004\ntype: short\ndimension: 3\nsizes: 4 5 6\nencoding: raw\ndata file: ../secret.raw\n\n"
    (tmp_path / "a.nhdr").write_text(head)
    with pytest.raises(Unreadable):
        opened(tmp_path / "a.nhdr", sandbox)


def test_a_metaimage_with_its_data_apart_is_the_same_volume(tmp_path: Path, sandbox: Decoder):
    matrix = PATIENT_FROM_RAS @ AFFINE
    rows = " ".join(str(value) for value in (matrix[:3, :3] / [2, 3, 4]).T.ravel())
    (tmp_path / "a.mhd").write_text(
        f"ObjectType = Image\nNDims = 3\nTransformMatrix = {rows}\nOffset = {' '.join(map(str, matrix[:3, 3]))}\n"
        "ElementSpacing = 2 3 4\nDimSize = 4 5 6\nElementType = MET_SHORT\nElementDataFile = a.raw\n"
    )
    (tmp_path / "a.raw").write_bytes(VALUES.tobytes(order="F"))
    same(opened(tmp_path / "a.mhd", sandbox)[1])


def test_an_array_has_no_place_and_says_so(tmp_path: Path, sandbox: Decoder):
    np.save(tmp_path / "a.npy", VALUES)
    found, volume = opened(tmp_path / "a.npy", sandbox)
    assert (found.stacks[0].verdict.code, found.stacks[0].kind) == ("none", "frames")
    assert np.array_equal(volume.voxels, VALUES)
    assert not volume.is_spatial


def test_pages_of_a_tiff_are_slices_with_all_their_bits(tmp_path: Path, sandbox: Decoder):
    pages = np.arange(3 * 8 * 9, dtype=np.uint16).reshape(3, 8, 9) * 200
    tifffile.imwrite(tmp_path / "a.tif", pages, compression="zlib", photometric="minisblack")
    assert np.array_equal(opened(tmp_path / "a.tif", sandbox)[1].voxels, pages)


def test_what_is_no_image_is_said_to_be_none(tmp_path: Path, sandbox: Decoder):
    (tmp_path / "note.txt").write_text("not an image")
    with pytest.raises(NotDicom):
        opened(tmp_path / "note.txt", sandbox)
    with pytest.raises(PathGone):
        opened(tmp_path / "none.nii", sandbox)


def test_kinds_are_told_by_content():
    assert kind_of(b"NRRD0004\n", 9) == "nrrd"
    assert kind_of(bytes(348), 348) is None
    assert kind_of(b"\x5c\x01\0\0" + bytes(344), 348) == "nifti"
    assert kind_of(b"\x1f\x8b broken", 9) is None

"""MGH, MINC, PAR/REC, AFNI, pairs, folders of pictures and of other files: by what they are, or one sentence."""

import os
import struct
from pathlib import Path

import imagecodecs
import nibabel
import numpy as np
import pytest

from archive.errors import CutShort, HeaderAlone, NotDicom, Unreadable, UnsupportedFile
from archive.sandbox.client import Decoder
from archive.space import PATIENT_FROM_RAS
from archive.volumes.folders import gaps, natural, series_of_names
from archive.volumes.loading import load
from archive.volumes.opening_other import Opened, open_other
from archive.volumes.volume import SliceState, Volume

VALUES = (np.arange(4 * 5 * 6).reshape(4, 5, 6) - 20).astype(np.int16)  # [i, j, k]
AFFINE = np.array([[2, 0, 0, -40], [0, 3, 0, -50], [0, 0, 4, 60], [0, 0, 0, 1.0]])


@pytest.fixture(scope="module")
def sandbox():
    with Decoder(1) as one:
        yield one


def opened(path: Path, sandbox: Decoder) -> tuple[Opened, Volume]:
    found = open_other(os.fsencode(path), sandbox.other)
    return found, load(found.stacks[0], found.files, decoder=sandbox)


@pytest.mark.parametrize("name", ["a.mgh", "a.mgz", "renamed.dat"])
def test_mgh_opens_by_what_it_is(tmp_path: Path, sandbox: Decoder, name: str):
    nibabel.save(nibabel.MGHImage(VALUES, AFFINE), tmp_path / "a.mgz")
    nibabel.save(nibabel.MGHImage(VALUES, AFFINE), tmp_path / "a.mgh")
    (tmp_path / "renamed.dat").write_bytes((tmp_path / "a.mgz").read_bytes())
    found, volume = opened(tmp_path / name, sandbox)
    assert found.format == "mgh"
    index = np.linalg.inv(volume.patient_from_voxel) @ PATIENT_FROM_RAS @ AFFINE @ [1, 2, 3, 1]
    i, j, k = np.rint(index[:3]).astype(int)
    assert volume.voxels[k, j, i] == VALUES[1, 2, 3]
    assert np.linalg.det(volume.patient_from_voxel[:3, :3]) > 0


def test_an_mgh_cut_short_is_refused(tmp_path: Path, sandbox: Decoder):
    nibabel.save(nibabel.MGHImage(VALUES, AFFINE), tmp_path / "a.mgh")
    (tmp_path / "a.mgh").write_bytes((tmp_path / "a.mgh").read_bytes()[:350])
    with pytest.raises(CutShort):
        open_other(os.fsencode(tmp_path / "a.mgh"), sandbox.other)


def test_an_mgh_that_claims_terabytes_is_refused_at_once(tmp_path: Path, sandbox: Decoder):
    (tmp_path / "a.mgh").write_bytes(struct.pack(">7i", 1, 100_000, 100_000, 100_000, 1, 3, 0) + bytes(400))
    with pytest.raises(Unreadable):
        open_other(os.fsencode(tmp_path / "a.mgh"), sandbox.other)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("tiny.mnc", "minc"),
        ("minc1_4d.mnc", "minc"),
        ("scaled+tlrc.HEAD", "afni"),
        ("scaled+tlrc.BRIK", "afni"),
        ("phantom_EPI_asc_CLEAR_2_1.PAR", "par-rec"),
        ("phantom_EPI_asc_CLEAR_2_1.REC", "par-rec"),
    ],
)
def test_what_nibabel_reads_right_is_the_same_here(real_data: Path, sandbox: Decoder, name: str, kind: str):
    path = real_data / "other-formats" / "nibabel" / name
    header = path.with_suffix({".REC": ".PAR", ".BRIK": ".HEAD"}.get(path.suffix, path.suffix))
    image = nibabel.load(header)
    want = np.asanyarray(image.dataobj).astype(np.float32)
    found, volume = opened(path, sandbox)
    assert (found.format, found.stacks[0].times) == (kind, want.shape[3] if want.ndim == 4 else 1)
    index = np.linalg.inv(volume.patient_from_voxel) @ PATIENT_FROM_RAS @ image.affine @ [1, 2, 3, 1]
    i, j, k = np.rint(index[:3]).astype(int)
    assert volume.real(volume.voxels[k, j, i]) == pytest.approx(float(want[1, 2, 3].flat[0]), rel=1e-5)


def test_minc_two_is_refused_with_the_reason(tmp_path: Path, sandbox: Decoder):
    (tmp_path / "a.mnc").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(500))
    with pytest.raises(UnsupportedFile, match="HDF5"):
        open_other(os.fsencode(tmp_path / "a.mnc"), sandbox.other)


def test_a_header_without_its_voxels_says_what_is_missing(tmp_path: Path, sandbox: Decoder):
    nibabel.save(nibabel.Nifti1Pair(VALUES, AFFINE), tmp_path / "a.img")
    (tmp_path / "a.img").unlink()
    with pytest.raises(HeaderAlone):
        open_other(os.fsencode(tmp_path / "a.hdr"), sandbox.other)


def test_the_half_that_holds_the_voxels_opens_the_pair(tmp_path: Path, sandbox: Decoder):
    nibabel.save(nibabel.Nifti1Pair(VALUES, AFFINE), tmp_path / "a.img")
    (tmp_path / "a.hdr").rename(tmp_path / "a.HDR")  # as it comes back from some servers
    assert opened(tmp_path / "a.img", sandbox)[0].format == "nifti"


# --- folders ---


def pictures(folder: Path, numbers: tuple[int, ...]) -> None:
    for number in numbers:
        picture = np.full((8, 10), number, np.uint8)
        (folder / f"slice_{number}.png").write_bytes(bytes(imagecodecs.png_encode(picture)))


def test_numbered_pictures_are_one_stack_in_natural_order_and_the_gap_is_told(tmp_path: Path, sandbox: Decoder):
    pictures(tmp_path, (1, 2, 3, 10, 11, 12))
    found, volume = opened(tmp_path, sandbox)
    assert volume.voxels[:, 0, 0].tolist() == [1, 2, 3, 10, 11, 12]
    assert (len(found.stacks), found.stacks[0].kind) == (1, "frames")
    assert found.stacks[0].verdict.facts["missing_numbers"] == "4–9"


def test_a_picture_that_goes_bad_is_damage_of_its_slice(tmp_path: Path, sandbox: Decoder):
    pictures(tmp_path, (1, 2, 3))
    found = open_other(os.fsencode(tmp_path), sandbox.other)
    (tmp_path / "slice_2.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    volume = load(found.stacks[0], found.files, decoder=sandbox)
    assert volume.states.tolist() == [SliceState.READY, SliceState.DAMAGED, SliceState.READY]


def test_a_folder_holds_whatever_can_be_read_and_the_rest_is_counted(tmp_path: Path, sandbox: Decoder):
    nibabel.save(nibabel.Nifti1Image(VALUES, AFFINE), tmp_path / "a.nii.gz")
    (tmp_path / "deeper").mkdir()
    np.save(tmp_path / "deeper" / "b.npy", VALUES)
    (tmp_path / "c.nii").write_bytes((tmp_path / "a.nii.gz").read_bytes()[:60])
    (tmp_path / "notes.txt").write_text("no scan")
    found = open_other(os.fsencode(tmp_path), sandbox.other)
    assert sorted(stack.kind for stack in found.stacks) == ["frames", "volume"]
    volumes = [load(stack, found.files, decoder=sandbox) for stack in found.stacks]
    assert {volume.voxels.size for volume in volumes} == {VALUES.size}


def test_a_folder_without_anything_to_see_is_no_scan(tmp_path: Path, sandbox: Decoder):
    (tmp_path / "notes.txt").write_text("no scan")
    with pytest.raises(NotDicom):
        open_other(os.fsencode(tmp_path), sandbox.other)


def test_names_that_differ_in_their_last_number_are_a_series():
    series = series_of_names(["b2.png", "a10.png", "a9.png", "plain.png", "2020_a_1.png"])
    assert [one.files for one in series] == [(4,), (2, 1), (0,), (3,)]


def test_gaps_are_told_as_a_person_writes_them():
    assert gaps([1, 2, 3]) == ""
    assert gaps([1, 2, 4, 9, 10]) == "3, 5–8"
    assert gaps([5, 10, 15, 30]) == "20–25"
    assert gaps([7]) == ""


def test_ten_comes_after_nine():
    assert sorted(["s10", "s9", "s1"], key=natural) == ["s1", "s9", "s10"]

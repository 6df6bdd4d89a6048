"""The sample scan: anatomy where it should be, files that pydicom reads, and a demo that touches nobody's archive."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from make.calls import Caller
from numpy.typing import NDArray

from shell.demo_dicom import INTERCEPT, uid_of, write_series
from shell.demo_shapes import Canvas, capsule, ellipsoid
from shell.demo_sheet import sheet
from shell.demo_thorax import HEIGHT_MM, Size, thorax

SMALL = Size(columns=96, slices=40)


@pytest.fixture(scope="module")
def chest() -> NDArray[np.int16]:
    return thorax(SMALL)[0]


def at(chest: NDArray[np.int16], x: float, y: float, z: float) -> float:
    """Mean of the voxels around a patient position (mm)."""
    spacing = SMALL.spacing_mm
    i, j, k = round((x + 200) / spacing[0] - 0.5), round((y + 200) / spacing[1] - 0.5), round(z / spacing[2])
    return float(chest[k, j - 1 : j + 2, i - 1 : i + 2].mean())


def test_the_same_seed_gives_the_same_scan(chest: NDArray[np.int16]) -> None:
    assert np.array_equal(chest, thorax(SMALL)[0])


@pytest.mark.parametrize(
    ("what", "place", "low", "high"),
    [
        ("air beside the body", (-195, -150, 150), -1030, -950),
        ("right lung", (-80, 0, 170), -930, -700),
        ("left lung", (80, 20, 200), -930, -700),
        ("left ventricle", (38, -14, 112), 90, 170),
        ("liver on the right", (-70, 0, 30), 40, 100),
        ("vertebra", (0, 57, 155), 120, 700),
        ("windpipe", (0, 22, 262), -1030, -450),
    ],
)
def test_anatomy_lies_where_it_does_in_people(
    chest: NDArray[np.int16], what: str, place: tuple[float, float, float], low: float, high: float
) -> None:
    assert low <= at(chest, *place) <= high, what


def test_there_is_more_bone_behind_than_in_front_of_the_middle(chest: NDArray[np.int16]) -> None:
    bone = chest[: SMALL.slices // 2] > 250
    middle = SMALL.columns // 2
    assert bone[:, middle:].sum() > 2 * bone[:, :middle].sum()


def test_the_files_are_what_an_independent_reader_reads(tmp_path: Path, chest: NDArray[np.int16]) -> None:
    words = {(0x00080005, "CS"): "ISO_IR 192", (0x00100010, "PN"): "Exemple^Zoë", (0x00080060, "CS"): "CT"}
    paths = write_series(str(tmp_path), chest[:3], (-199.0, -198.5, 4.0), (2.0, 2.5, 3.0), words, "t")
    read = [pydicom.dcmread(path) for path in paths]
    assert [float(one.ImagePositionPatient[2]) for one in read] == [4.0, 7.0, 10.0]
    assert list(read[0].PixelSpacing) == [2.5, 2.0]  # between rows first
    assert str(read[0].PatientName) == "Exemple^Zoë"
    stored = np.stack([one.pixel_array for one in read]).astype(int) + INTERCEPT
    assert np.array_equal(stored, chest[:3].clip(-1024, 3071))


def test_uids_are_short_digits_and_the_same_for_the_same_name() -> None:
    assert uid_of("a", 1) == uid_of("a", 1) != uid_of("a", 2)
    assert len(uid_of("a")) <= 64 and set(uid_of("a")) <= set("0123456789.")


def test_a_rod_has_its_volume_and_a_ball_too() -> None:
    canvas = Canvas(np.zeros((60, 60, 60), np.float32), (-29.5, -29.5, -29.5), (1.0, 1.0, 1.0))
    capsule(canvas, (0, 0, -10), (0, 0, 10), (5, 5), 1.0)
    assert canvas.values.sum() == pytest.approx(np.pi * 25 * 20 + 4 / 3 * np.pi * 125, rel=0.02)
    canvas.values[:] = 0
    ellipsoid(canvas, (0, 0, 0), (8, 8, 8), 1.0)
    assert canvas.values.sum() == pytest.approx(4 / 3 * np.pi * 512, rel=0.02)


def test_a_shape_outside_the_grid_paints_nothing() -> None:
    canvas = Canvas(np.zeros((4, 4, 4), np.float32), (0, 0, 0), (1, 1, 1))
    capsule(canvas, (50, 0, 0), (60, 0, 0), (2, 2), 1.0)
    assert not canvas.values.any()


def test_a_contact_sheet_holds_every_picture() -> None:
    tile = np.full((10, 20, 3), 200, np.uint8)
    page = sheet([[tile, tile], [tile, tile]], 2)
    assert page.shape == (2 * 12 + 2, 2 * 22 + 2, 3)
    assert (page == 200).all(-1).sum() == 4 * 200


@pytest.mark.slow
def test_the_demo_ends_with_a_contact_sheet_and_leaves_the_archive_alone(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    caller = Caller(tmp_path, capfdbinary)
    said = caller.ask("demo", "-o", tmp_path / "demo")
    assert said.status == 0
    assert said.value["imported"]["imported"] == said.value["made"]["slices"] == Size().slices
    assert said.value["found"]["total"] == 1
    assert said.value["reopened"]["verdict"] == "regular"
    assert Path(said.value["contact_sheet"]).stat().st_size > 100_000
    assert not caller.data_dir.exists()
    assert HEIGHT_MM / Size().slices == 2.0

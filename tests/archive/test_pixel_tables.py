"""Tables, colours, padding, uptake: what a data set makes of its stored values besides a slope."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from make import dicom
from make.series import Series, read

from archive.errors import Undecodable, UnknownSyntax
from archive.volumes.loading import load
from archive.volumes.tables import Table
from archive.volumes.volume import Volume

MATRIX = np.diag([1.0, 1.0, 2.0, 1.0])
RAMP = np.arange(16 * 16, dtype=np.uint8).reshape(1, 16, 16)


def written(folder: Path, values: np.ndarray = RAMP, **attributes: Any) -> tuple[Series, Volume]:
    """A series of these stored values, read back."""
    dicom.write_series(folder, values, MATRIX, **attributes)
    series = read(folder)
    return series, load(series.split.stacks[0], series.files)


def coloured(folder: Path, pixels: np.ndarray, **attributes: Any) -> tuple[Series, Volume]:
    """One 16 x 16 colour picture of these pixels, read back."""
    plane = np.zeros((16, 16), pixels.dtype)
    said = dicom.slice_attributes(plane, 0, MATRIX) | {"SamplesPerPixel": 3, "PlanarConfiguration": 0}
    dicom.write_file(
        folder / "one.dcm", said | {"SOPClassUID": dicom.SECONDARY_CAPTURE, "PixelData": pixels.tobytes()} | attributes
    )
    series = read(folder)
    return series, load(series.split.stacks[0], series.files)


def palette(entries: np.ndarray, bits: int) -> dict[str, Any]:
    """The attributes of a palette: red as given, green reversed, blue nothing."""
    found: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name, channel in (("Red", entries), ("Green", entries[::-1]), ("Blue", entries * 0)):
        found[f"{name}PaletteColorLookupTableDescriptor"] = [len(entries), 0, bits]
        found[f"{name}PaletteColorLookupTableData"] = channel.astype("<u2" if bits == 16 else "u1").tobytes()
    return found


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_becomes_rgb(tmp_path: Path, bits: int):
    entries = np.arange(256) << (bits - 8)
    series, volume = written(tmp_path, **palette(entries, bits))
    assert volume.voxels.shape == (1, 16, 16, 3)
    assert np.array_equal(volume.voxels[..., 0], RAMP)
    assert np.array_equal(volume.voxels[..., 1], 255 - RAMP)
    assert series.split.stacks[0].kind == "image"


def test_bytes_in_sixteen_bit_words_are_not_made_black(tmp_path: Path):
    """Some ultrasound writers declare 16 bits and store 0..255."""
    _, volume = written(tmp_path, **palette(np.arange(256), 16))
    assert int(volume.voxels[..., 0].max()) == 255


def test_a_segmented_palette_is_expanded(tmp_path: Path):
    lut = palette(np.arange(256) << 8, 16)
    for name in ("Red", "Green", "Blue"):
        del lut[f"{name}PaletteColorLookupTableData"]
        lut[f"Segmented{name}PaletteColorLookupTableData"] = np.array([0, 1, 0, 1, 255, 255 << 8], "<u2").tobytes()
    _, volume = written(tmp_path, **lut)
    assert np.array_equal(volume.voxels[..., 2], RAMP)


def test_values_beyond_a_table_count_as_its_ends():
    table = Table(10, np.array([5, 6, 7]))
    assert table.applied(np.array([-3, 10, 11, 12, 900])).tolist() == [5, 5, 6, 7, 7]


def test_a_modality_table_gives_real_values_and_their_unit(tmp_path: Path):
    item = {
        "LUTDescriptor": [256, 0, 16],
        "ModalityLUTType": "HU",
        "LUTData": (np.arange(256) * 3).astype("<u2").tobytes(),
    }
    _, volume = written(tmp_path, ModalityLUTSequence=[item])
    assert np.array_equal(volume.real(volume.voxels), RAMP * 3.0)
    assert volume.unit == "HU"


def test_a_voi_table_is_offered_as_the_window_it_rises_in(tmp_path: Path):
    lut = np.clip(np.arange(256) - 50, 0, 100)
    item = {"LUTDescriptor": [256, 0, 8], "LUTExplanation": "BONE", "LUTData": lut.astype("<u2").tobytes()}
    _, volume = written(tmp_path, VOILUTSequence=[item])
    assert volume.windows == ((100.5, 101.0, "BONE"),)


def test_bright_padding_is_as_dark_as_the_darkest_pixel(tmp_path: Path):
    stored = np.arange(100, 100 + 256, dtype=np.uint16).reshape(1, 16, 16)
    stored[0, :2] = 0xFFF0
    _, volume = written(tmp_path, stored, PixelPaddingValue=0xFFFF, PixelPaddingRangeLimit=0xFFF0)
    assert int(volume.voxels.max()) == 355
    assert int(volume.voxels[0, 0, 0]) == 132


def test_dark_padding_stays_as_it_is_stored(tmp_path: Path):
    stored = np.full((1, 16, 16), 40, np.int16)
    stored[0, 0] = -2000
    _, volume = written(tmp_path, stored, PixelPaddingValue=-2000)
    assert np.array_equal(volume.voxels, stored)


def test_colours_of_sixteen_bits_are_shown_with_eight_and_it_is_said(tmp_path: Path):
    colours = (np.arange(16 * 16 * 3).reshape(16, 16, 3) << 6).astype("<u2")
    series, volume = coloured(tmp_path, colours, PhotometricInterpretation="RGB")
    assert np.array_equal(volume.voxels[0], colours >> 8)
    assert series.split.stacks[0].verdict.facts["notes"] == ["colour-reduced"]


def test_brightnesses_that_share_their_colour_become_rgb(tmp_path: Path):
    quads = np.full((16, 8, 4), 128, np.uint8)
    quads[..., 0], quads[..., 1] = 10, 200
    _, volume = coloured(tmp_path, quads, PhotometricInterpretation="YBR_FULL_422")
    assert volume.voxels[0, 0, :2].tolist() == [[10] * 3, [200] * 3]


def test_pixels_that_were_ever_compressed_with_loss_are_marked(tmp_path: Path):
    series, _ = written(tmp_path, LossyImageCompression="01")
    assert series.split.stacks[0].verdict.facts["notes"] == ["lossy"]


DOSE = {"RadionuclideTotalDose": 3e8, "RadionuclideHalfLife": 6586.2, "RadiopharmaceuticalStartTime": "093000"}
PET: dict[str, Any] = {
    "Modality": "PT",
    "Units": "BQML",
    "CorrectedImage": ["ATTN", "DECY"],
    "DecayCorrection": "START",
    "PatientWeight": 75,
    "SeriesDate": "20200102",
    "SeriesTime": "103000",
    "AcquisitionDate": "20200102",
    "AcquisitionTime": "103100",
    "RadiopharmaceuticalInformationSequence": [DOSE],
}


def suv_factor(folder: Path, **changes: Any) -> float | None:
    return written(folder, **(PET | changes))[0].split.stacks[0].frames[0][0].suv_factor  # type: ignore[union-attr]


def test_uptake_is_by_weight_and_the_dose_left_at_the_scan(tmp_path: Path):
    assert suv_factor(tmp_path) == pytest.approx(75_000 / (3e8 * 2 ** (-3600 / 6586.2)))


@pytest.mark.parametrize(
    "change",
    [
        {"Units": "CNTS"},
        {"Units": "PROPCNTS"},
        {"CorrectedImage": ["ATTN"]},
        {"DecayCorrection": "NONE"},
        {"PatientWeight": 0},
        {"SeriesTime": "235900"},  # derived later: the scan's begin is not known
        {"RadiopharmaceuticalInformationSequence": [DOSE | {"RadionuclideTotalDose": 0}]},
    ],
)
def test_uptake_is_not_told_where_the_standard_does_not_allow_it(tmp_path: Path, change: dict[str, Any]):
    assert suv_factor(tmp_path, **change) is None


def test_a_retired_way_of_compressing_is_refused_by_name(tmp_path: Path):
    series, _ = written(tmp_path)
    retired = [replace(ref, transfer_syntax="1.2.840.10008.1.2.4.53") for ref in series.files]
    with pytest.raises(UnknownSyntax, match=r"1\.2\.840\.10008\.1\.2\.4\.53"):
        load(series.split.stacks[0], retired)


def test_colours_of_four_channels_are_refused(tmp_path: Path):
    series, _ = written(tmp_path)
    stack = series.split.stacks[0]
    four = replace(stack, frames=((replace(stack.frames[0][0], samples=4, photometric="CMYK"),),))
    with pytest.raises(Undecodable):
        load(four, series.files)

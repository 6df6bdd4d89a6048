"""Windows, transfers, blocks, statistics, presets, budgets, pictures as bytes: numbers with known answers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import volumes
from PIL import Image

from archive.errors import CannotWrite, NoSuchPreset
from render import blocks, budget, font, governor, png, presets, shader, statistics, transfer, window
from render.textures import coarser, texels
from render.transfer import Point, Transfer
from render.view import first_view
from render.window import Window

TEXTS = Path(__file__).parents[2] / "ui" / "texts"


def test_the_linear_window_is_the_standard_s_pseudo_code() -> None:
    """PS3.3 C.11.2.1.2.1 with c = 2048, w = 4096 and c = 0, w = 100: the two examples of its note, and a threshold."""
    np.testing.assert_allclose(window.linear(np.array([0.0, 4095.0]), Window(2048, 4096)), (0, 1))
    np.testing.assert_allclose(window.linear(np.array([-50.0, 49.0]), Window(0, 100)), (0, 1))
    np.testing.assert_array_equal(window.linear(np.array([-0.5, -0.4]), Window(0, 1)), (0, 1))


def test_the_other_window_functions_have_the_standard_s_centre_and_ends() -> None:
    np.testing.assert_allclose(window.linear_exact(np.array([-50.0, 0.0, 50.0]), Window(0, 100)), (0, 0.5, 1))
    np.testing.assert_allclose(window.sigmoid(np.array([0.0, 25.0]), Window(0, 100)), (0.5, 1 / (1 + np.exp(-1))))


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-2000, 2000),
    st.floats(2, 4000),
    st.sampled_from(["LINEAR", "LINEAR_EXACT"]),
    st.sampled_from([1.0, -1.0, 0.25, -3.0]),
    st.floats(-1024, 1024),
    st.floats(-3000, 3000),
)
def test_the_ramp_for_the_shader_gives_the_same_grey(
    centre: float, width: float, function: str, slope: float, intercept: float, stored: float
) -> None:
    made = Window(centre, width, function)
    line = window.ramp(made, slope, intercept)
    want = float(window.grey(stored * slope + intercept, made))
    assert abs(np.clip((stored - line.low) * line.gain, 0, 1) - want) < 1e-6


def test_the_opacity_of_a_step_does_not_depend_on_how_it_is_cut() -> None:
    whole = transfer.opacity_of_step(np.array([0.0, 0.3, 1.0]), 1.0)
    half = transfer.opacity_of_step(np.array([0.0, 0.3, 1.0]), 0.5)
    np.testing.assert_allclose(1 - (1 - half) ** 2, whole)


def test_the_visible_range_has_one_entry_to_spare_on_both_sides() -> None:
    look = Transfer((Point(0, 0, 0, 0, 0), Point(100, 1, 1, 1, 0), Point(101, 1, 1, 1, 1), Point(200, 1, 1, 1, 0)))
    low, high = transfer.visible_range(look, transfer.table(look)) or (0, 0)
    assert 99.8 < low <= 100 and 199.9 < high <= 200
    assert transfer.visible_range(Transfer((Point(0, 0, 0, 0, 0), Point(1, 0, 0, 0, 0))), np.zeros((9, 4))) is None


@pytest.mark.parametrize("shape", [(1, 1, 1), (9, 9, 9), (8, 10, 17), (20, 16, 25), (1, 33, 8), (2, 64, 7)])
def test_block_ranges_are_those_of_their_cells_with_the_apron(shape: Any) -> None:
    values = np.random.default_rng(1).integers(-999, 999, shape)
    found = blocks.BlockRange(shape, -1000)
    for k in np.random.default_rng(2).permutation(shape[0]):
        found.add(int(k), values[k])
    least, greatest = found.ranges()
    for b in np.ndindex(least.shape):
        part = values[tuple(slice(8 * n, 8 * n + 9) for n in b)]
        assert (least[b], greatest[b]) == (part.min(), part.max()), b


def test_a_block_with_slices_to_come_may_also_hold_the_blank() -> None:
    found = blocks.BlockRange((20, 9, 9), -1000)
    found.add(3, np.full((9, 9), 50))
    least, greatest = found.ranges()
    assert (least.ravel().tolist(), greatest.ravel().tolist()) == ([-1000] * 3, [50, -1000, -1000])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 0.2), st.sampled_from([(5, 7, 9), (2, 3, 131), (1, 1, 64), (9, 1, 65)]))
def test_distances_are_chebyshev(seed: int, share: float, shape: tuple[int, int, int]) -> None:
    occupied = np.random.default_rng(seed).random(shape) < share / max(1, shape[2] // 16)
    found = blocks.distances(occupied)
    places = np.argwhere(occupied)
    for index in np.ndindex(occupied.shape):
        want = np.abs(places - index).max(1).min() if len(places) else blocks.MOST_DISTANCE
        assert found[index] == want


@pytest.mark.parametrize("domain", [(0.0, 100.0), (100.0, 0.0)])
def test_a_block_is_occupied_when_some_value_in_its_range_is_visible(domain: Any) -> None:
    visible = np.zeros(103, bool)  # 0..100 and what lies beyond
    visible[41] = True
    if domain[0] > domain[1]:
        visible = visible[::-1]
    least = np.array([0, 42, 30, 38, -50, 90], np.float32).reshape(1, 1, 6)
    greatest = np.array([30, 60, 50, 38, 500, 95], np.float32).reshape(1, 1, 6)
    found = blocks.occupied(least, greatest, visible, domain).ravel()
    assert found[[2, 4]].all() and not found[[0, 1, 3, 5]].any()


def test_a_table_that_begins_invisible_leaves_everything_below_it_out() -> None:
    """Every block counted as occupied: the entry beside the first visible one stood for all lower values."""
    entries = transfer.table(Transfer((Point(150, 1, 1, 1, 0), Point(300, 1, 1, 1, 0.5))))
    least, greatest = np.full((1, 1, 3), -1000.0, np.float32), np.array([[[80, 149, 151]]], np.float32)
    found = blocks.occupied(least, greatest, transfer.is_visible(entries), (150.0, 300.0))
    assert found.ravel().tolist() == [False, False, True]


def test_otsu_parts_two_heaps_and_percentiles_count_what_lies_above() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(50, 10, 40000), rng.normal(500, 50, 24000)]).clip(0).reshape(16, 50, 80)
    found = statistics.statistics(volumes.volume(values))
    assert 100 < found.otsu < 400
    assert abs(found.level("p50") - 500) < 5 and found.level(7) == 7.0
    assert found.level("otsu*0.5") == pytest.approx(found.least + (found.otsu - found.least) / 2)


@pytest.mark.parametrize("unit", ["HU", None])
@pytest.mark.parametrize("modality", ["CT", "MR", "PT"])
def test_every_volume_has_presets_whose_points_rise(unit: Any, modality: str) -> None:
    volume = volumes.volume(np.random.default_rng(0).integers(0, 900, (8, 9, 10)), unit=unit, modality=modality)
    for preset in presets.suitable(volume):
        view = presets.applied(first_view(volume), preset, statistics.statistics(volume))
        values = [point.value for point in view.transfer.points]
        assert values == sorted(values) and np.isfinite(values).all()


def test_presets_are_many_and_each_has_a_name_in_both_languages() -> None:
    names = [preset.name for preset in presets.all()]
    assert len(names) >= 24 and len(set(names)) == len(names)
    for language in ("en", "fr"):
        texts = json.loads((TEXTS / f"render.{language}.json").read_text("utf-8"))
        assert {f"preset.{name}" for name in names} <= set(texts)
        assert {f"window.{each.name}" for each in window.CT_WINDOWS} <= set(texts)


def test_an_unknown_preset_is_named_in_the_refusal() -> None:
    with pytest.raises(NoSuchPreset, match="nonsense"):
        presets.by_name("nonsense")


def test_a_volume_too_large_is_halved_along_its_longest_axes() -> None:
    plan = budget.plan((300, 5000, 512), np.dtype(np.int16), 2048)
    assert plan.factor_kji == (1, 4, 1) and plan.shape_kji == (300, 1250, 512) and not plan.is_exact
    assert budget.plan((84, 512, 512), np.dtype(np.uint16), 2048).is_exact
    assert budget.plan((8, 8, 8), np.dtype(np.int32), 2048).bits == 32


def test_a_coarser_volume_holds_the_means() -> None:
    values = np.arange(5 * 4 * 6, dtype=np.int16).reshape(5, 4, 6)
    found = coarser(values, (2, 1, 2))
    assert found.shape == (3, 4, 3) and found[0, 0, 0] == np.rint(np.mean([0, 1, 24, 25])) and found.dtype == np.int16


def test_signed_values_become_unsigned_texels_in_the_same_order() -> None:
    """moderngl's signed normalised texture clamps negative values to 0, so they are shifted into the unsigned one."""
    np.testing.assert_array_equal(texels(np.array([-32768, -1, 0, 32767], np.int16)), [0, 32767, 32768, 65535])


@pytest.mark.parametrize("channels", [0, 3, 4])
def test_a_png_is_read_back_as_it_was_and_carries_nothing_else(tmp_path: Path, channels: int) -> None:
    shape = (7, 11, channels) if channels else (7, 11)
    pixels = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    png.write(tmp_path / "a.png", pixels)
    with Image.open(tmp_path / "a.png") as image:
        np.testing.assert_array_equal(np.asarray(image), pixels)
        assert not image.info
    kinds = png.encoded(pixels)
    assert [kinds.count(kind) for kind in (b"tEXt", b"tIME", b"IHDR", b"IDAT", b"IEND")] == [0, 0, 1, 1, 1]


def test_a_picture_that_cannot_be_written_is_refused_by_the_file_s_name_only(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite) as refusal:
        png.write(tmp_path / "gone" / "a.png", np.zeros((2, 2), np.uint8))
    assert refusal.value.facts["name"] == "a.png"


def test_includes_keep_the_numbers_of_lines_true() -> None:
    lines = shader.source("raycast.frag", {"X": 1}).splitlines()
    assert lines[1] == "#define X 1" and lines[2] == "#line 2 0"
    assert sum(line == "#line 1 1" for line in lines) == 1  # each file once
    start = lines.index("#line 1 1")
    own = next(n for n, line in enumerate(lines) if line.startswith("#line") and line.endswith(" 0") and n > start)
    number = int(lines[own].split()[1])
    original = shader._read("raycast.frag").splitlines()
    assert original[number - 1] == lines[own + 1] or lines[own + 1].startswith("#line")


def test_a_uniform_that_no_shader_has_is_a_mistake(gpu: Any) -> None:
    made = shader.Shader(gpu, "window.frag")
    made.set(window_low=1.0)
    with pytest.raises(KeyError):
        made.set(window_hight=1.0)
    made.release()


def test_an_error_in_an_included_file_is_told_with_its_line(gpu: Any, monkeypatch: Any) -> None:
    files = {
        "full.vert": shader._read("full.vert"),
        "a.frag": '#version 330 core\n#include "b"\nvoid main() {}\n',
        "b": "float x;\nnonsense y;\n",
    }
    monkeypatch.setattr(shader, "_read", files.__getitem__)
    with pytest.raises(Exception, match=r"1:2"):
        shader.Shader(gpu, "a.frag")


def test_the_governor_settles_at_the_target_and_does_not_flicker() -> None:
    state, scales = governor.Governor(100.0), []
    for _ in range(30):
        state = state.moving((1000, 1000))
        scales.append(state.scale)
        state = state.seen(int(1e6 * state.scale**2), 1600 * state.scale**2)
    assert len(set(scales[8:])) == 1 and 0.18 < scales[-1] < 0.35


def test_letters_have_strokes_inside_their_box() -> None:
    for text in ("LRAPHF", "0123456789", "10 cm", "50 mm"):
        segments, width = font.segments_of(text, 20.0)
        assert len(segments) and width > 0
        assert segments[:, [0, 2]].min() >= -0.5 and segments[:, [0, 2]].max() <= width + 0.5
        assert segments[:, [1, 3]].min() >= -0.5 and segments[:, [1, 3]].max() <= 20.5

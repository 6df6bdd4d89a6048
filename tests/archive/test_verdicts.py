"""Verdicts: tolerances that follow the printed decimals, faults that are found, and matrices that never mirror."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make.series import frames

from archive.stack import Stack
from archive.volumes.splitting import split


def stack_of(positions: np.ndarray, orientation: tuple[float, ...], decimals: int = 6, pixel_mm: float = 0.7) -> Stack:
    """The first stack of slices at these positions, printed with so many decimals."""
    printed = np.round(positions, decimals)
    there = frames(
        range(len(printed)), orientation=orientation, pixel_spacing_mm=(pixel_mm, pixel_mm), position_decimals=decimals
    )
    placed = [
        type(one)(
            **{
                **{name: getattr(one, name) for name in one.__slots__},
                "position_patient_mm": tuple(float(value) for value in where),
            }
        )
        for one, where in zip(there, printed, strict=True)
    ]
    return split(placed).stacks[0]


def rotation(seed: int) -> np.ndarray:
    """A random rotation matrix."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q if np.linalg.det(q) > 0 else q[:, [1, 0, 2]]


def oblique(seed: int, depths: np.ndarray, drift_mm: float = 0.0) -> tuple[np.ndarray, tuple[float, ...]]:
    """Positions of slices at depths along a random direction, leaning along the columns."""
    axes = rotation(seed)
    positions = depths[:, None] * axes[:, 2] + (depths * drift_mm)[:, None] * axes[:, 1] + [-120.0, 35.0, 410.0]
    return positions, (*axes[:, 0], *axes[:, 1])


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 6), st.floats(0.5, 8), st.integers(2, 40))
def test_an_honest_oblique_stack_is_regular_at_any_printed_precision(seed: int, decimals: int, step: float, count: int):
    positions, orientation = oblique(seed, np.arange(count) * step)
    assert stack_of(positions, orientation, decimals).verdict.code == "regular"


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(2, 6), st.floats(0.5, 8), st.integers(8, 40), st.data())
def test_a_missing_slice_is_found_and_its_place_kept(
    seed: int, decimals: int, step: float, count: int, data: st.DataObject
):
    gone = data.draw(st.integers(1, count - 2))
    positions, orientation = oblique(seed, np.delete(np.arange(count) * step, gone))
    stack = stack_of(positions, orientation, decimals)
    assert (stack.verdict.code, stack.slices) == ("missing", count)
    assert stack.verdict.facts["missing"] == [gone + 1]
    assert stack.frames[0][gone] is None


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.floats(-25, 25).filter(lambda tilt: abs(tilt) > 3))
def test_a_tilted_stack_is_sheared_by_its_own_angle(seed: int, tilt: float):
    positions, orientation = oblique(seed, np.arange(20) * 2.0, math.tan(math.radians(tilt)))
    verdict = stack_of(positions, orientation).verdict
    assert verdict.code == "sheared"
    assert verdict.facts["tilt_deg"] == pytest.approx(abs(tilt), abs=0.06)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(2, 30), st.floats(0.3, 9), st.floats(-0.4, 0.4))
def test_the_map_puts_every_slice_where_it_was_scanned_and_never_mirrors(
    seed: int, count: int, step: float, drift: float
):
    positions, orientation = oblique(seed, np.arange(count) * step, drift)
    stack = stack_of(positions, orientation)
    matrix = np.array(stack.patient_from_voxel)
    assert np.linalg.det(matrix[:3, :3]) > 0
    for k in range(count):
        assert matrix @ [0, 0, k, 1] == pytest.approx([*positions[k], 1], abs=1e-4)


def test_uneven_distances_are_told_with_their_ends():
    verdict = split(frames([0, 1, 2, 3.5, 6, 10])).stacks[0].verdict
    assert (verdict.code, verdict.facts["least_mm"], verdict.facts["most_mm"]) == ("uneven", 1.0, 4.0)


def test_whole_millimetres_do_not_excuse_a_missing_slice():
    assert split(frames([0, 1, 2, 4, 5], position_decimals=0)).stacks[0].verdict.code == "missing"


def test_slices_off_the_line_wander_and_are_flat():
    positions = np.array([[0, 0, 0], [0, 0, 1], [9, 0, 2], [0, 0, 3]], float)
    stack = stack_of(positions, (1.0, 0, 0, 0, 1.0, 0))
    assert (stack.verdict.code, stack.kind) == ("wandering", "frames")


def test_all_that_holds_is_in_the_facts_the_worst_first():
    depths = np.array([0, 4, 8, 9, 16, 23, 30], float)
    positions, orientation = oblique(3, depths, 0.3)
    assert stack_of(positions, orientation).verdict.facts["holds"] == ["uneven", "sheared"]


def test_two_blocks_far_apart_are_uneven_and_no_grid_of_holes():
    assert split(frames([0, 1, 2, 3, 200, 201, 202])).stacks[0].verdict.code == "uneven"

"""What the viewer says of itself: numbers, places and values as a person reads them."""

import numpy as np
import pytest

from archive.volumes.volume import SliceState, Volume
from render.measure import Probe
from shell import viewer_status
from shell.viewer_status import arrived, number_text, place_text, probe_text, value_text
from shell.viewer_text import is_ours


@pytest.mark.parametrize(
    "value, text", [(40.0, "40"), (-1000.4, "−1000"), (0.12345, "0.1235"), (12.5, "12.5"), (0.0, "0"), (99.96, "99.96")]
)
def test_numbers_are_short(value, text):
    assert number_text(value) == text


def test_a_value_has_its_unit_and_a_missing_one_a_dash():
    assert value_text(-12.0, "HU") == "−12 HU"
    assert value_text(7.0, None) == "7"
    assert value_text(None, "HU") == value_text(float("nan"), "HU") == "–"


def test_places_are_named_by_the_patients_sides():
    assert place_text((1.25, -4.0, 101.52)) == "L 1.2  A 4.0  H 101.5 mm"
    assert place_text((-1.0, 4.0, -1.0)) == "R 1.0  P 4.0  F 1.0 mm"


def test_colours_and_frames_without_a_place_are_shown_too():
    probe = Probe((0.0, 0.0, 0.0), (3, 4, 5), (10, 20, 30), None, None)
    assert probe_text(probe, is_spatial=False) == ("10 20 30", "3, 4, 5")
    assert probe_text(None, is_spatial=True) == ("", "")


def test_holes_are_nothing_to_wait_for():
    states = np.array([SliceState.READY, SliceState.HOLE, SliceState.DAMAGED, SliceState.EMPTY], np.uint8)
    volume = Volume(np.zeros((4, 2, 2), np.int16), np.eye(4), states=states)
    assert arrived(volume) == viewer_status.Arrived(2, 3, 1)
    assert not arrived(volume).is_whole


@pytest.mark.parametrize(
    "text, ours", [("Tête Łódź Ω Жук 3×5 – µ", True), ("頭部", False), ("שלום", False), ("हि", False)]
)
def test_scripts_our_font_lacks_are_left_to_qt(text, ours):
    assert is_ours(text) is ours

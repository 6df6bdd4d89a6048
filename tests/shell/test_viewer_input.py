"""Mouse and keys: a small tremble is a click, a drag belongs to the pane it began in, keys are named as the table names them."""

from render.layout import panes
from shell.viewer_input import Click, Gesture, Pointer, key_name

PANES = panes("mpr", (400, 400))
NONE: frozenset[str] = frozenset()


def test_a_press_without_movement_is_a_click():
    pointer = Pointer()
    pointer.move(50, 50, NONE, PANES)
    pointer.press("right", PANES)
    assert pointer.move(51, 51, NONE, PANES) == []
    (click,) = pointer.release("right", 1.0)
    assert isinstance(click, Click) and click.what == "menu" and click.pane.kind == "axial"


def test_a_drag_begins_where_the_button_went_down_and_loses_no_pixel():
    pointer = Pointer()
    pointer.move(50, 50, NONE, PANES)
    pointer.press("left", PANES)
    found = [intent for x in (52, 56, 60) for intent in pointer.move(x, 50, NONE, PANES)]
    assert [intent.is_first for intent in found] == [True, False]
    assert sum(intent.drag.dx for intent in found) == 10
    assert pointer.release("left", 1.0) == []


def test_a_drag_stays_with_its_pane():
    pointer = Pointer()
    pointer.move(50, 50, NONE, PANES)
    pointer.press("left", PANES)
    (gesture,) = pointer.move(350, 350, NONE, PANES)
    assert isinstance(gesture, Gesture) and gesture.pane.kind == "axial"


def test_zoom_holds_the_point_where_the_button_went_down():
    pointer = Pointer()
    pointer.move(50, 50, NONE, PANES)
    pointer.press("right", PANES)
    found = [intent for y in (60, 70, 80) for intent in pointer.move(50, y, NONE, PANES)]
    assert {(intent.drag.x, intent.drag.y) for intent in found} == {(50, 50)}


def test_two_fast_clicks_enlarge_and_a_third_begins_anew():
    pointer = Pointer()
    pointer.move(50, 50, NONE, PANES)
    told = []
    for now_s in (1.0, 1.2, 1.4):
        pointer.press("left", PANES)
        told += [click.what for click in pointer.release("left", now_s)]
    assert told == ["focus", "maximise", "focus"]


def test_two_slow_clicks_do_not_enlarge():
    pointer = Pointer()
    pointer.move(50, 50, NONE, PANES)
    told = []
    for now_s in (1.0, 2.0):
        pointer.press("left", PANES)
        told += [click.what for click in pointer.release("left", now_s)]
    assert told == ["focus", "focus"]


def test_moving_means_something_only_with_a_key_held():
    pointer = Pointer()
    assert pointer.move(50, 50, NONE, PANES) == []
    (gesture,) = pointer.move(60, 60, frozenset({"shift"}), PANES)
    assert gesture.drag.button == "move" and gesture.drag.modifiers == {"shift"}


def test_a_second_button_during_a_drag_is_passed_over():
    pointer = Pointer()
    pointer.move(50, 50, NONE, PANES)
    pointer.press("left", PANES)
    pointer.move(80, 50, NONE, PANES)
    pointer.press("right", PANES)
    assert pointer.release("right", 1.0) == [] and pointer.is_busy
    assert pointer.release("left", 1.1) == [] and not pointer.is_busy


def test_the_wheel_turns_in_the_pane_under_the_mouse():
    pointer = Pointer()
    pointer.move(350, 350, NONE, PANES)
    (gesture,) = pointer.wheel(-1.0, NONE, PANES)
    assert gesture.pane.kind == "sagittal" and gesture.drag.steps == -1.0


def test_outside_the_panes_nothing_is_meant():
    pointer = Pointer()
    pointer.move(900, 900, NONE, PANES)
    assert pointer.wheel(1.0, NONE, PANES) == []
    pointer.press("left", PANES)
    assert pointer.move(950, 950, NONE, PANES) == [] and pointer.release("left", 1.0) == []


def test_keys_are_named_with_their_modifiers_in_one_order():
    assert key_name("Z", frozenset({"shift", "ctrl"})) == "Ctrl+Shift+Z"
    assert key_name("Up", NONE) == "Up"

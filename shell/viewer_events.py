"""The window's events: ImGui hears them first; what it does not want for itself goes to the pointer and the commands."""

import time
from collections.abc import Sequence
from typing import Any, Final

from render import gestures
from shell import commands
from shell.viewer_actions import carry_out, close
from shell.viewer_input import Click, Gesture, Intent, key_name
from shell.viewer_scan import Scan
from shell.viewer_show import Show

_IMGUI_BUTTONS: Final = {"left": 0, "right": 1, "middle": 2}


class Events:
    """A viewer_window.Listener."""

    def __init__(self, show: Show, io: Any) -> None:
        self._show = show
        self._io = io

    def on_move(self, x: float, y: float, modifiers: frozenset[str]) -> None:
        self._io.add_mouse_pos_event(x, y)
        ratio = self._show.window.pixels_per_point
        intents = self._show.pointer.move(x * ratio, y * ratio, modifiers, self._show.panes)
        self._show.redraw(1)
        if self._show.pointer.is_busy or not self._io.want_capture_mouse:
            self._mean(intents)

    def on_button(self, button: str, is_down: bool, modifiers: frozenset[str]) -> None:
        self._io.add_mouse_button_event(_IMGUI_BUTTONS[button], is_down)
        self._show.redraw()
        if not is_down:
            self._mean(self._show.pointer.release(button, time.monotonic()))
        elif not self._io.want_capture_mouse:
            self._show.pointer.press(button, self._show.panes)

    def on_wheel(self, right: float, up: float, modifiers: frozenset[str]) -> None:
        self._io.add_mouse_wheel_event(right, up)
        self._show.redraw()
        if not self._io.want_capture_mouse:
            self._mean(self._show.pointer.wheel(up, modifiers, self._show.panes))

    def on_key(self, name: str, modifiers: frozenset[str], is_repeat: bool) -> None:
        row, argument = commands.BY_KEY.get(key_name(name, modifiers), (None, None))
        if row is not None and (row.repeats or not is_repeat):
            carry_out(self._show, row.id, argument)

    def on_change(self) -> None:
        self._show.redraw()

    def on_close(self) -> None:
        close(self._show)

    def on_drop(self, paths: tuple[bytes, ...]) -> None:
        """Files are opened by the desk, which knows how, and asks about keeping them."""
        self._show.tell(self._show.texts.say("viewer.dropped"))
        self._show.hand_over(paths)

    def _mean(self, intents: Sequence[Intent]) -> None:
        scan = self._show.open_scan
        if scan is None:
            return
        for intent in intents:
            if isinstance(intent, Gesture):
                self._gesture(scan, intent)
            else:
                self._click(scan, intent)

    def _gesture(self, scan: Scan, intent: Gesture) -> None:
        scan.aim(intent.pane)
        view = gestures.apply(scan.view, intent.pane, intent.drag, scan.scene.grid)
        what = f"{intent.drag.button} {intent.pane.kind}"
        scan.change(view, what, time.monotonic(), is_new=intent.is_first)
        self._show.redraw(1)

    def _click(self, scan: Scan, intent: Click) -> None:
        scan.aim(intent.pane)
        if intent.what == "maximise":
            carry_out(self._show, "view.maximise")
        self._show.wants_menu = intent.what == "menu"

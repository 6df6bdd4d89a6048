"""From mouse and keyboard to what is meant: gestures of render.gestures, clicks, and rows of the command table. Pure."""

from dataclasses import dataclass
from typing import Final

from render.gestures import Drag
from render.layout import Pane, pane_at

_STILL_PX: Final = 4.0  # a press that moves less is a click
_DOUBLE_S: Final = 0.35


@dataclass(frozen=True)
class Gesture:
    """A movement in a pane; the first of a drag begins a new step of undo."""

    pane: Pane
    drag: Drag
    is_first: bool = False


@dataclass(frozen=True)
class Click:
    """A click without movement: `menu` (right), `maximise` (left, twice) or `focus` (left, once)."""

    pane: Pane
    what: str
    x: float
    y: float


Intent = Gesture | Click


class Pointer:
    """The mouse over the picture, in pixels of the picture. Each event returns what it means."""

    def __init__(self) -> None:
        self.x = self.y = -1.0
        self._start = (0.0, 0.0)
        self._button = ""
        self._pane: Pane | None = None
        self._is_drag = False
        self._last_click = (-1.0, -1.0, -1.0)  # time, x, y

    @property
    def is_busy(self) -> bool:
        """Whether a button is down."""
        return bool(self._button)

    def pane_of(self, panes: tuple[Pane, ...]) -> Pane | None:
        """The pane under the mouse."""
        return pane_at(panes, self.x, self.y)

    def press(self, button: str, panes: tuple[Pane, ...]) -> None:
        """A button goes down; only one at a time counts."""
        if self._button:
            return
        self._button, self._start, self._is_drag = button, (self.x, self.y), False
        self._pane = self.pane_of(panes)

    def move(self, x: float, y: float, modifiers: frozenset[str], panes: tuple[Pane, ...]) -> list[Intent]:
        """The mouse is now at a pixel."""
        before = (self.x, self.y)
        self.x, self.y = x, y
        if not self._button:
            pane = pane_at(panes, x, y)
            return [Gesture(pane, Drag("move", x, y, modifiers=modifiers))] if pane and modifiers else []
        if self._pane is None:
            return []
        is_first = not self._is_drag
        if is_first:
            before = self._start
            if abs(x - before[0]) + abs(y - before[1]) < _STILL_PX:
                return []
            self._is_drag = True
        # zoom holds the point where the button went down; everything else goes on from the last position
        at = self._start if self._button == "right" else before
        drag = Drag(self._button, *at, x - before[0], y - before[1], modifiers=modifiers)
        return [Gesture(self._pane, drag, is_first)]

    def release(self, button: str, now_s: float) -> list[Intent]:
        """A button goes up."""
        if button != self._button:
            return []
        pane, was_drag = self._pane, self._is_drag
        self._button, self._pane, self._is_drag = "", None, False
        if was_drag or pane is None:
            return []
        return self._clicked(button, pane, now_s)

    def wheel(self, steps: float, modifiers: frozenset[str], panes: tuple[Pane, ...]) -> list[Intent]:
        """The wheel turns; up is positive."""
        pane = self.pane_of(panes)
        if pane is None:
            return []
        return [Gesture(pane, Drag("wheel", self.x, self.y, steps=steps, modifiers=modifiers))]

    def _clicked(self, button: str, pane: Pane, now_s: float) -> list[Intent]:
        if button == "right":
            return [Click(pane, "menu", self.x, self.y)]
        if button != "left":
            return []
        time_s, x, y = self._last_click
        is_double = now_s - time_s < _DOUBLE_S and abs(x - self.x) + abs(y - self.y) < 2 * _STILL_PX
        self._last_click = (-1.0, -1.0, -1.0) if is_double else (now_s, self.x, self.y)
        return [Click(pane, "maximise" if is_double else "focus", self.x, self.y)]


def key_name(name: str, modifiers: frozenset[str]) -> str:
    """A key and the modifiers held with it, as the command table writes them: "Ctrl+Shift+Z"."""
    return "".join(f"{each.capitalize()}+" for each in ("ctrl", "alt", "shift") if each in modifiers) + name

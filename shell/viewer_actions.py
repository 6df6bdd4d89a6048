"""Carrying out commands: a row of the table makes a new view, or is one of the window's own actions listed here."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from archive.errors import CannotWrite, ScanError
from render import gestures, png
from shell import commands
from shell.commands import BadArgument, Command
from shell.messages import Closed, Saved
from shell.viewer_show import Show

_PLAY_S: Final = 1 / 15  # between two slices
Action = Callable[[Show, Any], None]


def carry_out(show: Show, name: str, argument: Any = None) -> None:
    """A row of the command table, by its id; what cannot be done is passed over: the asker may be a newer program."""
    row = commands.BY_ID.get(name)
    if row is None:
        return
    show.redraw()
    if row.action:
        _act(show, row, argument)
        return
    scan = show.open_scan
    if scan is None:
        return
    try:
        view = commands.run(row, scan.view, scan.scene, argument)
    except (BadArgument, ScanError):
        return
    scan.change(view, row.id if row.repeats or row.argument.kind != "none" else "", time.monotonic())


def _act(show: Show, row: Command, argument: Any) -> None:
    with suppress(BadArgument):
        ACTIONS[row.action](show, commands.checked(row, argument))


def play_on(show: Show, now_s: float) -> None:
    """While playing: the next slice when it is due, and from the last one the first again."""
    scan = show.open_scan
    if scan is None or show.plays_at_s is None or now_s < show.plays_at_s:
        return
    show.plays_at_s = now_s + _PLAY_S
    kind, grid = scan.scene.slice_kind, scan.scene.grid
    view = gestures.scrolled(scan.view, kind, 1, grid)
    scan.change(gestures.to_end(view, kind, False, grid) if view == scan.view else view, "play", now_s)
    show.redraw(1)


def close(show: Show) -> None:
    """The person closes the window; the process stays for the next scan until the desk ends it."""
    number = show.scan.opened.scan if show.scan else 0
    show.hide()
    show.say(Closed(number))


def _undo(show: Show, _: Any) -> None:
    if show.open_scan is not None:
        show.open_scan.undo()


def _redo(show: Show, _: Any) -> None:
    if show.open_scan is not None:
        show.open_scan.redo()


def _play(show: Show, _: Any) -> None:
    show.plays_at_s = time.monotonic() if show.plays_at_s is None else None


def _to_time(step: int) -> Action:
    def action(show: Show, _: Any) -> None:
        scan = show.open_scan
        if scan is not None:
            show.times.ask(scan, (show.times.coming or scan).time + step)

    return action


def _go_to_time(show: Show, number: float) -> None:
    if show.open_scan is not None:
        show.times.ask(show.open_scan, min(max(round(number), 1), show.open_scan.times) - 1)


def _play_times(show: Show, _: Any) -> None:
    if show.open_scan is not None and show.open_scan.times > 1:
        show.times.play()


def _screenshot(show: Show, _: Any) -> None:
    """The panes as they are shown, marks included; the panel, which holds the scan's words, is not in it."""
    if show.open_scan is None:
        return
    try:
        name = _saved(show.pictures, show.picture.pixels())
    except CannotWrite as failure:
        show.tell(show.texts.say("viewer.not-saved", **failure.facts))
        return
    show.say(Saved(name))
    show.tell(show.texts.say("viewer.saved", name=os.path.join(show.pictures, name)))


def _saved(folder: str, pixels: NDArray[np.uint8]) -> str:
    """Write a picture under a free name, which holds the time and nothing of the patient; returns the name."""
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise CannotWrite(name=os.path.basename(folder), reason=error.strerror) from error
    stem = time.strftime("tomotheque-%Y%m%d-%H%M%S")
    names = (f"{stem}.png" if n == 1 else f"{stem}-{n}.png" for n in range(1, 1000))
    name = next(name for name in names if not os.path.exists(os.path.join(folder, name)))
    png.write(os.path.join(folder, name), pixels)
    return name


def _resampled(show: Show, _: Any) -> None:
    """An uneven stack in its other form: the slices that were scanned, or a regular grid for MPR and 3D."""
    other = show.open_scan.other_form() if show.open_scan is not None else None
    if other is not None:
        show.leave()
        show.scan = other


def _panel(show: Show, _: Any) -> None:
    show.has_panel = not show.has_panel


def _full_screen(show: Show, _: Any) -> None:
    show.window.toggle_full_screen()


def _help(show: Show, _: Any) -> None:
    show.has_help = not show.has_help


def _escape(show: Show, _: Any) -> None:
    """Close what is on top: the sheet, the play, the full screen."""
    if show.has_help:
        show.has_help = False
    elif show.plays_at_s is not None or show.times.plays_at_s is not None:
        show.plays_at_s = show.times.plays_at_s = None
    elif show.window.fills_screen:
        show.window.toggle_full_screen()


ACTIONS: Final[dict[str, Action]] = {
    "undo": _undo,
    "redo": _redo,
    "play": _play,
    "time_on": _to_time(1),
    "time_back": _to_time(-1),
    "time_go": _go_to_time,
    "time_play": _play_times,
    "screenshot": _screenshot,
    "panel": _panel,
    "resampled": _resampled,
    "full_screen": _full_screen,
    "help": _help,
    "escape": _escape,
    "close": lambda show, _: close(show),
}

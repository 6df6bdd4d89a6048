"""The show: all that the viewer's window is at a moment besides pixels - the scan, what is open over it, what is due."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from render.layout import Pane
from shell.messages import Message
from shell.texts import Texts
from shell.viewer_input import Pointer
from shell.viewer_picture import Picture
from shell.viewer_reports import Reports
from shell.viewer_scan import Scan
from shell.viewer_times import Times
from shell.viewer_window import GlWindow

_NOTICE_S: Final = 5.0
SETTLING: Final = 3  # frames after an event in which ImGui comes to rest


@dataclass(eq=False)
class Show:
    """Changed on the main thread only."""

    window: GlWindow
    picture: Picture
    texts: Texts
    say: Callable[[Message], None]  # to the desk
    hand_over: Callable[[tuple[bytes, ...]], None]  # paths that were dropped, to the desk
    reports: Reports
    pictures: str  # folder for screenshots
    scan: Scan | None = None
    panes: tuple[Pane, ...] = ()  # as they were drawn last
    pointer: Pointer = field(default_factory=Pointer)
    has_panel: bool = True
    has_help: bool = False
    wants_menu: bool = False
    notice: str = ""
    notice_until_s: float = 0.0
    plays_at_s: float | None = None  # when the next slice is due while playing
    times: Times = field(default_factory=Times)
    frames_due: int = SETTLING
    is_over: bool = False

    @property
    def open_scan(self) -> Scan | None:
        """The scan, if there is something to look at."""
        scan = self.scan
        return scan if scan is not None and scan.has_volume and scan.failure is None else None

    def redraw(self, frames: int = SETTLING) -> None:
        """The window is to be drawn again, at least so often."""
        self.frames_due = max(self.frames_due, frames)

    def tell(self, words: str) -> None:
        """A notice for a few seconds."""
        self.notice, self.notice_until_s = words, time.monotonic() + _NOTICE_S
        self.redraw()

    def turn_to(self, scan: Scan) -> None:
        """Another time of the same stack takes the place of the shown one."""
        self.scan = scan
        self.picture.exchange(scan.scene.volume)
        self.redraw(1)

    def leave(self) -> None:
        """Let go of the scan: its threads, its voxels, its textures."""
        self.plays_at_s = None
        self.times.leave()
        if self.scan is not None:
            self.scan.cancel()
        self.scan, self.panes = None, ()
        self.picture.set_volume(None)

    def hide(self) -> None:
        """No scan, no window; the process stays warm."""
        self.leave()
        self.window.hide()

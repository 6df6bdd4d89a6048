"""The viewer process: one window, one scan, one loop. Never opens the database; ends with the desk's end of its pipe."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, Final

from archive.errors import NoGraphics, ScanError
from render import context
from shell import messages
from shell.children import claimed_stdout, whisper, whisper_faults
from shell.messages import Failed, Message, Ready
from shell.texts import Texts
from shell.viewer_actions import carry_out, play_on
from shell.viewer_events import Events
from shell.viewer_manifest import StackManifest
from shell.viewer_picture import Picture
from shell.viewer_pipe import Pipe
from shell.viewer_reports import Reports
from shell.viewer_scan import Scan, tiny
from shell.viewer_show import Show
from shell.viewer_stage import Stage
from shell.viewer_window import GlWindow

_FAULT: Final = 70  # exit status after a fault of ours (EX_SOFTWARE)
_LEAST_S: Final = 0.01
_LOOK_S: Final = 0.05  # between two looks at a scan that loads


class Viewer:
    """The parts of the window, put together, and its loop."""

    def __init__(self, texts: Texts, pictures: str, out: BinaryIO, channel: int) -> None:
        started = time.monotonic()
        window = GlWindow()
        gpu = context.of_window()
        self._stage = Stage(gpu, texts)
        self._pipe = Pipe(out, channel, window.wake)
        reports = Reports(self._pipe.say, texts)
        self.show = Show(window, Picture(gpu), texts, self._pipe.say, self._pipe.hand_over, reports, pictures)
        self.show.picture.warm(*tiny())
        window.listen(Events(self.show, self._stage.painter.io))
        self._pipe.say(Ready(gpu.renderer, gpu.is_software, round((time.monotonic() - started) * 1000)))

    def run(self) -> None:
        """Until the desk says so; the end of its pipe ends the process elsewhere."""
        while not self.show.is_over:
            self.show.window.wait(self._wait_s(time.monotonic()))
            for message, manifest in self._pipe.taken():
                self._hear(message, manifest)
            self._step(time.monotonic())

    def _wait_s(self, now_s: float) -> float | None:
        """How long nothing needs to be done; None: until an event."""
        show = self.show
        if not show.window.is_visible:
            return None if show.scan is None or show.scan.is_settled else _LOOK_S
        if show.frames_due:
            return 0.0
        waits = [
            show.picture.wait_s(now_s),
            show.reports.state_wait_s(show.open_scan, now_s) if show.open_scan else None,
            _LOOK_S if show.scan is not None and not (show.scan.is_settled and show.picture.is_uploaded) else None,
            max(show.plays_at_s - now_s, 0.0) if show.plays_at_s is not None else None,
            max(show.times.plays_at_s - now_s, _LEAST_S) if show.times.plays_at_s is not None else None,
            _LOOK_S if show.times.coming is not None else None,
            max(show.notice_until_s - now_s, 0.01) if show.notice else None,
        ]
        return min((each for each in waits if each is not None), default=None)

    def _step(self, now_s: float) -> None:
        """What goes on by itself, then a frame if one is due."""
        show = self.show
        if show.notice and now_s > show.notice_until_s:
            show.notice = ""
            show.redraw(1)
        if show.scan is not None:
            self._look_after(show.scan, now_s)
        if not show.window.is_visible:
            return
        if show.picture.refine(now_s):
            show.redraw(1)
        if show.frames_due:
            show.frames_due -= 1
            self._stage.draw(show, now_s)
            if show.open_scan is not None and show.open_scan.arrived().done:
                show.reports.shown(time.monotonic())

    def _look_after(self, scan: Scan, now_s: float) -> None:
        """Loading and playing."""
        show, had_volume = self.show, scan.has_volume
        try:
            if scan.poll():
                show.redraw(1)
            if scan.has_volume and not had_volume:
                show.picture.set_volume(scan.scene.volume)
        except ScanError as failure:
            scan.failure = failure
        if scan.failure is not None:
            self._report_once(scan)
        elif scan.has_volume:
            there = scan.arrived()
            show.reports.progress(there, now_s)
            if show.picture.load(there.is_whole, now_s):
                show.redraw(1)
            play_on(show, now_s)
            show.times.play_on(scan, now_s)
            if (other := show.times.ready(scan)) is not None:
                show.turn_to(other)
            show.reports.state(scan, now_s)

    def _report_once(self, scan: Scan) -> None:
        if scan.failure is not None and not scan.is_reported:
            scan.is_reported = True
            self.show.say(Failed(scan.opened.scan, scan.failure.code, scan.failure.facts))
            self.show.redraw()

    # what the desk says

    def _hear(self, message: Message, manifest: StackManifest | None) -> None:
        self.show.redraw()
        answer = _ANSWERS.get(type(message))
        if answer is not None:
            answer(self, message, manifest)

    def _open(self, message: messages.Open, manifest: StackManifest) -> None:
        show = self.show
        show.leave()
        show.reports.begin(message.scan, time.monotonic())
        show.scan = Scan(manifest, message, show.window.wake)
        self._stage.entitle(message.words, message.note, show.window.scale)
        show.window.show()

    def _command(self, message: messages.Command, _: Any) -> None:
        carry_out(self.show, message.id, message.argument)

    def _set_view(self, message: messages.SetView, _: Any) -> None:
        if self.show.open_scan is not None:
            self.show.open_scan.take(message.view, time.monotonic())

    def _tell(self, message: messages.Tell, _: Any) -> None:
        self.show.tell(message.words)

    def _show(self, *_: Any) -> None:
        self.show.window.show()

    def _hide(self, *_: Any) -> None:
        self.show.hide()

    def _quit(self, *_: Any) -> None:
        self.show.leave()
        self.show.is_over = True


_ANSWERS: Final[dict[type[Any], Callable[..., None]]] = {
    messages.Open: Viewer._open,
    messages.Command: Viewer._command,
    messages.SetView: Viewer._set_view,
    messages.Tell: Viewer._tell,
    messages.Show: Viewer._show,
    messages.Hide: Viewer._hide,
    messages.Quit: Viewer._quit,
}


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tomotheque viewer")
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--lang", default="en")
    parser.add_argument("--pictures", default="")
    return parser.parse_args(words)


def _pictures_folder() -> str:
    from platformdirs import user_pictures_dir  # not needed where the desk names the folder

    return user_pictures_dir()


def main(words: Sequence[str] | None = None) -> int:
    """Run the process; 1 where there is no screen or no OpenGL 3.3."""
    out = claimed_stdout()
    given = _arguments(sys.argv[1:] if words is None else words)
    whisper_faults("viewer")
    try:
        viewer = Viewer(Texts(given.lang), given.pictures or _pictures_folder(), out, given.channel)
    except NoGraphics as failure:
        out.write(messages.encode(Failed(0, failure.code, failure.facts)))
        out.flush()
        return 1
    try:
        viewer.run()
    except Exception as fault:  # noqa: BLE001 - the last line of defence: the desk reports the death and offers to reopen
        whisper("viewer", fault)
        return _FAULT
    return 0


if __name__ == "__main__":
    os._exit(main())  # loading threads and drivers have nothing to tidy up

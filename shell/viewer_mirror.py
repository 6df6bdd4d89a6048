"""The viewer's mirror: one viewer window as the page knows it: opened, commanded, described in words, reopened when it dies."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from shell.messages import Closed, Died, Failed, Message, Progress, Shown, State, error_of
from shell.shelf_open import Piece
from shell.texts import Texts
from shell.viewer_link import ViewerLink

Object = dict[str, Any]
NOTHING: Final[Object] = {
    "status": "none",
    "series": "",
    "words": "",
    "sentence": "",
    "facts": {},
    "done": 0,
    "total": 0,
    "damaged": 0,
    "error": None,
}


class ViewerMirror:
    """Keeps what the window shows and tells every change. Messages of an earlier opening are not listened to."""

    def __init__(
        self,
        texts: Texts,
        tell: Callable[[Object], None],
        on_left: Callable[[str, Object], None],
        on_drop: Callable[[tuple[bytes, ...]], None],
    ) -> None:
        self._texts, self._tell, self._on_left = texts, tell, on_left
        self._lock = threading.Lock()
        self._state = dict(NOTHING)
        self._scan = 0
        self._link = ViewerLink(self._heard, on_drop=on_drop, lang=texts.lang)

    def prespawn(self) -> None:
        """Start the hidden process, so that the first opening is quick."""
        self._link.start()

    def open(self, series: str, piece: Piece, words: str, view: Object | None) -> None:
        """Show a stack. series: its key, "" where it is not of the archive. view: render.view JSON, as it was left."""
        remember = self._left()
        stack = piece.stack
        note = str(self._texts.verdict(stack.verdict)["sentence"])
        self._change(**NOTHING | {"status": "opening", "series": series, "words": words, "total": stack.slices})
        self._scan = self._link.open(stack, piece.files, words, note=note, view=view)
        remember()  # afterwards: what is kept for sure takes its time

    def command(self, name: str, argument: Any) -> None:
        """Carry out a row of the command table; `window.show` brings the window to the front."""
        if name == "window.show":
            self._link.show()
        else:
            self._link.command(name, argument)

    def reopen(self) -> bool:
        """Show again what was shown when the window died or was closed."""
        self._change(status="opening", error=None)
        return self._link.reopen()

    def now(self) -> Object:
        with self._lock:
            return dict(self._state)

    def hide(self) -> None:
        """Let go of what is shown: a visit ends."""
        self._link.hide()
        self._change(**NOTHING)

    def quit(self) -> None:
        self._left()()
        self._link.quit()

    def _left(self) -> Callable[[], None]:
        """The series that was shown is left: what remembers how it was left."""
        now = self.now()
        if now["status"] == "shown" and now["series"]:
            return partial(self._on_left, now["series"], self._link.last_view)
        return lambda: None

    def _heard(self, message: Message) -> None:
        if getattr(message, "scan", self._scan) not in (0, self._scan):
            return
        if isinstance(message, State):
            self._change(status="shown", sentence=message.sentence, facts=message.facts)
        elif isinstance(message, Shown):
            self._change(status="shown")
        elif isinstance(message, Progress):
            self._change(done=message.done, total=message.total, damaged=message.damaged)
        elif isinstance(message, Closed):
            self._left()()
            self._change(status="closed")
        elif isinstance(message, Died):
            self._change(status="died")
        elif isinstance(message, Failed):
            self._change(status="failed", error=self._fault(message))

    def _fault(self, message: Failed) -> Object:
        shown = self._texts.error(error_of(message))
        return {part: shown[part] for part in ("code", "sentence", "hint")}

    def _change(self, **changes: Any) -> None:
        with self._lock:
            self._state |= changes
            now = dict(self._state)
        self._tell(now)

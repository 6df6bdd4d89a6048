"""What the viewer tells the desk while a person works: state and progress, not oftener than anybody can read."""

from collections.abc import Callable
from typing import Any, Final

from render.view import View, to_json
from shell.messages import Message, Progress, Shown, State
from shell.texts import Texts
from shell.viewer_scan import Scan
from shell.viewer_status import Arrived, facts_of, sentence_of

_STATE_S: Final = 0.25
_PROGRESS_S: Final = 0.1


class Reports:
    """For one scan at a time; `begin` starts anew."""

    def __init__(self, say: Callable[[Message], None], texts: Texts) -> None:
        self._say = say
        self._texts = texts
        self._scan = 0
        self._began_s = 0.0
        self._is_shown = False
        self._told: Any = None
        self._told_s = 0.0
        self._progress = Arrived(-1, 0, 0)
        self._progress_s = 0.0

    def begin(self, scan: int, now_s: float) -> None:
        """A new scan is asked for."""
        self._scan, self._began_s, self._is_shown = scan, now_s, False
        self._told, self._told_s = None, now_s
        self._progress, self._progress_s = Arrived(-1, 0, 0), 0.0

    def shown(self, now_s: float) -> None:
        """A picture with something in it is on the screen."""
        if not self._is_shown:
            self._is_shown = True
            self._say(Shown(self._scan, round((now_s - self._began_s) * 1000)))

    def progress(self, there: Arrived, now_s: float) -> None:
        """Slices have arrived."""
        if there == self._progress or (now_s - self._progress_s < _PROGRESS_S and not there.is_whole):
            return
        self._progress, self._progress_s = there, now_s
        self._say(Progress(self._scan, there.done, there.total, there.damaged))

    def state(self, scan: Scan, now_s: float) -> None:
        """Tell what is shown, if it has changed and the last telling is long enough ago."""
        if self.state_wait_s(scan, now_s) != 0.0:
            return
        self._told, self._told_s = _shown_by(scan), now_s
        facts = facts_of(scan.view, scan.scene)
        self._say(State(self._scan, to_json(scan.view), facts, sentence_of(facts, self._texts)))

    def state_wait_s(self, scan: Scan, now_s: float) -> float | None:
        """How long until the state may be told; None where there is nothing to tell."""
        if _shown_by(scan) == self._told:
            return None
        return max(self._told_s + _STATE_S - now_s, 0.0)


def _shown_by(scan: Scan) -> tuple[View, str]:
    return scan.view, scan.scene.pane.kind

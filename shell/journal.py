"""Journal: the log, with a closed vocabulary: an event and numbers, never a path, a tag's value or a message."""

import json
import os
import time
from typing import Final

LARGEST_BYTES: Final = 1_000_000  # then the log becomes log.1 and a new one is begun
EVENTS: Final = {
    # event: the names of the facts it may carry
    "app.started": ("version", "seconds"),
    "app.ended": ("status", "seconds"),
    "command.failed": ("status", "code"),
    "command.crashed": ("code",),
    "import.started": ("paths",),
    "import.finished": ("files", "imported", "known", "duplicate", "skipped", "unreadable", "seconds"),
    "import.cancelled": ("files", "imported", "seconds"),
    "repair.finished": ("events", "folders", "seconds"),
    "open.loaded": ("slices", "rows", "columns", "damaged", "seconds"),
    "viewer.started": ("pid",),
    "viewer.ended": ("status",),
    "render.finished": ("milliseconds",),
    "export.finished": ("bytes", "seconds"),
    "call.failed": ("code",),
    "window.shown": ("milliseconds",),
    "filter.missing": ("code",),
    "demo.finished": ("seconds",),
}
_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")


class Journal:
    """Appends events to one file, or to nothing (a session leaves no trace)."""

    def __init__(self, path: str | None) -> None:
        self._path = path

    def note(self, event: str, **facts: float | str) -> None:
        """Write one line. What is not in the vocabulary is a fault of ours and raises; a full disk does not."""
        unknown = set(facts) - set(EVENTS[event])
        if unknown:
            raise ValueError(f"{event} carries no {', '.join(sorted(unknown))}")
        line = {"time": round(time.time(), 3), "event": event} | {name: _harmless(v) for name, v in facts.items()}
        if self._path is not None and os.path.isdir(os.path.dirname(self._path)):
            self._append(json.dumps(line) + "\n")

    def _append(self, line: str) -> None:
        assert self._path is not None
        try:
            if os.path.exists(self._path) and os.path.getsize(self._path) > LARGEST_BYTES:
                os.replace(self._path, self._path + ".1")
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.write(handle, line.encode())
            finally:
                os.close(handle)
        except OSError:
            self._path = None  # a log that cannot be written must not stop the work


def _harmless(value: float | str) -> float | str:
    """Numbers, and words of our own: lower case letters, digits, point and hyphen, at most 40."""
    if isinstance(value, str) and not (len(value) <= 40 and set(value) <= _WORD):
        raise ValueError("only codes and numbers are logged")
    return value

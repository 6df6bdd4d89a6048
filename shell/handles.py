"""Handles: the page names what a person chose or dropped by an opaque word; the paths behind it stay here."""

import os
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from archive.errors import NothingThere

MOST_KEPT: Final = 64
MOST_SHOWN: Final = 3


@dataclass(frozen=True)
class Chosen:
    """What a person chose: a handle for the page, how many things, and the first names to show."""

    handle: str
    count: int
    names: tuple[str, ...]


class Handles:
    """Keeps the paths of the last choices. Calls come from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[bytes, ...]] = OrderedDict()

    def keep(self, paths: tuple[bytes, ...]) -> Chosen:
        """A handle for these paths; the oldest choice is forgotten when there are too many."""
        handle = secrets.token_urlsafe(9)
        with self._lock:
            self._kept[handle] = paths
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return Chosen(handle, len(paths), tuple(shown_name(path) for path in paths[:MOST_SHOWN]))

    def paths(self, handle: str) -> tuple[bytes, ...]:
        """The paths behind a handle; NothingThere for a word that was never given out."""
        with self._lock:
            if handle not in self._kept:
                raise NothingThere(what="–")
            return self._kept[handle]


def shown_name(path: bytes) -> str:
    """The last component as text; what is not text shows as U+FFFD and is never turned back into a path."""
    return (os.path.basename(path.rstrip(b"/")) or path).decode("utf-8", "replace")

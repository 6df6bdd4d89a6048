"""Pushes: events on their way to the page, at most one delivery in 50 ms, of which the newest of a kind counts."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any, Final

BETWEEN_S: Final = 0.05


class Pushes:
    """Collects events from any thread and delivers them from one of its own.

    Events of the same type and key replace each other; `number` grows by one with every delivered event,
    so that the page sees when it missed one.
    """

    def __init__(self, deliver: Callable[[str], None]) -> None:
        self._deliver = deliver
        self._wanted = threading.Condition()
        self._waiting: dict[tuple[str, str], dict[str, Any]] = {}
        self._number = 0
        self._open = True
        self._thread = threading.Thread(target=self._run, name="pushes", daemon=True)

    @property
    def is_started(self) -> bool:
        return self._thread.ident is not None

    def start(self) -> None:
        """Begin to deliver; what was posted before waits until now."""
        self._thread.start()

    def post(self, kind: str, data: dict[str, Any] | None, key: str = "") -> None:
        """Send an event; an undelivered one of the same kind and key is replaced."""
        with self._wanted:
            self._waiting.pop((kind, key), None)
            self._waiting[(kind, key)] = {"type": kind, "data": data}
            self._wanted.notify()

    def close(self) -> None:
        with self._wanted:
            self._open = False
            self._wanted.notify()

    def _run(self) -> None:
        while batch := self._next():
            self._deliver(json.dumps(batch, allow_nan=False))
            time.sleep(BETWEEN_S)

    def _next(self) -> list[dict[str, Any]]:
        """The waiting events, numbered; empty only when closed."""
        with self._wanted:
            self._wanted.wait_for(lambda: self._waiting or not self._open)
            batch = [] if not self._open else list(self._waiting.values())
            self._waiting.clear()
            for event in batch:
                self._number += 1
                event["number"] = self._number
            return batch

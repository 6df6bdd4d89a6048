"""Counter: where the page is served; holds the archive, the visit, the queue of imports, the viewer, and what was chosen."""

import base64
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import Any, Final, Protocol

from archive.errors import ScanError
from shell import import_link
from shell.cli_help import VERSION
from shell.commands import palette
from shell.handles import Chosen, Handles, shown_name
from shell.imports import Imports, Task, told
from shell.journal import Journal
from shell.places import Places
from shell.settings import Settings
from shell.shelf import Shelf
from shell.texts import LANGUAGES, Texts, texts_of
from shell.viewer_mirror import ViewerMirror

Object = dict[str, Any]
Tell = Callable[[str, Object | None, str], None]  # type, data, key: a push to the page
NO_TOTALS: Final = dict.fromkeys(("patients", "studies", "series", "instances", "files", "bytes"), 0)


class Native(Protocol):
    """What only the window system can do. All of it may be called from any thread."""

    def choose(self, door: str, title: str) -> tuple[bytes, ...]:
        """Let a person choose folders or files; empty where nothing was chosen."""

    def dress(self, theme: str) -> None:
        """dark, light or system."""

    def leave(self) -> None:
        """Close the window for good."""


class Counter:
    """Serves one page. Every method may be called from any thread."""

    def __init__(self, places: Places, texts: Texts, journal: Journal, native: Native, tell: Tell) -> None:
        self._places, self.settings = places, Settings(places)
        self.texts = self._texts_wished(texts)
        self._home = Shelf.on_disk(places.data_dir, self.texts)
        self._visit: Shelf | None = None
        self._visited: Chosen | None = None
        self._lock = threading.RLock()
        self._native, self._tell, self._journal = native, tell, journal
        self.handles = Handles()
        self.imports = Imports(self._told)
        self.viewer = ViewerMirror(self.texts, lambda now: tell("viewer", now, ""), self._remember, self.arrived)
        self.sockets_closed = False
        self.on_listening: Callable[[], None] = lambda: None  # the page is painted and hears events from now on

    def _texts_wished(self, texts: Texts) -> Texts:
        wish = self.settings.get("language")
        return Texts(wish) if wish in LANGUAGES else texts

    @property
    def shelf(self) -> Shelf:
        """The visit while there is one, else the archive. Both are the same class: nothing else asks which."""
        with self._lock:
            return self._visit or self._home

    # what the page begins with
    def start_facts(self) -> Object:
        """Everything the first paint needs. An archive that cannot be opened is an error in it, not of it."""
        facts: Object = {
            "version": VERSION,
            **self._told_settings(),
            "totals": NO_TOTALS,
            "recent": [],
            "visit": self._visit_facts(),
            "jobs": [told(task) for task in self.imports.tasks()],
            "viewer": self.viewer.now(),
            "commands": list(palette()),
            "notices": [],
            "sockets_closed": self.sockets_closed,
            "error": None,
        }
        try:
            return facts | {"totals": self.shelf.totals(), "recent": self._recent(), "notices": self.shelf.notices()}
        except ScanError as error:
            return facts | {"error": self.texts.error(error)}

    def _told_settings(self) -> Object:
        return {"language": self.texts.lang, "texts": texts_of(self.texts.lang), "settings": self.settings.all()}

    def _recent(self) -> list[Object]:
        return self.shelf.recent(5) if self.settings.get("remember-opened") else []

    def set(self, name: str, value: str) -> Object:
        """Keep a setting; the language of everything that is said changes at once."""
        self.settings.set(name, value)
        if name == "theme":
            self._native.dress(value)
        if name == "language":
            self.texts = self._texts_wished(self.texts)
            for shelf in (self._home, self._visit):
                if shelf is not None:
                    shelf.texts = self.texts
        return self._told_settings()

    # looking
    def info(self, series: str) -> Object:
        """A series with its stacks."""
        return self.shelf.info(series)

    def thumbnail(self, series: str) -> str | None:
        """A PNG in base64; None where there is none to be had: a picture missing is no reason for an error."""
        with suppress(ScanError):
            png = self.shelf.thumbnail(series)
            return base64.b64encode(png).decode() if png else None
        return None

    def open(self, series: str, number: int | None, resume: bool) -> None:
        """Show a series of the archive or the visit in the viewer."""
        shelf = self.shelf
        with shelf.look(series) as found:
            piece = found.piece(number)
            view = (
                next((row["view"] for row in shelf.recent() if row["series_key"] == series), None) if resume else None
            )
            words = piece.record.row.description if piece.record else ""
            self.viewer.open(series, piece, words, view)
        if not shelf.is_session:
            self._remember(series, view)

    def _remember(self, series: str, view: Object | None) -> None:
        if self.settings.get("remember-opened") and not self.shelf.is_session:
            with suppress(ScanError):  # a lost memory of a view is no reason to stop
                self._home.remember_opened(series, view)

    # the doors
    def choose(self, door: str) -> Object | None:
        """Let a person choose; None where he did not."""
        paths = self._native.choose(door, self.texts.say(f"choose.{door}"))
        return asdict(self.handles.keep(paths)) if paths else None

    def arrived(self, paths: tuple[bytes, ...], x: float = 0, y: float = 0) -> None:
        """Something was dropped on the window, or named by a later start: the page decides what becomes of it."""
        if paths:
            self._tell("dropped", {"chosen": asdict(self.handles.keep(paths)), "x": x, "y": y}, "")

    def open_other(self, handle: str) -> None:
        """Show one file of any kind that can be read; the archive knows nothing of it."""
        path = self.handles.paths(handle)[0]
        with self._home.look(os.fsdecode(path)) as found:
            self.viewer.open("", found.piece(None), shown_name(path), None)

    def import_(self, handle: str) -> str:
        """Queue the import of what was chosen: a process of its own reads it, while the page is served from here."""
        paths = self.handles.paths(handle)
        names = tuple(map(shown_name, paths))
        return self.imports.add(
            "import", names, partial(import_link.imported, self._places.data_dir, paths), self._home
        )

    def visit(self, handle: str) -> str:
        """Read something into an archive in memory, which is then what the page shows."""
        paths = self.handles.paths(handle)
        words = [os.fsdecode(path) for path in paths]
        guest = Shelf.session((), self.texts)
        self._show(guest, Chosen(handle, len(paths), tuple(map(shown_name, paths))))
        return self.imports.add("visit", tuple(map(shown_name, paths)), lambda: guest.import_(words), guest)

    def end_visit(self) -> None:
        """Close the archive in memory: what it held is gone."""
        if self._visit is not None:
            self.viewer.hide()
        self._show(None, None)

    def _show(self, guest: Shelf | None, chosen: Chosen | None) -> None:
        self.imports.forget("visit")
        with self._lock:
            gone, self._visit, self._visited = self._visit, guest, chosen
        if gone is not None:
            gone.close()
        self._tell("visit", self._visit_facts(), "")
        self._tell_totals()

    def _visit_facts(self) -> Object | None:
        chosen = self._visited
        return {"names": list(chosen.names), "handle": chosen.handle} if chosen else None

    def sample(self) -> str:
        """Make the sample scan beside the archive and import it."""
        folder = os.path.join(self._places.data_dir, "sample")
        work = partial(import_link.imported, self._places.data_dir, [os.fsencode(folder)], self.texts.lang)
        return self.imports.add("sample", (self.texts.say("sample.name"),), work, self._home)

    def changed(self, value: Object) -> Object:
        """Hand on a value after the archive changed, and tell the page its new totals."""
        self._tell("changed", self.shelf.totals(), "")
        return value

    def _told(self, task: Task) -> None:
        self._tell("job", told(task), task.job)
        if task.state in ("done", "cancelled", "failed"):
            self._tell_totals()

    def _tell_totals(self) -> None:
        with suppress(ScanError):  # of an archive that cannot be opened
            self._tell("changed", self.shelf.totals(), "")

    # the end
    def may_leave(self) -> bool:
        """Whether the window may close without a word; else the page asks."""
        busy = self.imports.busy()
        if busy:
            self._tell("leaving", {"jobs": busy}, "")
        return not busy

    def quit(self, sure: bool) -> bool:
        if sure:
            self._native.leave()
        return sure

    def close(self) -> None:
        """Stop everything; what was imported is safe."""
        self.imports.close(2.0)
        with suppress(ScanError):
            self.viewer.quit()
        for shelf in (self._visit, self._home):
            if shelf is not None:
                shelf.close()

    def note_fault(self, name: str, error: Exception) -> None:
        """A fault of our own, in the log by its kind only: its message may hold a patient's name."""
        self._journal.note("call.failed", code=f"{name}.{type(error).__name__}".lower().replace("_", "-"))

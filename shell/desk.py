"""The desk: the library window from the first word to the last; the only importer of webview."""

import ctypes
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from archive.errors import NoGraphics
from shell import single_instance, socket_filter
from shell.journal import Journal
from shell.places import Places
from shell.texts import Texts

if TYPE_CHECKING:
    from shell.api import Dispatcher
    from shell.counter import Counter
    from shell.desk_qt import QtNative
    from shell.pushes import Pushes

TITLE: Final = "Tomotheque"  # never a patient's name
WORKERS: Final = 4
LARGEST, LEAST = (1360, 860), (720, 520)  # of the window, in points
ENDS_WITHIN_S: Final = 3.5
# Without these Qt ends the process in C++, with no word to Python (notes: what a bare Debian lacks).
QT_NEEDS: Final = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libnss3.so": "libnss3",
    "libasound.so.2": "libasound2",
    "libXcomposite.so.1": "libxcomposite1",
    "libXdamage.so.1": "libxdamage1",
    "libXrandr.so.2": "libxrandr2",
    "libXtst.so.6": "libxtst6",
    "libxkbfile.so.1": "libxkbfile1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}


@dataclass(frozen=True)
class Wishes:
    """What the desktop application is started with. session: a path to be shown of which nothing is kept."""

    places: Places
    texts: Texts
    journal: Journal
    paths: tuple[bytes, ...] = ()
    session: bytes | None = None


def run(
    data_dir: str, paths: Sequence[str], texts: Texts, *, session: str | None = None, archive_url: str | None = None
) -> int:
    """Show the library until it is closed; the exit status. The caller has handed over to an earlier start, if there is one."""
    started = time.monotonic()
    missing = missing_packages()
    if missing:
        raise NoGraphics(what=texts.say("desk.missing", packages=" ".join(missing)))
    places = Places(data_dir)
    wishes = Wishes(
        places,
        texts,
        Journal(None if session else places.log),
        tuple(os.fsencode(os.path.abspath(path)) for path in paths if not session),
        os.fsencode(os.path.abspath(session)) if session else None,
    )
    report = socket_filter.install(os.environ.get("DISPLAY", ""), archive_url)
    if not report.active:
        wishes.journal.note("filter.missing", code=report.reason)
    instance = None if session else single_instance.claim(single_instance.meeting_of(data_dir))
    try:
        return _Desk(wishes, started, report.active).show(instance)
    finally:
        if instance is not None:
            instance.close()


def missing_packages() -> tuple[str, ...]:
    """The Debian packages of libraries that Qt would not find, on Linux."""
    return tuple(package for name, package in QT_NEEDS.items() if not _loads(name)) if sys.platform == "linux" else ()


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


class Lines:
    """Threads of our own for the page's calls: `width` side by side, or one so that the order is kept."""

    def __init__(self, width: int) -> None:
        self._waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        for number in range(width):
            threading.Thread(target=self._run, name=f"call {number}", daemon=True).start()

    def do(self, work: Callable[[], None]) -> None:
        self._waiting.put(work)

    def _run(self) -> None:
        while True:
            self._waiting.get()()


class Bridge:
    """Takes what the page says and brings it the answer: replaces pywebview's own bridge, which is open and needs eval."""

    def __init__(self, dispatcher: "Dispatcher", run_js: Callable[[str], Any]) -> None:
        self._dispatcher, self._run_js = dispatcher, run_js
        self._side_by_side, self._in_order = Lines(WORKERS), Lines(1)

    def call(self, _window: Any, function: str, request: Any, answer_id: Any) -> None:
        """pywebview's js_bridge_call. Only `call` with a name and a request is heard; its own reserved names are not."""
        if function != "call" or not isinstance(request, list) or len(request) != 2 or not isinstance(request[0], str):
            return
        line = self._in_order if self._dispatcher.is_ordered(request[0]) else self._side_by_side
        line.do(lambda: self._answer(request[0], request[1], str(answer_id)))

    def _answer(self, name: str, request: Any, answer_id: str) -> None:
        self._run_js(script("__answer", answer_id, self._dispatcher.answer(name, request)))

    def push(self, events: str) -> None:
        """Bring events (a JSON list) to the page."""
        self._run_js(script("__events", events))


def script(function: str, *words: str) -> str:
    """A call of one of the page's own functions with strings; JSON in ASCII is safe JavaScript (no U+2028)."""
    return f"window.{function} && window.{function}({', '.join(json.dumps(word) for word in words)})"


class _Desk:
    """One run of the window."""

    def __init__(self, wishes: Wishes, started: float, sockets_closed: bool) -> None:
        self._wishes, self._started, self._sockets_closed = wishes, started, sockets_closed

    def show(self, instance: single_instance.Instance | None) -> int:
        """Build everything, then let Qt's loop run until the window is gone."""
        sys.argv[:1] = [TITLE.lower()]  # WM_CLASS is made of it
        from shell import desk_qt

        desk_qt.prepare()
        import webview
        import webview.util
        from PySide6.QtWidgets import QApplication

        application = QApplication([TITLE.lower()])  # before QtNative: its signals need the main thread's loop
        application.setWindowIcon(desk_qt.icon_of_program())
        from shell.api import Dispatcher
        from shell.counter import Counter
        from shell.pushes import Pushes

        native = desk_qt.QtNative(self._wishes.texts.lang)
        pushes = Pushes(lambda events: bridge.push(events))
        counter = Counter(self._wishes.places, self._wishes.texts, self._wishes.journal, native, pushes.post)
        counter.sockets_closed = self._sockets_closed
        window = self._window(webview, counter, native)
        bridge = Bridge(Dispatcher(counter), window.run_js)
        webview.util.js_bridge_call = bridge.call  # type: ignore[assignment]  # before start: the platform takes the name from there
        self._until_gone(webview, counter, native, pushes, instance)
        del application
        return 0

    def _window(self, webview: Any, counter: "Counter", native: "QtNative") -> Any:
        from shell import desk_qt
        from shell.pages import pages

        webview.settings["ALLOW_FILE_URLS"] = False
        webview.settings["ALLOW_DOWNLOADS"] = False
        webview.settings["OPEN_EXTERNAL_LINKS_IN_BROWSER"] = False
        width, height = desk_qt.fitting(*LARGEST)
        # html, not url: pywebview starts an HTTP server for every scheme that it takes to be local
        window = webview.create_window(
            TITLE,
            html=" ",
            text_select=True,
            width=width,
            height=height,
            min_size=LEAST,
            background_color=_paper(counter),
        )
        theme = counter.settings.get("theme")
        window.events.before_show += lambda: native.furnish(window.native, pages(), theme, counter.arrived)
        window.events.closing += lambda: _may_close(counter, native)
        return window

    def _until_gone(
        self,
        webview: Any,
        counter: "Counter",
        native: "QtNative",
        pushes: "Pushes",
        instance: single_instance.Instance | None,
    ) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: _end_soon(counter, native))
        counter.on_listening = lambda: self._painted(counter, native, pushes, instance)
        try:
            webview.start(gui="qt", private_mode=True, debug=False)
        finally:
            pushes.close()
            counter.close()

    def _painted(
        self,
        counter: "Counter",
        native: "QtNative",
        pushes: "Pushes",
        instance: single_instance.Instance | None,
    ) -> None:
        """After the first paint: what can wait until then, and what the page has to hear."""
        if pushes.is_started:
            return
        pushes.start()
        self._wishes.journal.note("window.shown", milliseconds=round((time.monotonic() - self._started) * 1000))
        if instance is not None:
            instance.listen(lambda words: _later(counter, native, words))
        counter.arrived(self._wishes.paths)
        if self._wishes.session is not None:
            counter.visit(counter.handles.keep((self._wishes.session,)).handle)
        if counter.settings.get("viewer-prespawn"):
            counter.viewer.prespawn()


def _later(counter: "Counter", native: "QtNative", words: single_instance.Words) -> None:
    native.raise_window(words.activation)
    counter.arrived(words.paths)


def _may_close(counter: "Counter", native: "QtNative") -> bool:
    """False keeps the window; the page then asks. It runs on Qt's thread: the page is told from another."""
    if native.is_leaving or not counter.imports.busy():
        return True
    threading.Thread(target=counter.may_leave, daemon=True).start()
    return False


def _end_soon(counter: "Counter", native: "QtNative") -> None:
    """SIGTERM: an orderly end, and a hard one if that takes too long. What was imported is safe either way."""
    native.leave()
    last = threading.Timer(ENDS_WITHIN_S, os._exit, (128 + signal.SIGTERM,))
    last.daemon = True
    last.start()


def _paper(counter: "Counter") -> str:
    """The window's colour before the page paints."""
    return "#f5f6f8" if counter.settings.get("theme") == "light" else "#0f1216"

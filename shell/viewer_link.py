"""The near end of a viewer window: starts the process, feeds it, listens, and says so when it dies.

Linux and macOS: JSON lines over its stdin and stdout, one inherited SEQPACKET socket for memory files. The viewer ends by
itself at the end of its stdin, also after a kill -9 of this process (PR_SET_PDEATHSIG is tied to a thread: not used).
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import IO, Any, Final

from archive.stack import FileRef, Stack
from shell import children, messages, parcels, viewer_manifest
from shell.messages import Closed, Died, Failed, Message, Open, Quit, State

_PATIENCE_S: Final = 2.0  # for a viewer that was asked to quit, or that does not take what it is sent


@dataclass(frozen=True)
class _Shown:
    """What is open, kept to open it again: the manifest's bytes and the message."""

    manifest: bytes
    message: Open


class ViewerLink:
    """One viewer process. Every public method may be called from any thread; `on_event` is called on a thread of the link."""

    def __init__(
        self,
        on_event: Callable[[Message], None],
        *,
        on_drop: Callable[[tuple[bytes, ...]], None] | None = None,
        lang: str = "en",
        pictures: str = "",
    ) -> None:
        self._on_event, self._on_drop = on_event, on_drop
        self._words = ["--lang", lang, *(["--pictures", pictures] if pictures else [])]
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._shown: _Shown | None = None
        self._scans = 0
        self._is_leaving = False
        self.last_view: dict[str, Any] = {}

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        process = self._process
        return process is not None and process.poll() is None

    @property
    def process_id(self) -> int:
        """Of the running process; 0 where there is none."""
        return self._process.pid if self._process is not None else 0

    def start(self) -> None:
        """Start the process with a hidden window, warm for the first opening. Nothing happens where it runs already."""
        with self._lock:
            if self.is_alive:
                return
            here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            here.settimeout(_PATIENCE_S)
            with there:
                self._process = children.spawned("shell.viewer", there.fileno(), self._words, _environment(os.environ))
            self._channel, self._is_leaving = here, False
            threading.Thread(target=self._listen, args=(self._process, here), daemon=True, name="viewer link").start()

    def open(
        self,
        stack: Stack,
        files: Sequence[FileRef],
        words: str = "",
        *,
        note: str = "",
        view: dict[str, Any] | None = None,
        time: int = 0,
    ) -> int:
        """Show a stack, in place of what is shown; returns the number that events about it carry.

        words: the series' description, shown inside the window only. note: the verdict's sentence. view: render.view JSON.
        """
        with self._lock:
            self._scans += 1
            message = Open(self._scans, words, note, view or {}, time)
            self.last_view = view or {}
            self._shown = _Shown(viewer_manifest.pack_stack(stack, files), message)
            self._open_shown()
            return self._scans

    def reopen(self) -> bool:
        """After a death: show again what was shown, in the last view. False where nothing was."""
        with self._lock:
            if self._shown is None:
                return False
            self._shown = replace(self._shown, message=replace(self._shown.message, view=self.last_view))
            self._open_shown()
            return True

    def command(self, name: str, argument: Any = None) -> None:
        """Carry out a row of shell.commands in the window."""
        self._say(messages.Command(name, argument))

    def set_view(self, view: dict[str, Any]) -> None:
        """Take over a whole view (render.view JSON)."""
        self._say(messages.SetView(view))

    def tell(self, words: str) -> None:
        """Show a sentence in the window for a few seconds."""
        self._say(messages.Tell(words))

    def show(self) -> None:
        """Bring the window to the front."""
        self._say(messages.Show())

    def hide(self) -> None:
        """Hide the window; the process stays warm."""
        with self._lock:
            self._shown = None
        self._say(messages.Hide())

    def quit(self) -> None:
        """End the process: asked first, then ended."""
        with self._lock:
            process, self._is_leaving, self._shown = self._process, True, None
        if process is None:
            return
        self._say(Quit())
        with contextlib.suppress(OSError):
            _pipe(process.stdin).close()
        try:
            process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def wait(self) -> int:
        """Wait for the end of the process; its exit status."""
        process = self._process
        return process.wait() if process is not None else 0

    def _open_shown(self) -> None:
        assert self._shown is not None
        self.start()
        assert self._channel is not None
        with contextlib.suppress(OSError):  # a dead viewer is reported by _listen
            parcels.deliver(self._channel, self._shown.manifest)
        self._say(self._shown.message)

    def _say(self, message: Message) -> None:
        with self._lock:
            if self._process is None:
                return
            with contextlib.suppress(OSError, ValueError):  # gone: reported by _listen
                stream = _pipe(self._process.stdin)
                stream.write(messages.encode(message))
                stream.flush()

    def _listen(self, process: subprocess.Popen[bytes], channel: socket.socket) -> None:
        with channel:
            for line in _lines(_pipe(process.stdout)):
                with contextlib.suppress(messages.BadMessage):  # a newer viewer may say more than we know
                    self._heard(messages.decode(line), channel)
            status = process.wait()
        with self._lock:
            scan, expected = self._scans, self._is_leaving
            if self._process is process:
                self._process = None
        if status != 0 and not expected:
            self._on_event(Died(scan, status))

    def _heard(self, message: Message, channel: socket.socket) -> None:
        if isinstance(message, messages.Dropped):
            self._take_drop(channel)
        if isinstance(message, State):
            self.last_view = message.view
        elif isinstance(message, Closed):
            self._shown = None
        elif _is_stillborn(message):
            self._is_leaving = True  # it has said why it ends: no death to be reported
        self._on_event(message)

    def _take_drop(self, channel: socket.socket) -> None:
        """What was dropped is opened on a thread of its own: reading a folder may take its time."""
        with contextlib.suppress(OSError, EOFError, parcels.BadParcel):
            paths = viewer_manifest.unpack_paths(parcels.received(channel))
            if self._on_drop is not None and paths:
                threading.Thread(target=self._on_drop, args=(paths,), daemon=True, name="dropped").start()


def open_and_wait(
    stack: Stack,
    files: Sequence[FileRef],
    words: str = "",
    *,
    note: str = "",
    view: dict[str, Any] | None = None,
    time: int = 0,
    lang: str = "en",
    pictures: str = "",
    on_event: Callable[[Message], None] | None = None,
    on_drop: Callable[[ViewerLink, tuple[bytes, ...]], None] | None = None,
) -> Failed | None:
    """Show a stack in the foreground; returns when the window is closed: None, or what failed."""
    outcome: list[Failed] = []
    is_over = threading.Event()

    def heard(message: Message) -> None:
        if isinstance(message, Failed):
            outcome.append(message)
        if isinstance(message, Died) and not outcome:
            outcome.append(Failed(message.scan, "viewer-died", {"status": message.status}))
        if isinstance(message, (Closed, Died)) or _is_stillborn(message):
            is_over.set()
        if on_event is not None:
            on_event(message)

    def dropped(paths: tuple[bytes, ...]) -> None:
        if on_drop is not None:
            on_drop(link, paths)

    link = ViewerLink(heard, on_drop=dropped, lang=lang, pictures=pictures)
    try:
        link.open(stack, files, words, note=note, view=view, time=time)
        is_over.wait()
    finally:
        link.quit()
    return outcome[0] if outcome else None


def _is_stillborn(message: Message) -> bool:
    """The window could not even be made: no screen, no OpenGL 3.3."""
    return isinstance(message, Failed) and message.scan == 0


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """GLFW's wheel carries two libraries: the X11 one, also under XWayland, is the one whose contexts moderngl finds."""
    variant = "x11" if given.get("DISPLAY") else "wayland"
    return {"PYGLFW_LIBRARY_VARIANT": variant, **given} if sys.platform.startswith("linux") else dict(given)


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines until the end; a line without end is cut at twice what a message may hold."""
    while line := stream.readline(2 * messages.MOST_BYTES):
        yield line

"""One child of the sandbox: started at the first question, watched while it answers, replaced when it has died."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from archive.sandbox import channel
from archive.sandbox.channel import Closed, Message

START_S: Final = 60  # imports on a cold and busy disk
ANSWER_S: Final = 40  # the child's own processor limit comes first
START: Final = "import sys; sys.path.insert(0, {root!r}); from archive.sandbox.worker import main; main({kind!r}, {fd})"
ROOT: Final = str(Path(__file__).resolve().parents[2])
ENVIRONMENT: Final = {"LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


class Died(Exception):
    """The child ended, or had to be ended, over a question: that one file is to blame."""


class Child:
    """A child of one kind. One question at a time; safe to use from several threads."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._closed = False
        self.missing: tuple[str, ...] = ()  # protections that this machine does not offer

    def ask(self, message: Message, descriptors: tuple[int, ...] = ()) -> tuple[Message, list[int]]:
        """One answer and the descriptors that come with it (the caller closes them). Died where there is none."""
        with self._turn:
            if self._closed:
                raise Died
            near = self._channel or self._start()
            try:
                channel.send(near, message, descriptors)
                return channel.receive(near)
            except (Closed, TimeoutError, ValueError) as error:
                self._end()
                raise Died from error

    def start(self) -> None:
        """Start early, so that the first question need not wait."""
        with self._turn:
            if self._channel is None and not self._closed:
                self._start()

    def close(self) -> None:
        """End the child for good, whatever it is doing: the answer it owes becomes Died."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()
        with self._turn:
            self._end()

    def _start(self) -> socket.socket:
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        code = START.format(root=ROOT, kind=self._kind, fd=far.fileno())
        quiet = subprocess.DEVNULL  # what libraries print may hold values of the file
        with far:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", code],
                pass_fds=(far.fileno(),),
                stdin=quiet,
                stdout=quiet,
                stderr=quiet,
                env={**ENVIRONMENT, "PATH": os.environ.get("PATH", "")},
            )
        near.settimeout(START_S)
        self._channel = near
        try:
            self.missing = tuple(channel.receive(near)[0]["missing"])
        except (Closed, TimeoutError, ValueError) as error:
            self._end()
            raise Died from error
        near.settimeout(ANSWER_S)
        return near

    def _end(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextlib.contextmanager
def closing(descriptors: list[int]) -> Iterator[list[int]]:
    """Descriptors that came with an answer, closed at the end."""
    try:
        yield descriptors
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def reason(answer: dict[str, Any]) -> str:
    """The error code of an answer, "" where it is a good one."""
    return str(answer.get("error", ""))

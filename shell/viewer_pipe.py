"""The viewer's ends of its pipes: what the desk says arrives in a queue, what the viewer says goes out in whole lines.

The end of stdin means that the desk is gone, killed or closed: the process ends at once, and with it, by the end of their
own sockets, its sandbox children.
"""

import os
import queue
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO

from shell import messages, parcels, viewer_manifest
from shell.messages import Dropped, Message, Open
from shell.viewer_manifest import StackManifest


class Pipe:
    """Both directions. Messages are taken on the main thread; a thread of its own listens."""

    def __init__(self, out: BinaryIO, channel: int, wake: Callable[[], None]) -> None:
        self._out = out
        self._channel = socket.socket(fileno=channel)
        self._wake = wake
        self._inbox: queue.SimpleQueue[tuple[Message, StackManifest | None]] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True, name="desk").start()

    def say(self, message: Message) -> None:
        """Send a message to the desk; a desk that is gone ends this process."""
        try:
            self._out.write(messages.encode(message))
            self._out.flush()
        except OSError:
            os._exit(0)

    def hand_over(self, paths: tuple[bytes, ...]) -> None:
        """Paths that were dropped on the window: through the socket, so that none is in a line."""
        with suppress(OSError):  # a desk that is gone is noticed by `say`
            parcels.deliver(self._channel, viewer_manifest.pack_paths(paths))
        self.say(Dropped(len(paths)))

    def taken(self) -> Iterator[tuple[Message, StackManifest | None]]:
        """The messages that have arrived; an Open comes with its manifest."""
        while not self._inbox.empty():
            yield self._inbox.get()

    def _listen(self) -> None:
        while line := sys.stdin.buffer.readline(2 * messages.MOST_BYTES):
            try:
                message = messages.decode(line)
                manifest = self._manifest() if isinstance(message, Open) else None
            except (messages.BadMessage, parcels.BadParcel):
                continue
            except (EOFError, OSError):
                break
            self._inbox.put((message, manifest))
            self._wake()
        os._exit(0)

    def _manifest(self) -> StackManifest:
        return viewer_manifest.unpack(parcels.received(self._channel))

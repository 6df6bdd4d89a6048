"""The near end of an import: starts the importer, gives it its job, and hands on its progress as it comes."""

import contextlib
import os
import select
import socket
import subprocess
from collections.abc import Generator, Iterator, Sequence
from typing import IO, Final

from archive.errors import ImportStopped
from archive.importing.receipt import Progress
from shell import children, import_parcels, messages, parcels
from shell.import_parcels import ImportJob
from shell.messages import BadMessage, Failed, Message, Receipted, Walked, error_of

_LOOK_S: Final = 0.2  # without news, the last progress is handed on again, so that whoever listens may close
_PATIENCE_S: Final = 2.0  # for an importer that was told to stop
_NOTHING: Final = Progress(0, 0, {}, 0.0)


def imported(data_dir: str, paths: Sequence[bytes], sample: str = "") -> Generator[Progress, None, None]:
    """Import in a process of its own: the same steps as `Shelf.import_`, the last one with the receipt.

    Closing the generator stops the importer; what it has committed stays. paths: absolute. sample: as of ImportJob.
    """
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with here:
        with there:
            process = children.spawned("shell.importer", there.fileno())
        try:
            with contextlib.suppress(OSError):  # it died at once: told by the end of its words
                parcels.deliver(here, import_parcels.pack_job(ImportJob(data_dir, tuple(paths), sample)))
            yield from _progress(process, here)
        finally:
            _ended(process)


def _progress(process: subprocess.Popen[bytes], channel: socket.socket) -> Iterator[Progress]:
    assert process.stdout is not None
    now = _NOTHING
    for message in _messages(process.stdout):
        if isinstance(message, Walked):
            now = Progress(message.found, message.done, message.outcomes, message.seconds)
        elif isinstance(message, Receipted):
            receipt = import_parcels.unpack_receipt(parcels.received(channel))
            yield Progress(now.found, now.done, now.outcomes, message.seconds, receipt=receipt)
            return
        elif isinstance(message, Failed):
            raise error_of(message)
        yield now
    raise ImportStopped()


def _messages(stream: IO[bytes]) -> Iterator[Message | None]:
    """What the importer says; None where it has said nothing for a while."""
    rest = b""
    while True:
        if not select.select([stream], [], [], _LOOK_S)[0]:
            yield None
            continue
        piece = os.read(stream.fileno(), messages.MOST_BYTES)
        if not piece:
            return
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            with contextlib.suppress(BadMessage):
                yield messages.decode(line)


def _ended(process: subprocess.Popen[bytes]) -> None:
    """Tell it to stop, and see that it does."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

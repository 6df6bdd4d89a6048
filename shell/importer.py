"""The importer process: reads what its job says into the archive, niced; the end of its stdin stops it.

What was committed stays, whenever and however it ends. It runs the same import as the command line, with a process of its
own so that the library answers at once while it works.
"""

import argparse
import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import BinaryIO, Final

from archive.errors import ScanError
from archive.importing.receipt import Progress
from shell import import_parcels, messages, parcels
from shell.children import claimed_stdout, whisper, whisper_faults
from shell.messages import Failed, Message, Receipted, Walked
from shell.places import Places
from shell.shelf import Shelf
from shell.texts import Texts

_NICENESS: Final = 10
_SAY_S: Final = 0.05  # between two tellings of how far it is
_ENDS_WITHIN_S: Final = 3.0  # after the end of stdin, whatever is being waited for
_FAULT: Final = 70  # exit status after a fault of ours (EX_SOFTWARE)


def main() -> int:
    """Do the one job of this process."""
    out = claimed_stdout()
    channel = socket.socket(fileno=_channel())
    whisper_faults("importer")
    stop = threading.Event()
    threading.Thread(target=_watch, args=(stop,), daemon=True, name="desk").start()
    os.nice(_NICENESS)
    try:
        job = import_parcels.unpack_job(parcels.received(channel))
        _work(job, _Teller(out, channel), stop)
    except ScanError as error:
        _say(out, Failed(0, error.code, error.facts))
    except EOFError:
        return 0  # the desk is gone
    except Exception as fault:  # noqa: BLE001 - the last line of defence: the desk tells that the import stopped
        whisper("importer", fault)
        return _FAULT
    return 0


def _channel() -> int:
    parser = argparse.ArgumentParser(prog="tomotheque importer")
    parser.add_argument("--channel", type=int, required=True)
    return int(parser.parse_args().channel)


def _watch(stop: threading.Event) -> None:
    """The end of stdin: the desk wants no more, or is gone. An orderly end, and a hard one if that takes too long."""
    while sys.stdin.buffer.read(1):
        pass
    stop.set()
    time.sleep(_ENDS_WITHIN_S)
    os._exit(0)


def _work(job: import_parcels.ImportJob, tell: Callable[[Progress], None], stop: threading.Event) -> None:
    words = [os.fsdecode(path) for path in job.paths]
    if job.sample:
        _make_sample(job.data_dir, words[0], Texts(job.sample))
    with Shelf.on_disk(job.data_dir, Texts("en")) as shelf, contextlib.closing(shelf.import_(words)) as steps:
        for progress in steps:
            if stop.is_set():
                return
            tell(progress)


def _make_sample(data_dir: str, folder: str, texts: Texts) -> None:
    from shell.demo import make_sample

    Places(data_dir).make()
    make_sample(folder, texts)


class _Teller:
    """Tells the desk how far the import is, not oftener than anybody can read, and hands over the receipt."""

    def __init__(self, out: BinaryIO, channel: socket.socket) -> None:
        self._out, self._channel = out, channel
        self._told_s = 0.0

    def __call__(self, now: Progress) -> None:
        if now.receipt is None and time.monotonic() - self._told_s < _SAY_S:
            return
        self._told_s = time.monotonic()
        _say(self._out, Walked(now.found, now.done, now.outcomes, now.seconds))
        if now.receipt is not None:
            parcels.deliver(self._channel, import_parcels.pack_receipt(now.receipt))
            _say(self._out, Receipted(now.seconds))


def _say(out: BinaryIO, message: Message) -> None:
    try:
        out.write(messages.encode(message))
        out.flush()
    except OSError as gone:
        raise EOFError from gone


if __name__ == "__main__":
    os._exit(main())  # nothing is left to tidy up: the archive was closed, the sandbox child ends with its socket

"""Child processes of the desk: how they are started, and what each of them does first."""

import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from typing import BinaryIO


def spawned(
    module: str, channel: int, words: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a module of ours with pipes for its stdin and stdout; `channel` is the socket it inherits."""
    # -P: the folder the user stands in (it may be a CD with a folder `shell`) is not searched for modules
    call = [sys.executable, "-P", "-m", module, "--channel", str(channel), *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(call, stdin=pipe, stdout=pipe, pass_fds=[channel], env=environment)


def claimed_stdout() -> BinaryIO:
    """The pipe to the desk; whatever else writes to stdout (drivers do) goes to stderr from now on."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "wb")


def whisper(who: str, fault: BaseException | None) -> None:
    """Of a fault of ours only what it is and where: its words and a whole trace could hold what a file says."""
    places = traceback.extract_tb(fault.__traceback__ if fault else None)
    where = f"{os.path.basename(places[-1].filename)}:{places[-1].lineno}" if places else "?"
    sys.stderr.write(f"{who}: {type(fault).__name__} at {where}\n")


def whisper_faults(who: str) -> None:
    """The same for a fault in any thread."""
    threading.excepthook = lambda fault: whisper(who, fault.exc_value)

"""The other end of bench.child: answers one JSON line per JSON line, and says what a process has used."""

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

OURS = ("archive", "render", "shell", "tests", "make")  # what is missing of these is no peer that is not installed


def serve(start: Callable[[], Callable[[dict[str, Any]], dict[str, Any]]]) -> None:
    """Call start() once for the function that answers; libraries that print find standard error."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(answer: dict[str, Any]) -> None:
        out.write(json.dumps(answer) + "\n")
        out.flush()

    try:
        answer = start()
    except ImportError as error:
        module = error.name or ""
        say({"failed": str(error)} if module.split(".")[0] in OURS else {"absent": module or str(error)})
        return
    say({"pid": os.getpid()})
    for line in sys.stdin:
        try:
            say(answer(json.loads(line)))
        except Exception as error:  # noqa: BLE001 - the row is told
            traceback.print_exc()
            say({"failed": f"{type(error).__name__}: {error}"})


def clocked(work: Callable[[], Any]) -> dict[str, Any]:
    """Seconds of a call."""
    started = time.perf_counter()
    work()
    return {"seconds": time.perf_counter() - started}


def memory_mb(field: str = "VmRSS") -> float:
    """Resident memory of this process now (VmRSS) or at its highest (VmHWM)."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(field))


def forget_peak() -> None:
    """Start VmHWM again from now."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")

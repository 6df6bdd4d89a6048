"""Work done in a forked child that is killed (SIGKILL) at a step of it: a call that changes a file, or a statement."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

from archive.index.engine import Engine

_EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.chmod", "os.truncate")
_STATEMENTS = ("run", "run_many", "create", "copy_into", "sound")


def killed_at(step: int, place: str, work: Callable[[], object]) -> bool:
    """Do work in a child that is killed at its n-th step; False: it ended before, having done all of it."""
    child = os.fork()
    if not child:
        _count_to(step, place)
        _end(work)
    return _ended(child) == -signal.SIGKILL


def done(work: Callable[[], object], close: bool = True) -> None:
    """Do work in a child and expect it to succeed."""
    child = os.fork()
    if not child:
        _end(work)
    assert _ended(child) == 0


def start(work: Callable[[], object]) -> int:
    """Begin work in a child; its process id."""
    child = os.fork()
    if not child:
        _end(work)
    return child


def _end(work: Callable[[], object]) -> None:
    try:
        work()
        os._exit(0)
    except BaseException:  # noqa: BLE001 - told by its status
        traceback.print_exc()
        os._exit(1)


def _ended(child: int) -> int:
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL), "the child failed by itself"
    return code


def _count_to(last: int, place: str) -> None:
    """Count what happens to files below a place, and statements; kill this process at the last."""
    left = last

    def step() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS and isinstance(arguments[0], str | bytes) and os.fsdecode(arguments[0]).startswith(place):
            step()

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            step()
            return function(*arguments, **named)

        return called

    sys.addaudithook(hook)
    os.fsync = counted(os.fsync)
    for name in _STATEMENTS:
        setattr(Engine, name, counted(getattr(Engine, name)))

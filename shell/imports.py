"""Imports: the queue of what is being read into an archive or a visit, one after the other, as the page shows it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final, Literal

from archive.errors import InnerFault, ScanError
from archive.importing.receipt import Progress
from shell.shelf import Shelf

MOST_NAMED: Final = 500  # skipped or unreadable files told to the page; the receipt's numbers count them all
Object = dict[str, Any]
Kind = Literal["import", "visit", "sample"]


@dataclass(frozen=True)
class Task:
    """One piece of reading as it stands now."""

    job: str
    kind: Kind
    names: tuple[str, ...]
    work: Callable[[], Iterator[Progress]] = field(repr=False)
    shelf: Shelf = field(repr=False)
    state: str = "waiting"  # waiting, running, done, failed, cancelled
    progress: Progress | None = None
    error: ScanError | None = None
    after: Callable[["Task"], None] | None = field(default=None, repr=False)


class Imports:
    """Runs tasks one after the other in a thread of its own; `tell` hears of every step of every task."""

    def __init__(self, tell: Callable[[Task], None]) -> None:
        self._tell = tell
        self._changed = threading.Condition()
        self._tasks: dict[str, Task] = {}
        self._cancelled: set[str] = set()
        self._numbers = count(1)
        self._open = True
        self._thread = threading.Thread(target=self._run, name="imports", daemon=True)
        self._thread.start()

    def add(
        self,
        kind: Kind,
        names: tuple[str, ...],
        work: Callable[[], Iterator[Progress]],
        shelf: Shelf,
        after: Callable[[Task], None] | None = None,
    ) -> str:
        """Queue any reading; `after` is called with the ended task, before the page hears of its end."""
        with self._changed:
            task = Task(f"{kind}-{next(self._numbers)}", kind, names, work, shelf, after=after)
            self._tasks[task.job] = task
            self._changed.notify_all()
        self._tell(task)
        return task.job

    def cancel(self, job: str) -> None:
        """Stop a task at its next step, or before it begins; what it has read stays."""
        with self._changed:
            self._cancelled.add(job)
            self._changed.notify_all()

    def forget(self, kind: Kind) -> None:
        """Cancel what is of a kind, and speak of it no more."""
        with self._changed:
            gone = {name for name, task in self._tasks.items() if task.kind == kind}
            self._cancelled |= gone
            self._tasks = {name: task for name, task in self._tasks.items() if name not in gone}
            self._changed.notify_all()

    def tasks(self) -> tuple[Task, ...]:
        with self._changed:
            return tuple(self._tasks.values())

    def busy(self) -> int:
        """How many tasks wait or run."""
        return sum(task.state in ("waiting", "running") for task in self.tasks())

    def close(self, seconds: float) -> None:
        """Cancel everything and wait for the step that is being done."""
        with self._changed:
            self._open = False
            self._cancelled |= set(self._tasks)
            self._changed.notify_all()
        self._thread.join(seconds)

    def _run(self) -> None:
        while task := self._next():
            self._keep(self._done(self._keep(replace(task, state="running"))))

    def _next(self) -> Task | None:
        """The next waiting task; None when closed."""
        with self._changed:
            while self._open:
                waiting = [task for task in self._tasks.values() if task.state == "waiting"]
                if waiting:
                    return waiting[0]
                self._changed.wait()
            return None

    def _done(self, task: Task) -> Task:
        """Do a task to its end, whatever that is."""
        try:
            task = self._walked(task)
        except ScanError as error:
            task = replace(task, state="failed", error=error)
        except Exception as fault:  # noqa: BLE001 - the queue must go on, and the page must hear of the end
            task = replace(task, state="failed", error=InnerFault(kind=type(fault).__name__))
        if task.after is not None:
            task.after(task)
        return task

    def _walked(self, task: Task) -> Task:
        steps = task.work()
        try:
            while not self._is_cancelled(task.job):
                progress = next(steps, None)
                if progress is None:
                    return replace(task, state="done")
                task = self._keep(replace(task, progress=progress))
            return replace(task, state="cancelled")
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                close()

    def _is_cancelled(self, job: str) -> bool:
        with self._changed:
            return job in self._cancelled

    def _keep(self, task: Task) -> Task:
        with self._changed:
            if task.job not in self._tasks:
                return task  # forgotten meanwhile
            self._tasks[task.job] = task
        self._tell(task)
        return task


def told(task: Task) -> Object:
    """A task as the page knows it (api_shapes.Job)."""
    progress = task.progress
    return {
        "job": task.job,
        "kind": task.kind,
        "state": task.state,
        "names": list(task.names),
        "found": progress.found if progress else 0,
        "done": progress.done if progress else 0,
        **_pace(progress),
        "receipt": _receipt(task),
        "error": _fault(task),
    }


def _pace(progress: Progress | None) -> Object:
    """Files a second so far, and the seconds left at that pace; unknown in the first half second."""
    if progress is None or progress.seconds < 0.5 or not progress.done:
        return {"files_per_s": 0.0, "left_s": None}
    pace = progress.done / progress.seconds
    return {"files_per_s": round(pace, 1), "left_s": round((progress.found - progress.done) / pace, 1)}


def _receipt(task: Task) -> Object | None:
    if task.progress is None or task.progress.receipt is None:
        return None
    found = task.shelf.receipt_json(task.progress.receipt)
    return found | {name: found[name][:MOST_NAMED] for name in ("skipped", "unreadable")}


def _fault(task: Task) -> Object | None:
    if task.error is None:
        return None
    shown = task.shelf.texts.error(task.error)
    return {part: shown[part] for part in ("code", "sentence", "hint")}

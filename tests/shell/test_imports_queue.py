"""The queue of imports: one after the other, each can be stopped, and each tells how fast it is and how long it takes."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.importing.receipt import Progress
from shell.imports import Imports, Task, told
from shell.shelf import Shelf
from shell.texts import Texts

PATIENCE_S = 10.0


class Heard:
    """What the page hears of the tasks; `until` waits for a state."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.steps: list[Task] = []

    def __call__(self, task: Task) -> None:
        with self._changed:
            self.steps.append(task)
            self._changed.notify_all()

    def until(self, job: str, state: str) -> Task:
        with self._changed:
            assert self._changed.wait_for(lambda: self._last(job, state) is not None, PATIENCE_S), (
                f"{job} is not {state}"
            )
            found = self._last(job, state)
            assert found is not None
            return found

    def _last(self, job: str, state: str) -> Task | None:
        return next((task for task in reversed(self.steps) if (task.job, task.state) == (job, state)), None)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def imports(heard: Heard) -> Iterator[Imports]:
    made = Imports(heard)
    yield made
    made.close(PATIENCE_S)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf.on_disk(str(tmp_path), Texts("en"))


def endless(closed: threading.Event) -> Iterator[Progress]:
    """A disc without end."""
    try:
        for count in range(10**9):
            yield Progress(10**9, count, {}, 1.0)
            time.sleep(0.05)
    finally:
        closed.set()


def test_several_imports_wait_for_each_other_and_keep_their_order(imports: Imports, heard: Heard, shelf: Shelf) -> None:
    gate, order = threading.Event(), []

    def work(name: str) -> Iterator[Progress]:
        assert gate.wait(PATIENCE_S)
        order.append(name)
        yield Progress(1, 1, {"imported": 1}, 0.1)

    jobs = [imports.add("import", (name,), lambda name=name: work(name), shelf) for name in ("one", "two", "three")]
    heard.until(jobs[0], "running")
    assert [task.state for task in imports.tasks()] == ["running", "waiting", "waiting"] and imports.busy() == 3
    gate.set()
    heard.until(jobs[2], "done")
    assert order == ["one", "two", "three"] and imports.busy() == 0


def test_a_running_import_is_cancelled_within_half_a_second_and_the_next_begins(
    imports: Imports, heard: Heard, shelf: Shelf
) -> None:
    closed = threading.Event()
    first = imports.add("import", ("endless",), lambda: endless(closed), shelf)
    second = imports.add("import", ("short",), lambda: iter([Progress(1, 1, {}, 0.1)]), shelf)
    heard.until(first, "running")
    asked = time.monotonic()
    imports.cancel(first)
    heard.until(first, "cancelled")
    assert time.monotonic() - asked < 0.5 and closed.is_set()
    heard.until(second, "done")


def test_an_import_that_waits_is_cancelled_before_it_begins(imports: Imports, heard: Heard, shelf: Shelf) -> None:
    closed, begun = threading.Event(), threading.Event()
    first = imports.add("import", ("endless",), lambda: endless(closed), shelf)
    second = imports.add("import", ("never",), lambda: endless(begun), shelf)
    imports.cancel(second)
    imports.cancel(first)
    heard.until(second, "cancelled")
    assert closed.is_set() or heard.until(first, "cancelled")
    assert not begun.is_set()


def test_the_page_is_told_files_a_second_and_the_time_left(shelf: Shelf) -> None:
    task = Task("import-1", "import", ("scans",), lambda: iter(()), shelf, "running", Progress(300, 100, {}, 2.0))
    facts = told(task)
    assert (facts["found"], facts["done"], facts["files_per_s"], facts["left_s"]) == (300, 100, 50.0, 4.0)

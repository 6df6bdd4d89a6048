"""The progress of an import on stderr: a bar with files a second and the time left, for a person at a terminal only."""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from shell.cli_globals import Asked

if TYPE_CHECKING:
    from archive.importing.receipt import Progress


def shown(asked: Asked, steps: "Iterable[Progress]") -> "Iterator[Progress]":
    """The same steps, drawn as they pass."""
    if asked.quiet or not sys.stderr.isatty():
        yield from steps
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, rate="")
        for step in steps:
            rate = asked.texts.say("progress.rate", rate=round(step.done / max(step.seconds, 0.01)))
            bar.update(task, total=step.found or None, completed=step.done, rate=rate)
            yield step

"""How the bench measures: contestants in turn, round after round, so that a busy machine slows all of them alike."""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Contestant:
    """One way of doing the work: a name and a callable; `run` hands back its own seconds, or None to be timed from outside."""

    name: str
    run: Callable[[], float | None]


@dataclass(frozen=True)
class Budget:
    """What design.md 8 asks: ours / peer <= most, or peer / ours >= least."""

    peer: str
    most: float | None = None
    least: float | None = None


@dataclass
class Row:
    """One row of the report."""

    title: str
    seconds: dict[str, list[float]]
    budgets: Sequence[Budget] = ()
    notes: list[str] = field(default_factory=list)
    ours: str = "tomotheque"

    def ratio(self, peer: str) -> float:
        """Ours to the peer: the median of the ratios of one round each."""
        return statistics.median(a / b for a, b in zip(self.seconds[self.ours], self.seconds[peer], strict=True))

    def lines(self) -> list[str]:
        out = [f"### {self.title}", "", "| | min ms | median ms | ours / it |", "|---|---:|---:|---:|"]
        for name, values in self.seconds.items():
            share = "" if name == self.ours else f"{self.ratio(name):.2f}"
            out.append(f"| {name} | {min(values) * 1e3:.1f} | {statistics.median(values) * 1e3:.1f} | {share} |")
        out += ["", *(self.judged(budget) for budget in self.budgets), *(f"- {note}" for note in self.notes), ""]
        return out

    def judged(self, budget: Budget) -> str:
        if budget.peer not in self.seconds:
            return f"- {budget.peer}: not installed here"
        ratio = self.ratio(budget.peer)
        if budget.most is not None:
            met, asked, seen = ratio <= budget.most, f"<= {budget.most:g}x {budget.peer}", f"{ratio:.2f}x"
        else:
            least = budget.least or 0.0
            met, asked, seen = 1 / ratio >= least, f">= {least:g}x faster than {budget.peer}", f"{1 / ratio:.2f}x"
        return f"- {'met' if met else 'MISSED'}: {asked}; seen {seen}"


def timed(contestant: Contestant) -> float:
    started = time.perf_counter()
    own = contestant.run()
    return time.perf_counter() - started if own is None else own


def race(title: str, contestants: Sequence[Contestant], rounds: int = 5, budgets: Sequence[Budget] = ()) -> Row:
    """Run all in turn, `rounds` times after one round that does not count."""
    for contestant in contestants:
        timed(contestant)
    seconds: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for _ in range(rounds):
        for contestant in contestants:
            seconds[contestant.name].append(timed(contestant))
    return Row(title, seconds, budgets)


def command(*words: str, env: dict[str, str] | None = None) -> Callable[[], None]:
    """A contestant's run: a whole process, its output thrown away; a failure stops the bench."""

    def run() -> None:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)

    return run


def machine() -> str:
    """One line on where the figures come from."""
    model = platform.processor() or platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), model)
    load = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}, {platform.platform()}"

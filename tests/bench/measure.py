"""How the bench measures: contestants in turn, round after round, so that a busy machine slows all of them alike."""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

OURS = "tomotheque"
MET, MISSED, ABSENT = "met", "MISSED", "not installed"


class Absent(Exception):
    """A peer is not on this machine; the text is its name."""


@dataclass(frozen=True)
class Contestant:
    """One way of doing the work: a name and a callable; `run` hands back its own seconds, or None to be timed from outside."""

    name: str
    run: Callable[[], float | None]


@dataclass(frozen=True)
class Verdict:
    """One judged line of the report."""

    word: str
    sentence: str

    def __str__(self) -> str:
        return f"- {self.word}: {self.sentence}"


@dataclass(frozen=True)
class Budget:
    """What is asked of a race: ours <= most * peer + plus_s, or peer >= least * ours."""

    peer: str
    most: float | None = None
    least: float | None = None
    plus_s: float = 0.0

    def judged(self, seconds: Mapping[str, Sequence[float]]) -> Verdict:
        if self.peer not in seconds:
            return Verdict(ABSENT, self.peer)
        pairs = list(zip(seconds[OURS], seconds[self.peer], strict=True))
        if self.most is not None:
            seen = statistics.median((ours - self.plus_s) / peer for ours, peer in pairs)
            extra = f" + {self.plus_s * 1e3:.0f} ms" if self.plus_s else ""
            asked, met = f"at most {self.most:g} x {self.peer}{extra}", seen <= self.most
            return Verdict(MET if met else MISSED, f"{asked}; seen {max(seen, 0):.2f} x")
        seen = statistics.median(peer / ours for ours, peer in pairs)
        met = seen >= (self.least or 0.0)
        return Verdict(MET if met else MISSED, f"at least {self.least:g} times as fast as {self.peer}; seen {seen:.2f}")


@dataclass(frozen=True)
class Figure:
    """One number with its own limit, for what has no peer."""

    what: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None

    def judged(self) -> Verdict:
        asked = f"at most {self.most:g}" if self.most is not None else f"at least {self.least:g}"
        met = self.value <= self.most if self.most is not None else self.value >= (self.least or 0.0)
        return Verdict(MET if met else MISSED, f"{self.what} {asked} {self.unit}; seen {self.value:.4g}")


@dataclass
class Row:
    """One table of the report: a race, its budgets, single figures and remarks."""

    title: str
    seconds: dict[str, list[float]] = field(default_factory=dict)
    budgets: Sequence[Budget] = ()
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def verdicts(self) -> list[Verdict]:
        return [*(b.judged(self.seconds) for b in self.budgets), *(f.judged() for f in self.figures)]

    def lines(self) -> list[str]:
        table = ["| | min ms | median ms | it / ours |", "|---|---:|---:|---:|"] if self.seconds else []
        for name, values in self.seconds.items():
            table.append(
                f"| {name} | {min(values) * 1e3:.1f} | {statistics.median(values) * 1e3:.1f} | {self._share(name)} |"
            )
        judged = [*map(str, self.verdicts()), *(f"- {note}" for note in self.notes)]
        return [f"### {self.title}", "", *table, *([""] if table else []), *judged, ""]

    def _share(self, name: str) -> str:
        if name == OURS or OURS not in self.seconds:
            return ""
        ratios = [peer / ours for ours, peer in zip(self.seconds[OURS], self.seconds[name], strict=True)]
        return f"{statistics.median(ratios):.3g}"


def timed(contestant: Contestant) -> float:
    """Seconds of one run."""
    started = time.perf_counter()
    own = contestant.run()
    return time.perf_counter() - started if own is None else own


def race(
    title: str, contestants: Sequence[Contestant], rounds: int = 5, budgets: Sequence[Budget] = (), warm: bool = True
) -> Row:
    """Run all in turn, `rounds` times, after one round that does not count unless `warm` is False.

    A contestant that is not on this machine (Absent at its first run) drops out.
    """
    here = [c for c in contestants if not warm or _is_here(c)]
    seconds: dict[str, list[float]] = {contestant.name: [] for contestant in here}
    for _ in range(rounds):
        for contestant in here:
            seconds[contestant.name].append(timed(contestant))
    return Row(title, seconds, budgets)


def _is_here(contestant: Contestant) -> bool:
    try:
        timed(contestant)
    except Absent:
        return False
    return True


def command(*words: str, env: dict[str, str] | None = None) -> Callable[[], None]:
    """A contestant's run: a whole process, its output thrown away; a failure stops the row."""

    def run() -> None:
        try:
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
        except FileNotFoundError as error:
            raise Absent(words[0]) from error

    return run


def machine() -> str:
    """One line on where the figures come from."""
    model = platform.processor() or platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), model)
    load = os.getloadavg()[0]
    return (
        f"{model}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}, {platform.platform()}"
    )

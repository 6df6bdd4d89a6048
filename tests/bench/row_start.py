"""Row 11: from the shell to the first paint, a second launch, and one light command."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import corpus
from tests.bench.child import ROOT
from tests.bench.measure import OURS, Budget, Contestant, Figure, Row, race
from tests.bench.place import Place
from tests.bench.row_reopen import archive_of
from tests.bench.screen import Screen

BARE = "bare pywebview window"
PRODUCT = (sys.executable, "-m", "shell")
HEAVY = ("pydicom", "webview", "moderngl", "keyring", "PySide6", "nibabel", "scipy")


def rows(place: Place) -> Iterator[Row]:
    data_dir = archive_of(place, corpus.many(place.folder / "FEW", 3, 20, size=512))
    contestants = [
        Contestant(BARE, lambda: first_paint(place, sys.executable, "-m", "tests.bench.peers.bare_window")),
        Contestant(OURS, lambda: first_paint(place, *PRODUCT, "--data-dir", str(data_dir))),
    ]
    yield race("shell to first paint, own X server", contestants, place.rounds, [Budget(BARE, most=1.3)])
    yield _commands(place, data_dir)


def first_paint(place: Place, *words: str) -> float:
    """Seconds until the page of a command's window is on the screen."""
    with Screen() as screen:
        process = _started(place, screen, *words)
        try:
            return screen.until_painted(process)
        finally:
            _ended(process)


def _started(place: Place, screen: Screen, *words: str) -> "subprocess.Popen[bytes]":
    env = {**place.environment, "DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"}
    return subprocess.Popen(
        words, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def _ended(process: "subprocess.Popen[bytes]") -> None:
    """End a program with its children."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _commands(place: Place, data_dir: Path) -> Row:
    row = Row("light commands, one run")
    ours = [*PRODUCT, "--data-dir", str(data_dir)]
    with Screen() as screen:
        process = _started(place, screen, *ours)
        try:
            screen.until_painted(process)
            env = {**place.environment, "DISPLAY": screen.display}
            row.figures.append(Figure("a second launch", _best_ms(ours, env), "ms", most=150))
        finally:
            _ended(process)
    search = [*PRODUCT, "--json", "--data-dir", str(data_dir), "search", "chest"]
    row.figures.append(Figure("search", _best_ms(search, place.environment), "ms", most=400))
    loaded = _heavy_imports(search[1:], place.environment)
    row.figures.append(Figure("heavy libraries that search loads:", len(loaded), " ".join(loaded) or "of none", most=0))
    return row


def _best_ms(words: list[str], env: dict[str, str]) -> float:
    """The best of five whole processes, which must succeed."""
    spent = []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run(words, env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=60)
        spent.append(1e3 * (time.perf_counter() - started))
    return min(spent)


def _heavy_imports(words: list[str], env: dict[str, str]) -> list[str]:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", *words], env=env, cwd=ROOT, check=True, capture_output=True
    )
    seen = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in run.stderr.decode().splitlines()}
    return sorted(seen & set(HEAVY))

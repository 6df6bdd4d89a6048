"""A screen of its own for a test: an Xvfb whose picture can be read, and helpers to wait and to look at processes."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

SIZE = (1100, 760)


class Screen:
    """An X server without a window manager; `display` names it, `picture` is what it shows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        read, write = os.pipe()
        words = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24"]
        words += ["-fbdir", str(folder), "-nolisten", "tcp"]
        quiet = subprocess.DEVNULL
        self._server = subprocess.Popen(words, pass_fds=[write], stdout=quiet, stderr=quiet)
        os.close(write)
        with os.fdopen(read) as stream:
            number = stream.readline().strip()
        if not number:
            pytest.skip("Xvfb does not start here")
        self.display = f":{number}"

    def picture(self) -> NDArray[np.uint8]:
        """Pixels [row, column, blue green red]: the last bytes of the framebuffer file."""
        raw = np.frombuffer((self._folder / "Xvfb_screen0").read_bytes(), np.uint8)
        return raw[-SIZE[0] * SIZE[1] * 4 :].reshape(SIZE[1], SIZE[0], 4)[..., :3]

    def shades(self) -> int:
        """How many different colours are on the screen."""
        return len(np.unique(self.picture().reshape(-1, 3).astype(np.int32) @ [1, 256, 65536]))

    def close(self) -> None:
        self._server.terminate()
        self._server.wait()


@pytest.fixture
def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """A screen, named to child processes by DISPLAY; skipped, saying so, where Xvfb is absent."""
    if not shutil.which("Xvfb"):
        pytest.skip("there is no Xvfb for a screen of the test's own")
    folder = tmp_path / "screen"
    folder.mkdir()
    found = Screen(folder)
    monkeypatch.setenv("DISPLAY", found.display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    yield found
    found.close()


def until(holds: Callable[[], object], seconds: float = 30.0) -> bool:
    """Wait until something holds; False where it does not in time."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.02)
    return True


def children_of(process: int) -> set[int]:
    """All living descendants of a process (Linux)."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:  # gone meanwhile
                continue
            if state != "Z":
                parents[int(entry.name)] = int(parent)
    found, grown = {process}, True
    while grown:
        more = {child for child, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return found - {process}


def cpu_seconds(process: int) -> float:
    """Processor time a process has used (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

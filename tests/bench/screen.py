"""Screen: an X server of our own whose picture is a file, so that the first paint of any program is seen from outside."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.bench.measure import Absent

SIZE = (1280, 800)
PAINTED_COLOURS = 16  # text with smooth edges; an empty window has one to three
PATIENCE_S = 60.0


class Screen:
    """A virtual screen, empty at the start. Use as a context manager."""

    def __enter__(self) -> "Screen":
        if not shutil.which("Xvfb"):
            raise Absent("Xvfb")
        self._folder = Path(tempfile.mkdtemp(prefix="tomotheque-screen-"))
        reading, writing = os.pipe()
        words = [
            "Xvfb",
            "-displayfd",
            str(writing),
            "-screen",
            "0",
            f"{SIZE[0]}x{SIZE[1]}x24",
            "-fbdir",
            str(self._folder),
        ]
        self._server = subprocess.Popen([*words, "-nolisten", "tcp"], pass_fds=(writing,), stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as file:
            self.display = ":" + file.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait()
        shutil.rmtree(self._folder)

    def colours(self) -> int:
        """How many colours are on the screen (every third pixel of every third row)."""
        data = np.fromfile(self._folder / "Xvfb_screen0", np.uint8)
        header = data[:100].view(">u4")  # an XWD file: its header's size first, then the colour map's 12 bytes a colour
        pixels = data[int(header[0]) + 12 * int(header[19]) :][: 4 * SIZE[0] * SIZE[1]].view("<u4")
        return len(np.unique(pixels.reshape(SIZE[1], SIZE[0])[::3, ::3]))

    def until_painted(self, process: "subprocess.Popen[bytes]") -> float:
        """Seconds from now until a page is seen."""
        started = time.perf_counter()
        while self.colours() < PAINTED_COLOURS:
            if process.poll() is not None:
                raise RuntimeError(f"the window's process ended with status {process.returncode}")
            if time.perf_counter() - started > PATIENCE_S:
                raise TimeoutError("no page was seen")
            time.sleep(0.005)
        return time.perf_counter() - started

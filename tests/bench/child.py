"""Child: a contestant in a process of its own that waits between its turns, so that nobody's libraries meet."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.measure import Absent

ROOT = Path(__file__).parents[2]


class Child:
    """A process running `python -m tests.bench.peers.<module>`; each `ask` is one line there and one line back."""

    def __init__(
        self, module: str, *words: str, env: dict[str, str] | None = None, log: Any = subprocess.DEVNULL
    ) -> None:
        command = [sys.executable, "-m", f"tests.bench.peers.{module}", *words]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT, env=env
        )
        self.hello = self._answer()

    def ask(self, **request: Any) -> Any:
        """Send one request and wait for its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def seconds(self, **request: Any) -> float:
        """How long the child says the request took."""
        return float(self.ask(**request)["seconds"])

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args[3]} ended with status {self._process.wait()}")  # type: ignore[index]
        answer = json.loads(line)
        if "absent" in answer:
            self.close()
            raise Absent(answer["absent"])
        if "failed" in answer:
            raise RuntimeError(answer["failed"])
        return answer

    def close(self) -> None:
        """End of file is the child's sign to leave."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

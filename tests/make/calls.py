"""Calling the command line inside the test's own process: words in, status and answer out."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shell.cli import run


@dataclass(frozen=True)
class Said:
    """One finished call."""

    status: int
    value: Any  # the object on stdout with --json, else None
    out: str
    err: str


class Caller:
    """Calls with a data directory of its own and no keyring."""

    def __init__(self, place: Path, capture: pytest.CaptureFixture[bytes]) -> None:
        self.data_dir = place / "data"
        self._capture = capture
        self._environment = {"LANG": "C.UTF-8", "TOMOTHEQUE_DATA_DIR": str(self.data_dir), "TOMOTHEQUE_TRACEBACK": "1"}

    def call(self, *words: object, **environment: str) -> Said:
        self._capture.readouterr()
        status = run([str(word) for word in words], self._environment | environment)
        out, err = self._capture.readouterr()
        return Said(status, None, out.decode(), err.decode())

    def ask(self, *words: object, **environment: str) -> Said:
        """With --json: stdout must be exactly one object."""
        said = self.call("--json", *words, **environment)
        return Said(said.status, json.loads(said.out), said.out, said.err)

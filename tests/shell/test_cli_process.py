"""The command as a process: Ctrl+C ends it with 130 and one sentence, a reader that goes away ends it quietly."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def started(*words: str, **how: int) -> subprocess.Popen[bytes]:
    code = (
        "import sys, os, time; from shell import cli_archive, cli; from shell.cli_words import command; "
        "wait = command()(lambda asked: (print('ready', file=sys.stderr, flush=True), time.sleep(30))); "
        "cli_archive.undo = wait; sys.exit(cli.run(sys.argv[1:], os.environ))"
    )
    return subprocess.Popen([sys.executable, "-c", code, *words], cwd=ROOT, stderr=subprocess.PIPE, **how)


def test_an_interrupted_command_ends_with_130_and_a_sentence() -> None:
    process = started("undo", stdout=subprocess.PIPE)
    assert process.stderr is not None
    assert process.stderr.readline() == b"ready\n"
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Interrupted" in said and b"Traceback" not in said


def test_a_reader_that_goes_away_is_no_fault_of_the_command() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = started("--help", stdout=writing)
    os.close(writing)
    _, said = process.communicate(timeout=20)
    assert b"Traceback" not in said and b"Exception" not in said

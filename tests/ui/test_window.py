"""Journeys in the real library window and the real viewer, on a screen of the test's own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from make import dicom

pytestmark = [pytest.mark.screen, pytest.mark.skipif(not shutil.which("Xvfb"), reason="no Xvfb")]
DRIVE = Path(__file__).parent / "drive.py"

IMPORT_AND_OPEN = """
    await until(() => $(".drop-zone"));
    await say("welcome");
    key(window, "x"); $(".drop-zone").click();
    await until(() => $(".ledger"));
    await say("imported " + $(".count.imported dd").textContent);
    type($(".search input"), "ell mod:ct");
    await until(() => document.querySelectorAll(".row.study").length === 1 && $(".found").textContent);
    await say("found " + $(".row.study .name").textContent);
    key($(".list-body"), "Enter");
    await until(() => $(".viewer select"));
    await say("shown");
    await until(() => $(".viewer-sentence").textContent);
    await pause(1500);
    await quit();
"""
RESUME = """
    await until(() => $(".resume"));
    await say("resume " + $(".resume bdi").textContent);
    $(".resume").click();
    await until(() => $(".viewer select"));
    await say("shown");
    await quit();
"""
MANY_CALLS = """
    for (let n = 0; n < 5000; n += 1) await call("cancel", {job: "none"});
    await say("5000 answered");
    await call("nothing of the kind").catch((fault) => say(fault.code));
    for (const attempt of [() => { location.href = "https://ui.invalid/" }, () => { location.href = "file:///etc/hostname" }, () => window.open("tomotheque://ui/index.html?x")]) { attempt(); await pause(200); }
    await call("cancel", {job: "none"});
    await say("still here " + location.href);
    await say("peers " + typeof RTCPeerConnection);
    await quit();
"""


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a screen of its own, with a window manager where there is one."""
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as stream:
        number = stream.readline().strip()
    (tmp_path / "run").mkdir(mode=0o700)
    environment = os.environ | {
        "DISPLAY": f":{number}",
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "QT_QPA_PLATFORM": "xcb",
    }
    manager = (
        subprocess.Popen(["openbox"], env=environment, stderr=subprocess.DEVNULL) if shutil.which("openbox") else None
    )
    yield environment
    for process in (manager, server):
        if process is not None:
            process.terminate()
            process.wait()


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A ball, as a CT of twenty slices."""
    k, j, i = np.mgrid[-10:10, -32:32, -32:32]
    values = np.where((k * 3) ** 2 + j**2 + i**2 < 900, 400, -1000).astype(np.int16)
    dicom.write_series(
        tmp_path / "scans",
        values,
        np.diag([1.0, 1.0, 3.0, 1.0]),
        SeriesDescription="Ball",
        RescaleSlope="1",
        RescaleIntercept="0",
    )
    return tmp_path / "scans"


def driven(tmp_path: Path, screen: dict[str, str], script: str, chosen: Path) -> list[str]:
    """What a script said in the real window, which then has ended well."""
    (tmp_path / "script.js").write_text(script, "utf-8")
    words = [sys.executable, str(DRIVE), str(tmp_path / "data"), str(tmp_path / "script.js"), str(chosen)]
    ended = subprocess.run(words, env=screen, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, (ended.stdout, ended.stderr[-2000:])
    return ended.stdout.splitlines()


def test_launch_import_search_open_quit_and_reopen(tmp_path: Path, screen: dict[str, str], scans: Path) -> None:
    assert driven(tmp_path, screen, IMPORT_AND_OPEN, scans) == ["welcome", "imported 20", "found Phantom Ell", "shown"]
    assert driven(tmp_path, screen, RESUME, scans) == ["resume Ball", "shown"]


def test_5000_calls_are_answered_and_no_other_page_can_be_reached(tmp_path: Path, screen: dict[str, str]) -> None:
    """PySide6 6.12.0 on Python 3.11 ended the process after fewer than 1,000 calls."""
    said = driven(tmp_path, screen, MANY_CALLS, tmp_path)
    assert said == ["5000 answered", "usage", "still here tomotheque://ui/index.html", "peers undefined"]

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
from make.screens import until

from shell.shelf import Shelf
from shell.texts import Texts

pytestmark = [pytest.mark.screen, pytest.mark.skipif(not shutil.which("Xvfb"), reason="no Xvfb")]
DRIVE = Path(__file__).parent / "drive.py"
needs_hands = pytest.mark.skipif(
    not (shutil.which("xdotool") and shutil.which("openbox")),
    reason="no xdotool and openbox: nothing to press keys with",
)

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
LOOK_AND_LEAVE = """
    await until(() => $(".drop-zone"));
    $(".drop-zone").click();
    await until(() => $(".row.study"));
    key($(".list-body"), "Enter");
    await until(() => $(".viewer-sentence")?.textContent.includes("Axial"));
    await say("open");
    await until(() => $(".viewer-sentence").textContent.includes("slice 1 of 20"));
    await pause(600);
    await quit();
"""
AS_LEFT = """
    await until(() => $(".resume"));
    $(".resume").click();
    await until(() => $(".viewer-sentence")?.textContent.includes("Axial"));
    await say($(".viewer-sentence").textContent.split(", ").slice(0, 2).join(", "));
    await quit();
"""
ASKS_BEFORE_LEAVING = """
    await until(() => $(".drop-zone"));
    $(".drop-zone").click();
    await until(() => $(".job"));
    await say("importing");
    await until(() => $("dialog.leave"));
    await say($("dialog.leave h2").textContent);
    await quit();
"""
OPENS_WHAT_IT_WAS_STARTED_WITH = """
    await until(() => $(".banner"));
    await say($(".banner p").textContent);
    await until(() => $(".viewer-sentence")?.textContent.includes("Axial"));
    $(".banner .button.main").click();
    await until(() => $(".drop-zone") && !$(".job"));
    await say("nothing is left of it");
    await quit();
"""
SHOWS_WHAT_IS_DROPPED = """
    await until(() => $(".drop-zone"));
    await say("ready");
    await until(() => document.querySelectorAll(".row.study").length === 2);
    await say([...document.querySelectorAll(".row.study .name")].map((name) => name.textContent).sort().join(", "));
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


def started(tmp_path: Path, screen: dict[str, str], script: str, chosen: Path, *paths: Path) -> "subprocess.Popen[str]":
    """The real window, in which a script is done; each line that the script says is a line of its stdout."""
    (tmp_path / "script.js").write_text(script, "utf-8")
    words = [sys.executable, DRIVE, tmp_path / "data", tmp_path / "script.js", chosen, *paths]
    pipe = subprocess.PIPE
    return subprocess.Popen(list(map(str, words)), env=screen, stdout=pipe, stderr=pipe, text=True)


def said(process: "subprocess.Popen[str]") -> list[str]:
    """What it says until it has ended, and it has ended well."""
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, (out, errors[-2000:])
    return out.splitlines()


def driven(tmp_path: Path, screen: dict[str, str], script: str, chosen: Path, *paths: Path) -> list[str]:
    return said(started(tmp_path, screen, script, chosen, *paths))


def xdotool(screen: dict[str, str], words: str) -> str:
    """What a hand does: words of xdotool."""
    return subprocess.run(["xdotool", *words.split()], env=screen, capture_output=True, text=True, check=False).stdout


def window_of(screen: dict[str, str], least_width: int, most_width: int) -> str:
    """The one of our windows that is about so wide."""
    for number in xdotool(screen, "search --onlyvisible --name ^Tomotheque$").split():
        facts = dict(line.split("=") for line in xdotool(screen, f"getwindowgeometry --shell {number}").split())
        if least_width < int(facts.get("WIDTH", 0)) < most_width:
            return number
    return ""


def test_launch_import_search_open_quit_and_reopen(tmp_path: Path, screen: dict[str, str], scans: Path) -> None:
    assert driven(tmp_path, screen, IMPORT_AND_OPEN, scans) == ["welcome", "imported 20", "found Phantom Ell", "shown"]
    assert driven(tmp_path, screen, RESUME, scans) == ["resume Ball", "shown"]


@needs_hands
def test_a_hand_scrolls_rotates_saves_a_picture_and_finds_it_all_as_it_was_left(
    tmp_path: Path, screen: dict[str, str], scans: Path
) -> None:
    screen = screen | {"XDG_PICTURES_DIR": str(tmp_path / "pictures")}
    desk = started(tmp_path, screen, LOOK_AND_LEAVE, scans)
    assert desk.stdout is not None and desk.stdout.readline() == "open\n"
    assert until(lambda: window_of(screen, 1000, 1250))
    viewer = window_of(screen, 1000, 1250)
    xdotool(screen, f"windowactivate --sync {viewer}")
    turn = "mousemove_relative -- -12 0 sleep 0.05 " * 5
    xdotool(screen, f"mousemove --window {viewer} 690 200 mousedown 1 {turn} mouseup 1")
    xdotool(screen, f"mousemove --window {viewer} 230 180 click --repeat 3 --delay 60 5 key s")
    assert until(lambda: list((tmp_path / "pictures").glob("*.png")))
    xdotool(screen, "key Home")
    said(desk)
    picture = next((tmp_path / "pictures").glob("*.png"))
    assert picture.stat().st_size > 5000 and "Phantom" not in picture.name
    with Shelf.on_disk(str(tmp_path / "data"), Texts("en")) as shelf:
        assert abs(shelf.recent()[0]["view"]["camera"]["azimuth_deg"]) > 5
    assert driven(tmp_path, screen, AS_LEFT, scans) == ["Axial, slice 1 of 20"]


@needs_hands
def test_folders_of_one_name_are_dragged_from_another_program_and_shown(
    tmp_path: Path, screen: dict[str, str], scans: Path
) -> None:
    """Chromium loses the second of two folders of one name."""
    other = tmp_path / "other" / "scans"
    dicom.write_series(other, np.zeros((3, 8, 8), np.int16), np.eye(4), PatientID="2", PatientName="Second^Sam")
    desk = started(tmp_path, screen, SHOWS_WHAT_IS_DROPPED, scans)
    words = [sys.executable, str(DRIVE.parent / "drag.py"), str(scans), str(other)]
    source = subprocess.Popen(words, env=screen, stdout=subprocess.PIPE, text=True)
    try:
        assert source.stdout is not None and source.stdout.readline() == "shown\n"
        assert desk.stdout is not None and desk.stdout.readline() == "ready\n"
        way = " ".join(f"mousemove {20 + step * 30} {20 + step * 30} sleep 0.05" for step in range(14))
        xdotool(screen, f"mousemove 20 20 mousedown 1 {way} sleep 0.5 mouseup 1")
        assert said(desk) == ["Phantom Ell, Second Sam"]
    finally:
        source.terminate()
        source.wait()


@needs_hands
def test_closing_the_window_while_an_import_runs_asks_first(tmp_path: Path, screen: dict[str, str]) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(20000):
        (many / f"{number}.txt").write_text("no scan")
    desk = started(tmp_path, screen, ASKS_BEFORE_LEAVING, many)
    assert desk.stdout is not None and desk.stdout.readline() == "importing\n"
    xdotool(screen, f"windowactivate --sync {window_of(screen, 1250, 1400)} key alt+F4")
    assert said(desk) == ["An import is still running"]


def test_what_it_was_started_with_is_opened_and_leaves_no_name_behind(
    tmp_path: Path, screen: dict[str, str], scans: Path
) -> None:
    """The paths were told to the page before it listened, and lost."""
    assert driven(tmp_path, screen, OPENS_WHAT_IT_WAS_STARTED_WITH, scans, scans) == [
        "You are looking at scans. Nothing of it is kept.",
        "nothing is left of it",
    ]


def test_5000_calls_are_answered_and_no_other_page_can_be_reached(tmp_path: Path, screen: dict[str, str]) -> None:
    """PySide6 6.12.0 on Python 3.11 ended the process after fewer than 1,000 calls."""
    told = driven(tmp_path, screen, MANY_CALLS, tmp_path)
    assert told == ["5000 answered", "usage", "still here tomotheque://ui/index.html", "peers undefined"]

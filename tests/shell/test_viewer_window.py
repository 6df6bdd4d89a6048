"""The viewer's real process on a screen of its own: it shows, obeys, tells, idles, survives nothing it should not."""

import os
import signal
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest
from make.raw_stack import ball, raw_stack
from make.screens import children_of, cpu_seconds, screen, until

from shell import messages
from shell.viewer_link import ViewerLink

__all__ = ["screen"]
pytestmark = pytest.mark.screen


class Heard:
    """The events of a link, by kind."""

    def __init__(self) -> None:
        self.all: list[messages.Message] = []

    def __call__(self, message: messages.Message) -> None:
        self.all.append(message)

    def of(self, kind: type | tuple[type, ...]) -> list:
        return [message for message in self.all if isinstance(message, kind)]

    def state(self, holds) -> bool:
        """Whether the newest state is such."""
        states = self.of(messages.State)
        return bool(states) and holds(states[-1])


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def link(screen, heard, tmp_path):
    found = ViewerLink(heard, pictures=str(tmp_path / "pictures"))
    yield found
    found.quit()


@pytest.fixture
def ball_shown(link, heard, tmp_path):
    """A ball of bone in the window, whole and told of."""
    link.open(*raw_stack(tmp_path, ball()), words="Ball")
    assert until(lambda: heard.of((messages.State, messages.Died))) and link.is_alive, heard.all
    return link


def test_a_scan_is_on_the_screen_and_told_of(screen, ball_shown, heard):
    assert until(lambda: screen.shades() > 60)
    (shown,) = heard.of(messages.Shown)
    assert shown.scan == 1
    assert heard.of(messages.Progress)[-1].done == 48
    state = heard.of(messages.State)[-1]
    assert state.facts["value"] == 40.0 and state.facts["slices"]["axial"] == [25, 48]
    assert "25" in state.sentence and "40 HU" in state.sentence


def test_the_desk_commands_the_window(ball_shown, heard):
    ball_shown.command("view.layout", "coronal")
    ball_shown.command("window.set", [10.0, 200.0])
    ball_shown.command("slice.first")
    ball_shown.command("no.such.command", 3)
    wanted = {"layout": "coronal", "window": [10.0, 200.0]}
    assert until(lambda: heard.state(lambda state: wanted.items() <= state.facts.items()))


def test_a_view_is_taken_over_whole(ball_shown, heard):
    view = dict(heard.of(messages.State)[-1].view)
    ball_shown.set_view(view | {"layout": "side"})
    assert until(lambda: heard.state(lambda state: state.facts["layout"] == "side"))


def test_a_picture_is_saved_without_the_scans_words(ball_shown, heard, tmp_path):
    ball_shown.command("tool.screenshot")
    assert until(lambda: heard.of(messages.Saved))
    (saved,) = heard.of(messages.Saved)
    data = (tmp_path / "pictures" / saved.name).read_bytes()
    assert data.startswith(b"\x89PNG") and b"Ball" not in data and saved.name.startswith("tomotheque-")


def test_an_idle_window_uses_no_processor(ball_shown, heard):
    (viewer,) = children_of(os.getpid()) & {ball_shown.process_id}
    assert until(lambda: screen_is_calm(viewer), 30)


def screen_is_calm(process: int) -> bool:
    """Less than 1 % of a processor over a second and a half."""
    before = cpu_seconds(process)
    threading.Event().wait(1.5)
    return cpu_seconds(process) - before < 0.015


def test_a_window_that_dies_is_reported_and_comes_back_as_it_was(ball_shown, heard):
    ball_shown.command("view.layout", "sagittal")
    assert until(lambda: heard.state(lambda state: state.facts["layout"] == "sagittal"))
    os.kill(ball_shown.process_id, signal.SIGKILL)
    assert until(lambda: heard.of(messages.Died))
    assert heard.of(messages.Died)[0].status == -signal.SIGKILL and not ball_shown.is_alive
    heard.all.clear()
    assert ball_shown.reopen()
    assert until(lambda: heard.state(lambda state: state.facts["layout"] == "sagittal"))


def test_closing_is_told_and_the_process_stays_warm_for_the_next(ball_shown, heard, tmp_path):
    ball_shown.command("tool.close")
    assert until(lambda: heard.of(messages.Closed))
    assert ball_shown.is_alive
    heard.all.clear()
    ball_shown.open(*raw_stack(tmp_path, ball(24)), words="Second")
    assert until(lambda: heard.state(lambda state: state.scan == 2))


def test_files_that_are_gone_are_said_in_the_window_and_to_the_desk(link, heard, tmp_path):
    stack, files = raw_stack(tmp_path, ball(8))
    for n in range(8):
        (tmp_path / f"slice {n}").unlink()
    link.open(stack, files)
    assert until(lambda: heard.of(messages.Failed))
    assert heard.of(messages.Failed)[0].code == "files-gone" and link.is_alive


def test_quitting_ends_the_process_without_a_report_of_death(ball_shown, heard):
    process = ball_shown.process_id
    ball_shown.quit()
    assert process not in children_of(os.getpid()) and not heard.of(messages.Died)


PARENT = """
    import sys
    from pathlib import Path
    sys.path[:0] = {places}
    from make.raw_stack import ball, raw_stack
    from shell.viewer_link import open_and_wait
    open_and_wait(*raw_stack(Path({folder!r}), ball()))
"""


def test_no_child_outlives_a_killed_parent_and_none_has_a_network_socket(screen, tmp_path):
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    program = textwrap.dedent(PARENT).format(places=[here, os.path.dirname(here)], folder=str(tmp_path))
    parent = subprocess.Popen([sys.executable, "-c", program])
    try:
        assert until(lambda: screen.shades() > 60)
        tree = children_of(parent.pid)
        assert tree and not any(network_sockets(process) for process in tree)
    finally:
        parent.kill()
        parent.wait()
    assert until(lambda: not any(os.path.exists(f"/proc/{process}/exe") for process in tree), 5)


def network_sockets(process: int) -> list[str]:
    """Inodes of the TCP and UDP sockets a process holds."""
    held = set()
    for name in os.listdir(f"/proc/{process}/fd"):
        target = os.readlink(f"/proc/{process}/fd/{name}")
        if target.startswith("socket:["):
            held.add(target[8:-1])
    found = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        with open(f"/proc/{process}/net/{table}") as lines:
            found += [line.split()[9] for line in list(lines)[1:] if line.split()[9] in held]
    return found


def test_without_a_screen_the_reason_is_told(monkeypatch, heard, tmp_path):
    monkeypatch.setenv("DISPLAY", ":999")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    link = ViewerLink(heard)
    link.open(*raw_stack(tmp_path, np.zeros((2, 4, 4), np.int16)))
    assert until(lambda: heard.of(messages.Failed))
    assert heard.of(messages.Failed)[0].code == "no-display"
    assert until(lambda: not link.is_alive)
    link.quit()

"""The socket filter: what is refused, what goes on, and where it stays off."""

import subprocess
import sys

import pytest

from shell import socket_filter

TRIAL = """
import socket, sys
from shell import socket_filter
report = socket_filter.install(":0", None)
if not report.active:
    print("off", report.reason); sys.exit()
left, right = socket.socketpair(); left.send(b"x"); assert right.recv(1) == b"x"
socket.socket(socket.AF_UNIX).close()
for family in (socket.AF_INET, socket.AF_INET6):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            socket.socket(family, kind)
        except OSError:
            continue
        sys.exit("a socket was opened")
import subprocess
child = "import socket\\ntry: socket.socket()\\nexcept OSError: print('refused')"
print(subprocess.run([sys.executable, "-c", child], capture_output=True, text=True).stdout.strip())
"""


def test_a_filtered_process_and_its_children_open_unix_sockets_only() -> None:
    ended = subprocess.run([sys.executable, "-c", TRIAL], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    if ended.stdout.startswith("off"):
        pytest.skip(f"no seccomp here: {ended.stdout}")
    assert ended.stdout.strip() == "refused"


@pytest.mark.parametrize(
    ("display", "url", "reason"),
    [("localhost:10.0", None, "remote-display"), (":0", "postgresql+psycopg://host/x", "database")],
)
def test_the_filter_stays_off_where_the_network_is_needed(display: str, url: str | None, reason: str) -> None:
    assert socket_filter.install(display, url) == socket_filter.FilterReport(False, reason)


def test_every_jump_of_the_program_lands_inside_it() -> None:
    for machine in socket_filter.MACHINES:
        text = socket_filter.program(machine)
        count = len(text) // 8
        for place in range(count):
            code, yes, no = text[place * 8 : place * 8 + 2], text[place * 8 + 2], text[place * 8 + 3]
            if code[0] in (socket_filter.JUMP_EQUAL, socket_filter.JUMP_BITS):
                assert place + 1 + max(yes, no) < count

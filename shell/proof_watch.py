"""Runs one command and watches it and all its children for network sockets, by what the kernel says of them."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

NETWORK_TABLES: Final = ("tcp", "tcp6", "udp", "udp6", "udplite", "raw", "raw6", "packet")
BETWEEN_S: Final = 0.02
PATIENCE_S: Final = 90.0
_INODE_COLUMN: Final = {"packet": 8}
_USUAL_COLUMN: Final = 9


@dataclass
class Watched:
    """What a command said, and the network sockets that it or a child of it had open at any look."""

    status: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    seconds: float = 0.0
    sockets: set[str] = field(default_factory=set)


def can_watch() -> bool:
    """Whether this system tells whose socket is whose."""
    return os.path.isdir("/proc/self/net")


def run(
    words: Sequence[str], environment: Mapping[str, str], look: Callable[[], None], kill_after_s: float | None = None
) -> Watched:
    """Run a command in a session of its own, to its end or until it is killed; `look` is called all the while."""
    found, begun, known = Watched(), time.monotonic(), set[str]()
    with subprocess.Popen(
        words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    ) as child:  # fmt: skip
        limit_s = PATIENCE_S if kill_after_s is None else kill_after_s
        while child.returncode is None:
            found.sockets |= _new_sockets(child.pid, known)
            look()
            try:
                found.stdout, found.stderr = child.communicate(timeout=BETWEEN_S)
            except subprocess.TimeoutExpired:
                if time.monotonic() - begun > limit_s:
                    child.kill()
        found.status = child.returncode
    found.seconds = time.monotonic() - begun
    return found


def _new_sockets(session: int, known: set[str]) -> set[str]:
    """Network sockets of a session's processes that were not looked up before: "kind, state and addresses as in /proc"."""
    if not can_watch():
        return set()
    sockets = set()
    for pid in _members(session):
        inodes = _socket_inodes(pid) - known
        if inodes:
            known |= inodes
            sockets |= {line for table in NETWORK_TABLES for line in _lines(pid, table, inodes)}
    return sockets


def _members(session: int) -> list[str]:
    return [pid for pid in os.listdir("/proc") if pid.isdigit() and _session_of(pid) == session]


def _session_of(pid: str) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[3])  # the name before it may hold anything
    except (OSError, ValueError, IndexError):
        return -1


def _socket_inodes(pid: str) -> set[str]:
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return set()
    targets = (_target(f"/proc/{pid}/fd/{name}") for name in names)
    return {target[8:-1] for target in targets if target.startswith("socket:[")}


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


def _lines(pid: str, table: str, inodes: set[str]) -> list[str]:
    column = _INODE_COLUMN.get(table, _USUAL_COLUMN)
    try:
        with open(f"/proc/{pid}/net/{table}", encoding="ascii") as file:
            rows = [line.split() for line in file][1:]
    except OSError:
        return []
    return [f"{table} {' '.join(row[1:4])}" for row in rows if len(row) > column and row[column] in inodes]

"""One application for one archive: the first start listens on a Unix socket, a later one hands its words over and ends."""

import base64
import hashlib
import json
import os
import secrets
import stat
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener
from typing import IO

LARGEST_MESSAGE_BYTES = 1 << 20
ANSWER_WITHIN_S = 5.0
LONGEST_FOLDER_BYTES = 70  # the path of a Unix socket holds 107 bytes, and our name in the folder takes 35


@dataclass(frozen=True)
class Words:
    """What a later start was asked to do: its paths made absolute, and the desktop's leave to raise a window."""

    paths: tuple[bytes, ...]
    activation: str = ""


@dataclass(frozen=True)
class Meeting:
    """Where the starts for one archive meet: the socket, its key, and the lock that says who may listen."""

    address: str
    key_file: str
    lock_file: str


def meeting_of(data_dir: str | bytes) -> Meeting:
    """The meeting place of one archive. The folder's name is digested: a socket's path holds 107 bytes at most."""
    digest = hashlib.sha256(os.path.realpath(os.fsencode(data_dir))).hexdigest()[:16]
    folder = runtime_folder()
    stem = os.path.join(folder, f"tomotheque-{digest}")
    address = rf"\\.\pipe\tomotheque-{digest}" if sys.platform == "win32" else f"{stem}.socket"
    return Meeting(address, f"{stem}.key", f"{stem}.lock")


def runtime_folder() -> str:
    """A folder that is ours alone: the system's, else one in the temporary folder, refused where another owns it."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given and len(os.fsencode(given)) <= LONGEST_FOLDER_BYTES and os.path.isdir(given) and os.access(given, os.W_OK):
        return given
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    own = os.path.join(tempfile.gettempdir(), f"tomotheque-{user}")
    with suppress(FileExistsError):
        os.mkdir(own, 0o700)
    facts = os.lstat(own)
    if hasattr(os, "getuid") and (facts.st_uid != os.getuid() or stat.S_IMODE(facts.st_mode) & 0o077):
        raise PermissionError(own)
    return own


def hand_over(meeting: Meeting, words: Words) -> bool:
    """True where an application runs and has taken the words; then this start is done."""
    try:
        with open(meeting.key_file, "rb") as file:
            key = file.read()
        with Client(meeting.address, authkey=key) as line:
            line.send_bytes(_packed(words))
            return line.poll(ANSWER_WITHIN_S) and line.recv_bytes(16) == b"taken"
    except (OSError, EOFError, ValueError, _refused()):
        return False


def _refused() -> type[Exception]:
    from multiprocessing import AuthenticationError

    return AuthenticationError


def _packed(words: Words) -> bytes:
    paths = [base64.b64encode(path).decode() for path in words.paths]  # a path need not be text
    return json.dumps({"paths": paths, "activation": words.activation}).encode()


def _unpacked(message: bytes) -> Words:
    told = json.loads(message)
    return Words(tuple(base64.b64decode(path) for path in told["paths"]), str(told["activation"]))


class Instance:
    """The first start: holds the lock as long as it lives, and passes on what later starts say."""

    def __init__(self, lock: IO[bytes], listener: Listener, meeting: Meeting) -> None:
        self._lock, self._listener, self._meeting = lock, listener, meeting

    def listen(self, on_words: Callable[[Words], None]) -> None:
        """Answer later starts from a thread of its own."""
        threading.Thread(target=self._serve, args=(on_words,), name="later starts", daemon=True).start()

    def _serve(self, on_words: Callable[[Words], None]) -> None:
        while not self._lock.closed:
            try:
                line = self._listener.accept()
            except (OSError, EOFError, _refused()):
                continue
            with line, suppress(OSError, EOFError, ValueError, KeyError, TypeError):
                self._take(line, on_words)

    @staticmethod
    def _take(line: "Connection", on_words: Callable[[Words], None]) -> None:
        if line.poll(ANSWER_WITHIN_S):
            words = _unpacked(line.recv_bytes(LARGEST_MESSAGE_BYTES))
            line.send_bytes(b"taken")
            on_words(words)

    def close(self) -> None:
        """Let the next start be the first."""
        with suppress(OSError):
            self._listener.close()  # unlinks the socket
        with suppress(OSError):
            os.unlink(self._meeting.key_file)
        self._lock.close()


def claim(meeting: Meeting) -> Instance | None:
    """Become the first start, or None where one runs already (the lock goes with its process, even after a kill)."""
    lock = open(meeting.lock_file, "ab")
    if not _locked(lock):
        lock.close()
        return None
    with suppress(OSError):  # what a killed one left behind
        os.unlink(meeting.address)
    key = secrets.token_bytes(32)
    with suppress(OSError):
        os.unlink(meeting.key_file)
    with open(os.open(meeting.key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key)
    before = os.umask(0o077) if hasattr(os, "umask") else 0
    try:
        listener = Listener(meeting.address, backlog=8, authkey=key)
    finally:
        os.umask(before)
    return Instance(lock, listener, meeting)


def _locked(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

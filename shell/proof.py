"""privacy-proof: a session and a day with a small archive, of a made-up patient, in a scratch folder; then every file that
was written is looked through for that patient, and every socket is named."""

import contextlib
import json
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shell.proof_search import PLAIN_DATABASE, found_in
from shell.proof_watch import Watched, can_watch, run
from shell.texts import Texts

Object = dict[str, Any]
PLANTED: Final[Mapping[str, str]] = {
    # Words that occur nowhere else; each is at least eight letters, so that no file holds one by chance.
    "name": "Zwetschgenknoedel",
    "given-name": "Quintessenzia",
    "patient-id": "PROOF-7719283655",
    "institution": "Klabautermannklinik",
    "description": "Firlefanzstudie",
    "accession": "ACC-8862719405",
    "tag": "purzelbaumtag",
    "note": "Rhabarberbarbara",
}
SESSION: Final = (
    ("search",),
    ("info", "{series}"),
    ("render", "{series}", "-o", "{out}/session.png", "--view", "axial", "--size", "64x64"),
)
KILLED: Final = ("render", "{series}", "-o", "{out}/killed.png", "--view", "mpr")
KILLED_AFTER_S: Final = 0.4
DAY: Final = (
    ("import", "{disc}"),
    ("search", PLANTED["name"]),
    ("tag", "{study}", "+" + PLANTED["tag"]),
    ("note", "{study}", PLANTED["note"]),
    ("info", "{series}", "--images"),
    ("export", "{series}", "-o", "{out}/day.nii.gz"),
    ("render", "{series}", "-o", "{out}/day.png", "--view", "axial", "--size", "64x64"),
    ("verify", "--deep"),
    ("info", "{disc}/no-such-file"),
    ("forget", "--study", "{study}"),
    ("undo",),
    ("import", "{disc}"),
)
EXPECTED: Final = {"info {disc}/no-such-file": (1, 2), "killed": (-9, 0), "render": (0, 1)}  # 1: no graphics here
OURS: Final = ("archive", "home", "temporary", "out")  # folders of the scratch place that are looked through
SHADER_CACHES: Final = ("shader_cache", "nv/GLCache", "nvidia/GLCache")  # written by the graphics driver


@dataclass(frozen=True)
class Finding:
    """Something that should not be: `proof.<code>` of the texts says it."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def proved(texts: Texts, tell: Callable[[str], None]) -> Object:
    """The `privacy-proof` object; `clean` only where there is no finding. `tell` hears of each command."""
    started = time.monotonic()
    scratch = tempfile.mkdtemp(prefix="tomotheque-proof-")
    try:
        proof = _Proof(scratch, tell)
        findings = [*proof.session(), *proof.day(), *proof.left()]
        return {
            "clean": not findings,
            "findings": [_told(finding, texts) for finding in findings],
            "commands": proof.commands,
            "files": proof.files(),
            "looked_for": sorted(PLANTED),
            "sockets_watched": can_watch(),
            "seconds": round(time.monotonic() - started, 2),
        }
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _told(finding: Finding, texts: Texts) -> Object:
    sentence = texts.say(f"proof.{finding.code}", **finding.facts)
    return {"code": finding.code, "sentence": sentence, "facts": dict(finding.facts)}


class _Proof:
    """One proof under way in its scratch folder."""

    def __init__(self, scratch: str, tell: Callable[[str], None]) -> None:
        self._scratch, self._tell = scratch, tell
        self.commands: list[Object] = []
        self._seen: dict[str, tuple[int, int, int]] = {}  # path -> mode, size, time
        self._found: dict[tuple[Any, ...], Finding] = {}
        for name in OURS[1:]:
            os.mkdir(self._place(name), 0o700)
        self._names = {"disc": self._place("disc"), "out": self._place("out"), **_disc(self._place("disc"))}

    def _place(self, name: str) -> str:
        return os.path.join(self._scratch, name)

    def session(self) -> Iterator[Finding]:
        """Look at the disc and keep nothing, once killed in the middle of it."""
        before = self._listing()
        for words in SESSION:
            yield from self._run(("--session", "{disc}", *words))
        yield from self._run(("--session", "{disc}", *KILLED), "killed", KILLED_AFTER_S)
        for path in sorted(self._listing() ^ before):
            yield Finding("trace", {"path": path[0]})

    def day(self) -> Iterator[Finding]:
        """What somebody does with an archive in a day."""
        for words in DAY:
            yield from self._run(words)

    def _run(self, words: tuple[str, ...], kind: str = "", kill_after_s: float | None = None) -> Iterator[Finding]:
        """One command; findings for what it said on stderr, for its sockets, and where it failed."""
        told = " ".join(words)
        self._tell(told)
        filled = [word.format_map(self._names) for word in words]
        done = run(
            [sys.executable, "-P", "-m", "shell", "--json", *filled], self._environment(), self.look, kill_after_s
        )
        self._learn(done)
        self.commands.append({"command": told, "status": done.status, "seconds": round(done.seconds, 2)})
        expected = EXPECTED.get(kind or told, EXPECTED["render"] if "render" in words else (0,))
        if done.status not in expected:
            yield Finding("failed", {"command": told, "status": done.status})
        yield from (Finding("socket", {"command": told, "socket": socket}) for socket in sorted(done.sockets))
        for name, form in found_in(done.stderr, PLANTED):
            yield Finding("said", {"command": told, "what": name, "form": form})

    def _learn(self, done: Watched) -> None:
        """The key of the study, as a search tells it."""
        try:
            studies = json.loads(done.stdout).get("studies", [])
        except ValueError:
            return
        if studies:
            self._names["study"] = studies[0]["key"]

    def _environment(self) -> dict[str, str]:
        """This process's, less what leads to the user's own archive, home, keyring or temporary folder."""
        dropped = ("TOMOTHEQUE_", "XDG_", "DBUS_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        places = {"HOME": "home", "TMPDIR": "temporary", "XDG_RUNTIME_DIR": "home", "TOMOTHEQUE_DATA_DIR": "archive"}
        no_keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        return kept | no_keyring | {name: self._place(folder) for name, folder in places.items()}

    # what is written
    def _paths(self) -> Iterator[tuple[str, os.stat_result]]:
        """Everything below the folders that are looked through, relative to the scratch folder."""
        for top in OURS:
            for folder, folders, names in os.walk(self._place(top)):
                for name in sorted([*folders, *names]):
                    path = os.path.join(folder, name)
                    with contextlib.suppress(FileNotFoundError):  # it was there for a moment
                        yield os.path.relpath(path, self._scratch), os.lstat(path)

    def _listing(self) -> set[tuple[str, int, int]]:
        """What a session may not change: all but the pictures it was asked for and the driver's caches."""
        return {
            (path, status.st_size, status.st_mtime_ns)
            for path, status in self._paths()
            if stat.S_ISREG(status.st_mode) and not path.startswith("out/") and not _is_drivers(path)
        }

    def look(self) -> None:
        """Look through every file that is new or changed, also those that are there for a moment only."""
        for path, status in self._paths():
            known = (status.st_mode, status.st_size, status.st_mtime_ns)
            if self._seen.get(path) != known:
                self._seen[path] = known
                for finding in self._looked_at(path, status):
                    self._found.setdefault((finding.code, *finding.facts.values()), finding)

    def left(self) -> Iterator[Finding]:
        """What was found in files, all commands done."""
        self.look()
        yield from self._found.values()

    def files(self) -> list[Object]:
        """Every file that was seen, those that are gone again (`is_left` false) as well."""
        there = {path for path, _ in self._paths()}
        return [
            {"path": path, "bytes": size, "mode": f"{stat.S_IMODE(mode):04o}", "is_left": path in there}
            for path, (mode, size, _) in sorted(self._seen.items())
            if stat.S_ISREG(mode)
        ]

    def _looked_at(self, path: str, status: os.stat_result) -> Iterator[Finding]:
        """One file or folder: its mode, where it lies, and what can be read in it."""
        if path.startswith("archive") and status.st_mode & 0o077:
            yield Finding("open", {"path": path, "mode": f"{stat.S_IMODE(status.st_mode):04o}"})
        if not stat.S_ISREG(status.st_mode):
            return
        if not path.startswith(("archive", "out/")) and not _is_drivers(path):
            yield Finding("outside", {"path": path})
        try:
            with open(self._place(path), "rb") as file:
                content = file.read()
        except FileNotFoundError:
            return
        if content.startswith(PLAIN_DATABASE):
            yield Finding("plain-database", {"path": path})
        words = {**PLANTED, "series-uid": self._names["series"]}
        for name, form in found_in(os.fsencode(path) + b"\n" + content, words):
            yield Finding("readable", {"path": path, "what": name, "form": form})


def _is_drivers(path: str) -> bool:
    return any(cache in path for cache in SHADER_CACHES)


def _disc(folder: str) -> dict[str, str]:
    """A scan of the made-up patient, and the UID of its series."""
    import numpy as np

    from shell.demo_dicom import uid_of, write_series

    words = {
        (0x00080005, "CS"): "ISO_IR 192",
        (0x00080020, "DA"): "20230405",
        (0x00080050, "SH"): PLANTED["accession"],
        (0x00080060, "CS"): "CT",
        (0x00080080, "LO"): PLANTED["institution"],
        (0x00081030, "LO"): PLANTED["description"],
        (0x00100010, "PN"): f"{PLANTED['name']}^{PLANTED['given-name']}",
        (0x00100020, "LO"): PLANTED["patient-id"],
    }
    values = (np.indices((24, 96, 96)).sum(0) * 7 - 900).astype(np.int16)
    write_series(folder, values, (0.0, 0.0, 0.0), (1.0, 1.0, 2.0), words, "privacy proof")
    return {"series": uid_of("privacy proof", "series"), "study": ""}

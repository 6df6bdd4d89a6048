"""Sidecar: the small plain file beside the database that tells apart what SQLCipher cannot.

Wrong key, damage and a zeroed file give SQLCipher's one error, and an empty file opens as a new archive. So the sidecar
says that an archive is there, in which format, what its key checks to, and how many commits it had. A sum over all of it
tells when it was damaged itself: a counter that is too low would hide that commits are lost.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace

from archive.errors import ArchiveNewer
from archive.index import files

NAME = "archive.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What is known of an archive without its key."""

    format: int
    archive_id: str
    key_check: str
    key_place: str
    salt: str  # hexadecimal; the database's first 16 bytes, in case they are lost
    commits: int = 0


def path_of(data_dir: str) -> str:
    return os.path.join(data_dir, NAME)


def read(data_dir: str) -> Sidecar | None:
    """The sidecar, or None where there is none or it is unreadable; raises ArchiveNewer for a later format."""
    try:
        with open(path_of(data_dir), encoding="utf-8", errors="replace") as file:
            facts = json.loads(file.read(1 << 16))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    if not isinstance(facts, dict):
        return None
    found = facts.get("format")
    if isinstance(found, int) and found > FORMAT:
        raise ArchiveNewer(found=found, known=FORMAT)
    names = Sidecar.__dataclass_fields__
    if not all(isinstance(facts.get(name), int if name in ("format", "commits") else str) for name in names):
        return None
    read_ = Sidecar(**{name: facts[name] for name in names})
    return read_ if facts.get("sum") == _sum(read_) else None


def write(data_dir: str, sidecar: Sidecar) -> None:
    body = json.dumps(asdict(sidecar) | {"sum": _sum(sidecar)}, indent=1) + "\n"
    with files.archive_errors():
        files.write_private(path_of(data_dir), body.encode())


def _sum(sidecar: Sidecar) -> str:
    return hashlib.sha256(json.dumps(asdict(sidecar), sort_keys=True).encode()).hexdigest()


def count(data_dir: str, sidecar: Sidecar, commits: int) -> Sidecar:
    """Write down how many commits the database has; only ever after they are safe."""
    if commits <= sidecar.commits:
        return sidecar
    counted = replace(sidecar, commits=commits)
    write(data_dir, counted)
    return counted

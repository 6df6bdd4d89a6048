"""What a walk finds: folders, their files, and why a file is refused before or after it is opened."""

import errno
import os
from dataclasses import dataclass, field
from typing import Any, Literal

SKIPPED = ("not-dicom", "dicomdir", "not-regular", "empty", "nested-archive", "patient-limit")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is no record of the archive: `outcome.<code>` of the texts says it, filled by the facts.

    Skipped is what was never a scan; unreadable what may be one: truncated-header, bad-header, permission, io-error,
    vanished, bomb, encrypted, too-large, bad-archive.
    """

    code: str
    facts: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def outcome(self) -> Literal["skipped", "unreadable"]:
        return "skipped" if self.code in SKIPPED else "unreadable"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file, or one member of a ZIP or TAR: path is then the container's. size and mtime_ns as the walk saw them."""

    path: bytes
    member: str | None
    size: int
    mtime_ns: int
    refusal: Refusal | None = None

    @property
    def name(self) -> bytes:
        """Under which its folder keeps it: the file's name, or in a container the member's."""
        return os.path.basename(self.path) if self.member is None else os.fsencode(self.member)

    @property
    def whole_name(self) -> bytes:
        """Its path, a member's as if below its container."""
        return self.path if self.member is None else self.path + b"/" + os.fsencode(self.member)


@dataclass(frozen=True, slots=True)
class FoundFolder:
    """Files directly in one folder, sorted by name (of many, a part); or the members of one container (path == container)."""

    path: bytes
    container: bytes | None
    files: tuple[FoundFile, ...]


_OS_CODES = {
    errno.EACCES: "permission",
    errno.EPERM: "permission",
    errno.ENOENT: "vanished",
    errno.ENXIO: "not-regular",
}


def refusal_of(error: OSError) -> Refusal:
    """The refusal for what the operating system said; the fact is its symbol (EIO), never a path."""
    number = error.errno or errno.EIO
    return Refusal(_OS_CODES.get(number, "io-error"), {"reason": errno.errorcode.get(number, "EIO")})

"""Where files lie: volumes and what tells them apart when they come back, and which of them can be taken out."""

import os
import re
from dataclasses import dataclass

MOUNTS = "/proc/self/mountinfo"
BY_UUID = "/dev/disk/by-uuid"
BLOCK_DEVICES = "/sys/dev/block"
OPTICAL = ("iso9660", "udf")
NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "sshfs", "fuse.sshfs", "9p", "afs", "ceph", "davfs")
_NOT_STORAGE = (
    "proc",
    "sysfs",
    "cgroup",
    "cgroup2",
    "devpts",
    "devtmpfs",
    "mqueue",
    "securityfs",
    "debugfs",
    "tracefs",
)


@dataclass(frozen=True, slots=True)
class Volume:
    """A mounted file system.

    identity: words that stay the same when it is mounted elsewhere ("uuid:…", "share:…"); empty where nothing does.
    """

    mount: bytes
    system: str
    source: str
    identity: str
    removable: bool

    @property
    def optical(self) -> bool:
        return self.system in OPTICAL

    @property
    def network(self) -> bool:
        return self.system in NETWORK


def volumes() -> tuple[Volume, ...]:
    """All mounted file systems that can hold files, the latest mount of a place last; empty where none can be told."""
    try:
        with open(MOUNTS, "rb") as lines:
            found = [_volume(line.split(b" ")) for line in lines]
    except OSError:
        return ()  # no Linux: the archive then goes by paths alone
    return tuple(volume for volume in found if volume.system not in _NOT_STORAGE)


def volume_of(path: bytes, mounted: tuple[Volume, ...] | None = None) -> Volume | None:
    """The volume a path lies on: the longest mount point above it."""
    whole = os.path.realpath(path)
    above = [volume for volume in (volumes() if mounted is None else mounted) if _is_below(whole, volume.mount)]
    return max(above, key=lambda volume: len(volume.mount), default=None)


def removable(mounted: tuple[Volume, ...] | None = None) -> tuple[Volume, ...]:
    """Discs and sticks that are in: what "From CD/USB" offers."""
    return tuple(volume for volume in (volumes() if mounted is None else mounted) if volume.removable or volume.optical)


def _is_below(path: bytes, mount: bytes) -> bool:
    return path == mount or path.startswith(mount.rstrip(b"/") + b"/")


def _volume(fields: list[bytes]) -> Volume:
    """One line of mountinfo: id parent major:minor root mount options [tags] - system source options."""
    dash = fields.index(b"-")
    mount, device = _unescaped(fields[4]), fields[2].decode()
    system, source = fields[dash + 1].decode(), os.fsdecode(_unescaped(fields[dash + 2]))
    return Volume(mount, system, source, _identity(system, source), _is_removable(device))


def _unescaped(field: bytes) -> bytes:
    """Spaces and the like stand as octal numbers in mountinfo."""
    return re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), field)


def _identity(system: str, source: str) -> str:
    if system in NETWORK:
        return f"share:{source}"
    try:
        device = os.stat(source).st_rdev if source.startswith("/dev/") else 0
        named = [name for name in os.listdir(BY_UUID) if device and os.stat(f"{BY_UUID}/{name}").st_rdev == device]
    except OSError:
        return ""  # containers have no such folder
    return f"uuid:{named[0]}" if named else ""


def _is_removable(device: str) -> bool:
    """Whether the kernel calls the drive of a device (major:minor) removable; a partition asks its drive."""
    for place in ("removable", "../removable"):
        try:
            with open(f"{BLOCK_DEVICES}/{device}/{place}") as file:
                return file.read(1) == "1"
        except OSError:
            continue
    return False

"""Where files lie: volumes and what tells them apart when they come back, and which of them can be taken out."""

import os
import re
from dataclasses import dataclass

MOUNTS = "/proc/self/mountinfo"
BY_UUID = "/dev/disk/by-uuid"
BLOCK_DEVICES = "/sys/dev/block"
OPTICAL = ("iso9660", "udf")
NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "sshfs", "fuse.sshfs", "9p", "afs", "ceph", "davfs")
COARSE_TIMES = ("vfat", "exfat", "msdos", "cifs", "smb3", "smbfs")  # even seconds, in local time
_COARSE_NS, _HOUR_NS, _MOST_HOURS = 2_000_000_000, 3_600_000_000_000, 14
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
    root: str = "/"  # which part of the file system is mounted there

    @property
    def lasting_identity(self) -> str:
        """What the archive knows it by: its identity, else its place and kind; a part of it by the part as well."""
        own = self.identity or f"place:{self.system}:{os.fsdecode(self.mount)}"
        return own if self.root == "/" or not self.identity else f"{own}:{self.root}"

    @property
    def can_be_taken_out(self) -> bool:
        return self.removable or self.optical

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
    return tuple(volume for volume in (volumes() if mounted is None else mounted) if volume.can_be_taken_out)


def same_time(one_ns: int, other_ns: int, system: str) -> bool:
    """Whether two times of a file may be one: some systems round them, and shift them by whole hours with the time zone."""
    if one_ns == other_ns or system not in COARSE_TIMES:
        return one_ns == other_ns
    hours, rest = divmod(abs(one_ns - other_ns) + _COARSE_NS, _HOUR_NS)
    return hours <= _MOST_HOURS and rest <= 2 * _COARSE_NS


def _is_below(path: bytes, mount: bytes) -> bool:
    return path == mount or path.startswith(mount.rstrip(b"/") + b"/")


def _volume(fields: list[bytes]) -> Volume:
    """One line of mountinfo: id parent major:minor root mount options [tags] - system source options."""
    dash = fields.index(b"-")
    mount, device = _unescaped(fields[4]), fields[2].decode()
    system, source = fields[dash + 1].decode(), os.fsdecode(_unescaped(fields[dash + 2]))
    root = os.fsdecode(_unescaped(fields[3]))
    return Volume(mount, system, source, _identity(system, source), _is_removable(device), root)


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

"""Mounts: the volumes that folders lie on, whether each is in now, and where; a volume that moved takes its folders along."""

from collections.abc import Sequence
from functools import cached_property

from archive.index.engine import Engine, Row
from archive.intake import places
from archive.intake.places import Volume


class Mounts:
    """The volumes of an archive beside what is mounted at one moment: make a new one for every look at the files."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @cached_property
    def _mounted(self) -> tuple[Volume, ...]:
        return places.volumes()

    @cached_property
    def _known(self) -> dict[int, Row]:
        return {row["id"]: row for row in self._engine.rows("volumes")}

    def row_of(self, path: bytes) -> int:
        """The row of the volume that a path lies on; 0 where it is not known (yet)."""
        found = places.volume_of(path, self._mounted)
        identity = found.lasting_identity if found else ""
        return next((row for row, known in self._known.items() if known["identity"] == identity), 0)

    def entered(self, path: bytes) -> int:
        """The same, made where it is new; inside writing(). 0 where the system cannot tell."""
        found = places.volume_of(path, self._mounted)
        known = self.row_of(path)
        if found is None or known:
            return known
        values = {"mount": found.mount, "system": found.system, "removable": int(found.can_be_taken_out)}
        row = self._engine.run("new_volume", identity=found.lasting_identity, **values)
        del self._known
        return row

    def is_in(self, volume: int) -> bool:
        """Whether a volume is mounted, as far as anyone can tell: an empty mount point is no deletion."""
        row = self._known.get(volume)
        return row is None or not self._mounted or _now(row, self._mounted) is not None

    def system_of(self, volume: int) -> str:
        """The kind of a volume's file system; "" where it is not known."""
        row = self._known.get(volume)
        return row["system"] if row else ""

    def can_be_told(self, volume: int) -> bool:
        """Whether the volume's presence says something about its files."""
        return volume in self._known and bool(self._mounted)

    def follow(self) -> None:
        """Volumes that are mounted elsewhere now: their folders' paths begin there from here on."""
        moved = [(row, now) for row in self._known.values() if (now := _now(row, self._mounted)) and _differs(row, now)]
        if not moved:
            return
        with self._engine.writing():
            for row, now in moved:
                self._move(row, now.mount)
                self._engine.run("move_volume", row_id=row["id"], mount=now.mount, removable=int(now.can_be_taken_out))
        del self._known

    def _move(self, row: Row, mount: bytes) -> None:
        """Longest paths first where they become longer, else shortest first: no path is ever taken by two."""
        old = row["mount"].rstrip(b"/") + b"/"
        new = mount.rstrip(b"/") + b"/"
        folders = self._engine.rows("folders_of_volume", volume=row["id"])
        for folder in sorted(folders, key=lambda each: len(each["path"]), reverse=len(new) > len(old)):
            if (folder["path"] + b"/").startswith(old):
                path = new + folder["path"][len(old) :]
                self._engine.run("move_folder", row_id=folder["id"], path=path.rstrip(b"/") or b"/")


def _now(row: Row, mounted: Sequence[Volume]) -> Volume | None:
    """Where a known volume is mounted: by its identity, at its old place if it is there too.

    Where only one of then and now could name it (no /dev/disk in a container), place and kind have to do.
    """
    same = [volume for volume in mounted if volume.lasting_identity == row["identity"]]
    here = [volume for volume in mounted if volume.mount == row["mount"]]
    if same:
        return next((volume for volume in same if volume.mount == row["mount"]), same[-1])
    unnamed = [
        v for v in here if v.system == row["system"] and (not v.identity or row["identity"].startswith("place:"))
    ]
    return unnamed[-1] if unnamed else None


def _differs(row: Row, now: Volume) -> bool:
    return bool(row["mount"] != now.mount or row["removable"] != int(now.can_be_taken_out))

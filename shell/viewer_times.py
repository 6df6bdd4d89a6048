"""The times of a 4D stack: one is shown, another may be on its way, and those that were shown are kept while there is room."""

import time
from collections import OrderedDict
from typing import Any, Final

from shell.viewer_scan import Scan

_MOST_BYTES: Final = 768 << 20  # of voxels that are kept besides the ones that are shown
PLAY_S: Final = 1 / 8  # between two times while playing


class Times:
    """Changed on the main thread only."""

    def __init__(self) -> None:
        self.coming: Scan | None = None
        self.plays_at_s: float | None = None
        self._kept: OrderedDict[int, Scan] = OrderedDict()

    def leave(self) -> None:
        """Another stack: nothing of this one is kept."""
        self.plays_at_s = None
        self._await(None)
        self._kept.clear()

    def ask(self, shown: Scan, wanted: int) -> None:
        """Another time (from 0, going round) shall be shown; it is ready at once, or when it has been read."""
        wanted %= shown.times
        now = self.coming or shown
        if wanted == now.time:
            return
        self._await(None if wanted == shown.time else self._kept.get(wanted) or shown.at_time(wanted))

    def ready(self, shown: Scan) -> Scan | None:
        """The scan that takes the place of the shown one, once it is there; one that cannot be read is given up."""
        coming = self.coming
        if coming is None:
            return None
        coming.poll()
        if coming.failure is not None:
            self.leave()
            shown.failure = coming.failure
            return None
        if not coming.has_volume or not coming.arrived().is_whole:
            return None
        self.coming = None
        coming.succeed(shown)
        self._keep(shown, coming)
        return coming

    def play_on(self, shown: Scan, now_s: float) -> None:
        """While playing: the next time when it is due, but never ahead of the reading."""
        if self.plays_at_s is not None and now_s >= self.plays_at_s and self.coming is None:
            self.plays_at_s = now_s + PLAY_S
            self.ask(shown, shown.time + 1)

    def play(self) -> None:
        """Begin to play, or stop."""
        self.plays_at_s = time.monotonic() if self.plays_at_s is None else None

    def _await(self, scan: Scan | None) -> None:
        if self.coming is not None and self.coming not in self._kept.values():
            self.coming.cancel()
        self.coming = scan

    def _keep(self, *scans: Scan) -> None:
        """The youngest stay, as far as they fit."""
        for scan in scans:
            if scan.has_volume and scan.arrived().is_whole:
                self._kept[scan.time] = scan
                self._kept.move_to_end(scan.time)
        while len(self._kept) > 1 and sum(_bytes(each) for each in self._kept.values()) > _MOST_BYTES:
            self._kept.popitem(last=False)


def _bytes(scan: Scan) -> int:
    voxels: Any = scan.scene.volume.voxels
    return int(voxels.nbytes)

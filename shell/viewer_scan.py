"""The scan a viewer shows: its loading in a thread, and the view of it with what undo needs."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np

from archive.errors import ScanError
from archive.stack import Dimension, FileRef
from archive.volumes.loading import Loading
from archive.volumes.on_grid import GridLoading, can_be_resampled, loading_of
from archive.volumes.volume import SliceState, Volume
from render import presets
from render.grid import grid_of
from render.layout import KINDS, Pane
from render.statistics import Statistics, statistics
from render.view import View, first_view, from_json, to_json
from shell.commands import Scene, windows_of
from shell.messages import Open
from shell.viewer_manifest import StackManifest
from shell.viewer_status import Arrived, arrived

_MOST_UNDO: Final = 200
_EARLY_SAMPLES: Final = 30_000
_SAME_STEP_S: Final = 0.8  # changes of one kind that follow each other faster are one step of undo


class History:
    """Views that were, for undo and redo."""

    def __init__(self) -> None:
        self._before: list[View] = []
        self._after: list[View] = []
        self._last = ("", -1.0)

    def record(self, view: View, what: str, now_s: float, *, is_new: bool = False) -> None:
        """Remember a view that is about to change; what follows fast and is of one kind counts as one change."""
        is_same_step = what and self._last[0] == what and now_s - self._last[1] < _SAME_STEP_S and not is_new
        self._last = (what, now_s)
        if not is_same_step:
            self._before = [*self._before, view][-_MOST_UNDO:]
        self._after = []

    def undo(self, view: View) -> View:
        """The view before; the same where nothing was."""
        return self._step(view, self._before, self._after)

    def redo(self, view: View) -> View:
        """The view that was undone last."""
        return self._step(view, self._after, self._before)

    def _step(self, view: View, source: list[View], target: list[View]) -> View:
        self._last = ("", -1.0)
        if not source:
            return view
        target.append(view)
        return source.pop()


def refreshed(view: View, old_first: View, new_first: View) -> View:
    """The view after better first guesses have come: what the person has not touched follows them."""
    changed = {
        item.name: getattr(new_first, item.name)
        for item in fields(View)
        if getattr(view, item.name) == getattr(old_first, item.name)
    }
    return replace(view, **changed)


def opening_view(volume: Volume, values: Statistics) -> View:
    """As a volume opens: its first view in the first 3D look that suits it."""
    view = first_view(volume)
    suitable = presets.suitable(volume)
    return presets.applied(view, suitable[0], values) if suitable and volume.is_spatial else view


def tiny() -> tuple[Volume, View]:
    """A volume of eight voxels and its view, to warm the programs with."""
    voxels = np.arange(8, dtype=np.int16).reshape(2, 2, 2)
    states = np.full(2, SliceState.READY, np.uint8)
    volume = Volume(voxels, np.eye(4), states=states)
    return volume, opening_view(volume, statistics(volume))


@dataclass(frozen=True)
class DamagedFile:
    """The last part of a file's name, and why it could not be read whole (texts: damaged.<code>)."""

    name: str
    code: str


class Scan:
    """One opening. The loading thread only writes voxels and states; everything else happens on the main thread."""

    scene: Scene  # from the moment on in which there is a volume

    def __init__(
        self, manifest: StackManifest, opened: Open, wake: Callable[[], None], *, on_grid: bool = False
    ) -> None:
        self.opened = opened
        self._on_grid = on_grid
        self.history = History()
        self.failure: ScanError | None = None
        self._has_ended = False  # the loading: that all files are gone is known at its end only
        self.is_reported = False  # the failure, to the desk
        self.has_volume = False
        self.view = View()
        self._manifest = manifest
        self._wake = wake
        self._loading: Loading | GridLoading | None = None
        self._settled = -1  # slices that had arrived when the view was last fitted to the values
        self._is_cancelled = False
        threading.Thread(target=self._load, daemon=True, name="loading").start()

    @property
    def times(self) -> int:
        """Volumes of the stack."""
        return max(self._manifest.stack.times, 1)

    @property
    def time(self) -> int:
        """Which of them, from 0."""
        return self.opened.time

    @property
    def dimension(self) -> Dimension | None:
        """What tells the times apart."""
        return self._manifest.stack.dimension

    @property
    def damaged(self) -> tuple[DamagedFile, ...]:
        """The files that could not be read whole, and why."""
        if self._loading is None:
            return ()
        files = self._manifest.files
        return tuple(DamagedFile(_last_name(files[each.file]), each.code) for each in self._loading.damaged)

    @property
    def is_settled(self) -> bool:
        """Nothing more will change by itself."""
        if self.failure is not None:
            return True
        return self._has_ended and self.has_volume and self._settled == self.arrived().total

    def cancel(self) -> None:
        """Stop loading; the scan is no more shown."""
        self._is_cancelled = True
        if self._loading is not None:
            self._loading.cancel()

    def at_time(self, time: int) -> "Scan":
        """The same stack at another time, seen as this one is."""
        opened = replace(self.opened, time=time, view=to_json(self.view))
        return Scan(self._manifest, opened, self._wake, on_grid=self._on_grid)

    def other_form(self) -> "Scan | None":
        """An uneven stack resampled on a regular grid, or again as it was scanned; None for every other stack."""
        if not can_be_resampled(self._manifest.stack):
            return None
        return Scan(self._manifest, replace(self.opened, view={}), self._wake, on_grid=not self._on_grid)

    def succeed(self, before: "Scan") -> None:
        """Take the place of another time: the view goes on as it is."""
        self.history, self.view = before.history, before.view
        old = before.scene
        self.scene = replace(self.scene, first=old.first, windows=old.windows, pane=old.pane, home=old.home)

    def poll(self) -> bool:
        """Look for what the loading thread has done; True where the picture has to change for it."""
        if self._loading is None:
            return False
        is_new = not self.has_volume
        if is_new:
            self._begin(self._loading.volume)
        return self._settle() or is_new

    def arrived(self) -> Arrived:
        """How much is there."""
        return arrived(self.scene.volume) if self.has_volume else Arrived(0, 1, 0)

    def change(self, view: View, what: str, now_s: float, *, is_new: bool = False) -> None:
        """A new view, undoable; `is_new`: a step of its own, even if one of its kind has just been."""
        if view != self.view:
            self.history.record(self.view, what, now_s, is_new=is_new)
            self.view = view

    def take(self, given: dict[str, Any], now_s: float) -> None:
        """A view from outside (render.view JSON), moved into this volume; what is none is passed over."""
        try:
            view = from_json(given)
        except (ScanError, ValueError, KeyError, TypeError):
            return
        view = replace(view, cursor_mm=self.scene.grid.clamped_mm(view.cursor_mm))
        if self.scene.volume.is_spatial != (view.layout == "frames"):
            self.change(view, "", now_s)

    def undo(self) -> None:
        """One step of the view back."""
        self.view = self.history.undo(self.view)

    def redo(self) -> None:
        """And forth."""
        self.view = self.history.redo(self.view)

    def aim(self, pane: Pane) -> None:
        """Commands are meant for this pane from now on."""
        if self.scene.pane != pane:
            home = self.view.layout if self.view.layout not in KINDS else self.scene.home
            self.scene = replace(self.scene, pane=pane, home=home)

    def _load(self) -> None:
        try:
            stack, files = self._manifest.stack, self._manifest.files
            self._loading = loading_of(stack, files, self.opened.time, on_grid=self._on_grid)
            self._wake()
            if not self._is_cancelled:
                self._loading.run(lambda _: self._wake())
        except ScanError as failure:
            self.failure = failure
        except Exception:  # noqa: BLE001 - a fault of ours must be said, not leave an empty window
            self.failure = ScanError()
        self._has_ended = True
        self._wake()

    def _begin(self, volume: Volume) -> None:
        now = arrived(volume)
        grid, values = grid_of(volume), _statistics(volume, now)
        first = opening_view(volume, values)
        pane = Pane("axial" if volume.is_spatial else "frames", 0, 0, 1, 1)
        self.scene = Scene(volume, grid, values, first, windows_of(volume, first), pane, first.layout)
        self.view, self.has_volume = first, True
        self._settled = now.done or -1
        if self.opened.view:
            self.take(self.opened.view, 0.0)

    def _settle(self) -> bool:
        """Fit the first guesses to the values: at the first slice, at the tenth, and when all are there."""
        scene, now = self.scene, self.arrived()
        is_due = self._settled < min(now.done, 1) or self._settled < 10 <= now.done or now.is_whole
        if not is_due or self._settled == now.done:
            return False
        self._settled = now.done
        values = _statistics(scene.volume, now)
        first = opening_view(scene.volume, values)
        self.view = refreshed(self.view, scene.first, first)
        self.scene = replace(scene, statistics=values, first=first, windows=windows_of(scene.volume, first))
        return True


def _statistics(volume: Volume, there: Arrived) -> Statistics:
    """Of few voxels while slices still arrive: the first picture does not wait for a guess that will be made again."""
    return statistics(volume) if there.is_whole else statistics(volume, _EARLY_SAMPLES)


def _last_name(ref: FileRef) -> str:
    path = os.fsencode(ref.member) if ref.member is not None else ref.path
    return os.path.basename(path).decode("utf-8", "replace")

"""Loading onto a regular grid: an uneven stack for MPR and 3D, each slice between its two true neighbours, and said so."""

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from archive.sandbox.client import Decoder
from archive.stack import FileRef, Stack
from archive.volumes.buffer import allocate
from archive.volumes.loading import Damaged, Loading, OnSlice
from archive.volumes.resample import between, grid_of
from archive.volumes.volume import SliceState, Volume


def can_be_resampled(stack: Stack) -> bool:
    """Whether a stack is a volume but for the distances between its slices."""
    return stack.kind == "volume" and stack.verdict.code == "uneven" and len(stack.positions_mm) > 1


def loading_of(
    stack: Stack, files: Sequence[FileRef], time: int = 0, *, decoder: Decoder | None = None, on_grid: bool = False
) -> "Loading | GridLoading":
    """The loading of a stack: its slices as they are, or, where asked for and possible, on a regular grid."""
    if on_grid and can_be_resampled(stack):
        return GridLoading(stack, files, time, decoder=decoder)
    return Loading(stack, files, time, decoder=decoder)


class GridLoading:
    """Loads like Loading; its volume is regular, and says that it is resampled."""

    def __init__(
        self, stack: Stack, files: Sequence[FileRef], time: int = 0, *, decoder: Decoder | None = None
    ) -> None:
        self._inner = Loading(stack, files, time, decoder=decoder)
        self._grid = grid_of(stack)
        self._turn = threading.Lock()
        originals = self._inner.volume
        self.volume: Volume = replace(
            originals,
            voxels=allocate((self._grid.slices, *originals.voxels.shape[1:]), originals.voxels.dtype),
            patient_from_voxel=self._grid.patient_from_voxel,
            states=np.zeros(self._grid.slices, np.uint8),
            is_spatial=True,
            is_resampled=True,
        )

    @property
    def damaged(self) -> list[Damaged]:
        """Files that could not be read whole."""
        return self._inner.damaged

    def cancel(self) -> None:
        """End soon, from any thread."""
        self._inner.cancel()

    def run(self, on_slice: OnSlice | None = None) -> Volume:
        """Fill the volume; returns when all is read or cancelled."""
        self._inner.run(lambda k: self._spread(k, on_slice))
        for k in np.flatnonzero(self.volume.states == SliceState.DAMAGED):
            self._mix(int(k))  # by now damaged slices hold the lowest value
        return self.volume

    def _spread(self, arrived: int, on_slice: OnSlice | None) -> None:
        """Fill what lies between a slice that has arrived and its neighbours that are there."""
        there = self._inner.volume.states
        with self._turn:
            for k in np.flatnonzero((self._grid.below == arrived) | (self._grid.below == arrived - 1)):
                low, high = there[self._grid.below[k]], there[self._grid.below[k] + 1]
                if SliceState.EMPTY in (low, high) or self.volume.states[k] != SliceState.EMPTY:
                    continue
                self._mix(int(k))
                is_whole = low == high == SliceState.READY
                self.volume.states[k] = SliceState.READY if is_whole else SliceState.DAMAGED
                if on_slice is not None:
                    on_slice(int(k))

    def _mix(self, k: int) -> None:
        self.volume.voxels[k] = between(self._inner.volume.voxels, int(self._grid.below[k]), float(self._grid.share[k]))

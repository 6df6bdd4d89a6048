"""Source: what the passes draw from - a volume, its grid, and its 3D texture from the moment on in which one is needed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.errors import TooLarge
from archive.volumes.volume import SliceState, Volume
from render import budget
from render.context import Gpu
from render.grid import grid_of, states_of
from render.textures import VolumeTexture

_LEAST_BYTES = 1 << 20  # a texture smaller than this is refused for another reason than its size


class Source:
    """A volume on its way to the card. Slices are drawn from the array while there is no texture."""

    def __init__(self, gpu: Gpu, volume: Volume):
        self.volume, self.grid = volume, grid_of(volume)
        self._gpu = gpu
        self._texture: VolumeTexture | None = None
        self._most_bytes = budget.MOST_BYTES

    @property
    def is_colour(self) -> bool:
        return self.volume.voxels.ndim == 4

    @property
    def plan(self) -> budget.TexturePlan:
        """The texture there is, or the one that will be made."""
        if self._texture is not None:
            return self._texture.plan
        return budget.plan(self.volume.shape_kji, self.volume.voxels.dtype, self._gpu.max_3d, self._most_bytes)

    @property
    def has_texture(self) -> bool:
        return self._texture is not None

    @property
    def texture(self) -> VolumeTexture:
        """The 3D texture; made and filled with what has arrived when it is first asked for."""
        if self._texture is None:
            self._make()
            self._held.update(self.volume)
        return self._held

    @property
    def _held(self) -> VolumeTexture:
        assert self._texture is not None
        return self._texture

    def _make(self) -> None:
        """What the card refuses is tried at half the size, until it is plain that size is not the reason."""
        while self._texture is None:
            try:
                self._texture = VolumeTexture(self._gpu, self.volume, self._most_bytes)
            except TooLarge:
                bytes_tried = int(np.prod(self.plan.shape_kji, dtype=np.int64)) * self.plan.bits // 8
                if bytes_tried <= _LEAST_BYTES:
                    raise
                self._most_bytes = bytes_tried // 2

    def update(self, most_slices: int | None = None) -> bool:
        """Upload slices that have arrived (at most so many); the texture is made for that. True if there were any."""
        if self._texture is None:
            self._make()
        return self._held.update(self.volume, most_slices)

    @property
    def states(self) -> NDArray[np.uint8]:
        """State of each slice [k] now, as a copy: the loader goes on writing."""
        return states_of(self.volume).copy()

    @property
    def has_gaps(self) -> bool:
        """Whether some slice, in the array or on the card, is not there, damaged or a hole."""
        on_card = self._texture is not None and (self._texture.uploaded != SliceState.READY).any()
        return bool(on_card or (states_of(self.volume) != SliceState.READY).any())

    @property
    def version(self) -> Any:
        """Changes with what there is to be drawn."""
        return self.states.tobytes(), self._texture.version if self._texture is not None else 0

    def release(self) -> None:
        if self._texture is not None:
            self._texture.release()
        self._texture = None

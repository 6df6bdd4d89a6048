"""A volume as textures: voxels filled slab by slab, block ranges, the distance map and the table of a transfer."""

from dataclasses import dataclass
from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from archive.errors import TooLarge
from archive.volumes.volume import SliceState, Volume
from render import blocks, budget, transfer
from render.context import Gpu, release
from render.grid import Grid, grid_of, states_of
from render.sheet import finite, nearest_shown
from render.transfer import Transfer

SLAB_SLICES: Final = 16  # uploaded at a time: about 10 ms of a 512x512 volume
_UNSIGNED_FROM_SIGNED: Final = 0x8000  # int16 lies in the unsigned texture turned round; moderngl's "ni2" clamps at 0


def made(gpu: Gpu, kind: str, size: tuple[int, ...], components: int, data: Any = None, dtype: str = "f4") -> Any:
    """A texture (kind "texture" or "texture3d") that does not repeat; TooLarge if the driver refuses it.

    moderngl does not raise when a texture cannot be had: the context's error is read right after.
    """
    gpu.ctx.error  # noqa: B018 - reading it clears what stood there before
    texture = getattr(gpu.ctx, kind)(size, components, data, alignment=1, dtype=dtype)
    if gpu.ctx.error != "GL_NO_ERROR":
        texture.release()
        raise TooLarge(
            what="x".join(str(n) for n in size), wanted=f"{_bytes(size, components, dtype) >> 20} MiB", allowed="GPU"
        )
    texture.repeat_x = texture.repeat_y = False
    if kind == "texture3d":
        texture.repeat_z = False
    return texture


def _bytes(size: tuple[int, ...], components: int, dtype: str) -> int:
    return int(np.prod(size, dtype=np.int64)) * components * int(dtype[-1])


@dataclass(frozen=True)
class Coding:
    """How stored values lie in texels: stored = texel * scale + bias."""

    dtype: str
    scale: float
    bias: float
    is_integer: bool


def coding_of(dtype: "np.dtype[Any]") -> Coding:
    if budget.texel_bits(dtype) == 32:
        return Coding("f4", 1.0, 0.0, False)
    return Coding("nu2", 65535.0, -32768.0 if dtype.kind == "i" else 0.0, True)


def texels(plane: NDArray[Any]) -> NDArray[Any]:
    """Stored values as they are uploaded (a new array)."""
    if plane.dtype.kind == "f" or plane.dtype.itemsize > 2:
        return finite(plane)
    if plane.dtype.kind == "i":
        return plane.astype(np.int16).view(np.uint16) ^ np.uint16(_UNSIGNED_FROM_SIGNED)
    return plane.astype(np.uint16)


class VolumeTexture:
    """The voxels of one volume on the card. `uploaded`: state of each slice [k] there; `version` grows with every change."""

    def __init__(self, gpu: Gpu, volume: Volume, most_bytes: int = budget.MOST_BYTES):
        dtype = volume.voxels.dtype
        self.is_colour = volume.voxels.ndim == 4
        self.plan = budget.plan(volume.shape_kji, dtype, gpu.max_3d, most_bytes)
        self.coding = Coding("f1", 255.0, 0.0, True) if self.is_colour else coding_of(dtype)
        self.version = 0
        self._gpu = gpu
        self.uploaded = np.full(volume.shape_kji[0], SliceState.EMPTY, np.uint8)
        size = self.plan.shape_kji[::-1]
        self.voxels = made(gpu, "texture3d", size, 3 if self.is_colour else 1, None, self.coding.dtype)
        self.voxels.filter = (moderngl.LINEAR, moderngl.LINEAR)  # not the default of "nu2"
        self.states: Any = (
            made(gpu, "texture", (volume.shape_kji[0], 1), 2) if volume.shape_kji[0] <= gpu.max_2d else None
        )
        self.range = blocks.BlockRange(self.plan.shape_kji, self.coding.bias)
        self._block_texture: Any = None
        self._block_version = -1
        self.grid = _texture_grid(grid_of(volume), self.plan)
        self._blank(states_of(volume))

    def _blank(self, states: NDArray[np.uint8]) -> None:
        """Fresh texture memory holds anything: write zeros where no slice is there to be uploaded at once."""
        if (states != SliceState.EMPTY).all():
            return
        depth, rows, columns = self.plan.shape_kji
        bytes_per_texel = 3 if self.is_colour else self.plan.bits // 8
        zeros = np.zeros(SLAB_SLICES * rows * columns * bytes_per_texel, np.uint8)
        for k in range(0, depth, SLAB_SLICES):
            n = min(SLAB_SLICES, depth - k)
            self._write(zeros[: n * rows * columns * bytes_per_texel], k, n)

    def _write(self, data: NDArray[Any], k: int, slices: int) -> None:
        _, rows, columns = self.plan.shape_kji
        self.voxels.write(np.ascontiguousarray(data), viewport=(0, 0, k, columns, rows, slices), alignment=1)

    def update(self, volume: Volume, most_slices: int | None = None) -> bool:
        """Upload the slices whose state has changed since the last call (at most so many); True if there were any."""
        states = states_of(volume).copy()  # the loader may go on while we upload
        changed = np.flatnonzero(states != self.uploaded)[:most_slices]
        if not len(changed):
            return False
        factor = self.plan.factor_kji[0]
        for first, last in _runs(np.unique(changed // factor)):
            self._upload(volume, first, last)
        self.uploaded[changed] = states[changed]
        if self.states is not None:
            self.states.write(_state_row(self.uploaded))
        self.version += 1
        return True

    def _upload(self, volume: Volume, first: int, last: int) -> None:
        """Texture slices first..last (exclusive)."""
        for k in range(first, last, SLAB_SLICES):
            n = min(SLAB_SLICES, last - k)
            slab = self._source(volume, k, n)
            coded = slab if self.is_colour else texels(slab)
            if not self.is_colour:
                for offset, plane in enumerate(slab if self.coding.is_integer else coded):
                    self.range.add(k + offset, plane)
            self._write(coded, k, n)

    def _source(self, volume: Volume, k: int, n: int) -> NDArray[Any]:
        """Stored values of n texture slices from k on: the voxels themselves, or means of them."""
        if self.plan.is_exact:
            return volume.voxels[k : k + n]
        return coarser(
            volume.voxels[k * self.plan.factor_kji[0] : (k + n) * self.plan.factor_kji[0]], self.plan.factor_kji
        )

    def block_ranges(self) -> Any:
        """RG32F texture of (least, greatest) stored value of every block, kept up to date."""
        if self._block_version != self.version:
            release([self._block_texture])
            least, greatest = self.range.ranges()
            both = np.stack([least, greatest], -1)
            self._block_texture = made(self._gpu, "texture3d", least.shape[::-1], 2, both.tobytes())
            self._block_texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
            self._block_version = self.version
        return self._block_texture

    def release(self) -> None:
        release([self.voxels, self.states, self._block_texture])


def _runs(indices: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Runs of neighbours as (first, last + 1)."""
    parts = np.split(indices, np.flatnonzero(np.diff(indices) > 1) + 1)
    return [(int(part[0]), int(part[-1]) + 1) for part in parts if len(part)]


def _state_row(states: NDArray[np.uint8]) -> bytes:
    """For each slice: the nearest slice that can be shown, and its own state, as float32 pairs."""
    return np.stack([nearest_shown(states), states], -1).astype(np.float32).tobytes()


def coarser(voxels: NDArray[Any], factor_kji: tuple[int, int, int]) -> NDArray[Any]:
    """Means of blocks of factor (k, j, i) voxels, in the same type; the last block of an axis may be smaller."""
    values: NDArray[Any] = voxels.astype(np.float32)
    for axis, factor in enumerate(factor_kji):
        if factor > 1:
            starts = np.arange(0, values.shape[axis], factor)
            counts = np.diff(np.append(starts, values.shape[axis]))
            shape = [-1 if n == axis else 1 for n in range(3)]
            values = np.add.reduceat(values, starts, axis) / counts.reshape(shape)
    return (np.rint(values) if voxels.dtype.kind in "iu" else values).astype(voxels.dtype)


def _texture_grid(grid: Grid, plan: budget.TexturePlan) -> Grid:
    """Where the texels lie: the middle of the voxels each is the mean of."""
    factor = np.array(plan.factor_kji[::-1], np.float64)
    voxel_from_texel = np.diag([*factor, 1.0])
    voxel_from_texel[:3, 3] = (factor - 1) / 2
    return Grid(grid.patient_from_voxel @ voxel_from_texel, plan.shape_kji, grid.is_spatial)


@dataclass(frozen=True, eq=False)
class TransferTextures:
    """A transfer for one volume and step: the table, the distance map, and how texels find their entry."""

    table: Any  # RGBA32F, straight colour, opacity of one step
    distances: Any  # R8UI over blocks
    visible: tuple[float, float]  # texels from .. to that show anything
    entry_from_texel: tuple[float, float]  # table coordinate = texel * a + b
    real_per_texel: float

    def release(self) -> None:
        release([self.table, self.distances])


def transfer_textures(
    gpu: Gpu, texture: VolumeTexture, volume: Volume, look: Transfer, step_mm: float
) -> TransferTextures:
    """Build what the ray caster needs of a transfer; a few milliseconds."""
    entries = transfer.table(look)
    is_visible = transfer.is_visible(entries)
    entries[:, 3] = transfer.opacity_of_step(entries[:, 3], step_mm)
    slope, intercept = volume.slope or 1.0, volume.intercept
    low, high = ((value - intercept) / slope for value in look.domain)  # stored; may fall with a negative slope
    least, greatest = texture.range.ranges()
    distance = blocks.distances(blocks.occupied(least, greatest, is_visible, (low, high)))
    coding = texture.coding
    count = len(entries)
    gain = (count - 1) / count / (high - low)
    table = made(gpu, "texture", (count, 1), 4, entries.astype(np.float32).tobytes())
    table.filter = (moderngl.LINEAR, moderngl.LINEAR)
    distances = made(gpu, "texture3d", distance.shape[::-1], 1, distance.tobytes(), "u1")
    distances.filter = (moderngl.NEAREST, moderngl.NEAREST)
    return TransferTextures(
        table=table,
        distances=distances,
        visible=_visible_texels(look, slope, intercept, coding),
        entry_from_texel=(coding.scale * gain, (coding.bias - low) * gain + 0.5 / count),
        real_per_texel=coding.scale * abs(slope),
    )


def _visible_texels(look: Transfer, slope: float, intercept: float, coding: Coding) -> tuple[float, float]:
    """Texels between which something shows; an empty range (1, 0) where nothing does."""
    shown = transfer.visible_range(look, transfer.table(look))
    if shown is None:
        return 1.0, 0.0
    ends = sorted(((value - intercept) / slope - coding.bias) / coding.scale for value in shown)
    low, high = np.clip(ends, -3e38, 3e38)
    return float(low), float(high)

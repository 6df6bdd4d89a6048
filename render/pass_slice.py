"""First pass of a slice view: the stored values of a plane or slab, into a float target."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive import space
from archive.volumes.volume import Volume
from render import plane, reslice
from render.context import Gpu
from render.grid import Grid
from render.layout import Pane
from render.shader import Shaders
from render.targets import Target, Targets
from render.textures import VolumeTexture
from render.view import INTERPOLATIONS, SLAB_MODES, View


@dataclass(frozen=True, eq=False)
class Source:
    """What the passes draw from: a volume, its grid and its textures."""

    volume: Volume
    grid: Grid
    texture: VolumeTexture


def matrix_bytes(matrix: NDArray[Any]) -> bytes:
    """A matrix as GLSL stores it: column after column, float32."""
    return np.ascontiguousarray(matrix.T, np.float32).tobytes()


class SlicePass:
    """Fills one target for each slice pane, and not again while nothing but the window changes."""

    def __init__(self, gpu: Gpu, shaders: Shaders, targets: Targets):
        self._gpu, self._shaders, self._targets = gpu, shaders, targets

    def values(self, source: Source, view: View, pane: Pane) -> Target:
        """Target [rows from below, columns] of (stored value, kind); see slice.frag."""
        target = self._targets.get(pane.kind, pane.size, 2)
        key = _key(source, view, pane)
        if target.key != key:
            target.key = None
            draw = self._draw if _is_exact(source) else self._upload
            draw(source, view, pane, target)
            target.key = key
        return target

    def _draw(self, source: Source, view: View, pane: Pane, target: Target) -> None:
        samples = plane.slab_samples(view, pane.kind, source.grid)
        shader = self._shaders.get(
            "slice.frag",
            EXACT=0 if self._gpu.is_software else 1,
            INTERPOLATION=INTERPOLATIONS.index(view.interpolation),
            SLAB=SLAB_MODES.index(view.slab.mode),
            INTEGER=int(source.texture.coding.is_integer),
        )
        normal = space.turn(source.grid.voxel_from_patient, plane.axes_of(view, pane.kind, source.grid).normal)
        shader.set(
            volume=0,
            states=1,
            size_ijk=source.grid.shape_kji[::-1],
            index_from_pixel=matrix_bytes(
                source.grid.voxel_from_patient @ plane.patient_from_pixel(view, pane, source.grid)
            ),
            picture_rows=float(pane.height),
            stored_from_texel=(source.texture.coding.scale, source.texture.coding.bias),
            slab_step=tuple(normal * samples.step_mm),
            slab_first=tuple(normal * samples.first_mm),
            slab_low=tuple(normal * samples.low_mm),
            slab_high=tuple(normal * samples.high_mm),
            slab_samples=samples.count,
        )
        source.texture.voxels.use(0)
        source.texture.states.use(1)
        target.framebuffer.use()
        target.framebuffer.scissor = None
        shader.draw()

    def _upload(self, source: Source, view: View, pane: Pane, target: Target) -> None:
        """What does not fit into a texture is sampled from the array itself: slices stay exact."""
        found = reslice.values(source.volume, view, pane)
        target.texture.write(np.ascontiguousarray(found[::-1]))


def _is_exact(source: Source) -> bool:
    return source.texture.plan.is_exact and source.texture.states is not None


def _key(source: Source, view: View, pane: Pane) -> tuple[Any, ...]:
    """All that the values depend on."""
    frame = view.oblique if pane.kind == "oblique" else None
    point = tuple(plane.pixel_from_patient(view, pane, source.grid).ravel())
    return (id(source.texture), source.texture.version, pane.kind, point, frame, view.slab, view.interpolation)

"""The 3D passes: ray casting and projections, drawn in strips so that events stay alive."""

from collections.abc import Iterator
from typing import Any, Final

import moderngl
import numpy as np

from archive import space
from render.camera import directions, eye_of
from render.context import Gpu
from render.governor import STRIP_ROWS
from render.grid import Grid
from render.pass_slice import matrix_bytes
from render.shader import Shader, Shaders
from render.source import Source
from render.targets import Target, Targets
from render.textures import TransferTextures, transfer_textures
from render.view import View

MOST_CLIPS: Final = 6
PROJECTIONS: Final = {"mip": 0, "minip": 1, "mean": 2, "xray": 3}
_GOLDEN: Final = 0.6180339887  # phases of the passes: as evenly spread as any number of them can be
WATER_PER_MM: Final = 0.02  # attenuation of water at about 70 keV; air has none


class VolumePass:
    """Fills the 3D target: premultiplied colour for composite, (stored value, kind) for projections."""

    def __init__(self, gpu: Gpu, shaders: Shaders, targets: Targets):
        self._gpu, self._shaders, self._targets = gpu, shaders, targets
        self._look: TransferTextures | None = None
        self._look_key: Any = None

    def target(self, view: View, size: tuple[int, int], moving: bool) -> Target:
        """The target of a 3D pane drawn at a size."""
        name = "3d-moving" if moving else "3d"
        return self._targets.get(name, size, 2 if view.mode in PROJECTIONS else 4)

    def steps(self, source: Source, view: View, target: Target, passes: int = 1) -> Iterator[None]:
        """Draw what the target does not hold yet, strip by strip; it counts as whole only at the end of a pass.

        More passes than one go on where the target stands: samples of the same picture, shifted along the rays, are added
        up. Projections are exact after one.
        """
        key, wanted = _key(source, view), 1 if view.mode in PROJECTIONS else passes
        if target.key != key:
            target.key, target.passes = None, 0
        for done in range(target.passes, wanted):
            target.key = None
            yield from self._pass(source, view, target, done)
            target.key, target.passes = key, done + 1

    def _pass(self, source: Source, view: View, target: Target, done: int) -> Iterator[None]:
        shader = self._projection(source, view) if view.mode in PROJECTIONS else self._composite(source, view)
        shader.set(**_ray_uniforms(source, view, target.size))
        if view.mode not in PROJECTIONS:
            shader.set(jitter=(float(done > 0), done * _GOLDEN % 1.0))
        width, height = target.size
        for top in range(height, 0, -STRIP_ROWS):
            self._bind(source, view)
            target.framebuffer.use()
            target.framebuffer.scissor = (0, max(top - STRIP_ROWS, 0), width, min(STRIP_ROWS, top))
            self._add(shader, is_first=done == 0)
            if self._gpu.is_software:
                self._gpu.ctx.finish()  # software GL works when asked to; a card queues, which is as good
            yield
        target.framebuffer.scissor = None

    def _add(self, shader: Shader, is_first: bool) -> None:
        """Draw over what the target holds, or add to it."""
        if is_first:
            shader.draw()
            return
        ctx: Any = self._gpu.ctx
        ctx.enable(moderngl.BLEND)
        ctx.blend_func = moderngl.ONE, moderngl.ONE
        shader.draw()
        ctx.disable(moderngl.BLEND)

    def _composite(self, source: Source, view: View) -> Shader:
        look = self._look_of(source, view)
        shader = self._shaders.get("raycast.frag", {"LIT": int(view.transfer.shade.lit)})
        shade = view.transfer.shade
        axes = np.stack(directions(view.camera), -1)
        shader.set(
            distances=1,
            table=2,
            visible=look.visible,
            entry_from_texel=look.entry_from_texel,
            step_mm=view.step_of(source.grid),
            patient_from_difference=matrix_bytes(
                look.real_per_texel * source.texture.grid.voxel_from_patient[:3, :3].T
            ),
            eye_axes=matrix_bytes(axes),
            light=view.light,
            shade=(shade.ambient, shade.diffuse, shade.specular, shade.power),
            edge=shade.edge,
            reach=shade.reach,
            flat_cuts=int(shade.flat_cuts),
        )
        return shader

    def _projection(self, source: Source, view: View) -> Shader:
        shader = self._shaders.get("project.frag", {"MODE": PROJECTIONS[view.mode]})
        least, greatest = source.texture.range.ranges()
        shader.set(
            blocks=1,
            stored_from_texel=(source.texture.coding.scale, source.texture.coding.bias),
            attenuation_from_stored=_attenuation(source, view),
            step_mm=view.step_of(source.grid),
            stop_at=float(-least.min() if view.mode == "minip" else greatest.max()),
        )
        return shader

    def _bind(self, source: Source, view: View) -> None:
        source.texture.voxels.use(0)
        if view.mode in PROJECTIONS:
            source.texture.block_ranges().use(1)
        else:
            look = self._look_of(source, view)
            look.distances.use(1)
            look.table.use(2)

    def _look_of(self, source: Source, view: View) -> TransferTextures:
        step = view.step_of(source.grid)
        key = (id(source.texture), source.texture.version, view.transfer, step)
        if self._look is None or self._look_key != key:
            if self._look is not None:
                self._look.release()
            self._look = transfer_textures(self._gpu, source.texture, source.volume, view.transfer, step)
            self._look_key = key
        return self._look

    def release(self) -> None:
        if self._look is not None:
            self._look.release()
        self._look = None


def _key(source: Source, view: View) -> tuple[Any, ...]:
    """All that the 3D target depends on."""
    look = (view.transfer, view.light) if view.mode not in PROJECTIONS else None
    return (
        id(source.texture),
        source.texture.version,
        view.camera,
        view.mode,
        look,
        view.crop,
        view.clips,
        view.step_mm,
    )


def _attenuation(source: Source, view: View) -> tuple[float, float]:
    """Attenuation per mm = stored * a + b: of Hounsfield units, else from nothing to water over the transfer's domain."""
    slope, intercept = source.volume.slope or 1.0, source.volume.intercept
    low, high = (-1000.0, 0.0) if source.volume.unit == "HU" else view.transfer.domain
    gain = WATER_PER_MM / (high - low)
    return slope * gain, (intercept - low) * gain


def _ray_uniforms(source: Source, view: View, size: tuple[int, int]) -> dict[str, Any]:
    """The rays in voxel indices of the texture, worked out in double precision."""
    grid = source.texture.grid
    eye = eye_of(view.camera, source.grid, size)
    low, high = _box(view, source)
    clips, count = _clips(view, grid)
    return {
        "volume": 0,
        "size_ijk": grid.shape_kji[::-1],
        "picture_size": size,
        "eye_index": tuple(space.apply(grid.voxel_from_patient, eye.position_mm)),
        "forward_index": tuple(space.turn(grid.voxel_from_patient, eye.forward)),
        "right_index": tuple(space.turn(grid.voxel_from_patient, eye.right * eye.per_pixel)),
        "up_index": tuple(space.turn(grid.voxel_from_patient, eye.up * eye.per_pixel)),
        "per_pixel": 0.0 if eye.is_parallel else eye.per_pixel,
        "box_low": low,
        "box_high": high,
        "clips": clips,
        "clip_count": count,
    }


def _box(view: View, source: Source) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Texture indices between which rays run: the outermost voxel centres; an axis of one voxel keeps its thickness."""
    size = np.array(source.grid.shape_kji[::-1], np.float64)
    low, high = np.zeros(3), size - 1
    if view.crop is not None:
        low, high = np.maximum(low, view.crop.low_ijk), np.minimum(high, np.array(view.crop.high_ijk) - 1.0)
    flat = low == high
    low, high = np.where(flat, low - 0.5, low), np.where(flat, high + 0.5, high)
    texel_from_voxel = source.texture.grid.voxel_from_patient @ source.grid.patient_from_voxel
    low, high = space.apply(texel_from_voxel, low), space.apply(texel_from_voxel, high)
    return tuple(float(v) for v in low), tuple(float(v) for v in high)


def _clips(view: View, grid: Grid) -> tuple[bytes, int]:
    """Clip planes over texture indices: n . (M v + t) + d."""
    rows = np.zeros((MOST_CLIPS, 4), np.float32)
    for row, clip in zip(rows, view.clips, strict=False):
        row[:] = np.array([*clip.normal, clip.offset]) @ grid.patient_from_voxel
    return rows.tobytes(), min(len(view.clips), MOST_CLIPS)

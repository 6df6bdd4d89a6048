"""The OpenGL context, off screen or of a window, and its limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import moderngl
import numpy as np

from archive.errors import NoOffscreen, NoWindowGraphics

REQUIRED: Final = 330
_HEADLESS: Final[dict[str, Any]] = {"backend": "egl"}
_EXACT: Final = 1e-5
_PROBE_VERTEX: Final = """#version 330 core
void main() { gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0); }"""
_PROBE: Final = """#version 330 core
uniform sampler2D two;
out float found;
void main() { found = textureLod(two, vec2(0.25 + 0.5 * gl_FragCoord.x / 509.0, 0.5), 0.0).r; }"""
_SOFTWARE: Final = ("llvmpipe", "softpipe", "swrast", "software", "basic render")


@dataclass(frozen=True, eq=False)
class Gpu:
    """A context and what it can hold."""

    ctx: moderngl.Context
    renderer: str  # the driver's own name of itself
    version: str
    max_3d: int  # texels along one axis of a 3D texture
    max_2d: int
    is_software: bool
    filters_exactly: bool  # its own linear filter is as good as ours: software GL; cards weigh with eight bits


def offscreen() -> Gpu:
    """A context without window or display (EGL); NoOffscreen if the machine cannot give one."""
    try:
        return _gpu(moderngl.create_context(REQUIRED, standalone=True, **_HEADLESS))
    except Exception as error:  # every driver fails in its own way; the cause is kept
        raise NoOffscreen from error


def of_window(loader: Any = None) -> Gpu:
    """The context that the window library has made current; `loader` finds functions where detection fails (Wayland)."""
    try:
        context: dict[str, Any] = {"context": loader} if loader is not None else {}
        return _gpu(moderngl.create_context(REQUIRED, **context))
    except Exception as error:
        raise NoWindowGraphics from error


def _gpu(ctx: moderngl.Context) -> Gpu:
    name = str(ctx.info["GL_RENDERER"])
    return Gpu(
        ctx=ctx,
        renderer=name,
        version=str(ctx.info["GL_VERSION"]),
        max_3d=int(ctx.info["GL_MAX_3D_TEXTURE_SIZE"]),
        max_2d=int(ctx.info["GL_MAX_TEXTURE_SIZE"]),
        is_software=any(word in name.lower() for word in _SOFTWARE),
        filters_exactly=_filters_exactly(ctx),
    )


def _filters_exactly(ctx: moderngl.Context) -> bool:
    """Whether the driver's linear filter hits a hundred-thousandth of the step between two texels, at odd places."""
    steps = 509  # a prime: no place is a multiple of 1/256
    texture = ctx.texture((2, 1), 1, b"\0\0\xff\xff", alignment=1, dtype="nu2")
    texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
    texture.repeat_x = texture.repeat_y = False
    program = ctx.program(vertex_shader=_PROBE_VERTEX, fragment_shader=_PROBE)
    array, target = ctx.vertex_array(program, []), ctx.texture((steps, 1), 1, dtype="f4")
    framebuffer = ctx.framebuffer([target])
    framebuffer.use()
    texture.use(0)
    array.render(moderngl.TRIANGLES, vertices=3)
    found = np.frombuffer(target.read(alignment=1), np.float32)
    release([framebuffer, target, array, program, texture])
    return bool(np.abs(found - (np.arange(steps) + 0.5) / steps).max() < _EXACT)


def release(objects: Sequence[Any]) -> None:
    """Give GL objects back; what was never made (None) is passed over."""
    for thing in objects:
        if thing is not None:
            thing.release()

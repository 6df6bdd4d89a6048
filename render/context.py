"""The OpenGL context, off screen or of a window, and its limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import moderngl

from archive.errors import NoGraphics

REQUIRED: Final = 330
_HEADLESS: Final[dict[str, Any]] = {"backend": "egl"}
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


def offscreen() -> Gpu:
    """A context without window or display (EGL); NoGraphics if the machine cannot give one."""
    try:
        return _gpu(moderngl.create_context(REQUIRED, standalone=True, **_HEADLESS))
    except Exception as error:  # every driver fails in its own way; the cause is kept
        raise NoGraphics(what="OpenGL 3.3 cannot be used without a window on this machine.") from error


def of_window(loader: Any = None) -> Gpu:
    """The context that the window library has made current; `loader` finds functions where detection fails (Wayland)."""
    try:
        context: dict[str, Any] = {"context": loader} if loader is not None else {}
        return _gpu(moderngl.create_context(REQUIRED, **context))
    except Exception as error:
        raise NoGraphics(what="This window gives no OpenGL 3.3.") from error


def _gpu(ctx: moderngl.Context) -> Gpu:
    name = str(ctx.info["GL_RENDERER"])
    return Gpu(
        ctx=ctx,
        renderer=name,
        version=str(ctx.info["GL_VERSION"]),
        max_3d=int(ctx.info["GL_MAX_3D_TEXTURE_SIZE"]),
        max_2d=int(ctx.info["GL_MAX_TEXTURE_SIZE"]),
        is_software=any(word in name.lower() for word in _SOFTWARE),
    )


def release(objects: Sequence[Any]) -> None:
    """Give GL objects back; what was never made (None) is passed over."""
    for thing in objects:
        if thing is not None:
            thing.release()

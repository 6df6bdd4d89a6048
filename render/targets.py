"""Targets: float framebuffers into which the passes draw, kept while the panes keep their size."""

from collections.abc import Hashable
from typing import Any

from archive.errors import TooLarge
from render.context import Gpu
from render.textures import made


class Target:
    """A texture and the framebuffer that fills it; `key` says what it holds, None while that is not whole."""

    def __init__(self, gpu: Gpu, size: tuple[int, int], components: int, dtype: str):
        if max(size) > gpu.max_2d:
            raise TooLarge(what=f"{size[0]}x{size[1]}", wanted=f"{max(size)}", allowed=f"{gpu.max_2d}")
        self.size = size
        self.texture = made(gpu, "texture", size, components, None, dtype)
        self.framebuffer: Any = gpu.ctx.framebuffer([self.texture])
        self.key: Hashable = None
        self.passes = 0  # of 3D that are added up in it

    def release(self) -> None:
        self.framebuffer.release()
        self.texture.release()


class Targets:
    """One target for each pane kind and use."""

    def __init__(self, gpu: Gpu):
        self._gpu = gpu
        self._kept: dict[str, tuple[tuple[Any, ...], Target]] = {}

    def get(self, name: str, size: tuple[int, int], components: int, dtype: str = "f4") -> Target:
        """The target of a name; a new one where size or form differ from the last time."""
        form = (size, components, dtype)
        known = self._kept.get(name)
        if known and known[0] == form:
            return known[1]
        if known:
            known[1].release()
            del self._kept[name]
        target = Target(self._gpu, size, components, dtype)
        self._kept[name] = (form, target)
        return target

    def release(self) -> None:
        for _, target in self._kept.values():
            target.release()
        self._kept.clear()

"""Shaders are files: #include resolved with #line, programs made once, uniforms set through one function."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import moderngl

from render.context import Gpu

_INCLUDE: Final = re.compile(r'^\s*#include\s+"([^"]+)"\s*$')
_NAME: Final = re.compile(r"\w+")


def source(name: str, defines: Mapping[str, int | str] | None = None) -> str:
    """Text of a shader file, with `defines` after its #version line and its includes in their place, each once.

    An error of the driver names file and line: `#line 1 n` stands before the n-th include, `#line k 0` after it.
    """
    lines: list[str] = []
    included: list[str] = []
    for number, line in enumerate(_read(name).splitlines(), 1):
        if line.startswith("#version"):
            lines += [
                line,
                *(f"#define {key} {value}" for key, value in (defines or {}).items()),
                f"#line {number + 1} 0",
            ]
        elif match := _INCLUDE.match(line):
            lines += [*_included(match.group(1), included), f"#line {number + 1} 0"]
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _included(name: str, included: list[str]) -> list[str]:
    """Lines of an included file and of what it includes; nothing the second time."""
    if name in included:
        return []
    included.append(name)
    own = len(included)
    lines = [f"#line 1 {own}"]
    for number, line in enumerate(_read(name).splitlines(), 1):
        match = _INCLUDE.match(line)
        lines += [*_included(match.group(1), included), f"#line {number + 1} {own}"] if match else [line]
    return lines


def _read(name: str) -> str:
    return (files("render") / "shaders" / name).read_text("utf-8")


class Shader:
    """A fragment program over a whole viewport (or, with its own vertex file, over given triangles)."""

    def __init__(self, gpu: Gpu, name: str, defines: Mapping[str, int | str] | None = None, vertex: str = "full.vert"):
        text = source(name, defines)
        vertex_text = source(vertex, defines)
        self.program = gpu.ctx.program(vertex_shader=vertex_text, fragment_shader=text)
        self._names = frozenset(_NAME.findall(text + vertex_text))
        self._array = gpu.ctx.vertex_array(self.program, []) if vertex == "full.vert" else None

    def set(self, **uniforms: Any) -> None:
        """Set uniforms. One that the driver dropped is passed over; one that the source does not have is a mistake."""
        for name, value in uniforms.items():
            if name not in self._names:
                raise KeyError(name)
            member = self.program.get(name, None)
            if isinstance(member, moderngl.Uniform):
                if isinstance(value, bytes):
                    member.write(value)
                else:
                    member.value = value

    def draw(self) -> None:
        """Run over every pixel of the viewport (inside the scissor)."""
        if self._array is not None:
            self._array.render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        if self._array is not None:
            self._array.release()
        self.program.release()


class Shaders:
    """The programs of one context, made when they are first needed."""

    def __init__(self, gpu: Gpu):
        self._gpu = gpu
        self._made: dict[tuple[Any, ...], Shader] = {}

    def get(self, name: str, defines: Mapping[str, int] | None = None, vertex: str = "full.vert") -> Shader:
        """The program of a fragment file in the variant that `defines` says."""
        defines = defines or {}
        key = (name, vertex, *sorted(defines.items()))
        if key not in self._made:
            self._made[key] = Shader(self._gpu, name, defines, vertex)
        return self._made[key]

    def release(self) -> None:
        for shader in self._made.values():
            shader.release()
        self._made.clear()

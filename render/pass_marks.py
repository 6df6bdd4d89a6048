"""Marks on the picture: lines and letters as antialiased strokes with a soft dark halo, in two draws."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from render.context import Gpu, release
from render.font import segments_of
from render.marks import Line, Marks, Text
from render.shader import Shaders

_FLOATS: Final = 9  # of a stroke: two ends, width, red, green, blue, alpha
_STROKE_SHARE: Final = 0.115  # width of a letter's strokes, of its height
_HALO: Final = (3.0, 0.45)  # pixels around a stroke, and its darkest alpha


class MarksPass:
    """Draws all marks of a picture."""

    def __init__(self, gpu: Gpu, shaders: Shaders):
        self._gpu, self._shaders = gpu, shaders
        self._buffer: Any = None
        self._array: Any = None

    def draw(self, marks: Sequence[Marks], size: tuple[int, int]) -> None:
        """Over what is in the framebuffer, whose viewport is the whole picture."""
        strokes = np.concatenate([np.zeros((0, _FLOATS)), *_strokes_of(marks)]).astype(np.float32)
        if not len(strokes):
            return
        shader = self._shaders.get("marks.frag", vertex="marks.vert")
        self._fill(shader.program, strokes)
        ctx: Any = self._gpu.ctx
        ctx.enable(moderngl.BLEND)
        ctx.blend_func = moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA, moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        for halo in (_HALO, (0.0, 0.0)):
            shader.set(picture_size=size, halo=halo)
            self._array.render(moderngl.TRIANGLE_STRIP, vertices=4, instances=len(strokes))
        ctx.disable(moderngl.BLEND)

    def _fill(self, program: Any, strokes: NDArray[np.float32]) -> None:
        if self._buffer is None or self._buffer.size < strokes.nbytes:
            release([self._array, self._buffer])
            self._buffer = self._gpu.ctx.buffer(reserve=2 * strokes.nbytes, dynamic=True)
            names = ("ends", "width", "ink")
            self._array = self._gpu.ctx.vertex_array(program, [(self._buffer, "4f 1f 4f/i", *names)])
        self._buffer.write(strokes)

    def release(self) -> None:
        """Give the buffers back."""
        release([self._array, self._buffer])
        self._array = self._buffer = None


def _strokes_of(marks: Sequence[Marks]) -> Iterator[NDArray[np.float64]]:
    for of_pane in marks:
        yield from (_line(line) for line in of_pane.lines)
        yield from (_text(text) for text in of_pane.texts)


def _line(line: Line) -> NDArray[np.float64]:
    return np.array([[line.x0, line.y0, line.x1, line.y1, line.width, *line.colour]])


_ALIGN: Final = {"left": 0.0, "middle": 0.5, "right": 1.0}


def _text(text: Text) -> NDArray[np.float64]:
    segments, width = segments_of(text.text, text.size)
    x = text.x - _ALIGN[text.align] * width
    ends = np.add(segments, (x, text.y, x, text.y))
    rest = np.broadcast_to([text.size * _STROKE_SHARE, *text.colour], (len(ends), 5))
    return np.hstack([ends, rest])

"""Dear ImGui in our window: its textures and triangles drawn by moderngl, its fonts and colours set to ours."""

import ctypes
from importlib.resources import files
from typing import Any, Final

import moderngl
import numpy as np
from numpy.typing import NDArray
from slimgui import imgui

_VERTEX: Final = """
#version 330
uniform vec2 display;
in vec2 position;
in vec2 uv;
in vec4 colour;
out vec2 at;
out vec4 tint;
void main() {
    at = uv;
    tint = colour;
    gl_Position = vec4(position.x / display.x * 2.0 - 1.0, 1.0 - position.y / display.y * 2.0, 0.0, 1.0);
}
"""
_FRAGMENT: Final = """
#version 330
uniform sampler2D picture;
in vec2 at;
in vec4 tint;
out vec4 colour;
void main() { colour = tint * texture(picture, at); }
"""
_INDEX_BYTES: Final = int(imgui.INDEX_SIZE)
_FONT_PX: Final = 14.0

# The page's dark colours (ui/tokens.css), so that the two windows are of one piece.
INK: Final = (0.914, 0.933, 0.953, 1.0)
FAINT: Final = (0.576, 0.631, 0.682, 1.0)
ACCENT: Final = (0.345, 0.769, 0.831, 1.0)
WARN: Final = (0.941, 0.725, 0.353, 1.0)
GROUND: Final = (0.059, 0.071, 0.086)

_SURFACE: Final = (0.086, 0.106, 0.129, 1.0)
_RAISED: Final = (0.125, 0.155, 0.190, 1.0)
_HOVER: Final = (0.165, 0.205, 0.248, 1.0)
_EDGE: Final = (0.165, 0.200, 0.239, 1.0)
_TINTED: Final = (0.345, 0.769, 0.831, 0.24)
_TINTED_MORE: Final = (0.345, 0.769, 0.831, 0.40)
_COLOURS: Final = {
    imgui.Col.TEXT: INK,
    imgui.Col.TEXT_DISABLED: FAINT,
    imgui.Col.WINDOW_BG: _SURFACE,
    imgui.Col.CHILD_BG: (0.0, 0.0, 0.0, 0.0),
    imgui.Col.POPUP_BG: (0.105, 0.130, 0.158, 0.98),
    imgui.Col.BORDER: _EDGE,
    imgui.Col.FRAME_BG: _RAISED,
    imgui.Col.FRAME_BG_HOVERED: _HOVER,
    imgui.Col.FRAME_BG_ACTIVE: _HOVER,
    imgui.Col.BUTTON: _RAISED,
    imgui.Col.BUTTON_HOVERED: _HOVER,
    imgui.Col.BUTTON_ACTIVE: _TINTED_MORE,
    imgui.Col.HEADER: _TINTED,
    imgui.Col.HEADER_HOVERED: _HOVER,
    imgui.Col.HEADER_ACTIVE: _TINTED_MORE,
    imgui.Col.SEPARATOR: _EDGE,
    imgui.Col.CHECK_MARK: ACCENT,
    imgui.Col.SLIDER_GRAB: ACCENT,
    imgui.Col.SLIDER_GRAB_ACTIVE: INK,
    imgui.Col.SCROLLBAR_BG: (0.0, 0.0, 0.0, 0.0),
    imgui.Col.SCROLLBAR_GRAB: _HOVER,
    imgui.Col.TEXT_SELECTED_BG: _TINTED_MORE,
    imgui.Col.MODAL_WINDOW_DIM_BG: (0.0, 0.0, 0.0, 0.55),
}
_METRICS: Final[dict[imgui.StyleVar, float | tuple[float, float]]] = {
    imgui.StyleVar.WINDOW_ROUNDING: 0.0,
    imgui.StyleVar.WINDOW_BORDER_SIZE: 0.0,
    imgui.StyleVar.POPUP_ROUNDING: 8.0,
    imgui.StyleVar.FRAME_ROUNDING: 6.0,
    imgui.StyleVar.GRAB_ROUNDING: 6.0,
    imgui.StyleVar.GRAB_MIN_SIZE: 12.0,
    imgui.StyleVar.SCROLLBAR_SIZE: 10.0,
    imgui.StyleVar.SCROLLBAR_ROUNDING: 5.0,
    imgui.StyleVar.FRAME_PADDING: (10.0, 6.0),
    imgui.StyleVar.ITEM_SPACING: (8.0, 8.0),
    imgui.StyleVar.WINDOW_PADDING: (16.0, 14.0),
}


class Painter:
    """One ImGui context and what it needs on the GPU. `begin` and `end` enclose a frame; `draw` paints the last one."""

    def __init__(self, context: moderngl.Context, scale: float = 1.0) -> None:
        self._context = context
        self._program = context.program(vertex_shader=_VERTEX, fragment_shader=_FRAGMENT)
        self._vertices = context.buffer(reserve=1 << 18, dynamic=True)
        self._indices = context.buffer(reserve=1 << 17, dynamic=True)
        self._array = self._new_array()
        self._textures: dict[int, Any] = {}
        self._label: Any = None
        self._imgui = imgui.create_context()
        self.io = imgui.get_io()
        self.io.ini_filename = None  # nothing is written to disk
        # No base vertex in moderngl: RENDERER_HAS_VTX_OFFSET stays unset.
        self.io.backend_flags |= imgui.BackendFlags.RENDERER_HAS_TEXTURES
        self.regular, self.strong = _fonts(self.io.fonts)
        self._scale = scale

    def begin(self, size: tuple[int, int], framebuffer: tuple[int, int], seconds: float) -> None:
        """Start a frame of a window of `size` points and `framebuffer` pixels, `seconds` after the last."""
        self.io.display_size = size
        self.io.display_framebuffer_scale = (framebuffer[0] / max(size[0], 1), framebuffer[1] / max(size[1], 1))
        self.io.delta_time = max(seconds, 1e-4)
        imgui.new_frame()  # type: ignore[no-untyped-call]
        imgui.push_font(self.regular, _FONT_PX * self._scale)
        for colour, value in _COLOURS.items():
            imgui.push_style_color(colour, value)
        for variable, metric in _METRICS.items():
            imgui.push_style_var(variable, _scaled(metric, self._scale))

    def end(self) -> None:
        """End the frame: its triangles are ready to be drawn."""
        imgui.pop_style_var(len(_METRICS))
        imgui.pop_style_color(len(_COLOURS))
        imgui.pop_font()
        imgui.render()

    def draw(self, target: Any, size: tuple[int, int]) -> None:
        """Draw the last frame into a framebuffer of so many pixels."""
        data = imgui.get_draw_data()
        for texture in data.textures or ():
            self._serve(texture)
        target.use()
        self._context.enable_only(moderngl.BLEND)
        self._context.blend_func = moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA
        self._program["display"] = self.io.display_size
        data.scale_clip_rects(data.framebuffer_scale)
        for commands in data.commands_lists:
            self._draw_list(commands, target, size[1])
        target.scissor = None
        self._context.enable_only(moderngl.NOTHING)

    def texture_of(self, pixels: NDArray[np.uint8]) -> int:
        """A picture [rows, columns, 4] as a texture, under its number; the one before is released."""
        if self._label is not None:
            self._textures.pop(self._label.glo).release()
        rows, columns = pixels.shape[:2]
        self._label = self._context.texture((columns, rows), 4, np.ascontiguousarray(pixels))
        self._label.repeat_x = self._label.repeat_y = False
        return self.keep(self._label)

    def keep(self, texture: Any) -> int:
        """Let ImGui draw a texture of ours under the number returned."""
        self._textures[texture.glo] = texture
        return int(texture.glo)

    def _draw_list(self, commands: Any, target: Any, rows: int) -> None:
        self._fill("_vertices", commands.vtx_buffer_data, commands.vtx_buffer_size * imgui.VERTEX_SIZE)
        self._fill("_indices", commands.idx_buffer_data, commands.idx_buffer_size * _INDEX_BYTES)
        for command in commands.commands:
            left, top, right, bottom = (int(edge) for edge in command.clip_rect)
            texture = self._textures.get(command.tex_ref.get_tex_id())
            if texture is None or right <= left or bottom <= top:
                continue
            texture.use(0)
            target.scissor = left, rows - bottom, right - left, bottom - top
            self._array.render(moderngl.TRIANGLES, command.elem_count, first=command.idx_offset)

    def _fill(self, name: str, address: int, count_bytes: int) -> None:
        """Copy ImGui's memory into a buffer, which grows by doubling."""
        buffer: moderngl.Buffer = getattr(self, name)
        if count_bytes > buffer.size:
            buffer.release()
            setattr(self, name, self._context.buffer(reserve=2 * count_bytes, dynamic=True))
            self._array.release()
            self._array = self._new_array()
            buffer = getattr(self, name)
        buffer.orphan()
        buffer.write((ctypes.c_ubyte * count_bytes).from_address(address))

    def _new_array(self) -> moderngl.VertexArray:
        layout = (self._vertices, "2f4 2f4 4f1", "position", "uv", "colour")
        return self._context.vertex_array(self._program, [layout], self._indices, index_element_size=_INDEX_BYTES)

    def _serve(self, texture: Any) -> None:
        """Do what ImGui asks for one of its textures (the atlas of glyphs grows while it is used)."""
        status = imgui.TextureStatus
        if texture.status in (status.WANT_CREATE, status.WANT_UPDATES):
            pixels = np.asarray(texture.get_pixels()).reshape(texture.height, texture.width, 4)
            self._upload(texture, pixels)
            texture.set_status(status.OK)
        elif texture.status == status.WANT_DESTROY and texture.unused_frames > 0:
            self._textures.pop(texture.get_tex_id()).release()
            texture.set_tex_id(0)
            texture.set_status(status.DESTROYED)

    def _upload(self, texture: Any, pixels: Any) -> None:
        ours = self._textures.get(texture.get_tex_id())
        if ours is None:
            ours = self._context.texture((texture.width, texture.height), 4)
            ours.repeat_x = ours.repeat_y = False  # moderngl repeats by default
            texture.set_tex_id(self.keep(ours))
        ours.write(np.ascontiguousarray(pixels))


def _scaled(metric: float | tuple[float, float], scale: float) -> Any:
    return tuple(each * scale for each in metric) if isinstance(metric, tuple) else metric * scale


def _fonts(atlas: Any) -> tuple[Any, Any]:
    """Our regular and semibold fonts; ImGui's own where they are missing."""
    return _font(atlas, "Inter-Regular.ttf"), _font(atlas, "Inter-SemiBold.ttf")


def _font(atlas: Any, name: str) -> Any:
    source = files("ui") / "fonts" / name
    return atlas.add_font_from_memory_ttf(source.read_bytes()) if source.is_file() else atlas.add_font_default()

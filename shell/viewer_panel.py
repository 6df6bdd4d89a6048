"""The panel at the right of the viewer: layout, window, 3D look, slab, interpolation. Each control asks for a command."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from slimgui import imgui

from render import presets
from render.statistics import Statistics
from render.view import INTERPOLATIONS, MODES, SLAB_MODES, View
from render.window import Window
from shell.commands import LAYOUTS, Scene
from shell.texts import Texts
from shell.viewer_imgui import ACCENT, FAINT, INK, WARN, Painter
from shell.viewer_status import number_text

WIDTH: Final = 268.0  # points
_FLAGS: Final = (
    imgui.WindowFlags.NO_TITLE_BAR
    | imgui.WindowFlags.NO_RESIZE
    | imgui.WindowFlags.NO_MOVE
    | imgui.WindowFlags.NO_SAVED_SETTINGS
    | imgui.WindowFlags.NO_NAV_INPUTS
    | imgui.WindowFlags.NO_BRING_TO_FRONT_ON_FOCUS
)
_MOST_SLAB_MM: Final = 60.0
_MOST_NAMED: Final = 4

Ask = Callable[..., None]  # ask(id of a command, argument)


@dataclass(frozen=True)
class Heading:
    """What stands above the controls: the series' words (or a picture of them, in scripts our font lacks) and the verdict."""

    words: str
    note: str
    texture: int = 0
    texture_size: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class More:
    """What the panel shows besides the view: where in a 4D stack it is, and the files that could not be read whole."""

    time: int = 1
    times: int = 1
    dimension: str = ""  # what tells this time apart
    is_playing: bool = False
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where the panel lies, in points."""

    x: float
    y: float
    width: float
    height: float


class Panel:
    """The controls. Keeps nothing of the scan: every frame is drawn from the view."""

    def __init__(self, texts: Texts, painter: Painter) -> None:
        self._texts = texts
        self._painter = painter

    def draw(self, place: Place, heading: Heading, view: View, scene: Scene, more: More, ask: Ask) -> None:
        """One frame of the panel."""
        imgui.set_next_window_pos((place.x, place.y))
        imgui.set_next_window_size((place.width, place.height))
        imgui.begin("panel", flags=_FLAGS)
        self._heading(heading)
        if more.damaged:
            self._damaged(more.damaged)
        if more.times > 1:
            self._times(more, ask)
        if scene.volume.is_spatial:
            self._layout(view, ask)
        self._window(view, scene, ask)
        if scene.volume.is_spatial:
            self._look(view, scene, ask)
            self._slab(view, ask)
        self._section("viewer-panel.smoothing")
        self._segments("view.interpolation", INTERPOLATIONS, view.interpolation, ask)
        imgui.dummy((0, 2))
        self._buttons(
            (
                ("viewer-panel.fit", "view.fit"),
                ("viewer-panel.reset", "view.reset"),
                ("viewer-panel.keys", "tool.help"),
            ),
            ask,
        )
        imgui.end()

    def _say(self, text_id: str, **facts: Any) -> str:
        return self._texts.say(text_id, **facts)

    def _heading(self, heading: Heading) -> None:
        if heading.texture:
            imgui.image(heading.texture, heading.texture_size)
        elif heading.words:
            imgui.push_font(self._painter.strong, 0.0)
            imgui.text_wrapped(heading.words)
            imgui.pop_font()
        if heading.note:
            imgui.push_style_color(imgui.Col.TEXT, FAINT)
            imgui.text_wrapped(heading.note)
            imgui.pop_style_color()

    def _section(self, text_id: str) -> None:
        imgui.dummy((0, 5))
        imgui.push_font(self._painter.strong, 0.0)
        imgui.text_colored(FAINT, self._say(text_id))
        imgui.pop_font()

    def _layout(self, view: View, ask: Ask) -> None:
        """A row of little drawings of the layouts."""
        self._section("viewer-panel.layout")
        gap = 4.0
        width = (imgui.get_content_region_avail()[0] - gap * (len(LAYOUTS) - 1)) / len(LAYOUTS)
        for n, name in enumerate(LAYOUTS):
            if n:
                imgui.same_line(0.0, gap)
            start = imgui.get_cursor_screen_pos()
            if imgui.invisible_button(f"layout {name}", (width, width)):
                ask("view.layout", name)
            _layout_icon(name, start, width, name == view.layout, imgui.is_item_hovered())
            if imgui.is_item_hovered():
                imgui.set_tooltip(self._say(f"layout.{name}"))

    def _window(self, view: View, scene: Scene, ask: Ask) -> None:
        self._section("viewer-panel.window")
        imgui.set_next_item_width(-1)
        if imgui.begin_combo("##windows", self._window_name(view.window, scene)):
            for n, each in enumerate(scene.windows, 1):
                label = f"{n}   {self._window_name(each, scene)}"
                if imgui.selectable(f"{label}##{n}", _same(each, view.window))[0]:
                    ask("window.preset", n)
            imgui.end_combo()
        span = _span(scene.statistics)
        centre = self._slider("viewer-panel.centre", view.window.centre, span[0], span[1])
        width = self._slider(
            "viewer-panel.width", view.window.width, (span[1] - span[0]) / 500, span[1] - span[0], log=True
        )
        if centre != view.window.centre or width != view.window.width:
            ask("window.set", [centre, width])
        if imgui.checkbox(self._say("viewer-panel.invert"), view.invert)[0]:
            ask("window.invert")

    def _window_name(self, window: Window, scene: Scene) -> str:
        for each in scene.windows:
            if _same(each, window):
                known = f"window.{each.name}"
                if self._texts.has(known):
                    return self._say(known)
                numbers = {"centre": number_text(window.centre), "width": number_text(window.width)}
                is_own = any(_same(each, Window(centre, width)) for centre, width, _ in scene.volume.windows)
                return self._say("viewer-panel.from-file-numbered" if is_own else "viewer-panel.suggested", **numbers)
        return self._say("viewer-panel.custom")

    def _look(self, view: View, scene: Scene, ask: Ask) -> None:
        self._section("viewer-panel.volume")
        imgui.set_next_item_width(-1)
        shown = self._say(f"preset.{view.preset}") if view.preset else self._say("viewer-panel.custom")
        if imgui.begin_combo("##presets", shown):
            for preset in presets.suitable(scene.volume):
                if imgui.selectable(self._say(f"preset.{preset.name}"), preset.name == view.preset)[0]:
                    ask("volume.preset", preset.name)
            imgui.end_combo()
        self._choice("volume.mode", MODES, view.mode, ask)

    def _slab(self, view: View, ask: Ask) -> None:
        self._section("viewer-panel.slab")
        now = view.slab.thickness_mm
        self._at_right(self._say("viewer-panel.mm", mm=f"{now:.1f}") if now else self._say("viewer-panel.plane-only"))
        changed, thickness = _thin_slider("slab", now, 0.0, _MOST_SLAB_MM)
        if changed:
            ask("view.slab", round(thickness, 1))
        if now:
            self._segments("view.slab-mode", SLAB_MODES, view.slab.mode, ask)

    def _times(self, more: More, ask: Ask) -> None:
        """Where in a 4D stack the picture is: a slider, what tells the times apart, and a film of them."""
        self._section("viewer-panel.times")
        self._at_right(self._say("viewer.time", time=more.time, times=more.times))
        changed, wanted = _thin_slider("time", float(more.time), 1.0, float(more.times))
        if changed and round(wanted) != more.time:
            ask("time.go", round(wanted))
        if more.dimension:
            imgui.push_style_color(imgui.Col.TEXT, FAINT)
            imgui.text_wrapped(more.dimension)
            imgui.pop_style_color()
        play = "viewer-panel.stop" if more.is_playing else "viewer-panel.play"
        self._buttons(((play, "time.play"),), ask)

    def _damaged(self, names: Sequence[str]) -> None:
        """The files that could not be read whole, by name, as many as have room."""
        self._section("viewer-panel.damaged")
        imgui.push_style_color(imgui.Col.TEXT, WARN)
        for name in names[:_MOST_NAMED]:
            imgui.text_wrapped(name)
        if len(names) > _MOST_NAMED:
            imgui.text_wrapped(self._say("viewer-panel.damaged-more", count=len(names) - _MOST_NAMED))
        imgui.pop_style_color()

    def _slider(self, text_id: str, value: float, low: float, high: float, *, log: bool = False) -> float:
        """A thin slider under its name and value; the new value."""
        imgui.text_colored(FAINT, self._say(text_id))
        self._at_right(number_text(value))
        changed, new = _thin_slider(text_id, value, low, high, log)
        return _rounded(new, high - low) if changed else value

    def _at_right(self, words: str) -> None:
        wide = imgui.calc_text_size(words)[0]
        imgui.same_line(imgui.get_cursor_pos()[0] + imgui.get_content_region_avail()[0] - wide)
        imgui.text(words)

    def _choice(self, command: str, names: Sequence[str], now: str, ask: Ask) -> None:
        imgui.set_next_item_width(-1)
        if imgui.begin_combo(f"##{command}", self._say(f"choice.{now}")):
            for name in names:
                if imgui.selectable(self._say(f"choice.{name}"), name == now)[0]:
                    ask(command, name)
            imgui.end_combo()

    def _segments(self, command: str, names: Sequence[str], now: str, ask: Ask) -> None:
        """A row of buttons of which one is chosen."""
        gap = 4.0
        width = (imgui.get_content_region_avail()[0] - gap * (len(names) - 1)) / len(names)
        for n, name in enumerate(names):
            if n:
                imgui.same_line(0.0, gap)
            chosen = name == now
            if chosen:
                imgui.push_style_color(imgui.Col.BUTTON, (*ACCENT[:3], 0.28))
            if imgui.button(f"{self._say(f'choice.{name}')}##{command}", (width, 0)):
                ask(command, name)
            if chosen:
                imgui.pop_style_color()

    def _buttons(self, rows: Sequence[tuple[str, str]], ask: Ask) -> None:
        gap = 4.0
        width = (imgui.get_content_region_avail()[0] - gap * (len(rows) - 1)) / len(rows)
        for n, (text_id, command) in enumerate(rows):
            if n:
                imgui.same_line(0.0, gap)
            if imgui.button(f"{self._say(text_id)}##{command}", (width, 0)):
                ask(command)


def _thin_slider(name: str, value: float, low: float, high: float, log: bool = False) -> tuple[bool, float]:
    """A slider across the row that shows nothing but its knob."""
    flags = imgui.SliderFlags.LOGARITHMIC if log else imgui.SliderFlags.NONE
    imgui.push_style_var(imgui.StyleVar.FRAME_PADDING, (0.0, 0.0))
    imgui.set_next_item_width(-1)
    changed, new = imgui.slider_float(f"##{name}", value, low, high, "", flags)
    imgui.pop_style_var()
    return changed, new


def _same(one: Window, other: Window) -> bool:
    return (one.centre, one.width) == (other.centre, other.width)


def _span(values: Statistics) -> tuple[float, float]:
    """The real values the sliders go through."""
    return values.least, max(values.greatest, values.least + 1e-6)


def _rounded(value: float, span: float) -> float:
    """As fine as the eye can tell on the slider: whole numbers for wide ranges."""
    return float(round(value)) if span >= 50 else float(f"{value:.4g}")


_ICONS: Final = {  # rectangles (x0, y0, x1, y1) in a square of 1; filled ones show 3D
    "mpr": (((0, 0, 0.46, 0.46), 0), ((0.54, 0, 1, 0.46), 1), ((0, 0.54, 0.46, 1), 0), ((0.54, 0.54, 1, 1), 0)),
    "side": (((0, 0, 0.46, 1), 0), ((0.54, 0, 1, 1), 1)),
    "planes": (((0, 0, 0.28, 1), 0), ((0.36, 0, 0.64, 1), 0), ((0.72, 0, 1, 1), 0)),
    "3d": (((0, 0, 1, 1), 1),),
}
_LETTERS: Final = {"axial": "A", "coronal": "C", "sagittal": "S"}


def _layout_icon(name: str, start: tuple[float, float], size: float, is_chosen: bool, is_hovered: bool) -> None:
    """A drawing of a layout's panes, a letter for the single planes."""
    pen = imgui.get_window_draw_list()
    colour = imgui.color_convert_float4_to_u32(ACCENT if is_chosen else INK if is_hovered else FAINT)
    inset = size * 0.22
    x, y, inner = start[0] + inset, start[1] + inset, size - 2 * inset
    if is_chosen:
        ground = imgui.color_convert_float4_to_u32((*ACCENT[:3], 0.16))
        pen.add_rect_filled(start, (start[0] + size, start[1] + size), ground, 6.0)
    if name in _LETTERS:
        wide, high = imgui.calc_text_size(_LETTERS[name])
        pen.add_text((start[0] + (size - wide) / 2, start[1] + (size - high) / 2), colour, _LETTERS[name])
        pen.add_rect((x, y), (x + inner, y + inner), colour, 2.0)
        return
    for (x0, y0, x1, y1), is_solid in _ICONS[name]:
        corners = (x + x0 * inner, y + y0 * inner), (x + x1 * inner, y + y1 * inner)
        (pen.add_rect_filled if is_solid else pen.add_rect)(*corners, colour, 1.5)

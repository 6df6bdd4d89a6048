"""What is written over and under the panes: captions, status line, notices, the menu of a click, the help sheet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from slimgui import imgui

from render.gestures import GESTURES
from render.layout import Pane
from render.marks import COLOURS
from render.view import View
from shell.commands import COMMANDS, GROUPS, Command, Scene
from shell.texts import Texts
from shell.viewer_imgui import ACCENT, FAINT, GROUND, INK, WARN, Painter
from shell.viewer_panel import Ask
from shell.viewer_status import number_text, slice_number

STATUS_HEIGHT: Final = 28.0  # points
_SHEET_FLAGS: Final = (
    imgui.WindowFlags.NO_TITLE_BAR
    | imgui.WindowFlags.NO_RESIZE
    | imgui.WindowFlags.NO_MOVE
    | imgui.WindowFlags.NO_SAVED_SETTINGS
    | imgui.WindowFlags.ALWAYS_AUTO_RESIZE
)


_COLUMNS: Final = (("slices", "window"), ("view", "volume"), ("tools", "mouse"))


@dataclass(frozen=True)
class Status:
    """The line under the panes: left what is under the pointer, right what goes on, else how the picture is made."""

    value: str = ""
    place: str = ""
    notice: str = ""
    is_warning: bool = False
    progress: float | None = None  # 0..1 while slices arrive
    badge: str = ""


class Overlay:
    """Drawn with ImGui over the finished picture; positions in points."""

    def __init__(self, texts: Texts, painter: Painter) -> None:
        self._texts = texts
        self._painter = painter

    def picture(self, texture: int, area: tuple[float, float]) -> None:
        """The panes' picture from the window's top left corner on; OpenGL's rows begin below."""
        imgui.get_background_draw_list().add_image(texture, (0.0, 0.0), area, (0.0, 1.0), (1.0, 0.0))

    def captions(self, panes: Iterable[Pane], scale: float, view: View, scene: Scene) -> None:
        """In each pane's corner its name and slice; the window once, in the first slice view."""
        is_first = True
        for pane in panes:
            x, y = pane.x / scale + 12, pane.y / scale + 10
            _readable(x, y, COLOURS[pane.kind], self._texts.say(f"pane.{pane.kind}"))
            if not pane.is_slice:
                continue
            at, count = slice_number(view, pane.kind, scene.grid)
            _readable(x, y + 19, INK, self._texts.say("viewer.slice", slice=at, slices=count))
            if is_first:
                words = f"{number_text(view.window.centre)} / {number_text(view.window.width)}"
                _readable(x, (pane.y + pane.height) / scale - 28, INK, words)
            is_first = False

    def status(self, width: float, top: float, status: Status) -> None:
        """The status line across the panes."""
        pen = imgui.get_background_draw_list()
        pen.add_rect_filled((0, top), (width, top + STATUS_HEIGHT), _colour((*GROUND, 1.0)))
        y = top + (STATUS_HEIGHT - imgui.get_text_line_height()) / 2
        pen.add_text((12, y), _colour(INK), status.value)
        pen.add_text((120, y), _colour(FAINT), status.place)
        x = self._right(width - 12, y, FAINT, self._texts.say("viewer.not-diagnostic"))
        if status.notice:
            self._right(x, y, WARN if status.is_warning else INK, status.notice)
        else:
            self._right(x, y, FAINT, status.badge)
        if status.progress is not None:
            pen.add_rect_filled((0, top), (width * status.progress, top + 2), _colour(ACCENT))

    def _right(self, x: float, y: float, colour: tuple[float, ...], words: str) -> float:
        """Words that end at x; where the next ones to the left may end."""
        x -= imgui.calc_text_size(words)[0]
        imgui.get_background_draw_list().add_text((x, y), _colour(colour), words)
        return x - 24

    def message(self, area: tuple[float, float], words: Sequence[str]) -> None:
        """Sentences in the middle of an empty window: opening, or why nothing can be shown."""
        pen = imgui.get_background_draw_list()
        y = area[1] / 2 - 12 * len(words)
        for n, line in enumerate(words):
            wide = imgui.calc_text_size(line)[0]
            pen.add_text(((area[0] - wide) / 2, y + 26 * n), _colour(FAINT if n else INK), line)

    def menu(self, ask: Ask, is_asked: bool) -> None:
        """The menu of a right click, at the pointer."""
        if is_asked:
            imgui.open_popup("menu")
        if imgui.begin_popup("menu"):
            for row in COMMANDS:
                if row.in_menu and imgui.menu_item(self._texts.say(f"command.{row.id}"), self._keys(row))[0]:
                    ask(row.id)
            imgui.end_popup()

    def help(self, area: tuple[float, float]) -> None:
        """The sheet of all keys and gestures, made from the tables."""
        imgui.set_next_window_pos((area[0] / 2, area[1] / 2), imgui.Cond.ALWAYS, (0.5, 0.5))
        imgui.push_style_var(imgui.StyleVar.WINDOW_ROUNDING, 10.0)
        imgui.push_style_var(imgui.StyleVar.WINDOW_PADDING, (26.0, 22.0))
        imgui.push_style_var(imgui.StyleVar.WINDOW_BORDER_SIZE, 1.0)
        imgui.begin("help", flags=_SHEET_FLAGS)
        imgui.push_font(self._painter.strong, imgui.get_font_size() * 1.25)
        imgui.text(self._texts.say("help.title"))
        imgui.pop_font()
        x, top = imgui.get_cursor_pos()
        bottom = top
        for groups in _COLUMNS:
            width, end = self._column(groups, x, top)
            x, bottom = x + width + 36, max(bottom, end)
        imgui.set_cursor_pos((imgui.get_cursor_start_pos()[0], bottom + 10))
        imgui.text_colored(FAINT, self._texts.say("help.close"))
        imgui.end()
        imgui.pop_style_var(3)

    def _column(self, groups: Sequence[str], x: float, y: float) -> tuple[float, float]:
        """One column of the sheet; its width and where it ends."""
        rows = {group: self.rows(group) for group in groups}
        widest = [max(imgui.calc_text_size(row[n])[0] for group in groups for row in rows[group]) for n in (0, 1)]
        for group in groups:
            y += 8
            imgui.set_cursor_pos((x, y))
            imgui.push_font(self._painter.strong, 0.0)
            imgui.text_colored(ACCENT, self._texts.say(f"group.{group}"))
            imgui.pop_font()
            for keys, words in rows[group]:
                y += imgui.get_text_line_height() + 7
                imgui.set_cursor_pos((x, y))
                imgui.text_colored(INK, keys)
                imgui.set_cursor_pos((x + widest[0] + 18, y))
                imgui.text_colored(FAINT, words)
            y += imgui.get_text_line_height() + 14
        return widest[0] + 18 + widest[1], y

    def rows(self, group: str) -> list[tuple[str, str]]:
        """Keys and words of a group of the help sheet."""
        assert group in (*GROUPS, "mouse")
        if group == "mouse":
            return self._mouse_rows()
        return [
            (self._keys(row), self._texts.say(f"command.{row.id}"))
            for row in COMMANDS
            if row.group == group and row.keys
        ]

    def _mouse_rows(self) -> list[tuple[str, str]]:
        """What each button does; where 3D answers differently, the row says so."""
        in_slices = {(each.button, each.modifiers) for each in GESTURES if each.where == "slice"}
        rows: dict[tuple[str, str], None] = {}
        for each in GESTURES:
            is_other = each.where == "3d" and (each.button, each.modifiers) in in_slices
            keys, words = self._named(each.button, each.modifiers), self._texts.say(f"gesture.{each.name}")
            if (keys, words) not in rows:
                rows[keys, f"{words} (3D)" if is_other else words] = None
        extra = (("double", "maximise"), ("menu", "menu"))
        return [*rows, *((self._texts.say(f"button.{b}"), self._texts.say(f"gesture.{name}")) for b, name in extra)]

    def _named(self, button: str, modifiers: frozenset[str]) -> str:
        held = [self._texts.say(f"key.{each.capitalize()}") for each in sorted(modifiers)]
        return " + ".join([*held, self._texts.say(f"button.{button}")])

    def _keys(self, row: Command) -> str:
        """The keys of a row as the person's keyboard shows them: "Ctrl + Z", "1 – 9"."""
        names = [key.name for key in row.keys]
        if len(names) > 2:
            return f"{self._key(names[0])} – {self._key(names[-1]).rpartition(' ')[2]}"
        return "  ".join(self._key(name) for name in names)

    def _key(self, name: str) -> str:
        parts = [name] if name == "+" else name.split("+")
        return " + ".join(self._texts.say(f"key.{part}") if self._texts.has(f"key.{part}") else part for part in parts)


def _readable(x: float, y: float, colour: tuple[float, ...], words: str) -> None:
    """Text over a picture, with a dark rim so that it stands out from any grey."""
    pen = imgui.get_background_draw_list()
    for across, down in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        pen.add_text((x + across, y + down), _colour((0.0, 0.0, 0.0, 0.65)), words)
    pen.add_text((x, y), _colour(colour), words)


def _colour(rgba: tuple[float, ...]) -> int:
    red, green, blue, alpha = rgba
    return int(imgui.color_convert_float4_to_u32((red, green, blue, alpha)))

"""The GLFW window: opened hidden with an OpenGL 3.3 context, its events handed on as plain calls. Only importer of glfw."""

from collections.abc import Callable
from typing import Any, Final, Protocol

import glfw

from archive.errors import NoDisplay, NoWindowGraphics
from shell import icon

TITLE: Final = "Tomotheque"  # never a word of the scan: titles are seen by every program of the desktop
_CLASS: Final = "org.tomotheque.Tomotheque"
_LEAST: Final = (640, 420)
_TITLE_HEIGHT: Final = 30  # about what a window manager puts above a window
_ICONS: Final = (16, 32, 48)
_BUTTONS: Final = {0: "left", 1: "right", 2: "middle"}
_MODIFIERS: Final = ((glfw.MOD_SHIFT, "shift"), (glfw.MOD_CONTROL, "ctrl"), (glfw.MOD_ALT, "alt"))
_NAMED: Final = {
    glfw.KEY_UP: "Up",
    glfw.KEY_DOWN: "Down",
    glfw.KEY_LEFT: "Left",
    glfw.KEY_RIGHT: "Right",
    glfw.KEY_PAGE_UP: "PageUp",
    glfw.KEY_PAGE_DOWN: "PageDown",
    glfw.KEY_HOME: "Home",
    glfw.KEY_END: "End",
    glfw.KEY_SPACE: "Space",
    glfw.KEY_ENTER: "Enter",
    glfw.KEY_KP_ENTER: "Enter",
    glfw.KEY_ESCAPE: "Escape",
    glfw.KEY_TAB: "Tab",
    glfw.KEY_F1: "F1",
    glfw.KEY_F11: "F11",
}


class Listener(Protocol):
    """Who hears of events. Positions are in points of the window; modifiers are of shift, ctrl, alt."""

    def on_move(self, x: float, y: float, modifiers: frozenset[str]) -> None: ...
    def on_button(self, button: str, is_down: bool, modifiers: frozenset[str]) -> None: ...
    def on_wheel(self, right: float, up: float, modifiers: frozenset[str]) -> None: ...
    def on_key(self, name: str, modifiers: frozenset[str], is_repeat: bool) -> None: ...
    def on_change(self) -> None: ...
    def on_close(self) -> None: ...
    def on_drop(self, paths: tuple[bytes, ...]) -> None: ...


class GlWindow:
    """One window. Made on the main thread; `wake` alone may be called from others."""

    def __init__(self) -> None:
        self._restored: tuple[int, int, int, int] | None = None  # place of the window while it fills the screen
        self._is_repeat = False
        self._handle = _opened()
        glfw.make_context_current(self._handle)
        glfw.swap_interval(1)
        glfw.set_window_icon(self._handle, len(_ICONS), _icons())
        glfw.set_window_size_limits(self._handle, *_LEAST, glfw.DONT_CARE, glfw.DONT_CARE)

    @property
    def size(self) -> tuple[int, int]:
        """In points."""
        width, height = glfw.get_window_size(self._handle)
        return width, height

    @property
    def framebuffer(self) -> tuple[int, int]:
        """In pixels."""
        width, height = glfw.get_framebuffer_size(self._handle)
        return width, height

    @property
    def pixels_per_point(self) -> float:
        """1, but 2 on macOS' fine screens, where positions of the mouse are counted in points."""
        return self.framebuffer[0] / max(self.size[0], 1)

    @property
    def scale(self) -> float:
        """Pixels per point of text: 2 on a HiDPI screen."""
        return float(glfw.get_window_content_scale(self._handle)[0]) or 1.0

    @property
    def is_visible(self) -> bool:
        """Shown and not iconified."""
        shown = glfw.get_window_attrib(self._handle, glfw.VISIBLE)
        return bool(shown) and not glfw.get_window_attrib(self._handle, glfw.ICONIFIED)

    def show(self) -> None:
        """Show and bring to the front; a compositor that forbids that is asked for attention instead."""
        glfw.show_window(self._handle)
        glfw.restore_window(self._handle)
        glfw.focus_window(self._handle)
        if not glfw.get_window_attrib(self._handle, glfw.FOCUSED):
            glfw.request_window_attention(self._handle)

    def hide(self) -> None:
        glfw.hide_window(self._handle)

    def swap(self) -> None:
        glfw.swap_buffers(self._handle)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back to the place before."""
        if self._restored is not None:
            glfw.set_window_monitor(self._handle, None, *self._restored, glfw.DONT_CARE)  # type: ignore[arg-type]
            self._restored = None
            return
        monitor = glfw.get_primary_monitor()
        mode = glfw.get_video_mode(monitor) if monitor else None
        if mode is not None:
            self._restored = (*glfw.get_window_pos(self._handle), *glfw.get_window_size(self._handle))
            glfw.set_window_monitor(self._handle, monitor, 0, 0, mode.size.width, mode.size.height, mode.refresh_rate)

    @property
    def fills_screen(self) -> bool:
        return self._restored is not None

    def wait(self, seconds: float | None) -> None:
        """Hand on events; waits for the first one, at most so long (None: for ever, 0: not at all)."""
        if seconds is None:
            glfw.wait_events()
        elif seconds > 0:
            glfw.wait_events_timeout(seconds)
        else:
            glfw.poll_events()

    @staticmethod
    def wake() -> None:
        """End a `wait`, from any thread."""
        glfw.post_empty_event()

    def listen(self, listener: Listener) -> None:
        """Hand events to a listener from now on."""
        self._listener = listener

        def changed(*_: Any) -> None:
            listener.on_change()

        for register in (
            glfw.set_framebuffer_size_callback,
            glfw.set_window_refresh_callback,
            glfw.set_window_focus_callback,
            glfw.set_cursor_enter_callback,
        ):
            register(self._handle, changed)
        glfw.set_window_close_callback(self._handle, self._on_close)
        glfw.set_cursor_pos_callback(self._handle, lambda _, x, y: listener.on_move(x, y, self._modifiers()))
        glfw.set_mouse_button_callback(self._handle, self._on_button)
        glfw.set_scroll_callback(self._handle, lambda _, x, y: listener.on_wheel(x, y, self._modifiers()))
        glfw.set_key_callback(self._handle, self._on_key)
        glfw.set_char_callback(self._handle, self._on_sign)
        self._on_drop = _heard_drops(self._handle, listener.on_drop)

    def _modifiers(self) -> frozenset[str]:
        pairs = (("SHIFT", "shift"), ("CONTROL", "ctrl"), ("ALT", "alt"))
        return frozenset(
            name
            for key, name in pairs
            if any(glfw.get_key(self._handle, getattr(glfw, f"KEY_{side}_{key}")) for side in ("LEFT", "RIGHT"))
        )

    def _on_close(self, _: Any) -> None:
        glfw.set_window_should_close(self._handle, False)
        self._listener.on_close()

    def _on_button(self, _: Any, button: int, action: int, bits: int) -> None:
        if button in _BUTTONS:
            self._listener.on_button(_BUTTONS[button], action == glfw.PRESS, _held(bits))

    def _on_key(self, _: Any, key: int, code: int, action: int, bits: int) -> None:
        """Keys without a sign, and letters with Ctrl or Alt; what writes a sign comes through _on_sign."""
        if action == glfw.RELEASE:
            return
        self._is_repeat = action == glfw.REPEAT
        modifiers = _held(bits)
        name = _NAMED.get(key) or (_letter(key, code) if modifiers & {"ctrl", "alt"} else _digit(key, code))
        if name:
            self._listener.on_key(name, modifiers, self._is_repeat)

    def _on_sign(self, _: Any, sign: int) -> None:
        if sign > 32:
            self._listener.on_key(chr(sign).upper(), frozenset(), self._is_repeat)


def _opened() -> Any:
    glfw.ERROR_REPORTING = "ignore"  # what fails says so by its result; Wayland refuses much that is only a nicety
    if not glfw.init():
        raise NoDisplay()
    for hint, value in (
        (glfw.VISIBLE, False),
        (glfw.CONTEXT_VERSION_MAJOR, 3),
        (glfw.CONTEXT_VERSION_MINOR, 3),
        (glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE),
        (glfw.OPENGL_FORWARD_COMPAT, True),
        (glfw.SCALE_TO_MONITOR, True),
        (glfw.FOCUS_ON_SHOW, True),
    ):
        glfw.window_hint(hint, value)
    for hint in (glfw.X11_CLASS_NAME, glfw.X11_INSTANCE_NAME, glfw.WAYLAND_APP_ID):
        glfw.window_hint_string(hint, _CLASS)
    handle = glfw.create_window(*_first_size(_workarea()), TITLE, None, None)
    if not handle:
        raise NoWindowGraphics()
    glfw.set_window_pos(handle, *_first_place(_workarea(), glfw.get_window_size(handle)))  # Wayland decides by itself
    return handle


Area = tuple[int, int, int, int]  # x, y, width, height


def _workarea() -> Area:
    """The part of the screen that no bar of the desktop covers."""
    monitor = glfw.get_primary_monitor()
    return tuple(glfw.get_monitor_workarea(monitor)) if monitor else (0, 0, 1488, 930)  # type: ignore[return-value]


def _first_size(area: Area) -> tuple[int, int]:
    """Most of the screen, and no more than is useful."""
    _, _, width, height = area
    return min(max(int(width * 0.86), _LEAST[0]), 1760), min(max(int(height * 0.86), _LEAST[1]), 1100)


def _first_place(area: Area, size: tuple[int, int]) -> tuple[int, int]:
    """In the middle of the screen, never with the title above it."""
    x, y, width, height = area
    return x + max((width - size[0]) // 2, 0), y + max((height - size[1] - _TITLE_HEIGHT) // 2, 0) + _TITLE_HEIGHT


def _icons() -> Any:
    """Ours, as the wrapper takes them: width, height, rows of pixels."""
    return [(each, each, icon.pixels(each).tolist()) for each in _ICONS]


def _heard_drops(handle: Any, heard: Callable[[tuple[bytes, ...]], None]) -> Any:
    """Hand on what is dropped as the bytes it is: the wrapper's own callback takes every name for UTF-8. To be kept."""
    inner: Any = glfw
    callback = inner._GLFWdropfun(lambda _, count, paths: heard(tuple(paths[n] for n in range(count))))
    inner._glfw.glfwSetDropCallback(handle, callback)
    return callback


def _held(bits: int) -> frozenset[str]:
    return frozenset(name for bit, name in _MODIFIERS if bits & bit)


def _letter(key: int, code: int) -> str:
    """The letter that the person's keyboard has there (on AZERTY, Z lies where QWERTY has W), or the digit of the place."""
    written = (glfw.get_key_name(key, code) or "").upper()
    if len(written) == 1 and written.isascii() and written.isalpha():
        return str(written)
    return chr(key) if glfw.KEY_1 <= key <= glfw.KEY_9 else ""


def _digit(key: int, code: int) -> str:
    """The digit of a key that writes none without Shift: the upper row of AZERTY."""
    written = glfw.get_key_name(key, code) or ""
    is_other_sign = glfw.KEY_1 <= key <= glfw.KEY_9 and not written.isdigit() and written not in ("-", "+")
    return chr(key) if is_other_sign else ""

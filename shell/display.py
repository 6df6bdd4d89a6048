"""Whether there is a display: asked of the display itself, not of the variable that names it."""

import ctypes
import os
import socket
import sys


def usable() -> bool:
    """True where a window can be shown: macOS, Windows, or an X11 or Wayland server that answers."""
    if sys.platform in ("darwin", "win32"):
        return True
    return _x11_answers() or _wayland_answers()


def _x11_answers() -> bool:
    """Connect and shake hands as any program would, cookies included."""
    if not os.environ.get("DISPLAY"):
        return False
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    answers = bool(xcb.xcb_connection_has_error(connection) == 0)
    xcb.xcb_disconnect(connection)
    return answers


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name:
        return False
    path = os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), name)  # an absolute name stays as it is
    with socket.socket(socket.AF_UNIX) as server:
        try:
            server.connect(path)
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(0 if usable() else 1)

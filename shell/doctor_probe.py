"""Probes of the doctor, each in a process of its own, so that a driver that crashes or a lock that stays harms nobody."""

import json
import os
import sys
from collections.abc import Callable
from typing import Any, Final


def graphics() -> dict[str, Any]:
    """What OpenGL is there without a window."""
    from render.context import offscreen

    gpu = offscreen()
    return {
        "renderer": gpu.renderer,
        "version": gpu.version,
        "is_software": gpu.is_software,
        "largest_3d": gpu.max_3d,
        "largest_2d": gpu.max_2d,
    }


def sandbox() -> dict[str, Any]:
    """What the kernel gives to limit the children that read foreign bytes."""
    from archive.sandbox import limits

    return {"missing": list(limits.lock())}


def sockets() -> dict[str, Any]:
    """Whether the kernel refuses network sockets to the application's processes."""
    from dataclasses import asdict

    from shell import socket_filter

    return asdict(socket_filter.install(os.environ.get("DISPLAY", ""), os.environ.get("TOMOTHEQUE_ARCHIVE")))


PROBES: Final[dict[str, Callable[[], dict[str, Any]]]] = {"graphics": graphics, "sandbox": sandbox, "sockets": sockets}

if __name__ == "__main__":
    found = PROBES[sys.argv[1]]()
    os.write(1, json.dumps(found).encode())

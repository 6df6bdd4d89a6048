"""Pages: every file of ui/ that the window shows, read once into memory; no request of the page ever reaches the disk."""

import os
from dataclasses import dataclass
from typing import Final

UI_FOLDER: Final = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "ui")
SCHEME: Final = "tomotheque"
HOME: Final = f"{SCHEME}://ui/index.html"
KINDS: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class Page:
    """One file as it is handed to the engine."""

    kind: str
    content: bytes


def pages(folder: str = UI_FOLDER) -> dict[str, Page]:
    """Path within ui/ ("/views/list.js") -> Page. Texts are left out: they travel over the bridge."""
    found: dict[str, Page] = {}
    for place, _, names in os.walk(folder):
        for name in names:
            kind = KINDS.get(os.path.splitext(name)[1])
            if kind:
                path = os.path.join(place, name)
                with open(path, "rb") as file:
                    found["/" + os.path.relpath(path, folder).replace(os.sep, "/")] = Page(kind, file.read())
    return found

"""Files beside a picture: the scene (a View and a size as JSON) and the values before windowing (NumPy)."""

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from archive.errors import BadScene, CannotWrite, PathGone, Unreadable

if TYPE_CHECKING:
    from render.view import View

LARGEST_SCENE_BYTES: Final = 1_000_000


@dataclass(frozen=True)
class Scene:
    """A view, and the size in pixels of the picture it was made for."""

    view: "View"
    size: tuple[int, int] | None


def read_scene(path: str) -> Scene:
    """The scene of a file."""
    from render.view import from_json

    name = os.path.basename(path) or path
    try:
        with open(path, "rb") as file:
            told = json.loads(file.read(LARGEST_SCENE_BYTES))
        size = told.pop("size", None)
        return Scene(from_json(told), (int(size[0]), int(size[1])) if size else None)
    except FileNotFoundError as error:
        raise PathGone(name=name) from error
    except OSError as error:
        raise Unreadable(name=name, reason=error.strerror or "") from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise BadScene(name=name) from error


def write_scene(path: str, view: "View", size: tuple[int, int]) -> None:
    """Write everything the picture depends on besides the scan."""
    from render.view import to_json

    body = json.dumps({**to_json(view), "size": list(size)}, indent=1, allow_nan=False)
    _write(path, body.encode())


def write_values(path: str, values: Any) -> None:
    """Write an array as .npy."""
    import io

    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, values)
    _write(path, buffer.getvalue())


def _write(path: str, body: bytes) -> None:
    try:
        with open(path, "wb") as file:
            file.write(body)
    except OSError as error:
        raise CannotWrite(name=os.path.basename(path), reason=error.strerror or "") from error

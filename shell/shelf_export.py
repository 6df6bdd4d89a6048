"""Writing one stack to a file, and the check of an output path before any heavy work."""

import errno
import os
import time as clock
from typing import TYPE_CHECKING, Any

from archive.errors import CannotWrite
from shell.shelf_open import Piece, time_index

if TYPE_CHECKING:
    from collections.abc import Callable

    from shell.shelf import Shelf


def export(
    shelf: "Shelf",
    selector: str,
    target: str,
    *,
    stack: int | None = None,
    time: int | None = None,
    resample: bool = False,
    on_choice: "Callable[[Piece, int], None] | None" = None,
) -> tuple[dict[str, Any], bool]:
    """The `export` object, and whether every slice could be read. on_choice hears which of several stacks was taken."""
    from archive.sandbox.client import Decoder
    from archive.volumes.export import write

    started = clock.monotonic()
    can_be_written(target)
    with shelf.look(selector) as found, Decoder() as decoder:
        piece = found.piece(stack)
        index = time_index(piece, time)
        if stack is None and len(found.pieces) > 1 and on_choice is not None:
            on_choice(piece, len(found.pieces))
        done = write(piece.stack, piece.files, target, time=index, resample=resample, decoder=decoder)
    value = {
        "output": os.path.abspath(target),
        "stack": piece.number,
        "shape": list(done.shape),
        "dtype": done.dtype,
        "slope": done.slope,
        "intercept": done.intercept,
        "sha256": done.sha256,
        "damaged": len(done.damaged),
        "seconds": round(clock.monotonic() - started, 3),
    }
    return value, not done.damaged


def can_be_written(target: str) -> None:
    """Refuse a path that cannot be written, before minutes of work are lost on it."""
    folder = os.path.dirname(os.path.abspath(target))
    name = os.path.basename(target) or target
    if not os.path.isdir(folder):
        raise CannotWrite(name=name, reason=os.strerror(errno.ENOENT))
    if os.path.isdir(target):
        raise CannotWrite(name=name, reason=os.strerror(errno.EISDIR))
    if not os.access(target if os.path.exists(target) else folder, os.W_OK):
        raise CannotWrite(name=name, reason=os.strerror(errno.EACCES))

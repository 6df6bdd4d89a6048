"""The shelf that a call asks for: the archive of its data directory, or a session that ends with the call."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from archive.errors import PathGone
from shell.cli_globals import Asked, wrong
from shell.passphrases import asker
from shell.shelf import Shelf

if TYPE_CHECKING:
    from shell.shelf_open import Piece


def shelf_of(asked: Asked) -> Shelf:
    """The shelf of a call, to be closed by it."""
    if asked.archive:
        raise wrong(asked.texts, "usage.no-server")
    if asked.session is None:
        return Shelf.on_disk(asked.places.data_dir, asked.texts, asker(asked))
    if not os.path.lexists(asked.session):
        raise PathGone(name=os.path.basename(asked.session))
    return Shelf.session([asked.session], asked.texts)


def chosen(asked: Asked) -> Callable[["Piece", int], None]:
    """Says on stderr which of several stacks was taken."""

    def told(piece: "Piece", count: int) -> None:
        asked.aside(asked.texts.say("aside.stack", stack=piece.number, count=count))

    return told

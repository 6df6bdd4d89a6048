"""The shelf that a call asks for: the archive of its data directory, or a session that ends with the call."""

import os

from archive.errors import PathGone
from shell.cli_globals import Asked, wrong
from shell.passphrases import asker
from shell.shelf import Shelf


def shelf_of(asked: Asked) -> Shelf:
    """The shelf of a call, to be closed by it."""
    if asked.archive:
        raise wrong(asked.texts, "usage.no-server")
    if asked.session is None:
        return Shelf.on_disk(asked.places.data_dir, asked.texts, asker(asked))
    if not os.path.lexists(asked.session):
        raise PathGone(name=os.path.basename(asked.session))
    return Shelf.session([asked.session], asked.texts)

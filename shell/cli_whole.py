"""Commands about the archive as a whole: backup, restore, and the journal of what a person made."""

import json
import os
import time

from archive.errors import CannotWrite, NothingThere
from shell.cli_answer import Answer
from shell.cli_globals import Asked
from shell.cli_shelf import shelf_of
from shell.cli_words import command, option, word
from shell.shelf_export import can_be_written


@command(word("file"))
def backup(asked: Asked, file: str) -> Answer:
    """Write the whole archive into one file, encrypted as it is."""
    from archive.index.backup import backup as write

    can_be_written(file)
    with shelf_of(asked) as shelf:
        if not shelf.catalogue().exists:
            raise NothingThere(what=os.path.basename(asked.places.data_dir))
        started = time.monotonic()
        size = write(asked.places.data_dir, os.path.abspath(file), shelf.catalogue().key)
    return Answer("done", {"output": os.path.abspath(file), "bytes": size, "seconds": _since(started)})


@command(word("file"))
def restore(asked: Asked, file: str) -> Answer:
    """Bring an archive back from a backup, where there is none."""
    from archive.index.backup import restore as bring_back

    started = time.monotonic()
    bring_back(os.path.abspath(file), asked.places.data_dir)
    with shelf_of(asked) as shelf:
        return Answer("done", {"totals": shelf.totals(), "seconds": _since(started)})


@command(option("--export"))
def journal(asked: Asked, export: str | None) -> Answer:
    """The receipts of the last imports; or what a person made, written out in readable form."""
    if export is None:
        with shelf_of(asked) as shelf:
            count = len(shelf.catalogue().journal_entries())
            return Answer("receipts", {"receipts": shelf.receipts(), "entries": count})
    can_be_written(export)
    with shelf_of(asked) as shelf:
        entries = shelf.catalogue().journal_entries()
    try:
        with open(export, "w", encoding="utf-8") as file:
            json.dump(entries, file, ensure_ascii=False, indent=1)
    except OSError as error:
        raise CannotWrite(name=os.path.basename(export), reason=error.strerror or "") from error
    return Answer("done", {"output": os.path.abspath(export), "entries": len(entries)})


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)

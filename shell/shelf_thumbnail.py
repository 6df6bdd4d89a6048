"""Thumbnails: kept in the archive, made from a series' middle slice where none is kept yet."""

from typing import TYPE_CHECKING

from archive.errors import ScanError

if TYPE_CHECKING:
    from shell.shelf import Shelf


def thumbnail(shelf: "Shelf", series_key: str) -> bytes | None:
    """The PNG of a series, or None where it has no picture or its files are not there."""
    catalogue = shelf.catalogue()
    kept = catalogue.thumbnail(series_key)
    if kept is not None:
        return kept
    try:
        made = _made(shelf, series_key)
    except ScanError:  # a file that is gone or broken has no thumbnail; opening it says why
        return None
    if made is not None:
        catalogue.keep_thumbnail(series_key, made)
    return made


def _made(shelf: "Shelf", series_key: str) -> bytes | None:
    from archive.volumes.thumbnails import of_stack

    from archive.sandbox.client import Decoder

    record = shelf.catalogue().series_by(series_key)
    pictures = [stack for stack in record.split.stacks if stack.kind != "document"]
    if not pictures:
        return None
    largest = max(pictures, key=lambda stack: stack.slices)
    with Decoder() as decoder:
        return of_stack(largest, record.files, decoder)

"""Finding: the images below a path and how to read their headers, for whoever looks for files he knows."""

import os
from collections.abc import Iterable, Iterator
from itertools import chain

from archive.intake.found import FoundFile, FoundFolder
from archive.intake.header import Header
from archive.intake.reading import header_of
from archive.intake.walking import walk


def images_below(path: bytes) -> Iterator[FoundFolder]:
    """The folders below a path. Raises PathGone."""
    return walk([path])


def images_at(paths: Iterable[bytes], below: bytes) -> Iterator[FoundFolder]:
    """Those of some files that are there, then whatever is below a folder."""
    return chain(walk([path for path in paths if os.path.isfile(path)]), walk([below]))


def read(file: FoundFile) -> Header | None:
    """The header of a found file; None where it has none."""
    header = header_of(file)
    return header if isinstance(header, Header) else None


def header_at(path: bytes) -> Header | None:
    """The header of a single file; None for a folder, a container, or what is no image."""
    if not os.path.isfile(path):
        return None
    status = os.stat(path)
    return read(FoundFile(path, None, status.st_size, status.st_mtime_ns))

"""Finding: the images below a path and how to read their headers, for whoever looks for files he knows."""

from collections.abc import Callable, Iterator

from archive.intake.found import FoundFile, FoundFolder
from archive.intake.header import Header
from archive.intake.reading import header_of
from archive.intake.walking import walk


def images_below(path: bytes) -> tuple[Iterator[FoundFolder], Callable[[FoundFile], Header | None]]:
    """The folders below a path, and a function that reads a file's header. Raises PathGone."""

    def read(file: FoundFile) -> Header | None:
        header = header_of(file)
        return header if isinstance(header, Header) else None

    return walk([path]), read

"""Discs: what the table of contents of a medium (DICOMDIR) says beside what is really on it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from archive.index.records import Notice
from archive.intake.containers import Containers
from archive.intake.found import FoundFile, FoundFolder
from archive.intake.header import Header
from archive.intake.reading import directory_of

NAME = b"DICOMDIR"  # PS3.10 8.6: of this name, in the root of the file-set
DIRECTORY_RECORDS, REFERENCED_FILE = 0x00041220, 0x00041500
MOST_NAMED = 500
MOST_SHOWN = 8


@dataclass(eq=False)
class Disc:
    """One table of contents: the names it lists, and which of them the walk has met. Names are relative and folded."""

    base: bytes  # the folder it lies in
    listed: dict[str, str]  # folded -> as it is written
    met: set[str] = field(default_factory=set)
    unlisted: list[str] = field(default_factory=list)

    def saw(self, name: bytes, is_image: bool) -> None:
        """A file below the base was found."""
        relative = name[len(self.base) + 1 :].decode("utf-8", "replace")
        folded = _folded(relative)
        known = next((form for form in (folded, folded.rpartition(".")[0]) if form in self.listed), "")
        if known:
            self.met.add(known)
        elif is_image:
            self.unlisted.append(relative)

    def dangling(self) -> list[str]:
        """Listed and not there: neither met by the walk nor to be found on the medium now."""
        listings: dict[bytes, dict[str, bytes]] = {}
        return [
            written
            for folded, written in self.listed.items()
            if folded not in self.met and not _is_there(self.base, folded, listings)
        ]


class Discs:
    """The tables of contents that an import comes by."""

    def __init__(self) -> None:
        self._discs: dict[bytes, Disc] = {}
        self._nearest: dict[bytes, Disc | None] = {}

    def enter(self, found: FoundFolder, containers: Containers) -> None:
        """Look for a table of contents among files that are about to be read."""
        for file in found.files:
            if os.path.basename(file.whole_name).upper() == NAME and (directory := directory_of(file, containers)):
                base = os.path.dirname(file.whole_name)
                self._discs[base] = Disc(base, dict(listed_in(directory)))
                self._nearest.clear()

    def saw(self, file: FoundFile, is_image: bool) -> None:
        """A file was found; whether it is an image."""
        disc = self._of(os.path.dirname(file.whole_name)) if self._discs else None
        if disc is not None:
            disc.saw(file.whole_name, is_image)

    def _of(self, folder: bytes) -> Disc | None:
        """The table of contents of the nearest folder above."""
        if folder not in self._nearest:
            above = os.path.dirname(folder)
            own = self._discs.get(folder)
            self._nearest[folder] = own or (self._of(above) if above not in (folder, b"") else None)
        return self._nearest[folder]

    def notices(self) -> Iterator[Notice]:
        """What does not agree, one notice for each table and kind."""
        for disc in self._discs.values():
            for code, names in (("dicomdir-dangling", disc.dangling()), ("dicomdir-unlisted", disc.unlisted)):
                if names:
                    shown = ", ".join(names[:MOST_SHOWN]) + (" …" if len(names) > MOST_SHOWN else "")
                    facts = {
                        "count": len(names),
                        "total": len(disc.listed),
                        "names": names[:MOST_NAMED],
                        "shown": shown,
                    }
                    yield Notice(code, facts)


def listed_in(directory: Header) -> Iterator[tuple[str, str]]:
    """The files that a table of contents refers to, folded and as written; from every record, in whatever order."""
    for record in directory.items_of(DIRECTORY_RECORDS):
        parts = [part for part in record.texts_of(REFERENCED_FILE) if part]
        if parts and ".." not in parts:
            yield _folded("/".join(parts)), "/".join(parts)


def _folded(name: str) -> str:
    """Discs are read with names in lower case, with versions (;1) and with a dot at the end (ISO 9660 7.5)."""
    return name.replace("\\", "/").strip("/").casefold().removesuffix(";1").removesuffix(".")


def _is_there(base: bytes, folded: str, listings: dict[bytes, dict[str, bytes]]) -> bool:
    """Whether a name can be found below a folder, in whatever case it is written there."""
    place = base
    for part in folded.split("/"):
        if place not in listings:
            listings[place] = _listing(place)
        found = listings[place].get(part)
        if found is None:
            return False
        place = place.rstrip(b"/") + b"/" + found
    return True


def _listing(folder: bytes) -> dict[str, bytes]:
    """Folded name -> name, also without its ending."""
    try:
        names = os.listdir(folder)
    except OSError:
        return {}
    folded = {_folded(name.decode("utf-8", "replace")): name for name in names}
    return {form.rpartition(".")[0]: name for form, name in folded.items() if "." in form} | folded

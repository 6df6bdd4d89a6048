"""Checking: whether the files of the archive are still where and as they were; the answer is kept as their state."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.index.deriving import instances_of
from archive.index.describing import DIGEST_BYTES
from archive.index.engine import Engine, Row
from archive.index.reading import path_of
from archive.index.records import (
    CHANGED,
    MISSING,
    OFFLINE,
    PRESENT,
    STATES_WORST_FIRST,
    FileState,
    Instance,
    Location,
    Verified,
)
from archive.index.refreshing import refresh_study


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of one image, and how it was found."""

    image: Instance
    location: Location
    path: bytes
    state: str


def look(engine: Engine, row: Row, deep: bool = False) -> list[Copy]:
    """Look at every file of a series and keep its state; `deep` reads the headers again and compares them."""
    copies = list(_copies(engine, instances_of(engine, row["id"]), deep))
    state = series_state(copies)
    if state != row["state"]:
        with engine.writing():
            engine.run("set_state", row_id=row["id"], state=state)
            refresh_study(engine, row["study"])
    return copies


def verify(engine: Engine, root: bytes | None, deep: bool) -> Verified:
    """Look at every file, or at those of the series that have one below a root."""
    counts: Counter[str] = Counter()
    items: list[FileState] = []
    for row in engine.rows("all_series"):
        if root is not None and not _lies_below(engine, row, root):
            continue
        for copy in look(engine, row, deep):
            counts[copy.state] += 1
            if copy.state != PRESENT:
                items.append(FileState(copy.path, copy.location.member, copy.state, row["key"]))
    return Verified(counts[PRESENT], counts[OFFLINE], counts[MISSING], counts[CHANGED], tuple(items))


def series_state(copies: Sequence[Copy]) -> str:
    """The worst state among the images; an image is as well as its best copy."""
    best: dict[int, str] = {}
    for copy in copies:
        known = best.get(id(copy.image))
        if known is None or STATES_WORST_FIRST.index(copy.state) > STATES_WORST_FIRST.index(known):
            best[id(copy.image)] = copy.state
    return min(best.values(), key=STATES_WORST_FIRST.index, default=PRESENT)


def _copies(engine: Engine, images: Sequence[Instance], deep: bool) -> Iterator[Copy]:
    folders: dict[int, bytes] = {}
    for image in images:
        for location in image.locations:
            if location.folder not in folders:
                folders[location.folder] = engine.value("folder_path", row_id=location.folder) or b""
            path = path_of(location, folders[location.folder])
            state = _state(path, location)
            if deep and state == PRESENT and not _same_header(path, image, location):
                state = CHANGED
            yield Copy(image, location, path, state)


def _state(path: bytes, location: Location) -> str:
    """Present, changed (size or time differ), missing (its folder is there), or offline (not even that is)."""
    try:
        status = os.stat(path)
    except OSError:
        return MISSING if os.path.isdir(os.path.dirname(path)) else OFFLINE
    same_size = location.member is not None or status.st_size == location.size
    return PRESENT if same_size and status.st_mtime_ns == location.mtime_ns else CHANGED


def _same_header(path: bytes, image: Instance, location: Location) -> bool:
    """Whether the header still has its digest. One that only the tolerant parser could read is taken as it is."""
    from archive.intake.found import FoundFile
    from archive.intake.header import Header
    from archive.intake.reading import header_of

    header = header_of(FoundFile(path, location.member, location.size, location.mtime_ns))
    if not isinstance(header, Header):
        return header.code == "bad-header"
    return header.digest()[:DIGEST_BYTES] == image.digest


def _lies_below(engine: Engine, row: Row, root: bytes) -> bool:
    below = root.rstrip(b"/") + b"/"
    locations = (location for image in instances_of(engine, row["id"]) for location in image.locations)
    paths = {engine.value("folder_path", row_id=folder) for folder in {location.folder for location in locations}}
    return any((path + b"/").startswith(below) for path in paths)

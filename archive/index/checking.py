"""Checking: whether the files of the archive are still where and as they were; the answer is kept as their state."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from archive.index.deriving import instances_of
from archive.index.describing import DIGEST_BYTES
from archive.index.engine import Engine, Row
from archive.index.mounts import Mounts
from archive.index.packing import pack_instances, unpack_instances
from archive.index.reading import file_ref, path_of
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
from archive.intake.places import same_time

_GONE = (FileNotFoundError, NotADirectoryError)


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of one image, and how it was found; pixel_digest is of its pixels as they are now, where they were read."""

    image: Instance
    location: Location
    path: bytes
    state: str
    pixel_digest: bytes = b""


def look(engine: Engine, row: Row, deep: bool = False, mounts: Mounts | None = None) -> list[Copy]:
    """Look at every file of a series and keep its state; `deep` reads headers and pixels again and compares them."""
    mounts = mounts or _mounts(engine)
    copies = list(_copies(engine, instances_of(engine, row["id"]), deep, mounts))
    state = series_state(copies)
    if state != row["state"] and not engine.read_only:
        with engine.writing():
            engine.run("set_state", row_id=row["id"], state=state)
            refresh_study(engine, row["study"])
    if deep and not engine.read_only:
        _keep_digests(engine, row["id"], copies)
    return copies


def verify(engine: Engine, root: bytes | None, deep: bool) -> Verified:
    """Look at every file, or at those of the series that have one below a root."""
    counts: Counter[str] = Counter()
    items: list[FileState] = []
    mounts = _mounts(engine)
    for row in engine.rows("all_series"):
        if root is not None and not _lies_below(engine, row, root):
            continue
        for copy in look(engine, row, deep, mounts):
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


def _mounts(engine: Engine) -> Mounts:
    """What is mounted now; volumes that moved have taken their folders along."""
    mounts = Mounts(engine)
    mounts.follow()
    return mounts


def _copies(engine: Engine, images: Sequence[Instance], deep: bool, mounts: Mounts) -> Iterator[Copy]:
    folders: dict[int, tuple[bytes, int]] = {}
    for image in images:
        for location in image.locations:
            if location.folder not in folders:
                row = engine.row("folder_place", row_id=location.folder)
                folders[location.folder] = (row["path"], row["volume"]) if row else (b"", 0)
            folder, volume = folders[location.folder]
            state = _state(path_of(location, folder), location, volume, mounts)
            copy = Copy(image, location, path_of(location, folder), state)
            yield _read_again(copy, folder) if deep and state == PRESENT else copy


def _state(path: bytes, location: Location, volume: int, mounts: Mounts) -> str:
    """Present, changed (size or time differ), missing (its volume is there), or offline (not even that is)."""
    is_in = mounts.is_in(volume)
    try:
        status = os.stat(path)
    except _GONE:
        there = mounts.can_be_told(volume) or os.path.isdir(os.path.dirname(path))
        return MISSING if is_in and there else OFFLINE
    except OSError:  # a share that does not answer, a drive that fails: nobody can say that the file is gone
        return OFFLINE
    same_size = location.member is not None or status.st_size == location.size
    if same_size and same_time(status.st_mtime_ns, location.mtime_ns, mounts.system_of(volume)):
        return PRESENT  # also where its volume is not in: the files were copied to a new disk as they were
    return CHANGED if is_in else OFFLINE


def _read_again(copy: Copy, folder: bytes) -> Copy:
    """A copy that looks unchanged, changed where its header or pixels have another digest than before."""
    from archive.intake.twins import pixel_digest

    if not _same_header(copy.path, copy.image, copy.location):
        return replace(copy, state=CHANGED)
    found = pixel_digest(file_ref(copy.image, copy.location, {copy.location.folder: folder}))
    same = not copy.image.pixels or found == (copy.image.pixel_digest or found) != b""
    return replace(copy, state=PRESENT if same else CHANGED, pixel_digest=found)


def _same_header(path: bytes, image: Instance, location: Location) -> bool:
    """Whether the header still has its digest. One that only the tolerant parser could read is taken as it is."""
    from archive.intake.found import FoundFile
    from archive.intake.header import Header
    from archive.intake.reading import header_of

    header = header_of(FoundFile(path, location.member, location.size, location.mtime_ns))
    if not isinstance(header, Header):
        return header.code == "bad-header"
    return header.digest()[:DIGEST_BYTES] == image.digest


def _keep_digests(engine: Engine, series: int, copies: Sequence[Copy]) -> None:
    """Pixels that were read whole for the first time: from here on a flipped bit in them is noticed."""
    first = {
        (copy.image.sop_instance_uid, copy.image.digest): copy.pixel_digest
        for copy in copies
        if copy.state == PRESENT and copy.pixel_digest and not copy.image.pixel_digest
    }
    if not first:
        return
    with engine.writing():
        for part in engine.rows("part_instances", series=series):
            images = [_with_digest(image, first) for image in unpack_instances(part["instances"])]
            packed = pack_instances(images)
            engine.run("keep_part_instances", row_series=series, row_number=part["number"], instances=packed)


def _with_digest(image: Instance, first: Mapping[tuple[str, bytes], bytes]) -> Instance:
    found = first.get((image.sop_instance_uid, image.digest))
    return replace(image, pixel_digest=found) if found and not image.pixel_digest else image


def _lies_below(engine: Engine, row: Row, root: bytes) -> bool:
    below = root.rstrip(b"/") + b"/"
    locations = (location for image in instances_of(engine, row["id"]) for location in image.locations)
    paths = {engine.value("folder_path", row_id=folder) for folder in {location.folder for location in locations}}
    return any((path + b"/").startswith(below) for path in paths)

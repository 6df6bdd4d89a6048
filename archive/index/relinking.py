"""Relinking: files that moved are found again by what is in them, wherever they are now and whatever they are called."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from archive.index.adding import Folder, folder_of
from archive.index.checking import look
from archive.index.describing import DIGEST_BYTES, sop_instance_uid
from archive.index.engine import Engine
from archive.index.mounts import Mounts
from archive.index.open_series import count_removable
from archive.index.packing import pack_files, pack_instances, unpack_instances
from archive.index.reading import path_of
from archive.index.records import MISSING, OFFLINE, Instance, KnownFile, Location
from archive.intake.found import FoundFile, FoundFolder
from archive.intake.header import Header

Read = Callable[[FoundFile], Header | None]
Place = tuple[int, bytes, str | None]  # folder row, name, member


@dataclass(frozen=True, slots=True)
class Lost:
    """A copy that is not where it was."""

    series: int
    location: Location


@dataclass(frozen=True, slots=True)
class Match:
    """A lost copy, and the file that is the same image."""

    lost: Lost
    folder: bytes
    file: FoundFile


def relink(engine: Engine, found: Iterable[FoundFolder], read: Read, old: bytes | None = None) -> int:
    """Give lost files (those that were below `old`, where given) new places among the folders found; how many."""
    matches = list(_matches(engine, found, read, old))
    if not matches:
        return 0
    moved: dict[int, dict[Place, Location]] = defaultdict(dict)
    with engine.writing():
        for folder, some in _by_folder(matches).items():
            _enter(engine, folder, some)
            for match in some:
                moved[match.lost.series][_place(match.lost.location)] = _location(folder, match.file)
        for series, places in moved.items():
            _rewrite(engine, series, places)
    for row in engine.rows("all_series"):
        if row["id"] in moved:
            look(engine, row)
    return len(matches)


def _matches(engine: Engine, found: Iterable[FoundFolder], read: Read, old: bytes | None) -> Iterator[Match]:
    """Files found that are lost images: same SOPInstanceUID, same header. Each lost copy is found once."""
    lost = _lost(engine, old)
    for folder in found:
        for file in folder.files:
            header = read(file) if lost and file.refusal is None else None
            identity = (sop_instance_uid(header), header.digest()[:DIGEST_BYTES]) if header else None
            if identity in lost:
                yield Match(lost[identity].pop(), folder.path, file)
                if not lost[identity]:
                    del lost[identity]


def expected_with(engine: Engine, path: bytes, header: Header) -> list[bytes]:
    """Where the lost files would be now, were they moved along with the one that is at `path` now.

    The names that its old and its new path end with in common are the part of the tree that moved as it was.
    """
    lost = _lost(engine, None)
    places = {_path(engine, each.location) for some in lost.values() for each in some if each.location.member is None}
    expected: dict[bytes, None] = {}
    for each in lost.get((sop_instance_uid(header), header.digest()[:DIGEST_BYTES]), ()):
        was = _path(engine, each.location)
        shared = _shared_end(was, path)
        old, new = was[: len(was) - shared], path[: len(path) - shared]
        expected |= dict.fromkeys(new + place[len(old) :] for place in places if place.startswith(old))
    return list(expected)


def _path(engine: Engine, location: Location) -> bytes:
    return path_of(location, engine.value("folder_path", row_id=location.folder) or b"")


def _shared_end(one: bytes, other: bytes) -> int:
    """Length of the whole names that two paths end with in common."""
    shared = 0
    for mine, its in zip(reversed(one.split(b"/")), reversed(other.split(b"/")), strict=False):
        if mine != its:
            break
        shared += len(mine) + 1
    return shared and shared - 1


def _lost(engine: Engine, old: bytes | None) -> dict[tuple[str, bytes] | None, list[Lost]]:
    lost: dict[tuple[str, bytes] | None, list[Lost]] = defaultdict(list)
    below = old.rstrip(b"/") + b"/" if old is not None else b""
    for row in engine.rows("all_series"):
        for copy in look(engine, row):
            if copy.state in (MISSING, OFFLINE) and copy.path.startswith(below):
                identity = (copy.image.sop_instance_uid, copy.image.digest)
                lost[identity].append(Lost(row["id"], copy.location))
    return lost


def _by_folder(matches: Iterable[Match]) -> Mapping[Folder, list[Match]]:
    paths: dict[bytes, list[Match]] = defaultdict(list)
    for match in matches:
        paths[match.folder].append(match)
    return {Folder(path): some for path, some in paths.items()}


def _enter(engine: Engine, folder: Folder, matches: Iterable[Match]) -> None:
    """The new folder knows its files, so that a later import does."""
    known = folder_of(engine, folder.path, Mounts(engine))
    folder.row, folder.files = known.row, known.files
    for match in matches:
        file = match.file
        folder.files[file.name] = KnownFile(file.size, file.mtime_ns, "imported", series=match.lost.series)
    if folder.row:
        engine.run("keep_files", row_id=folder.row, files=pack_files(folder.files))
    else:
        volume = Mounts(engine).entered(folder.path)
        folder.row = engine.run("new_folder", volume=volume, path=folder.path, files=pack_files(folder.files))


def _location(folder: Folder, file: FoundFile) -> Location:
    return Location(folder.row, b"" if file.member is not None else file.name, file.member, file.size, file.mtime_ns)


def _rewrite(engine: Engine, series: int, places: Mapping[Place, Location]) -> None:
    everything: list[Instance] = []
    for part in engine.rows("part_instances", series=series):
        images = [_moved(image, places) for image in unpack_instances(part["instances"])]
        everything += images
        packed = pack_instances(images)
        engine.run("keep_part_instances", row_series=series, row_number=part["number"], instances=packed)
    count_removable(engine, series, everything)


def _moved(image: Instance, places: Mapping[Place, Location]) -> Instance:
    return replace(image, locations=tuple(places.get(_place(at), at) for at in image.locations))


def _place(location: Location) -> Place:
    return location.folder, location.name, location.member

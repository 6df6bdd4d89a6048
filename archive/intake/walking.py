"""Walks folders and containers: every file once, sorted, folder by folder, with what is no file named as such."""

import os
import stat
from collections import deque
from collections.abc import Iterator, Sequence

from archive.errors import PathGone
from archive.intake.containers import looks_like_container, members_of
from archive.intake.found import FoundFile, FoundFolder, Refusal, refusal_of

__all__ = ["FoundFile", "FoundFolder", "Refusal", "walk"]

Identity = tuple[int, int]  # device and inode
TOGETHER = 512  # files of a folder looked at before they are handed on: 100,000 in one folder can be cancelled too


def walk(paths: Sequence[bytes]) -> Iterator[FoundFolder]:
    """Every file below these folders, in these containers and of these files. Raises PathGone before it begins.

    Links to folders are followed after the real folders, each folder once; a folder that cannot be listed is one
    unreadable file of its name. Files given one by one come as their folder, less what was found already.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise PathGone(name=os.fsdecode(os.path.basename(path.rstrip(b"/")) or path))
    return _walk([os.path.abspath(path) for path in paths])


def _walk(paths: Sequence[bytes]) -> Iterator[FoundFolder]:
    seen: set[Identity] = set()
    for path in paths:
        if os.path.isdir(path):
            yield from _below(path, seen)
    yield from _singly([path for path in paths if not os.path.isdir(path)], seen)


def _below(top: bytes, seen: set[Identity]) -> Iterator[FoundFolder]:
    """The folder and all below it; links to folders wait until the real folders are done."""
    waiting, links = deque([top]), deque[bytes]()
    while waiting or links:
        folder = waiting.popleft() if waiting else links.popleft()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield FoundFolder(os.path.dirname(folder), None, (FoundFile(folder, None, 0, 0, refusal_of(error)),))
            continue
        subfolders, linked, files = _sorted_out(entries)
        waiting.extendleft(reversed(subfolders))
        links.extend(linked)
        yield from _folder(folder, files)


def _sorted_out(entries: list["os.DirEntry[bytes]"]) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """Folders, links to folders, and everything else as files."""
    folders, linked, files = [], [], []
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            folders.append(entry.path)
        elif entry.is_symlink() and _leads_to_folder(entry):
            linked.append(entry.path)
        else:
            files.append(entry.path)
    return folders, linked, files


def _leads_to_folder(entry: "os.DirEntry[bytes]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link in a circle: counted as what is no file


def _found(path: bytes) -> FoundFile:
    """One file as the file system shows it now, opened by nobody."""
    try:
        status = os.stat(path)
    except OSError as error:
        refusal = Refusal("not-regular") if os.path.islink(path) else refusal_of(error)
        return FoundFile(path, None, 0, 0, refusal)
    refused = None
    if not stat.S_ISREG(status.st_mode):
        refused = Refusal("not-regular")
    elif status.st_size == 0:
        refused = Refusal("empty")
    return FoundFile(path, None, status.st_size, status.st_mtime_ns, refused)


def _folder(folder: bytes, paths: list[bytes]) -> Iterator[FoundFolder]:
    """The folder without its containers, then each container; a folder of many files in several pieces."""
    for start in range(0, max(1, len(paths)), TOGETHER):
        yield from _piece(folder, [_found(path) for path in paths[start : start + TOGETHER]])


def _piece(folder: bytes, files: list[FoundFile]) -> Iterator[FoundFolder]:
    plain, containers = [], []
    for file in files:
        members = None
        if file.refusal is None and looks_like_container(file.path):
            members = members_of(file.path, file.mtime_ns)
        if members is None:
            plain.append(file)
        else:
            containers.append(FoundFolder(file.path, file.path, members))
    yield FoundFolder(folder, None, tuple(plain))
    yield from containers


def _singly(paths: Sequence[bytes], seen: set[Identity]) -> Iterator[FoundFolder]:
    """Files given one by one, grouped by folder. What a person names is opened as a container whatever it is called."""
    by_folder: dict[bytes, list[bytes]] = {}
    for path in dict.fromkeys(paths):
        by_folder.setdefault(os.path.dirname(path), []).append(path)
    for folder, members in by_folder.items():
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) not in seen:
            yield from _named_files(folder, sorted(members))


def _named_files(folder: bytes, paths: list[bytes]) -> Iterator[FoundFolder]:
    plain = []
    for file in map(_found, paths):
        members = None if file.refusal else members_of(file.path, file.mtime_ns)
        if members is None:
            plain.append(file)
        else:
            yield FoundFolder(file.path, file.path, members)
    if plain:
        yield FoundFolder(folder, None, tuple(plain))

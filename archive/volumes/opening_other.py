"""Open Other: files that are not DICOM as stacks and FileRefs, so that everything after treats them like a series."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from numpy.typing import NDArray

from archive.errors import CutShort, HeaderAlone, NotDicom, PathGone, Refused, TooLarge, Unreadable, UnsupportedFile
from archive.formats.kinds import PICTURES, REFUSED, START_BYTES, kind_of
from archive.sandbox.client import OtherReader
from archive.sandbox.guard import Refusal
from archive.stack import FileRef, FrameRecord, LeftOut, Stack
from archive.volumes import beside
from archive.volumes.folders import Numbered, gaps, natural, series_of_names
from archive.volumes.other_stacks import PART, Facts, picture_stack, volume_stack

T = TypeVar("T")
MARK = "other:"  # before the kind, in the place of a FileRef's transfer syntax
MOST_FILES = 20_000  # that are looked at in a folder


@dataclass(frozen=True)
class Opened:
    """What files that are not DICOM hold; loading, export and viewer take it like a series."""

    stacks: tuple[Stack, ...]
    files: tuple[FileRef, ...]
    format: str  # "nifti", "nrrd", ... of the first stack
    left_out: tuple[LeftOut, ...] = ()


def is_other(ref: FileRef) -> bool:
    """Whether a FileRef is of a file that is not DICOM."""
    return ref.transfer_syntax.startswith(MARK)


def open_other(path: bytes, reader: OtherReader | None = None) -> Opened:
    """Describe one file, or all of a folder; Refused (NotDicom, Unreadable, TooLarge) where nothing can be opened."""
    own = reader or OtherReader()
    try:
        return _of_folder(path, own) if os.path.isdir(path) else _of_file(path, own)
    finally:
        if reader is None:
            own.close()


def fill(ref: FileRef, frame: FrameRecord, time: int, voxels: NDArray[Any], reader: OtherReader) -> None:
    """The voxels [k, j, i(, 3)] of one time of the volume of a file that open_other described."""
    kind, part = kind_of_ref(ref), int(dict(frame.labels)[PART])
    name = os.fsdecode(os.path.basename(ref.path))
    try:
        _asked(ref, lambda fds, token: reader.voxels(kind, token, fds, part, time, voxels))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PathGone(name=name) from error
    except OSError as error:
        raise Unreadable(name=name, reason="io-error") from error
    except Refusal as refusal:
        raise _refused(refusal.code, name) from refusal


def kind_of_ref(ref: FileRef) -> str:
    """The kind of file that a FileRef is of."""
    return ref.transfer_syntax.removeprefix(MARK)


UNSUPPORTED = {"unsupported-type": "type", "unsupported-layout": "layout", "hdf5": "HDF5 / MINC 2"}
REFUSALS: dict[str, Callable[[str, str], Refused]] = {
    "too-large": lambda name, _: TooLarge(what=name, wanted="–", allowed="–"),
    "truncated": lambda name, _: CutShort(name=name),
    "no-voxels": lambda name, _: HeaderAlone(name=name),
    **dict.fromkeys(UNSUPPORTED, lambda name, code: UnsupportedFile(name=name, reason=UNSUPPORTED[code])),
}


def _refused(code: str, name: str) -> Refused:
    made = REFUSALS.get(code)
    return made(name, code) if made else Unreadable(name=name, reason=code)


# --- one file -------------------------------------------------------------------------------------------------------


def _of_file(path: bytes, reader: OtherReader) -> Opened:
    name = os.fsdecode(os.path.basename(path))
    try:
        ref = _ref(beside.header_first(path))
    except FileNotFoundError as error:
        raise PathGone(name=name) from error
    except OSError as error:
        raise Unreadable(name=name, reason="io-error") from error
    if ref is None:
        raise NotDicom(name=name)
    volumes = _described(ref, reader, name)
    stacks = tuple(volume_stack(part, facts) for part, facts in enumerate(volumes))
    return Opened(stacks, (ref,), kind_of_ref(ref))


def _described(ref: FileRef, reader: OtherReader, name: str) -> list[Facts]:
    kind = kind_of_ref(ref)
    try:
        if kind in REFUSED:
            raise Refusal(REFUSED[kind])
        return _asked(ref, lambda fds, token: reader.describe(kind, token, fds))
    except OSError as error:
        raise Unreadable(name=name, reason="io-error") from error
    except Refusal as refusal:
        raise _refused(refusal.code, name) from refusal


def _open(path: bytes) -> int:
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)


def _ref(path: bytes) -> FileRef | None:
    """A FileRef of what a file's first bytes say it is; None where they say nothing that we read."""
    descriptor = _open(path)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return None
        kind = kind_of(os.pread(descriptor, START_BYTES, 0), found.st_size)
    finally:
        os.close(descriptor)
    return None if kind is None else FileRef(path, found.st_size, found.st_mtime_ns, MARK + kind)


def _asked(ref: FileRef, ask: Callable[[tuple[int, ...], str], T]) -> T:
    """Ask with the file's descriptor, and with that of the file its header names."""
    descriptors = [_open(ref.path)]
    try:
        other = beside.companion(descriptors[0], ref.path, kind_of_ref(ref))
        if other is not None:
            descriptors.append(_open(other))
        token = ":".join(str(part) for d in descriptors for part in _identity(d))
        return ask(tuple(descriptors), token)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _identity(descriptor: int) -> tuple[int, ...]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


# --- a folder -------------------------------------------------------------------------------------------------------


def _of_folder(path: bytes, reader: OtherReader) -> Opened:
    """Everything below a folder that can be read; what cannot is counted."""
    files = tuple(_known_files(path))
    faults: list[Refused] = []
    stacks: list[Stack] = []
    for series in _series(files):
        try:
            stacks += _stacks_of(files, series, reader)
        except Refused as fault:
            faults.append(fault)
    if not stacks:
        raise faults[0] if faults else NotDicom(name=os.fsdecode(os.path.basename(path)))
    left_out = (LeftOut("unreadable-file", len(faults), {"count": len(faults)}),) if faults else ()
    return Opened(tuple(stacks), files, kind_of_ref(files[_first_file(stacks[0])]), left_out)


def _known_files(folder: bytes) -> Iterator[FileRef]:
    """The files of a kind we read, folder by folder in natural order; links to folders are not followed."""
    looked_at = 0
    for place, folders, names in os.walk(folder):
        folders.sort(key=lambda name: natural(os.fsdecode(name)))
        for name in sorted(names, key=lambda name: natural(os.fsdecode(name))):
            looked_at += 1
            if looked_at > MOST_FILES:
                return
            try:
                ref = _ref(os.path.join(place, name))
            except OSError:
                continue
            if ref is not None and kind_of_ref(ref) not in REFUSED:
                yield ref


def _series(files: tuple[FileRef, ...]) -> list[Numbered]:
    """Numbered pictures together, everything else alone."""
    names = [os.fsdecode(ref.path) if kind_of_ref(ref) in PICTURES else "" for ref in files]
    pictures = [index for index, name in enumerate(names) if name]
    groups = series_of_names([names[index] for index in pictures])
    together = [Numbered(tuple(pictures[n] for n in group.files), group.numbers) for group in groups]
    alone = [Numbered((index,), (0,)) for index, name in enumerate(names) if not name]
    return sorted([*together, *alone], key=lambda series: series.files[0])


def _stacks_of(files: tuple[FileRef, ...], series: Numbered, reader: OtherReader) -> list[Stack]:
    """The volumes of one file; or pictures of one shape as one stack."""
    shapes: dict[str, list[tuple[int, int]]] = {}
    told: dict[str, Facts] = {}
    stacks: list[Stack] = []
    for file, number in zip(series.files, series.numbers, strict=True):
        volumes = _described(files[file], reader, os.fsdecode(os.path.basename(files[file].path)))
        if len(series.files) == 1 or volumes[0]["shape"][:2] != [1, 1]:
            stacks += [volume_stack(part, facts, file) for part, facts in enumerate(volumes)]
            continue
        key = repr([volumes[0][name] for name in ("shape", "dtype", "samples")])
        shapes.setdefault(key, []).append((file, number))
        told[key] = volumes[0]
    for key, members in shapes.items():
        numbers = [number for _, number in members]
        missing = gaps(numbers) if len(shapes) == 1 else ""
        stacks.append(picture_stack([file for file, _ in members], numbers, told[key], missing))
    return stacks


def _first_file(stack: Stack) -> int:
    return next(frame.file for frame in stack.frames[0] if frame is not None)

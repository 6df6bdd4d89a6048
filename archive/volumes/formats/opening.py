"""Open Other: a file that is not DICOM as stacks and FileRefs, so that everything after treats it like a series."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from archive.errors import NotDicom, PathGone, Refused, TooLarge, Unreadable
from archive.sandbox.client import OtherReader
from archive.sandbox.guard import Refusal
from archive.volumes.formats import metaimage, nrrd
from archive.volumes.formats.described import Unfit
from archive.volumes.formats.kinds import START_BYTES, kind_of
from archive.volumes.geometry import as_rows, plane_word
from archive.volumes.stack import Dimension, FileRef, FrameRecord, Stack
from archive.volumes.verdicts import verdict

T = TypeVar("T")
MARK = "other:"  # before the kind, in the place of a FileRef's transfer syntax


@dataclass(frozen=True)
class Opened:
    """What an "other" file holds; loading, export and viewer take it like a series."""

    stacks: tuple[Stack, ...]
    files: tuple[FileRef, ...]
    format: str  # "nifti", "nrrd", ...


def is_other(ref: FileRef) -> bool:
    """Whether a FileRef is of a file that is not DICOM."""
    return ref.transfer_syntax.startswith(MARK)


def open_other(path: bytes, reader: OtherReader | None = None) -> Opened:
    """Describe one file; Refused (NotDicom, Unreadable, TooLarge) where it cannot be."""
    name = os.fsdecode(os.path.basename(path))
    path = _header_first(path)
    try:
        kind, found = _start(path)
    except FileNotFoundError as error:
        raise PathGone(name=name) from error
    except OSError as error:
        raise Unreadable(name=name, reason="io-error") from error
    if kind is None:
        raise NotDicom(name=name)
    ref = FileRef(path, found.st_size, found.st_mtime_ns, MARK + kind)
    own = reader or OtherReader()
    try:
        volumes = _asked(ref, kind, lambda fds, token: own.describe(kind, token, fds))
    except Refusal as refusal:
        raise _refused(refusal.code, name) from refusal
    finally:
        if reader is None:
            own.close()
    return Opened(tuple(_stack(part, facts) for part, facts in enumerate(volumes)), (ref,), kind)


def fill(ref: FileRef, frame: FrameRecord, time: int, voxels: NDArray[Any], reader: OtherReader) -> None:
    """The voxels [k, j, i(, 3)] of one time of a stack that open_other described."""
    kind, part = ref.transfer_syntax.removeprefix(MARK), int(dict(frame.labels)["Part"])
    try:
        _asked(ref, kind, lambda fds, token: reader.voxels(kind, token, fds, part, time, voxels))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PathGone(name=os.fsdecode(os.path.basename(ref.path))) from error
    except Refusal as refusal:
        raise _refused(refusal.code, os.fsdecode(os.path.basename(ref.path))) from refusal


def _refused(code: str, name: str) -> Refused:
    if code == "too-large":
        return TooLarge(what=name, wanted="–", allowed="–")
    return Unreadable(name=name, reason=code)


# --- files ----------------------------------------------------------------------------------------------------------

PAIRS = {b".img": b".hdr"}  # the half that holds the voxels -> the half that describes them


def _header_first(path: bytes) -> bytes:
    """The header of a pair where the voxels' file was named."""
    stem, ending = os.path.splitext(path)
    other = stem + PAIRS.get(ending.lower(), b"")
    return other if other != stem and os.path.isfile(other) else path


def _open(path: bytes) -> int:
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)


def _start(path: bytes) -> tuple[str | None, os.stat_result]:
    descriptor = _open(path)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return None, found
        return kind_of(os.pread(descriptor, START_BYTES, 0), found.st_size), found
    finally:
        os.close(descriptor)


def _asked(ref: FileRef, kind: str, ask: Callable[[tuple[int, ...], str], T]) -> T:
    """Ask with the file's descriptor, and with that of the file its header names."""
    descriptors = [_open(ref.path)]
    try:
        beside = _companion(descriptors[0], ref.path, kind)
        if beside is not None:
            descriptors.append(_open(beside))
        token = ":".join(str(part) for d in descriptors for part in _identity(d))
        return ask(tuple(descriptors), token)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _identity(descriptor: int) -> tuple[int, ...]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


COMPANIONS: dict[str, Callable[[bytes], str | None]] = {"nrrd": nrrd.companion, "metaimage": metaimage.companion}


def _companion(descriptor: int, path: bytes, kind: str) -> bytes | None:
    """The file beside this one that holds its voxels."""
    start = os.pread(descriptor, 1 << 16, 0)
    try:
        if kind in COMPANIONS:
            name = COMPANIONS[kind](start)
            beside = None if name is None else os.path.join(os.path.dirname(path), os.fsencode(name))
        else:
            stem, ending = os.path.splitext(path)
            is_pair = kind == "nifti" and ending.lower() == b".hdr"
            beside = stem + b".img" if is_pair else None
    except Unfit as unfit:
        raise Refusal(unfit.code) from unfit
    if beside is not None and not os.path.isfile(beside):
        raise Refusal("no-voxels")
    return beside


# --- stacks ---------------------------------------------------------------------------------------------------------


def _stack(part: int, facts: dict[str, Any]) -> Stack:
    """A stack whose frames are all in file 0: the same shape of thing as a DICOM series."""
    times, slices, rows, columns = facts["shape"]
    matrix = None if facts["matrix"] is None else np.array(facts["matrix"], np.float64)
    first = _frame(part, facts, matrix)
    frames = tuple(tuple(_numbered(first, t * slices + k) for k in range(slices)) for t in range(times))
    is_volume = slices > 1 and matrix is not None and facts["samples"] == 1
    one = "image" if slices == 1 and times == 1 else "frames"
    codes = _codes(matrix, slices, (rows, columns))
    return Stack(
        kind="volume" if is_volume else one,
        frames=frames,
        verdict=verdict(codes, {"slices": slices, **_measured(matrix), "notes": facts["notes"]}),
        rows=rows,
        columns=columns,
        patient_from_voxel=None if matrix is None else as_rows(matrix),
        dimension=Dimension("recorded-order", tuple(range(1, times + 1))) if times > 1 else None,
        title=() if matrix is None else (plane_word(_normal(matrix)),),
    )


def _numbered(first: FrameRecord, index: int) -> FrameRecord:
    """The same record for all: a thousand copies that differ in one number would only cost memory."""
    return first if index == 0 else FrameRecord(**{**_fields(first), "frame": index})


def _fields(frame: FrameRecord) -> dict[str, Any]:
    return {name: getattr(frame, name) for name in FrameRecord.__slots__}


def _frame(part: int, facts: dict[str, Any], matrix: NDArray[np.float64] | None) -> FrameRecord:
    _, _, rows, columns = facts["shape"]
    dtype = np.dtype(facts["dtype"])
    edges = (1.0, 1.0, 1.0) if matrix is None else np.linalg.norm(matrix[:3, :3], axis=0)
    return FrameRecord(
        file=0,
        frame=0,
        rows=rows,
        columns=columns,
        samples=facts["samples"],
        photometric="RGB" if facts["samples"] == 3 else "MONOCHROME2",
        bits_allocated=8 * dtype.itemsize,
        bits_stored=8 * dtype.itemsize,
        high_bit=8 * dtype.itemsize - 1,
        signed=dtype.kind == "i",
        is_float=dtype.kind == "f",
        pixel_spacing_mm=None if matrix is None else (float(edges[1]), float(edges[0])),
        slope=facts["slope"],
        intercept=facts["intercept"],
        labels=(("Part", part),),
    )


def _normal(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    normal = np.cross(matrix[:3, 0], matrix[:3, 1])
    return np.asarray(normal / (np.linalg.norm(normal) or 1.0), np.float64)


def _lean(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The part of one step along k that lies in the plane."""
    normal, step = _normal(matrix), matrix[:3, 2]
    return np.asarray(step - (step @ normal) * normal, np.float64)


def _codes(matrix: NDArray[np.float64] | None, slices: int, _: tuple[int, int]) -> list[str]:
    if matrix is None:
        return ["none"]
    if slices == 1:
        return ["single"]
    drift_mm = float(np.linalg.norm(_lean(matrix))) * (slices - 1)
    pixel_mm = float(np.linalg.norm(matrix[:3, :2], axis=0).min())
    return ["sheared"] if drift_mm > 0.5 * pixel_mm else ["regular"]


def _measured(matrix: NDArray[np.float64] | None) -> dict[str, Any]:
    if matrix is None:
        return {}
    depth_mm = float(abs(matrix[:3, 2] @ _normal(matrix)))
    tilt = float(np.degrees(np.arctan2(np.linalg.norm(_lean(matrix)), depth_mm)))
    return {"step_mm": round(depth_mm, 4), "tilt_deg": round(tilt, 1)}

"""Export: a stack as NIfTI-1, NRRD or NumPy file, written beside its target and put in its place when it is whole."""

import contextlib
import errno
import gzip
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from archive.errors import CannotWrite, NoVolume, UnevenStack, UnknownFormat
from archive.formats.writing import HEADERS, Written, spacings
from archive.sandbox.client import Decoder
from archive.stack import FileRef, Stack
from archive.volumes.intensity import channels_of, meaning_of
from archive.volumes.loading import Damaged, Loading
from archive.volumes.resample import Grid, grid_of, resampled

GZIP_LEVEL = 6


@dataclass(frozen=True)
class Exported:
    """What was written: the `export` row of the command line."""

    shape: tuple[int, ...]  # as stored in the array: [time,] slices, rows, columns [, 3]
    dtype: str
    slope: float
    intercept: float
    sha256: str  # of the stored little-endian voxels in C order, the same for every format
    damaged: tuple[Damaged, ...]


def write(
    stack: Stack,
    files: Sequence[FileRef],
    target: str,
    *,
    time: int | None = None,
    resample: bool = False,
    decoder: Decoder | None = None,
) -> Exported:
    """Write a stack (all times, or the 0-based one) to target; its ending (.nii .nii.gz .nrrd .npy) names the format.

    A refused or failed call leaves no file, and an older file as it was.
    """
    ending = _ending(target)
    grid = _grid(stack, resample)
    times = range(stack.times) if time is None else [time]
    written = _header_facts(stack, len(times), grid)
    digest = hashlib.sha256()
    damaged: list[Damaged] = []
    with _beside(target) as file, _body(file, ending) as body:
        body.write(HEADERS[ending](written))
        for index in times:
            loading = Loading(stack, files, index, decoder=decoder)
            voxels = loading.run().voxels
            damaged += loading.damaged
            for plane in voxels if grid is None else resampled(voxels, grid):
                data = memoryview(_little_endian(plane)).cast("B")  # type: ignore[arg-type]
                digest.update(data)
                body.write(data)
    return Exported(
        written.shape,
        written.dtype.name,
        written.slope,
        written.intercept,
        digest.hexdigest(),
        tuple(damaged),
    )


def _ending(target: str) -> str:
    name = os.path.basename(target).lower()
    for ending in sorted(HEADERS, key=len, reverse=True):
        if name.endswith(ending):
            return ending
    raise UnknownFormat(name=os.path.basename(target))


def _grid(stack: Stack, resample: bool) -> Grid | None:
    """The regular grid of an uneven stack, if it was asked for; writing it as it is would stretch it silently."""
    if stack.kind == "document":
        raise NoVolume(view="voxel")
    if stack.verdict.code != "uneven":
        return None
    if not resample:
        facts = stack.verdict.facts
        raise UnevenStack(least_mm=facts["least_mm"], most_mm=facts["most_mm"])
    return grid_of(stack)


def _header_facts(stack: Stack, times: int, grid: Grid | None) -> Written:
    meaning = meaning_of(stack)
    first = next(frame for frame in stack.frames[0] if frame is not None)
    colour = (channels_of(first),) if channels_of(first) else ()
    slices = stack.slices if grid is None else grid.slices
    matrix: NDArray[np.float64] | None = None
    if grid is not None:
        matrix = grid.patient_from_voxel
    elif stack.patient_from_voxel is not None and stack.verdict.code != "wandering":
        matrix = np.array(stack.patient_from_voxel, np.float64)
    return Written(
        shape=(*((times,) if times > 1 else ()), slices, stack.rows, stack.columns, *colour),
        dtype=meaning.dtype,
        slope=meaning.slope,
        intercept=meaning.intercept,
        patient_from_voxel=matrix,
        spacing_mm=spacings(matrix, first.pixel_spacing_mm),
        is_colour=bool(colour),
    )


def _little_endian(plane: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(plane, plane.dtype.newbyteorder("<"))


@contextlib.contextmanager
def _beside(target: str) -> Iterator[IO[bytes]]:
    """A file in the target's folder that takes its place only when all is written and on the disk."""
    folder, name = os.path.split(os.path.abspath(target))
    part = os.path.join(folder, f".{name}.{os.getpid()}.part")
    try:
        with open(part, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except OSError as error:
        raise CannotWrite(name=name, reason=errno.errorcode.get(error.errno or 0, "EIO")) from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(part)


@contextlib.contextmanager
def _body(file: IO[bytes], ending: str) -> Iterator[IO[bytes]]:
    """Where the bytes go: packed for .gz, without a name or time, so that two exports are the same file."""
    if not ending.endswith(".gz"):
        yield file
        return
    with gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as packed:
        yield packed  # type: ignore[misc]

"""Loading: a stack's pixels into one array, middle slice first, with what is damaged named."""

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.errors import (
    EmptyClaim,
    FilesGone,
    NothingThere,
    NoVolume,
    Refused,
    ScanError,
    Undecodable,
    UnknownSyntax,
)
from archive.sandbox.client import Decoder
from archive.sandbox.guard import Refusal
from archive.stack import FileRef, FrameRecord, Stack
from archive.syntaxes import syntax_of
from archive.volumes import intensity
from archive.volumes import opening_other as opening
from archive.volumes.buffer import allocate
from archive.volumes.pixels import ImageReader, image_shape, new_image
from archive.volumes.volume import SliceState, Volume

LARGE_BYTES = 64 << 20
MOST_TIMES = 16  # a native picture may claim so many times its file, which may have been cut short
READERS = 4  # threads: a queue depth that keeps a disk busy
FLAT = ("none", "single", "wandering", "uneven")  # verdicts without even millimetres across slices

OnSlice = Callable[[int], Any]


@dataclass(frozen=True)
class Damaged:
    """One file whose frame could not be read whole: index into the files, code of the catalogue (`damaged.<code>`)."""

    file: int
    code: str


@dataclass(frozen=True)
class _Task:
    """One stored image and the slices that are cut from it (several for a mosaic)."""

    slices: tuple[tuple[int, FrameRecord], ...]

    @property
    def frame(self) -> FrameRecord:
        return self.slices[0][1]


class Loading:
    """The filling of one volume (one time of a stack). `volume` has its whole shape at once; its states tell what is read."""

    def __init__(
        self, stack: Stack, files: Sequence[FileRef], time: int = 0, *, decoder: Decoder | None = None
    ) -> None:
        if stack.kind == "document":
            raise NoVolume(view="voxel")
        self._meaning = intensity.meaning_of(stack)
        self._files = files
        self._frames = stack.frames[time]
        self._time = time
        self._decoder = decoder
        self._cancelled = threading.Event()
        self._turn = threading.Lock()
        self._on_slice: OnSlice | None = None
        self.damaged: list[Damaged] = []
        if not opening.is_other(files[self._first.file]) and files[self._first.file].member is None:
            _refuse_empty_claims(self._first, files[self._first.file])
        self.volume = _empty(stack, self._frames, self._meaning)

    def run(self, on_slice: OnSlice | None = None) -> Volume:
        """Fill the volume; returns when all is read or cancelled. Refused where not one slice can be read."""
        self._on_slice = on_slice
        decoder = self._decoder or Decoder()
        reader = ImageReader(decoder)
        try:
            if opening.is_other(self._files[self._first.file]):
                self._run_other(decoder)
            else:
                self._run_tasks(reader)
        finally:
            reader.close()
            if decoder is not self._decoder:
                decoder.close()
        return self.volume

    def cancel(self) -> None:
        """End soon, from any thread: run() returns without waiting for a frame that is being decoded."""
        self._cancelled.set()

    @property
    def _first(self) -> FrameRecord:
        return next(frame for frame in self._frames if frame is not None)

    # --- DICOM ---

    def _run_tasks(self, reader: ImageReader) -> None:
        tasks = iter(_tasks(self._frames))
        ended = threading.Semaphore(0)
        for _ in range(READERS):
            threading.Thread(target=self._work, args=(tasks, reader, ended), daemon=True).start()
        for _ in range(READERS):
            while not ended.acquire(timeout=0.02):
                if self._cancelled.is_set():
                    return
        self._finish()

    def _work(self, tasks: Iterator[_Task], reader: ImageReader, ended: threading.Semaphore) -> None:
        try:
            while not self._cancelled.is_set():
                with self._turn:
                    task = next(tasks, None)
                if task is None:
                    return
                self._load(task, reader)
        finally:
            ended.release()

    def _load(self, task: _Task, reader: ImageReader) -> None:
        """Read one stored image; whatever goes wrong with it is its own damage."""
        try:
            direct = self._direct(task)
            image = new_image(task.frame) if direct is None else direct
            code = reader.read(self._files[task.frame.file], task.frame, image)
            if direct is None:
                self._spread(task, image, reader)
        except Refusal as refusal:
            code = refusal.code
        except OSError:
            code = "io-error"
        except Exception:  # noqa: BLE001 - a surprise in one image is that image's damage, never a slice without a state
            code = "undecodable"
        self._publish(task, code)

    def _direct(self, task: _Task) -> NDArray[Any] | None:
        """The slice of the volume itself, where the stored bytes are its bytes."""
        ((k, frame), *others) = task.slices
        plane: NDArray[Any] = self.volume.voxels[k]
        fits = intensity.stored_dtype(frame) == plane.dtype and image_shape(frame) == plane.shape
        return plane if fits and not (others or frame.table or self._meaning.per_frame) else None

    def _spread(self, task: _Task, image: NDArray[Any], reader: ImageReader) -> None:
        """Cut the tiles of an image, by the file's own table, or by their own rescale where frames differ."""
        for k, frame in task.slices:
            row, column = frame.tile or (0, 0)
            part = image[row : row + frame.rows, column : column + frame.columns]
            if frame.table:
                part = reader.table(self._files[frame.file], frame).applied(part)
            elif frame.samples > 1:
                part = intensity.as_bytes(part, frame)
            elif self._meaning.per_frame:
                part = intensity.rescaled(part, frame)
            self.volume.voxels[k] = part

    def _publish(self, task: _Task, code: str) -> None:
        state = SliceState.DAMAGED if code else SliceState.READY
        if code:
            with self._turn:
                self.damaged.append(Damaged(task.frame.file, code))
        for k, _ in task.slices:
            self.volume.states[k] = state
            if self._on_slice is not None:
                self._on_slice(k)

    def _finish(self) -> None:
        """Holes and what could not be read get the lowest value: nothing is brighter than it was measured."""
        self.damaged.sort(key=lambda damaged: damaged.file)
        states = self.volume.states
        if self.damaged and not (states == SliceState.READY).any():
            self._refuse_if_nothing_was_read()
        if (states == SliceState.READY).all():
            return
        found = intensity.range_of(self.volume.voxels[k] for k in np.flatnonzero(states == SliceState.READY))
        lowest = found[0] if found else 0
        whole = {damaged.file for damaged in self.damaged if damaged.code != "pixels-short"}
        for k, frame in enumerate(self._frames):
            if frame is None or frame.file in whole:
                self.volume.voxels[k] = lowest

    def _refuse_if_nothing_was_read(self) -> None:
        codes = {damaged.code for damaged in self.damaged}
        total = len(self.damaged)
        if codes <= {"gone"}:
            raise FilesGone(missing=total, total=total)
        if "unknown-syntax" in codes:
            uid = self._files[self._first.file].transfer_syntax
            raise UnknownSyntax(syntax=uid, name=syntax_of(uid).name)
        if codes != {"pixels-short"}:
            raise Undecodable(count=total, total=total)

    # --- other files ---

    def _run_other(self, decoder: Decoder) -> None:
        """Whole volumes of one file each, or pictures, one file a slice."""
        slices: dict[int, list[int]] = {}
        for k, frame in enumerate(self._frames):
            if frame is not None:
                slices.setdefault(frame.file, []).append(k)
        for file, its in slices.items():
            if self._cancelled.is_set():
                return
            code = self._filled(file, its, decoder, is_alone=len(slices) == 1)
            self._publish_all(file, its, code)
        self._finish()

    def _filled(self, file: int, slices: list[int], decoder: Decoder, is_alone: bool) -> str:
        """One file's part of the volume; a file that is alone raises, one of many is damage."""
        part = self.volume.voxels[slices[0] : slices[-1] + 1]
        try:
            opening.fill(self._files[file], self._first, 0 if part.shape[0] == 1 else self._time, part, decoder.other)
        except ScanError as error:
            if is_alone:
                raise
            return "gone" if isinstance(error, NothingThere) else "undecodable"
        return ""

    def _publish_all(self, file: int, slices: list[int], code: str) -> None:
        if code:
            self.damaged.append(Damaged(file, code))
        for k in slices:
            self.volume.states[k] = SliceState.DAMAGED if code else SliceState.READY
            if self._on_slice is not None:
                self._on_slice(k)


def _tasks(frames: Sequence[FrameRecord | None]) -> list[_Task]:
    """Stored images, those nearest to the middle slice first."""
    images: dict[tuple[int, int], list[tuple[int, FrameRecord]]] = {}
    middle = len(frames) // 2
    for k in sorted(range(len(frames)), key=lambda k: abs(k - middle)):
        frame = frames[k]
        if frame is not None:
            images.setdefault((frame.file, frame.frame), []).append((k, frame))
    return [_Task(tuple(slices)) for slices in images.values()]


def _refuse_empty_claims(frame: FrameRecord, ref: FileRef) -> None:
    """A file of a few bytes that claims a native picture of gigabytes is refused before anything is allocated."""
    claimed = math.prod(image_shape(frame)) * frame.bits_allocated // 8
    if claimed > LARGE_BYTES and claimed > MOST_TIMES * ref.size and syntax_of(ref.transfer_syntax).native:
        raise EmptyClaim(wanted=f"{claimed / 2**20:.0f} MiB", allowed=f"{ref.size / 2**20:.2f} MiB")


def _empty(stack: Stack, frames: Sequence[FrameRecord | None], meaning: intensity.Meaning) -> Volume:
    """The volume before anything is read."""
    first = next(frame for frame in frames if frame is not None)
    shape: tuple[int, ...] = (len(frames), stack.rows, stack.columns)
    if intensity.channels_of(first):
        shape = (*shape, intensity.channels_of(first))
    middle = frames[len(frames) // 2] or first
    is_spatial = stack.kind == "volume" and stack.verdict.code not in FLAT
    return Volume(
        voxels=allocate(shape, meaning.dtype),
        patient_from_voxel=_matrix(stack, first),
        slope=meaning.slope,
        intercept=meaning.intercept,
        unit=meaning.unit,
        modality=first.modality,
        states=np.array([SliceState.EMPTY if frame else SliceState.HOLE for frame in frames], np.uint8),
        invert=first.photometric == "MONOCHROME1",
        windows=middle.windows,
        source_bits=first.bits_stored,
        is_spatial=is_spatial,
    )


def _matrix(stack: Stack, first: FrameRecord) -> NDArray[np.float64]:
    """The stack's own map; without a place, one that keeps the shape of pixels."""
    if stack.patient_from_voxel is not None:
        return np.array(stack.patient_from_voxel, np.float64)
    between_rows_mm, between_columns_mm = first.pixel_spacing_mm or (1.0, 1.0)
    return np.diag([between_columns_mm, between_rows_mm, min(between_rows_mm, between_columns_mm), 1.0])


def load(
    stack: Stack,
    files: Sequence[FileRef],
    time: int = 0,
    *,
    on_slice: OnSlice | None = None,
    decoder: Decoder | None = None,
) -> Volume:
    """A whole volume, loaded in the foreground."""
    return Loading(stack, files, time, decoder=decoder).run(on_slice)


@dataclass(frozen=True)
class Survey:
    """What all voxels of a stack say: dtype, slope, intercept, the range in real values over all times, damage."""

    dtype: str
    slope: float
    intercept: float
    unit: str | None
    range: tuple[float, float] | None
    damaged: tuple[Damaged, ...]


def survey(stack: Stack, files: Sequence[FileRef], *, decoder: Decoder | None = None) -> Survey:
    """Read every volume of a stack once, one at a time. Refused where not one slice of any can be read."""
    meaning = intensity.meaning_of(stack)
    found = Survey(meaning.dtype.name, meaning.slope, meaning.intercept, meaning.unit, None, ())
    refused: Refused | None = None
    for time in range(stack.times):
        loading = Loading(stack, files, time, decoder=decoder)
        try:
            volume = loading.run()
        except Refused as error:
            refused = error
        else:
            found = replace(found, range=_wider(found.range, real_range(volume)))
        found = replace(found, damaged=(*found.damaged, *loading.damaged))
    if refused is not None and found.range is None:
        raise refused
    return found


def real_range(volume: Volume) -> tuple[float, float] | None:
    """Least and greatest real value of the slices that were read."""
    read = np.flatnonzero(volume.states == SliceState.READY)
    if not len(read):
        read = np.flatnonzero(volume.states == SliceState.DAMAGED)
    stored = intensity.range_of(volume.voxels[k] for k in read)
    if stored is None:
        return None
    ends = sorted(value * volume.slope + volume.intercept for value in stored)
    return ends[0], ends[1]


def _wider(one: tuple[float, float] | None, other: tuple[float, float] | None) -> tuple[float, float] | None:
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), max(one[1], other[1])

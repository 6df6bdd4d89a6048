"""The near end of the sandbox: what the program asks of its children, in its own types."""

import os
import queue
import struct
import threading
from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from archive.intake.header import Header
from archive.sandbox import channel, guard
from archive.sandbox.child import Child, Died, closing, reason
from archive.sandbox.guard import Pieces, Refusal
from archive.stack import FrameRecord, PixelPlace
from archive.syntaxes import syntax_of

MOST_HEADER_BYTES = 256 << 20
UNDECODABLE = ("1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55")  # retired ways of JPEG that no codec here reads
CODECS = ("jpeg", "jpeg-lossless", "jpeg-ls", "j2k", "htj2k", "jxl", "rle")


def can_decode(syntax: str) -> bool:
    """Whether there is a decoder for a transfer syntax."""
    return syntax_of(syntax).codec in CODECS and syntax not in UNDECODABLE


class _Closing(ABC):
    """Something to be closed at the end of a `with`."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Parser(_Closing):
    """A child that parses DICOM headers with pydicom where our scanner is unsure. Started at the first question."""

    def __init__(self) -> None:
        self._child = Child("parser")

    def header(self, fd: int, size: int) -> Header | None:
        """The header of an open file, or None where pydicom cannot read it either (or died of it)."""
        try:
            answer, descriptors = self._child.ask({"size": size, "expected_bytes": MOST_HEADER_BYTES}, (fd,))
        except Died:
            return None
        with closing(descriptors):
            if reason(answer) or not descriptors or not 0 < answer["packed_bytes"] <= MOST_HEADER_BYTES:
                return None
            packed = bytearray(answer["packed_bytes"])
            channel.read_all(descriptors[0], memoryview(packed))
        return _unpacked(answer, bytes(packed))

    def close(self) -> None:
        """End the child."""
        self._child.close()


def _unpacked(facts: dict[str, Any], packed: bytes) -> Header:
    """A Header from the child's answer: (tag, VR, length, value) after each other, little endian."""
    elements, vrs, at = {}, {}, 0
    while at + 10 <= len(packed):
        tag, vr, length = struct.unpack_from("<I2sI", packed, at)
        elements[tag] = packed[at + 10 : at + 10 + length]
        vrs[tag] = vr.decode("ascii", "replace")
        at += 10 + length
    place = facts["pixels"]
    return Header(
        elements=elements,
        vrs=vrs,
        transfer_syntax=facts["transfer_syntax"],
        implicit=True,
        pixels=PixelPlace(*place) if place else None,
        problems=("mended",),
    )


class Decoder(_Closing):
    """Children that decode compressed frames; safe to share between threads. Started as they are needed."""

    def __init__(self, children: int | None = None) -> None:
        self._idle: queue.SimpleQueue[Child] = queue.SimpleQueue()
        self._children = [Child("decoder") for _ in range(children or max(1, min(8, os.cpu_count() or 1)))]
        self._results: dict[int, tuple[int, int]] = {}  # child -> descriptor and size of its result memory
        self._guard = threading.Lock()
        self._closed = False
        self.other = OtherReader()  # what a loader needs for files that are not DICOM; started as it is needed
        for child in self._children:
            self._idle.put(child)

    def __len__(self) -> int:
        return len(self._children)

    def frame(self, syntax: str, record: FrameRecord, fd: int, pieces: Pieces, into: NDArray[Any]) -> None:
        """Decode one whole stored image into an array [rows, columns] or [rows, columns, 3]; Refusal says why not."""
        _check(fd, pieces, syntax_of(syntax).codec or "", record)
        child = self._idle.get()
        try:
            self._decoded(child, syntax, record, fd, pieces, into)
        finally:
            self._idle.put(child)

    def _decoded(
        self, child: Child, syntax: str, record: FrameRecord, fd: int, pieces: Pieces, into: NDArray[Any]
    ) -> None:
        expected = _expected_bytes(record)
        result = self._result(child, expected)
        message = {
            "syntax": syntax,
            "pieces": [[piece.offset, piece.length] for piece in pieces],
            "options": _options(record),
            "expected_bytes": expected,
        }
        try:
            answer, descriptors = child.ask(message, (fd, result))
        except Died as died:
            raise Refusal("decoder-died") from died
        with closing(descriptors):
            if reason(answer):
                raise Refusal(reason(answer))
        _take(result, answer, into)

    def _result(self, child: Child, size: int) -> int:
        """Shared memory of the size the data set promises: a child can write no more."""
        with self._guard:
            if self._closed:
                raise Refusal("decoder-died")
            kept = self._results.get(id(child))
            if kept is not None and kept[1] == size:
                return kept[0]
            if kept is not None:
                os.close(kept[0])
            descriptor = channel.shared_memory(size)
            self._results[id(child)] = descriptor, size
            return descriptor

    def close(self) -> None:
        """End the children, and free what they wrote into."""
        self.other.close()
        for child in self._children:
            child.close()
        with self._guard:
            self._closed = True
            for descriptor, _ in self._results.values():
                os.close(descriptor)
            self._results.clear()


def _check(fd: int, pieces: Pieces, codec: str, record: FrameRecord) -> None:
    """The guard, before a decoder sees a byte."""
    if _expected_bytes(record) > guard.MOST_VOXEL_BYTES:
        raise Refusal("too-large")
    start = os.pread(fd, min(pieces[0].length, 64 << 10), pieces[0].offset)
    if codec == "rle":
        guard.check_rle(start)
    guard.check_frame(start, sum(piece.length for piece in pieces), codec, record)


def _expected_bytes(record: FrameRecord) -> int:
    rows, columns = record.image_rows or record.rows, record.image_columns or record.columns
    return rows * columns * record.samples * max(1, record.bits_allocated // 8)


def _options(record: FrameRecord) -> dict[str, Any]:
    """What pydicom's runner wants to know of the data set."""
    options: dict[str, Any] = {
        "rows": record.image_rows or record.rows,
        "columns": record.image_columns or record.columns,
        "number_of_frames": 1,
        "samples_per_pixel": record.samples,
        "photometric_interpretation": record.photometric,
        "bits_allocated": record.bits_allocated,
        "bits_stored": record.bits_stored,
        "pixel_representation": int(record.signed),
        "pixel_keyword": "PixelData",
    }
    return options | ({"planar_configuration": record.planar} if record.samples > 1 else {})


def _take(result: int, answer: dict[str, Any], into: NDArray[Any]) -> None:
    """The decoded frame out of shared memory; its shape is the parent's, not the child's word."""
    dtype = np.dtype(answer["dtype"])
    shape = into.shape
    if dtype.kind not in "iuf" or tuple(answer["shape"]) != shape:
        raise Refusal("size-mismatch")
    frame = np.empty(shape, dtype)
    if channel.read_all(result, channel.bytes_of(frame)) != frame.nbytes:
        raise Refusal("size-mismatch")
    into[...] = frame


class OtherReader(_Closing):
    """A child that reads what is not DICOM: NIfTI and its kin, NRRD, MetaImage, arrays, pictures."""

    def __init__(self) -> None:
        self._child = Child("other")

    def describe(self, kind: str, token: str, fds: tuple[int, ...]) -> list[dict[str, Any]]:
        """The volumes of a file (and its companion) as plain facts; Refusal says why not. token: the file's identity."""
        answer, descriptors = self._asked({"op": "describe", "kind": kind, "token": token}, fds)
        with closing(descriptors):
            volumes: list[dict[str, Any]] = answer["volumes"]
            return volumes

    def voxels(self, kind: str, token: str, fds: tuple[int, ...], part: int, time: int, into: NDArray[Any]) -> None:
        """The voxels [k, j, i(, 3)] of one time of one volume."""
        message = {"op": "voxels", "kind": kind, "token": token, "part": part, "time": time}
        answer, descriptors = self._asked(message, fds)
        with closing(descriptors):
            if len(descriptors) != 1 or answer["dtype"] != into.dtype.str or tuple(answer["shape"]) != into.shape:
                raise Refusal("size-mismatch")
            if channel.read_all(descriptors[0], channel.bytes_of(into)) != into.nbytes:
                raise Refusal("size-mismatch")

    def _asked(self, message: dict[str, Any], fds: tuple[int, ...]) -> tuple[dict[str, Any], list[int]]:
        try:
            answer, descriptors = self._child.ask({**message, "expected_bytes": guard.MOST_VOXEL_BYTES >> 2}, fds)
        except Died as died:
            raise Refusal("reader-died") from died
        if reason(answer):
            with closing(descriptors):
                raise Refusal(reason(answer))
        return answer, descriptors

    def close(self) -> None:
        """End the child."""
        self._child.close()

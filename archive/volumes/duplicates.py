"""Duplicates: images that lie where others lie and have their very pixels are left out of a split, and counted.

Splitting sees no pixels: it gives second images of a position a stack of their own. Here, where files are at hand, such a
stack is read and dropped if all of it is already there; an interrupted repetition, whose pixels differ, stays.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from archive.sandbox.client import Decoder
from archive.sandbox.guard import Refusal
from archive.stack import FileRef, FrameRecord, LeftOut, Split, Stack
from archive.volumes.pixels import ImageReader, new_image
from archive.volumes.splitting import split

Place = tuple[object, ...]


def without_duplicates(found: Split, files: Sequence[FileRef]) -> Split:
    """The split without stacks that only repeat others; itself where there are none."""
    mains = [stack for stack in found.stacks if "repeated" in stack.verdict.facts]
    if not mains:
        return found
    with Decoder(1) as decoder:
        pixels = _Digests(files, ImageReader(decoder))
        repeats = [stack for stack in found.stacks if any(_repeats(stack, main, pixels) for main in mains)]
        pixels.close()
    if not repeats:
        return found
    kept = [frame for stack in found.stacks if stack not in repeats for frame in _frames(stack)]
    count = sum(len(_frames(stack)) for stack in repeats)
    return Split(split(kept).stacks, (*found.left_out, LeftOut("duplicate", count, {"count": count})))


class _Digests:
    """Digests of the stored pixels of frames, each read once."""

    def __init__(self, files: Sequence[FileRef], reader: ImageReader) -> None:
        self._files, self._reader = files, reader
        self._known: dict[tuple[int, int], bytes] = {}

    def of(self, frame: FrameRecord) -> bytes:
        """The digest; empty where the pixels cannot be read whole."""
        key = frame.file, frame.frame
        if key not in self._known:
            self._known[key] = self._read(frame)
        return self._known[key]

    def _read(self, frame: FrameRecord) -> bytes:
        image = new_image(frame)
        try:
            code = self._reader.read(self._files[frame.file], frame, image)
        except (Refusal, OSError):
            return b""
        return b"" if code else hashlib.sha256(np.ascontiguousarray(image).tobytes()).digest()

    def close(self) -> None:
        """Let go of the containers."""
        self._reader.close()


def _repeats(stack: Stack, main: Stack, pixels: _Digests) -> bool:
    """Whether every frame of a stack is, place and pixels, a frame of another."""
    if stack is main or stack.kind == "document":
        return False
    there: dict[Place, list[FrameRecord]] = {}
    for frame in _frames(main):
        there.setdefault(_place(frame), []).append(frame)
    return all(any(_same(frame, other, pixels) for other in there.get(_place(frame), ())) for frame in _frames(stack))


def _same(one: FrameRecord, other: FrameRecord, pixels: _Digests) -> bool:
    digest = pixels.of(one)
    return bool(digest) and digest == pixels.of(other)


def _place(frame: FrameRecord) -> Place:
    return (
        frame.series_uid,
        frame.rows,
        frame.columns,
        frame.samples,
        frame.position_patient_mm,
        frame.orientation,
        (frame.slope, frame.intercept),
    )


def _frames(stack: Stack) -> list[FrameRecord]:
    return [frame for time in stack.frames for frame in time if frame is not None]

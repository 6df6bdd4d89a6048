"""One stored image of a file into an array: native pixels by pread, compressed ones through the sandbox."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.intake.containers import Containers
from archive.sandbox.channel import bytes_of
from archive.sandbox.client import Decoder, can_decode
from archive.sandbox.guard import Pieces, Refusal, pieces_of
from archive.syntaxes import Syntax, syntax_of
from archive.volumes.intensity import rgb_from_ybr, settle, stored_dtype
from archive.volumes.sources import Source, open_source
from archive.volumes.stack import UNDEFINED_LENGTH, FileRef, FrameRecord, PixelPlace


def image_shape(frame: FrameRecord) -> tuple[int, ...]:
    """Rows, columns (and 3) of the stored image that a frame is, or is a tile of."""
    rows, columns = frame.image_rows or frame.rows, frame.image_columns or frame.columns
    return (rows, columns, frame.samples) if frame.samples > 1 else (rows, columns)


class ImageReader:
    """Reads stored images of one series, from several threads; keeps open what many frames have in common."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._containers = Containers()
        self._pieces: dict[int, list[Pieces]] = {}  # file -> where each of its many frames lies

    def close(self) -> None:
        """Close the containers; the decoder is its owner's."""
        self._containers.close()

    def read(self, ref: FileRef, frame: FrameRecord, into: NDArray[Any]) -> str:
        """Fill [rows, columns(, 3)], a contiguous array of the frame's stored type, with its stored values.

        Hands back "" or the code of what is wrong ("pixels-short": the rest is as it was); Refusal where nothing was read.
        """
        if ref.pixels is None:
            raise Refusal("no-pixels")
        with open_source(ref, self._containers) as source:
            if not syntax_of(ref.transfer_syntax).native:
                self._decode(source, ref.transfer_syntax, ref.pixels, frame, into)
                return ""
            return _read_plain(source, syntax_of(ref.transfer_syntax), ref.pixels, frame, into)

    def _decode(self, source: Source, syntax: str, place: PixelPlace, frame: FrameRecord, into: NDArray[Any]) -> None:
        if not can_decode(syntax):
            raise Refusal("unknown-syntax")
        pieces = self._pieces.get(frame.file) or pieces_of(source.pread, place, frame.frames_in_file)
        if len(pieces) > 1:
            self._pieces[frame.file] = pieces
        if frame.frame >= len(pieces):
            raise Refusal("pixels-short")
        descriptor, placed = source.gathered(pieces[frame.frame])
        self._decoder.frame(syntax, frame, descriptor, placed, into)


def _read_plain(source: Source, syntax: Syntax, place: PixelPlace, frame: FrameRecord, into: NDArray[Any]) -> str:
    code = _read_native(source, syntax, place, frame, into)
    settle(into, frame)
    if frame.photometric == "YBR_FULL" and into.ndim == 3:
        into[...] = rgb_from_ybr(into)
    return code


def _read_native(source: Source, syntax: Syntax, place: PixelPlace, frame: FrameRecord, into: NDArray[Any]) -> str:
    if frame.bits_allocated == 1:
        return _read_bits(source, place, frame, into)
    if frame.photometric == "YBR_FULL_422":
        raise Refusal("unsupported-colour")
    offset = place.offset + frame.frame * into.nbytes
    there = into.nbytes
    if place.length != UNDEFINED_LENGTH:
        there = max(0, min(there, place.offset + place.length - offset))
    got = source.read_into(bytes_of(into)[:there], offset)
    if syntax.big_endian:
        _swap(into, place)
    if frame.samples > 1 and frame.planar == 1:
        planes = into.reshape(frame.samples, *into.shape[:2]).copy()
        into[...] = np.moveaxis(planes, 0, -1)
    if got == 0:
        raise Refusal("pixels-short")
    return "" if got == into.nbytes else "pixels-short"


def _swap(pixels: NDArray[Any], place: PixelPlace) -> None:
    """Big endian to ours; bytes kept in 16-bit words are swapped in pairs (PS3.5 annex D)."""
    if pixels.dtype.itemsize > 1:
        pixels.byteswap(inplace=True)
    elif place.vr == "OW" and pixels.size % 2 == 0:
        pixels.reshape(-1).view(np.uint16).byteswap(inplace=True)


def _read_bits(source: Source, place: PixelPlace, frame: FrameRecord, into: NDArray[Any]) -> str:
    """1-bit pixels: packed from the lowest bit on, frames without padding between them (PS3.5 8.1.1)."""
    count = into.size
    first = frame.frame * count
    data = source.pread(place.offset + first // 8, (first % 8 + count + 7) // 8)
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[first % 8 :][:count]
    into.reshape(-1)[: len(bits)] = bits
    return "" if len(bits) == count else "pixels-short"


def new_image(frame: FrameRecord) -> NDArray[Any]:
    """Room for the stored image of a frame."""
    return np.zeros(image_shape(frame), stored_dtype(frame))

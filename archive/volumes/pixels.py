"""One stored image of a file into an array: native pixels by pread, compressed ones through the sandbox."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from archive.intake.containers import Containers
from archive.intake.found import FoundFile
from archive.intake.header import Header
from archive.intake.reading import header_of
from archive.sandbox.channel import bytes_of
from archive.sandbox.client import Decoder, can_decode
from archive.sandbox.guard import Pieces, Refusal, pieces_of
from archive.stack import UNDEFINED_LENGTH, FileRef, FrameRecord, PixelPlace
from archive.syntaxes import Syntax, syntax_of
from archive.volumes.intensity import rgb_from_ybr, settle, stored_dtype, without_padding
from archive.volumes.sources import Source, open_source
from archive.volumes.tables import Table, modality_of, palette_of

TABLES = {"palette": palette_of, "modality": modality_of}


def image_shape(frame: FrameRecord) -> tuple[int, ...]:
    """Rows, columns (and 3) of the stored image that a frame is, or is a tile of."""
    rows, columns = frame.image_rows or frame.rows, frame.image_columns or frame.columns
    return (rows, columns, frame.samples) if frame.samples > 1 else (rows, columns)


class ImageReader:
    """Reads stored images of one series, from several threads; keeps open what many frames have in common."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._containers = Containers()
        self._tables: dict[int, Table] = {}
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
        if frame.samples not in (1, 3):
            raise Refusal("unsupported-colour")
        with open_source(ref, self._containers) as source:
            code = ""
            if syntax_of(ref.transfer_syntax).native:
                code = _read_plain(source, syntax_of(ref.transfer_syntax), ref.pixels, frame, into)
            else:
                self._decode(source, ref.transfer_syntax, ref.pixels, frame, into)
        without_padding(into, frame)
        return code

    def table(self, ref: FileRef, frame: FrameRecord) -> Table:
        """The table that makes values of a frame's stored ones, from its file's own header; Refusal without one."""
        found = self._tables.get(frame.file)
        if found is None:
            header = header_of(FoundFile(ref.path, ref.member, ref.size, ref.mtime_ns), None, self._containers)
            table = TABLES[frame.table](header) if isinstance(header, Header) else None
            if table is None:
                raise Refusal("no-table")
            found = self._tables[frame.file] = table
        return found

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
    if frame.photometric in ("YBR_FULL", "YBR_FULL_422") and into.ndim == 3:
        into[...] = rgb_from_ybr(into)
    return code


def _read_native(source: Source, syntax: Syntax, place: PixelPlace, frame: FrameRecord, into: NDArray[Any]) -> str:
    if frame.bits_allocated == 1:
        return _read_bits(source, place, frame, into)
    if frame.photometric == "YBR_FULL_422":
        return _read_halved(source, place, frame, into)
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


def _read_halved(source: Source, place: PixelPlace, frame: FrameRecord, into: NDArray[Any]) -> str:
    """YBR_FULL_422: two brightnesses share their colour, Y Y B R (PS3.3 C.7.6.3.1.2)."""
    if into.dtype != np.uint8 or frame.columns % 2:
        raise Refusal("unsupported-colour")
    quads = np.zeros((*into.shape[:1], into.shape[1] // 2, 4), np.uint8)
    got = source.read_into(bytes_of(quads), place.offset + frame.frame * quads.nbytes)
    into[..., 0] = quads[..., :2].reshape(into.shape[:2])
    into[..., 1] = np.repeat(quads[..., 2], 2, axis=1)
    into[..., 2] = np.repeat(quads[..., 3], 2, axis=1)
    if got == 0:
        raise Refusal("pixels-short")
    return "" if got == quads.nbytes else "pixels-short"


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

"""Bytes of a DICOM file to a Header, fast and bounded; says "unsure" where it would have to guess.

The outcome is a Header, NeedMore (read further and ask again), Unsure (let the tolerant parser look), NotDicom or
Broken (with the code under which the receipt names the file).
"""

import zlib
from contextlib import suppress
from dataclasses import dataclass

from archive.intake.elements import MOST_ELEMENTS, Doubt, Excess, Found, Short, read_elements, says_its_vr
from archive.intake.endian import little_from_big
from archive.intake.header import Header
from archive.intake.kinds import PREAMBLE_BYTES, kind_of
from archive.intake.layouts import Layouts
from archive.stack import UNDEFINED_LENGTH
from archive.syntaxes import EXPLICIT_LITTLE, IMPLICIT_LITTLE, Syntax, syntax_of

LONGEST_HEADER = 64 << 20  # bytes; no scan's header comes near
MOST_INFLATED = 200  # times its own size a header may inflate to beyond a first LEAST_BOMB bytes
LEAST_BOMB = 8 << 20
META_GROUP_LENGTH, TRANSFER_SYNTAX = 0x00020000, 0x00020010
SAMPLES, PHOTOMETRIC, FRAMES, ROWS, COLUMNS, BITS = (
    0x00280002,
    0x00280004,
    0x00280008,
    0x00280010,
    0x00280011,
    0x00280100,
)
# A file without preamble is DICOM only if it says one of: SOP class and instance, modality, patient ID, UIDs, rows.
TELLING = (0x00080016, 0x00080018, 0x00080060, 0x00100020, 0x0020000D, 0x0020000E, ROWS)


@dataclass(slots=True)
class _Begun:
    """A header under way: the data set's elements are added to those of the file meta information."""

    found: Found
    start: int  # of the data set
    syntax: Syntax
    implicit: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeedMore:
    """The scanner has to see the file's first `wanted` bytes; given back with them, it goes on where it was."""

    wanted: int
    begun: _Begun | None = None


@dataclass(frozen=True, slots=True)
class Unsure:
    """The bytes can be read in more than one way; why is a word."""

    why: str


@dataclass(frozen=True, slots=True)
class NotDicom:
    """Something else than DICOM."""


@dataclass(frozen=True, slots=True)
class Broken:
    """DICOM, but the header cannot be had: truncated-header, bomb."""

    code: str


Outcome = Header | NeedMore | Unsure | NotDicom | Broken


def scan(buffer: bytes, size: int, asked: NeedMore | None = None, layouts: Layouts | None = None) -> Outcome:
    """The header in the first bytes of a file that is `size` bytes long. Never raises on any bytes.

    asked: the answer to the call before, where these are more bytes of the same file. layouts: what the files before
    looked like; with it, a file like them is read some four times as fast.
    """
    kind = kind_of(buffer)
    if kind not in ("dicom", "bare-dicom"):
        return NotDicom()
    bare = kind == "bare-dicom"
    begun = asked.begun if asked else None
    try:
        if begun is None:
            begun = _begin(buffer, layouts, bare=bare)
        header = _header(buffer, size, begun, layouts)
    except Short as short:
        return _more(short.wanted, size, begun, bare=bare)
    except Doubt as doubt:
        return Unsure(doubt.why)
    except Excess:
        return Broken("bomb")
    if bare and not any(tag in header.elements for tag in TELLING):
        return NotDicom()
    return header


def data_set_start(buffer: bytes) -> int:
    """Offset of the data set behind the file meta information of bytes that `scan` took for DICOM."""
    return _meta(buffer, PREAMBLE_BYTES + 4 if kind_of(buffer) == "dicom" else 0).end


def _more(wanted: int, size: int, begun: _Begun | None, *, bare: bool) -> Outcome:
    if wanted > size:
        return NotDicom() if bare else Broken("truncated-header")
    return NeedMore(wanted, begun) if wanted <= LONGEST_HEADER else Unsure("long-header")


def _begin(buffer: bytes, layouts: Layouts | None, *, bare: bool) -> _Begun:
    """The file meta information, and what it and the first element say about the data set."""
    start = 0 if bare else PREAMBLE_BYTES + 4
    meta = _meta(buffer, start, layouts)
    if meta.end + 8 > len(buffer):
        raise Short(meta.end + 8)  # also where nothing follows
    problems: tuple[str, ...] = ("no-preamble",) if bare else ()
    problems += _meta_problems(meta, start)
    uid = meta.elements.get(TRANSFER_SYNTAX, b"").decode("latin-1").strip(" \0")
    explicit = says_its_vr(buffer, meta.end)
    if not uid:
        uid = EXPLICIT_LITTLE if explicit else IMPLICIT_LITTLE
        problems += ("no-transfer-syntax",)
    syntax = syntax_of(uid)
    if explicit == syntax.implicit and not syntax.deflated:
        problems += ("other-vr",)
    meta.last = -1  # the order of tags begins anew
    return _Begun(meta, meta.end, syntax, not (explicit or syntax.deflated), problems)


def _header(buffer: bytes, size: int, begun: _Begun, layouts: Layouts | None) -> Header:
    found, syntax = begun.found, begun.syntax
    if syntax.deflated:
        _inflate_data_set(buffer, begun, size)
        problems: tuple[str, ...] = ()
    else:
        plain = little_from_big(buffer, begun.start) if syntax.big_endian else buffer
        read_elements(plain, found.end, implicit=begun.implicit, found=found, layouts=layouts)
        problems = _end_problems(found, buffer, size, syntax)
    if found.last < 0 and found.pixels is None:
        raise Short(size + 1)  # no data set at all
    return Header(found.elements, found.vrs, syntax.uid, begun.implicit, found.pixels, begun.problems + problems)


def _meta(buffer: bytes, start: int, layouts: Layouts | None = None) -> Found:
    """The file meta information: explicit little endian (PS3.10 7.1), in a few files implicit all the same."""
    implicit = buffer[start : start + 2] == b"\2\0" and not says_its_vr(buffer, start)
    return read_elements(buffer, start, implicit=implicit, only_group=2, layouts=layouts)


def _meta_problems(meta: Found, start: int) -> tuple[str, ...]:
    said = meta.elements.get(META_GROUP_LENGTH)
    wrong = said is not None and start + 12 + int.from_bytes(said, "little") != meta.end
    return ("meta-length",) if wrong else ()


def _end_problems(found: Found, buffer: bytes, size: int, syntax: Syntax) -> tuple[str, ...]:
    """What is odd where the walk has ended: at the pixels, or without any."""
    if found.pixels is not None:
        return ("pixels-short",) if syntax.native and _pixels_are_short(found, size) else ()
    if found.end + 8 > len(buffer) and len(buffer) < size:
        raise Short(min(found.end + 8, size))
    problems = ("pixels-short",) if ROWS in found.elements else ()
    if found.end == size:
        return problems
    if not _is_rubbish(found, buffer):
        raise Doubt("odd-end")
    return (*problems, "trailing-bytes")


def _is_rubbish(found: Found, buffer: bytes) -> bool:
    """Whether what follows a data set without pixels can be passed by: zeros, or anything where none are due."""
    past_the_image = max(found.elements, default=0) > ROWS and ROWS not in found.elements
    return past_the_image or not buffer[found.end :].strip(b"\0")


def _pixels_are_short(found: Found, size: int) -> bool:
    """Fewer bytes than the element says, or than rows, columns, samples, bits and frames ask for."""
    place = found.pixels
    if place is None or place.length == UNDEFINED_LENGTH:
        return False
    if place.offset + place.length > size:
        return True
    rows, columns, bits, samples = (_unsigned(found, tag) for tag in (ROWS, COLUMNS, BITS, SAMPLES))
    frames = found.elements.get(FRAMES, b"1").strip(b" \0")
    if not frames.isdigit() or len(frames) > 9 or b"422" in found.elements.get(PHOTOMETRIC, b""):
        return False  # YBR_FULL_422 and its like share colours between pixels
    return (rows * columns * (samples or 1) * int(frames) * bits + 7) // 8 > place.length


def _unsigned(found: Found, tag: int) -> int:
    return int.from_bytes(found.elements.get(tag, b"")[:2], "little")


def _inflate_data_set(buffer: bytes, begun: _Begun, size: int) -> None:
    """Read the elements of a deflated data set (PS3.5 A.5), inflated no further than to its pixels."""
    limit, found = 1 << 16, begun.found
    while limit <= min(LONGEST_HEADER, LEAST_BOMB + MOST_INFLATED * size):
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            inflated = inflater.decompress(buffer[begun.start :], limit)
        except zlib.error as error:
            raise Doubt("bad-deflate") from error
        found.last, found.left = -1, MOST_ELEMENTS
        with suppress(Short):
            read_elements(inflated, 0, implicit=False, found=found)
            if found.pixels is not None or inflater.eof:
                return
        if len(inflated) < limit:  # all that these bytes hold: the file has more, or is cut
            raise Short(min(4 * len(buffer), size) if len(buffer) < size and not inflater.eof else size + 1)
        limit *= 4
    raise Excess

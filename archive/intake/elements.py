"""Walks data elements in a buffer: bounded, without recursion, one unpacking an element (PS3.5 chapter 7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import Struct
from struct import error as StructError  # noqa: N812 - a class

from archive.intake.layouts import KEY_BYTES, Layouts, Place, Run, follow, learn
from archive.stack import UNDEFINED_LENGTH, PixelPlace
from archive.words import dictionary

PIXEL_TAGS = {0x7FE00008: "OF", 0x7FE00009: "OD", 0x7FE00010: "OW"}
FIRST_PIXEL_TAG = min(PIXEL_TAGS)
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD

# Which values are kept whole: all up to LONGEST_VALUE bytes, every sequence, and the tables without which pixels cannot
# be shown (group 0028: palettes and LUTs) or found (group 7FE0: extended offset tables). Longer ones of other
# attributes (waveforms, encapsulated documents, overlays, private dumps) are left out of a Header.
LONGEST_VALUE = 65_536
WHOLE_GROUPS = {0x0028, 0x7FE0}
MOST_ELEMENTS = 20_000  # at one level
MOST_WALKED = 2_000_000  # inside one sequence of undefined length
MOST_ITEMS = 100_000  # of one sequence

_SHORT_FORM = "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US"
_LONG_FORM = "OB OD OF OL OV OW SQ SV UC UN UR UT UV"  # a 32-bit length follows: PS3.5 7.1.2
# The two letters read as one little-endian number -> the letters.
SHORT_FORMS = {int.from_bytes(vr.encode(), "little"): vr for vr in _SHORT_FORM.split()}
LONG_FORMS = {int.from_bytes(vr.encode(), "little"): vr for vr in _LONG_FORM.split()}
_WORTH_LEARNING = 48  # bytes read element by element, of which a run may be made
ENDED = -1  # in place of the offset behind an element: there is none

_EXPLICIT, _IMPLICIT, _LENGTH = Struct("<HHHH"), Struct("<HHI"), Struct("<I")


class Short(Exception):
    """The buffer ends before this offset, up to which the walk has to read."""

    def __init__(self, wanted: int) -> None:
        super().__init__()
        self.wanted = wanted


class Doubt(Exception):
    """The bytes can be read in more than one way; why is a word."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


class Excess(Exception):
    """More elements or items than any honest file has."""


@dataclass(slots=True)
class Found:
    """What walks have gathered so far: the fields of a Header."""

    elements: dict[int, bytes] = field(default_factory=dict)
    vrs: dict[int, str] = field(default_factory=dict)
    pixels: PixelPlace | None = None
    end: int = 0  # offset at which the last walk stopped, and from which it can go on with more bytes
    last: int = -1  # the tag before that offset
    left: int = MOST_ELEMENTS  # that may still be read one by one


def says_its_vr(buffer: bytes, position: int) -> bool:
    """Whether the element at position begins as an explicit one. Only there is a VR where the length's low half is."""
    letters = int.from_bytes(buffer[position + 4 : position + 6], "little")
    return letters in SHORT_FORMS or letters in LONG_FORMS


def read_elements(
    buffer: bytes,
    position: int,
    *,
    implicit: bool,
    only_group: int | None = None,
    found: Found | None = None,
    layouts: Layouts | None = None,
) -> Found:
    """The elements from position to the pixel data, to the first tag of another group, or to the end; added to found.

    layouts: of the files before; only makes it faster. Raises Short where an element reaches beyond the buffer, Doubt
    and Excess.
    """
    found = found or Found()
    found.end = position
    runs = layouts.runs(implicit=implicit, meta=only_group is not None) if layouts else {}
    walk = _implicit if implicit else _explicit
    try:
        more = True
        while more:
            found.end, found.last = follow(runs, buffer, found.end, found.last, found.elements, found.vrs)
            before = found.end
            try:
                more = walk(buffer, found.end, found, only_group, runs)
            finally:
                if layouts and found.end - before >= _WORTH_LEARNING:
                    _learn(runs, buffer, before, found, implicit=implicit)
    except StructError as error:  # a few bytes are left, less than an element
        if found.end + 8 <= len(buffer):
            raise Short(found.end + 12) from error  # only the 32-bit length of a long form is missing
    if len(buffer) > LONGEST_VALUE:
        _leave_out_long_values(found)
    return found


# The two loops below run once an element and are what the first file of a kind spends its time in: one unpacking, one
# slice, and everything that is not an ordinary value of known length inside the buffer goes to _unusual. They end, and
# say that there is more, where a run begins that was met before.


def _explicit(buffer: bytes, position: int, found: Found, only_group: int | None, runs: Mapping[bytes, Run]) -> bool:
    elements, vrs, unpack, short_forms, end = found.elements, found.vrs, _EXPLICIT.unpack_from, SHORT_FORMS, len(buffer)
    last, left, stop_tag = found.last, 0, _stop_tag(only_group)
    try:
        for left in range(found.left, 0, -1):  # noqa: B007 - used at the end
            group, element, letters, length = unpack(buffer, position)
            tag = group * 0x10000 + element  # faster than a shift: the interpreter specialises these
            start = position + 8
            vr = short_forms.get(letters)
            if vr is None:
                vr = LONG_FORMS.get(letters, "")
                if vr:
                    (length,) = _LENGTH.unpack_from(buffer, start)
                    start += 4
            stop = start + length
            if vr and tag < stop_tag and stop <= end:
                elements[tag] = buffer[start:stop]
            else:
                stop = _unusual(buffer, start, length, tag, last, vr, only_group, found)
                if stop == ENDED:
                    return False
            vrs[tag] = vr
            position, last = stop, tag
            if buffer[position : position + KEY_BYTES] in runs:
                return True
        raise Excess
    finally:
        found.end, found.last, found.left = position, last, left - 1


def _implicit(buffer: bytes, position: int, found: Found, only_group: int | None, runs: Mapping[bytes, Run]) -> bool:
    elements, unpack, end = found.elements, _IMPLICIT.unpack_from, len(buffer)
    last, left, stop_tag = found.last, 0, _stop_tag(only_group)
    try:
        for left in range(found.left, 0, -1):  # noqa: B007 - used at the end
            group, element, length = unpack(buffer, position)
            tag = group * 0x10000 + element  # faster than a shift: the interpreter specialises these
            start = position + 8
            stop = start + length
            if last < tag < stop_tag and stop <= end:
                elements[tag] = buffer[start:stop]
            else:
                stop = _unusual(buffer, start, length, tag, last, None, only_group, found)
                if stop == ENDED:
                    return False
            position, last = stop, tag
            if buffer[position : position + KEY_BYTES] in runs:
                return True
        raise Excess
    finally:
        found.end, found.last, found.left = position, last, left - 1


def _learn(runs: dict[bytes, Run], buffer: bytes, position: int, found: Found, *, implicit: bool) -> None:
    """Keep what was just read element by element, from position to found.end, as runs; without what was unusual."""
    places: list[Place] = []
    while position < found.end:
        group, element, letters, length = _EXPLICIT.unpack_from(buffer, position)
        start, vr = position + 8, "" if implicit else SHORT_FORMS.get(letters) or LONG_FORMS.get(letters, "")
        if implicit:
            length = letters | length << 16
        elif letters in LONG_FORMS:
            (length,) = _LENGTH.unpack_from(buffer, start)
            start += 4
        tag = group << 16 | element
        if length == UNDEFINED_LENGTH or tag not in found.elements or (places and tag <= places[-1].tag):
            learn(runs, places)
            places = []
            length = len(found.elements.get(tag, b"")) + 8
        else:
            places.append(Place(tag, vr, buffer[position:start], length))
        position = start + length
    learn(runs, places)


def _stop_tag(only_group: int | None) -> int:
    return FIRST_PIXEL_TAG if only_group is None else (only_group + 1) << 16


def _unusual(
    buffer: bytes, start: int, length: int, tag: int, last: int, vr: str | None, only_group: int | None, found: Found
) -> int:
    """The offset behind a value that is no ordinary one, or ENDED; vr is None in implicit bytes, "" where it is none."""
    if (only_group is not None and tag >> 16 != only_group) or (tag == 0 and last > 0):
        return ENDED  # the next group, or zeros after the data set
    if vr == "" or (vr is None and tag <= last):
        raise Doubt("unknown-vr" if tag > last else "tags-descend")
    if tag in PIXEL_TAGS:
        found.pixels = PixelPlace(tag, start, length, vr or PIXEL_TAGS[tag])
        return ENDED
    if length == UNDEFINED_LENGTH:
        stop = sequence_end(buffer, start, implicit=vr in (None, "UN"))  # UN of undefined length: PS3.5 6.2.2 note 2
        found.elements[tag] = buffer[start : stop - 8]
        return stop
    if start + length > len(buffer):
        if tag > last:
            raise Short(start + length)
        return ENDED  # tags go backwards and lengths lead nowhere: rubbish after the data set
    found.elements[tag] = buffer[start : start + length]
    return start + length


def _leave_out_long_values(found: Found) -> None:
    for tag in [tag for tag, value in found.elements.items() if len(value) > LONGEST_VALUE]:
        if tag >> 16 not in WHOLE_GROUPS and not _holds_items(found.elements[tag], tag, found.vrs.get(tag, "UN")):
            del found.elements[tag]


def _holds_items(value: bytes, tag: int, vr: str) -> bool:
    """Whether a long value is a sequence: it says so, or begins with an item where nothing says what it is."""
    if vr != "UN":
        return vr == "SQ"
    return dictionary.vr_of(tag) in ("SQ", "UN") and value[:4] == b"\xfe\xff\x00\xe0"


def sequence_end(buffer: bytes, position: int, *, implicit: bool) -> int:
    """Offset behind the delimiter that ends the sequence (or the fragments) whose items begin at position."""
    return _closing(buffer, position, SEQUENCE_END, implicit)


def _closing(buffer: bytes, position: int, closes: int, implicit: bool) -> int:
    """Walk flat over what is nested, with a list of the delimiters that are still to come.

    Each item of undefined length tells by its first element whether it is explicit: Philips nests explicit items in
    implicit files (test_scanner: an explicit item inside an implicit sequence).
    """
    open_: list[tuple[int, bool]] = [(closes, implicit)]
    end = len(buffer)
    for _ in range(MOST_WALKED):
        if position + 8 > end:
            raise Short(position + 8)
        group, element, length = _IMPLICIT.unpack_from(buffer, position)
        tag, (closing, implicit) = group << 16 | element, open_[-1]
        position += 8
        if tag == ITEM and closing == SEQUENCE_END:
            if length == UNDEFINED_LENGTH:
                open_.append((ITEM_END, item_is_implicit(buffer, position, implicit)))
            else:
                position += length
        elif tag == closing:
            open_.pop()
            if not open_:
                return position
        elif group == 0xFFFE or closing == SEQUENCE_END:
            raise Doubt("bad-delimiter")
        else:
            position = _nested_element(buffer, position, length, implicit, open_)
    raise Excess


def item_is_implicit(buffer: bytes, position: int, implicit: bool) -> bool:
    """How an item is encoded whose first element stands at position; an empty one as all around it."""
    if buffer[position : position + 2] == b"\xfe\xff" or position + 8 > len(buffer):
        return implicit
    return not says_its_vr(buffer, position)


def _nested_element(buffer: bytes, position: int, length: int, implicit: bool, open_: list[tuple[int, bool]]) -> int:
    """Step over one element inside an item, or into it where its length is undefined; position is behind 8 bytes."""
    if not implicit and length & 0xFFFF in LONG_FORMS:
        implicit = LONG_FORMS[length & 0xFFFF] == "UN"
        if position + 4 > len(buffer):
            raise Short(position + 4)
        (length,) = _LENGTH.unpack_from(buffer, position)
        position += 4
    elif not implicit:
        if length & 0xFFFF not in SHORT_FORMS:
            raise Doubt("unknown-vr")
        length >>= 16
    if length != UNDEFINED_LENGTH:
        return position + length
    open_.append((SEQUENCE_END, implicit))
    return position


def item_places(value: bytes, *, implicit: bool) -> list[tuple[int, int]]:
    """(start, stop) of the content of each item of a sequence's value; what is cut or odd ends the list."""
    places: list[tuple[int, int]] = []
    position = 0
    while position + 8 <= len(value) and len(places) < MOST_ITEMS:
        group, element, length = _IMPLICIT.unpack_from(value, position)
        if group << 16 | element != ITEM:
            break
        start = position + 8
        if length == UNDEFINED_LENGTH:
            try:
                position = _closing(value, start, ITEM_END, item_is_implicit(value, start, implicit))
            except (Short, Doubt, Excess):
                break
            places.append((start, position - 8))
        else:
            position = start + length
            places.append((start, min(position, len(value))))
    return places

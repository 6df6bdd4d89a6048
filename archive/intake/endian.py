"""Turns the elements of an explicit big endian data set round to little endian, each where it stands."""

from array import array
from struct import Struct

from archive.intake.elements import LONG_FORMS, PIXEL_TAGS, SHORT_FORMS, Doubt
from archive.stack import UNDEFINED_LENGTH

_WIDTHS = {"AT": "H", "OW": "H", "SS": "H", "US": "H", "FL": "I", "OF": "I", "OL": "I", "SL": "I", "UL": "I",
           "FD": "Q", "OD": "Q", "OV": "Q", "SV": "Q", "UV": "Q"}  # fmt: skip
_TAG, _LITTLE_TAG = Struct(">HH"), Struct("<HH")


def little_from_big(buffer: bytes, position: int) -> bytes:
    """The same bytes with the data set from position on little endian (PS3.5 7.3); pixels stay as they are.

    Nothing moves, so offsets hold. It walks into sequences without keeping count of them. Raises Doubt at the first
    thing that is no element.
    """
    out = bytearray(buffer)
    while position + 8 <= len(out):
        group, element = _TAG.unpack_from(buffer, position)
        letters = int.from_bytes(buffer[position + 4 : position + 6], "little")
        vr = SHORT_FORMS.get(letters) or LONG_FORMS.get(letters)
        if vr is None and group != 0xFFFE:
            if buffer[position:].strip(b"\0"):
                raise Doubt("odd-big-endian")
            break
        if letters in LONG_FORMS and position + 12 > len(out):
            break  # cut inside its length, which whoever reads it will miss
        _LITTLE_TAG.pack_into(out, position, group, element)
        if vr is None:  # an item or a delimiter: step inside
            _turn(out, position + 4, 4)
            position += 8
        else:
            position = _element(out, position, group << 16 | element, vr, letters in LONG_FORMS)
    return bytes(out)


def _element(out: bytearray, position: int, tag: int, vr: str, is_long: bool) -> int:
    """Turn one element's length and value; the offset behind it, or of its first item."""
    at, width = (position + 8, 4) if is_long else (position + 6, 2)
    length = int.from_bytes(out[at : at + width], "big")
    _turn(out, at, width)
    start = at + width
    if vr == "SQ" or length == UNDEFINED_LENGTH:
        return start
    if vr in _WIDTHS and tag not in PIXEL_TAGS and start + length <= len(out):
        turned = array(_WIDTHS[vr])
        turned.frombytes(out[start : start + length - length % turned.itemsize])
        turned.byteswap()
        out[start : start + turned.itemsize * len(turned)] = turned.tobytes()
    return start + length


def _turn(out: bytearray, start: int, width: int) -> None:
    out[start : start + width] = out[start : start + width][::-1]

"""Bytes of a text attribute to Unicode: the character sets of PS3.3 C.12.1.1.2 and the code extensions of PS3.5 6.1.2.

Lenient where real files are: designations survive the delimiters ^ and =, wrong spellings of terms are understood, and
UTF-8 under no or a Latin-1 declaration is taken as UTF-8 and marked. Nothing else is guessed: the same high bytes are
valid in GBK, EUC-KR, Shift-JIS and Windows-1251 alike.
"""

import re
from dataclasses import dataclass
from functools import cache

ESCAPE = 0x1B


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and how sure it is. mark: "" sure, "repaired" mended UTF-8, "damaged" bytes lost, "unknown-charset"."""

    text: str
    mark: str = ""


SINGLE_BYTE = {  # registration number -> codec of its upper half (G1)
    100: "iso8859-1", 101: "iso8859-2", 109: "iso8859-3", 110: "iso8859-4", 144: "iso8859-5", 127: "iso8859-6",
    126: "iso8859-7", 138: "iso8859-8", 148: "iso8859-9", 203: "iso8859-15", 166: "tis-620", 13: "shift_jis",
}  # fmt: skip
DOUBLE_BYTE_G1 = {149: "euc_kr", 58: "gb18030"}
WHOLE = {"192": "utf-8", "GB18030": "gb18030", "GBK": "gb18030"}  # without code extensions
LATIN = {6, 100}
KNOWN = {6, 87, 159, *SINGLE_BYTE, *DOUBLE_BYTE_G1}

ESCAPES = {  # PS3.3 tables C.12-3 and C.12-4: bytes after ESC -> (half, registration)
    b"(B": (0, 6), b"(J": (0, 13), b"$B": (0, 87), b"$@": (0, 87), b"$(D": (0, 159),
    b"-A": (1, 100), b"-B": (1, 101), b"-C": (1, 109), b"-D": (1, 110), b"-L": (1, 144), b"-G": (1, 127),
    b"-F": (1, 126), b"-H": (1, 138), b"-M": (1, 148), b"-b": (1, 203), b"-T": (1, 166), b")I": (1, 13),
    b"$)C": (1, 149), b"$)A": (1, 58),
}  # fmt: skip
PAIR_CODECS = {87: ("iso2022_jp", b"\x1b$B"), 159: ("iso2022_jp_2", b"\x1b$(D")}

_SEGMENT = re.compile(rb"\x1b([\x20-\x2f]*[\x30-\x7e])?|[^\x1b]+")
_RUN = re.compile(rb"[\x21-\x7e]+|[\x80-\xff]+|[\x00-\x20\x7f]+")
_DELIMITED = re.compile(rb"[\^=]|[^\^=]+")
_DROPPED = dict.fromkeys([*range(9), 0x0B, *range(0x0E, 0x20), *range(0x7F, 0xA0)])  # controls mean nothing here


def terms_of(raw: bytes) -> tuple[str, ...]:
    """The values of SpecificCharacterSet as "100", "192", "GB18030"; "6" for none, "?" for what nobody knows."""
    return _terms(bytes(raw))


@cache
def _terms(raw: bytes) -> tuple[str, ...]:
    return tuple(_term(value.strip(" \0")) for value in raw.decode("latin-1").split("\\"))


def _term(spelled: str) -> str:
    """Understands ISO_IR 100, ISO IR 100, ISO-IR 100, ISO 2022 IR 100, UTF-8, and the like."""
    spelled = spelled.upper()
    number = re.search(r"IR[\s_-]*(\d+)$", spelled)
    if not spelled or spelled in ("ASCII", "US-ASCII"):
        return "6"
    if number and (int(number[1]) in KNOWN or number[1] in WHOLE):
        return number[1]
    if re.fullmatch(r"UTF[\s_-]*8", spelled):
        return "192"
    latin = re.fullmatch(r"(?:ISO[\s_-]*8859[\s_-]*|LATIN[\s_-]*)1", spelled)
    return "100" if latin else spelled if spelled in WHOLE else "?"


def decode(raw: bytes, terms: tuple[str, ...] = ("6",)) -> Decoded:
    """The text of a value, delimiters and all; padding is kept, escapes and control characters are not."""
    if raw.isascii() and ESCAPE not in raw:
        return Decoded(raw.decode("ascii").translate(_DROPPED))
    whole = WHOLE.get(terms[0])
    if whole is not None and ESCAPE not in raw:
        decoded = _strictly(raw, whole)
    elif ESCAPE not in raw and all(term in ("6", "100", "?") for term in terms):
        decoded = _undeclared(raw, terms)
    else:
        decoded = _extended(raw, [int(term) for term in terms if term.isdigit() and int(term) in KNOWN])
    return Decoded(decoded.text.translate(_DROPPED), decoded.mark)


def _undeclared(raw: bytes, terms: tuple[str, ...]) -> Decoded:
    try:
        return Decoded(raw.decode("utf-8"), "repaired")
    except UnicodeDecodeError:
        return Decoded(raw.decode("latin-1"), "unknown-charset" if "?" in terms else "")


def _strictly(raw: bytes, codec: str) -> Decoded:
    try:
        return Decoded(raw.decode(codec))
    except UnicodeDecodeError:
        return Decoded(raw.decode(codec, "replace"), "damaged")


def _extended(raw: bytes, registered: list[int]) -> Decoded:
    """ISO 2022: cut at the escapes first, so that a second byte can never be taken for a delimiter."""
    low, high = _first_designations(registered)
    parts: list[Decoded] = []
    for match in _SEGMENT.finditer(raw):
        if match[0][0] != ESCAPE:
            parts.extend(_segment(match[0], low, high))
            continue
        half, registration = ESCAPES.get(match[1] or b"", (None, 0))
        if half == 0:
            low = registration
        elif half == 1:
            high = registration
        else:
            parts.append(Decoded("", "damaged"))
    return Decoded("".join(part.text for part in parts), max(part.mark for part in parts) if parts else "")


def _first_designations(registered: list[int]) -> tuple[int, int]:
    """What G0 and G1 hold at the start: the first term's; where that has no upper half, that of the next that has."""
    uppers = [number for number in registered if number in SINGLE_BYTE or number in DOUBLE_BYTE_G1]
    return (13 if registered[:1] == [13] else 6), (uppers[0] if uppers else 100)


def _segment(segment: bytes, low: int, high: int) -> list[Decoded]:
    if 13 in (low, high) and low not in PAIR_CODECS:
        return [_strictly(segment, "shift_jis")]  # JIS X 0201; what says IR 13 is Shift-JIS in many files
    parts = []
    for run in _RUN.findall(segment):
        if run[0] >= 0x80:
            parts.append(_strictly(run, SINGLE_BYTE.get(high) or DOUBLE_BYTE_G1[high]))
        elif low in PAIR_CODECS and run[0] > 0x20:
            parts.append(_pairs(run, low))
        else:
            parts.append(Decoded(run.decode("ascii")))
    return parts


def _pairs(run: bytes, registration: int) -> Decoded:
    """Two bytes a character. Files that forget to go back to ASCII before a delimiter are cut there."""
    codec, escape = PAIR_CODECS[registration]
    whole = _strictly(escape + run + b"\x1b(B", codec)
    if whole.mark and _DELIMITED.match(run):
        pieces = _DELIMITED.findall(run)
        cut = [
            Decoded(piece.decode("ascii")) if piece in (b"^", b"=") else _strictly(escape + piece + b"\x1b(B", codec)
            for piece in pieces
        ]
        if not any(piece.mark for piece in cut):
            return Decoded("".join(piece.text for piece in cut))
    return Decoded(whole.text, whole.mark)

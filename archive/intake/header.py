"""Header: the facts of one DICOM file as plain bytes, and how to ask it for text, numbers and items."""

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import blake2b
from struct import calcsize, iter_unpack

from archive.intake.elements import Doubt, Excess, Short, item_is_implicit, item_places, read_elements
from archive.stack import PixelPlace
from archive.words import charset, dictionary
from archive.words.names import PersonName, person_name

# The closed vocabulary of Header.problems.
PROBLEMS = (
    "no-preamble",  # the file begins with its data set
    "no-transfer-syntax",  # told from the first element
    "other-vr",  # says explicit and is implicit, or the other way round
    "meta-length",  # the length of the file meta information is wrong
    "trailing-bytes",  # something follows the data set that is none of it
    "pixels-short",  # fewer pixel bytes than the header promises, or than the file holds
    "mended",  # read by the tolerant parser where the scanner was unsure
)
CHARACTER_SET = 0x00080005
DEEPEST = 64  # levels of items within items; below that a sequence counts as empty

_ENCODED = {"LO", "LT", "PN", "SH", "ST", "UC", "UT"}  # affected by SpecificCharacterSet: PS3.5 6.1.2.3
_PLAIN = ("6",)  # the default character set
_LONGEST_REMEMBERED, _REMEMBERED = 128, 4096  # bytes of a value that is read once for many files, and how many of them
_ONE_VALUE = {"LT", "ST", "UT", "UR"}  # a backslash is text: PS3.5 6.2
_NUMBERS = {"US": "<H", "SS": "<h", "UL": "<I", "SL": "<i", "UV": "<Q", "SV": "<q", "FL": "<f", "FD": "<d",
            "OW": "<H", "OF": "<f", "OD": "<d", "OL": "<I", "OV": "<Q", "OB": "<B"}  # fmt: skip


@dataclass(frozen=True)
class Header:
    """All top-level elements of one data set but the bulk ones, little endian, as they stand in the file.

    elements: tag -> raw value bytes (sequences: the raw bytes of their items, encoded as `implicit` says). Left out are
    the pixels and values longer than elements.LONGEST_VALUE that are neither sequences nor tables for the pixels.
    vrs: tag -> two letters, only where the file says them (explicit VR).
    pixels: where the pixel element lies, or None; in a deflated file the offset counts in the inflated data set.
    problems: words of PROBLEMS on what was mended or found odd.
    depth, inherited_charset: of an item, how deep it lies and the SpecificCharacterSet around it.
    """

    elements: Mapping[int, bytes]
    vrs: Mapping[int, str]
    transfer_syntax: str
    implicit: bool = False
    pixels: PixelPlace | None = None
    problems: tuple[str, ...] = ()
    depth: int = 0
    inherited_charset: bytes = b""

    def raw(self, tag: int) -> bytes:
        """The value's bytes as they stand in the file; empty where there is none."""
        return self.elements.get(tag, b"")

    def vr(self, tag: int) -> str:
        """The value representation: the file's, else the dictionary's; "US/SS" is settled by PixelRepresentation."""
        said = self.vrs.get(tag, "UN")
        if said != "UN":
            return said
        said = dictionary.vr_of(tag)
        if said.startswith("US/"):
            return "SS" if "SS" in said and self.raw(0x00280103)[:1] == b"\1" else "US"
        return said.partition("/")[0]

    def text(self, keyword: str) -> str:
        """The first value as text, decoded and stripped; "" where there is none."""
        return next(iter(self.texts(keyword)), "")

    def texts(self, keyword: str) -> tuple[str, ...]:
        """All values as text, decoded and stripped. Numbers are printed."""
        tag = dictionary.of_keyword(keyword).tag
        return self._texts(tag) if tag in self.elements else ()

    def text_mark(self, keyword: str) -> str:
        """How sure the text is: "" or a mark of `charset.Decoded`."""
        return charset.decode(self.raw(dictionary.of_keyword(keyword).tag), self._charset).mark

    def texts_of(self, tag: int) -> tuple[str, ...]:
        """As `texts`, for any tag, private ones too."""
        return self._texts(tag) if tag in self.elements else ()

    def _texts(self, tag: int) -> tuple[str, ...]:
        vr, raw = self.vr(tag), self.elements[tag]
        if vr in _NUMBERS:
            return tuple(f"{number:.10g}" for number in self._numbers(tag))
        terms = self._charset if vr in _ENCODED else _PLAIN
        read = _read_texts if len(raw) <= _LONGEST_REMEMBERED else _read_texts.__wrapped__
        return () if vr == "SQ" else read(raw, terms, vr in _ONE_VALUE)

    def strings(self, keyword: str) -> tuple[str, ...]:
        """The printed numbers of a DS or IS as they stand, stripped: their decimals say how they were rounded."""
        raw = self.raw(dictionary.of_keyword(keyword).tag)
        return tuple(value.strip(" \0") for value in raw.decode("latin-1").split("\\")) if raw else ()

    def numbers(self, keyword: str) -> tuple[float, ...]:
        """All values as numbers; what is no finite number is dropped."""
        tag = dictionary.of_keyword(keyword).tag
        return self._numbers(tag) if tag in self.elements else ()

    def numbers_of(self, tag: int) -> tuple[float, ...]:
        """As `numbers`, for any tag, private ones too."""
        return self._numbers(tag) if tag in self.elements else ()

    def _numbers(self, tag: int) -> tuple[float, ...]:
        raw = self.elements[tag]
        read = _read_numbers if len(raw) <= _LONGEST_REMEMBERED else _read_numbers.__wrapped__
        return read(raw, _NUMBERS.get(self.vr(tag), ""))

    def integer(self, keyword: str) -> int | None:
        """The first value as a whole number; None where there is none or it is not whole."""
        numbers = self.numbers(keyword)
        return int(numbers[0]) if numbers and numbers[0] == int(numbers[0]) else None

    def person(self, keyword: str) -> PersonName:
        """The first person of a PN."""
        return person_name(self.text(keyword))

    def persons(self, keyword: str) -> tuple[PersonName, ...]:
        """All persons of a PN."""
        return tuple(person_name(text) for text in self.texts(keyword))

    def items(self, keyword: str) -> "tuple[Header, ...]":
        """The items of a sequence, each a Header of its own; empty where there is none or it cannot be read."""
        return self.items_of(dictionary.of_keyword(keyword).tag)

    def items_of(self, tag: int) -> "tuple[Header, ...]":
        """As `items`, for any tag, private ones too."""
        value = self.raw(tag)
        if not value or self.depth >= DEEPEST:
            return ()
        implicit = self.implicit or self.vrs.get(tag) == "UN"  # PS3.5 6.2.2 note 2
        shell = replace(self, implicit=implicit, elements={}, vrs={}, pixels=None, problems=(), depth=self.depth + 1,
                        inherited_charset=self._charset_bytes)  # fmt: skip
        return tuple(_item(value[start:stop], shell) for start, stop in item_places(value, implicit=implicit))

    def private(self, group: int, creator: str, element: int) -> bytes | None:
        """The value of a private element by its creator (PS3.5 7.8.1); None where there is none."""
        return self.elements.get(self.private_tag(group, creator, element), None)

    def private_items(self, group: int, creator: str, element: int) -> "tuple[Header, ...]":
        """The items of a private sequence by its creator."""
        return self.items_of(self.private_tag(group, creator, element))

    def private_tag(self, group: int, creator: str, element: int) -> int:
        """The tag under which this file keeps a creator's element; 0 where the creator has no block."""
        wanted = creator.encode("latin-1")
        for block in range(0x10, 0x100):
            if self.raw(group << 16 | block).strip(b" \0") == wanted:
                return group << 16 | block << 8 | element & 0xFF
        return 0

    def digest(self) -> bytes:
        """16 bytes that differ where the data set does; the file meta information does not count, its syntax does."""
        pixels = (self.pixels.tag, self.pixels.length) if self.pixels else ()
        elements = self.elements
        tags = sorted(elements)
        values = list(elements.values()) if tags == list(elements) else [elements[tag] for tag in tags]
        meta = slice(bisect_left(tags, 0x00020000), bisect_left(tags, 0x00030000))
        del tags[meta], values[meta]
        numbers = array("Q", tags)
        numbers.extend(map(len, values))
        head = repr((self.transfer_syntax, pixels)).encode()
        return blake2b(b"".join((head, numbers.tobytes(), *values)), digest_size=16).digest()

    @property
    def _charset_bytes(self) -> bytes:
        return self.elements.get(CHARACTER_SET, self.inherited_charset)

    @cached_property
    def _charset(self) -> tuple[str, ...]:
        return charset.terms_of(self._charset_bytes)


def _item(content: bytes, shell: Header) -> Header:
    """One item; where it cannot be read to its end, it is as if it were empty: half an item could mislead."""
    implicit = item_is_implicit(content, 0, shell.implicit)
    try:
        found = read_elements(content, 0, implicit=implicit)
    except (Short, Doubt, Excess):
        return shell
    return replace(shell, elements=found.elements, vrs=found.vrs, implicit=implicit, pixels=found.pixels)


# The files of a series say most things alike, so what was read last is remembered.


@lru_cache(maxsize=_REMEMBERED)
def _read_texts(raw: bytes, terms: tuple[str, ...], one_value: bool) -> tuple[str, ...]:
    """The values of a text attribute, decoded and stripped."""
    text = charset.decode(raw, terms).text.strip(" \0")
    if not text:
        return ()
    return (text,) if one_value else tuple(value.strip(" \0") for value in text.split("\\"))


@lru_cache(maxsize=_REMEMBERED)
def _read_numbers(raw: bytes, form: str) -> tuple[float, ...]:
    """The finite numbers of a value: printed ones, or, where a form is given, binary ones."""
    if not form:
        return tuple(_printed_numbers(raw))
    whole = raw[: len(raw) // calcsize(form) * calcsize(form)]
    return tuple(number for (number,) in iter_unpack(form, whole) if math.isfinite(number))


def _printed_numbers(raw: bytes) -> Iterator[float]:
    for printed in raw.split(b"\\"):
        try:
            number = float(printed.strip(b" \0"))
        except ValueError:
            continue
        if math.isfinite(number) and b"_" not in printed:
            yield number

"""Layouts: runs of elements as the last files had them, so that the next file's are read many at a time.

The files of a series say the same tags with the same lengths but for a few elements (numbers as text, UIDs). A run is
what lies between those: one unpacking takes all its values, and what stands between the values - tag, VR and length of
every element - is compared with what is expected, byte for byte. Nothing is ever taken on trust: where a run differs it
is cut, and that element is read on its own from then on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct

SHORTEST, LONGEST = 4, 512  # elements in a run
MOST_RUNS = 4096
KEY_BYTES = 8  # of an element's head: tag, and VR and length or all of the length


@dataclass(frozen=True, slots=True)
class Place:
    """One element as a run keeps it: its tag, VR ("" where it says none), the bytes before its value, its length."""

    tag: int
    vr: str
    head: bytes
    length: int


class Run:
    """Elements that follow each other. Never changed."""

    __slots__ = ("heads", "places", "size", "tags", "unpack", "vrs")

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = places
        self.heads = tuple(place.head for place in places)
        self.tags = tuple(place.tag for place in places)
        self.vrs = {place.tag: place.vr for place in places if place.vr}
        form = Struct("".join(f"{len(place.head)}s{place.length}s" for place in places))
        self.size, self.unpack = form.size, form.unpack_from


class Layouts:
    """The runs met so far, by the first bytes of their first element; one for each reader of many files."""

    def __init__(self) -> None:
        self._runs: dict[tuple[bool, bool], dict[bytes, Run]] = {}

    def runs(self, *, implicit: bool, meta: bool) -> dict[bytes, Run]:
        """Those of one encoding, of the file meta information or of data sets."""
        return self._runs.setdefault((implicit, meta), {})


def learn(runs: dict[bytes, Run], places: Sequence[Place]) -> None:
    """Keep elements that followed each other as a run; a few are not worth it."""
    if len(runs) > MOST_RUNS:
        runs.clear()
    for start in range(0, len(places), LONGEST):
        part = places[start : start + LONGEST]
        if len(part) >= SHORTEST:
            runs[part[0].head[:KEY_BYTES]] = Run(part)


def follow(
    runs: dict[bytes, Run], buffer: bytes, position: int, last: int, elements: dict[int, bytes], vrs: dict[int, str]
) -> tuple[int, int]:
    """Take what runs hold of the elements from position on; the offset behind them, and the last tag.

    last: the tag before position; a run that begins no later is left to who reads element by element.
    """
    while run := runs.get(buffer[position : position + KEY_BYTES]):
        if position + run.size > len(buffer) or run.tags[0] <= last:
            break
        parts = run.unpack(buffer, position)
        if parts[::2] == run.heads:
            elements.update(zip(run.tags, parts[1::2], strict=True))
            vrs.update(run.vrs)
            position, last = position + run.size, run.tags[-1]
            continue
        agree = next(number for number, head in enumerate(run.heads) if parts[2 * number] != head)
        del runs[run.heads[0][:KEY_BYTES]]
        learn(runs, run.places[agree + 1 :])
        learn(runs, run.places[:agree])
        for place, value in zip(run.places[:agree], parts[1::2], strict=False):
            elements[place.tag] = value
            if place.vr:
                vrs[place.tag] = place.vr
            position, last = position + len(place.head) + place.length, place.tag
        break
    return position, last

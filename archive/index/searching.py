"""Searching in memory: every word of the archive once, and by it the studies that have it, newest first.

A LIKE over nine columns of 100,000 studies takes 103 ms; looking through one folded text a study 3 to 80, the more the
commoner the words (measured). Here a word costs what it finds: a set of studies is one long number, a bit each.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from archive.index.query import STUDY_DAY, Query, Term

_DENSE = 64  # a word of more than one in so many studies is kept as bits, of fewer as their places
_LAST = "\U0010ffff"  # sorts behind whatever follows a prefix

Posting = int | list[int] | bytes  # of a word: its only place, its places, or their bits (little endian)


@dataclass(frozen=True, slots=True)
class Hits:
    """Places (newest first) of the studies found, bit by bit."""

    bits: int

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __iter__(self) -> Iterator[int]:
        digits = f"{self.bits:b}"[::-1]
        at = digits.find("1")
        while at >= 0:
            yield at
            at = digits.find("1", at + 1)


class SearchIndex:
    """The words of all studies that are shown, newest first. Never changed: a new one is made when the archive was."""

    def __init__(self, ids: Sequence[int], keys: Sequence[str], texts: Iterable[str]) -> None:
        self.ids = ids
        self._keys = keys
        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(texts):
            for word in text.split(" "):
                places[word].append(place)
        places.pop("", None)
        self._words = sorted(places)
        self._postings = [self._posting(places.pop(word)) for word in self._words]

    def matches(self, query: Query) -> Hits:
        """The studies that meet every demand."""
        found = (1 << len(self.ids)) - 1
        for term in query.terms:
            if term.excluded:
                found &= ~self._having(term.needles)
            else:
                found &= self._meeting(term)
        for span in query.spans:
            found &= self._dated(span.first or "0", span.last or "~")
        return Hits(found)

    def after(self, found: Hits, key: str) -> Hits:
        """Those found that come after the study of this key; all where the key is not known."""
        try:
            place = self._keys.index(key)
        except ValueError:
            return found
        return Hits(found.bits >> place + 1 << place + 1)

    def _meeting(self, term: Term) -> int:
        return self._having(term.needles) or (self._holding(term.infix) if term.infix else 0)

    def _having(self, needles: Sequence[str]) -> int:
        """Studies with a word that is one of the needles (" word ") or begins with one (" word")."""
        found = 0
        for needle in needles:
            word = needle.strip(" ")
            first = bisect_left(self._words, word)
            behind = bisect_left(self._words, word + (_LAST if needle[-1] != " " else "\0"))
            found |= self._bits(self._postings[first:behind])
        return found

    def _holding(self, infix: str) -> int:
        """Studies with a word that holds these letters."""
        joined, found = self._joined, []
        at = joined.find(infix)
        while at >= 0:
            end = joined.find("\n", at)
            found.append(self._postings[bisect_left(self._words, joined[joined.rfind("\n", 0, at) + 1 : end])])
            at = joined.find(infix, end)
        return self._bits(found)

    @cached_property
    def _joined(self) -> str:
        return "\n".join([*self._words, ""])

    def _dated(self, low: str, high: str) -> int:
        """Studies of some days: their words sort as days do."""
        first = bisect_left(self._words, STUDY_DAY + low.replace("-", ""))
        behind = bisect_right(self._words, STUDY_DAY + high.replace("-", ""))
        return self._bits(self._postings[first:behind])

    def _posting(self, places: list[int]) -> Posting:
        if len(places) == 1:
            return places[0]
        if len(places) * _DENSE < len(self.ids):
            return places
        return self._bits([places]).to_bytes((len(self.ids) + 7) // 8, "little")

    def _bits(self, postings: Sequence[Posting]) -> int:
        """All places of some postings, a bit each."""
        found, last = 0, len(self.ids) - 1
        digits = bytearray(b"0") * (last + 1)  # of a binary number: a few thousand bits one by one would cost more
        for posting in postings:
            if isinstance(posting, int):
                digits[last - posting] = 49  # "1"
            elif isinstance(posting, bytes):
                found |= int.from_bytes(posting, "little")
            else:
                for place in posting:
                    digits[last - place] = 49
        return found | int(digits or b"0", 2)

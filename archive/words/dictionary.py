"""The data dictionary of PS3.6: keyword, tag, value representation and multiplicity, read once on first need (4 ms)."""

import pkgutil
from dataclasses import dataclass
from functools import cache, lru_cache


@dataclass(frozen=True, slots=True)
class Entry:
    """One attribute. vr may name a choice, such as "US/SS"; repeating groups stand under 5000 and 6000."""

    tag: int
    keyword: str
    vr: str
    vm: str


REPEATING_GROUPS = range(0x5000, 0x6100)  # 50xx curves, 60xx overlays: PS3.5 7.6


@cache
def _by_keyword() -> dict[str, Entry]:
    text = (pkgutil.get_data(__package__, "dictionary.txt") or b"").decode("ascii")
    entries = {}
    for line in text.splitlines():
        tag, keyword, vr, vm = line.split(" ")
        entries[keyword] = Entry(int(tag, 16), keyword, vr, vm)
    return entries


@cache
def _by_tag() -> dict[int, Entry]:
    return {entry.tag: entry for entry in _by_keyword().values()}


def of_keyword(keyword: str) -> Entry:
    """The attribute of that keyword; KeyError where the standard has none."""
    return _by_keyword()[keyword]


def of_tag(tag: int) -> Entry | None:
    """The attribute of that tag, or None for private and unknown ones."""
    if tag >> 16 in REPEATING_GROUPS:
        tag &= 0xFF00FFFF
    return _by_tag().get(tag)


@lru_cache(maxsize=16_384)
def vr_of(tag: int) -> str:
    """The value representation of a tag as the standard has it: "LO" for private creators, "UN" for the unknown."""
    entry = of_tag(tag)
    if entry is not None:
        return entry.vr
    if tag & 0xFFFF == 0:
        return "UL"  # group length, PS3.5 7.2
    if tag >> 16 & 1 and 0x10 <= tag & 0xFFFF <= 0xFF:
        return "LO"  # private creator, PS3.5 7.8.1
    return "UN"

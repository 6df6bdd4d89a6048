"""Folders of files that are not DICOM: numbered pictures as one stack in natural order, everything else by itself."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

LAST_NUMBER = re.compile(r"^(.*?)(\d+)(\D*)$", re.DOTALL)
MOST_NAMED = 6  # gaps told in a sentence


@dataclass(frozen=True)
class Numbered:
    """Files whose names differ in their last number only, by that number; one file where the name has none."""

    files: tuple[int, ...]  # indices into the names
    numbers: tuple[int, ...]


def natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    """A key that sorts slice_2 before slice_10."""
    return tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in re.split(r"(\d+)", name))


def series_of_names(names: Sequence[str]) -> list[Numbered]:
    """The names in groups that differ in their last number only, each by that number."""
    groups: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for index, name in enumerate(names):
        found = LAST_NUMBER.match(name)
        key = (found[1], found[3]) if found else (name, "")
        groups.setdefault(key, []).append((int(found[2]) if found else 0, index))
    series = []
    for key in sorted(groups, key=lambda key: natural(key[0])):
        members = sorted(groups[key])
        series.append(Numbered(tuple(i for _, i in members), tuple(n for n, _ in members)))
    return series


def gaps(numbers: Iterable[int]) -> str:
    """The numbers that are missing between some, as a person writes them: "6–9, 14"; "" where none is."""
    ordered = sorted(set(numbers))
    steps = [after - before for before, after in pairwise(ordered)]
    step = min(steps, default=1)
    found = [(a + step, b - step) for a, b in pairwise(ordered) if b - a > step]
    told = [str(first) if first == last else f"{first}–{last}" for first, last in found[:MOST_NAMED]]
    return ", ".join(told) + (", …" if len(found) > MOST_NAMED else "")

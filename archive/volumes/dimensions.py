"""What tells the volumes of one place apart: the search for a fourth dimension among the labels of the frames.

Coincident positions are the sign of a further dimension; the label that names it is found by a set test, not by a vendor
table: its values must all differ at each position, and be the same set at every position.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from archive.stack import Dimension, FrameRecord

RECORDED_ORDER = "recorded-order"  # no label in the files: volumes in the order of their instance numbers
MOST_TOGETHER = 3  # labels that one dimension may need (b-value and direction; echo, phase and type)
MOST_LABELS = 24

Places = Sequence[Sequence[FrameRecord]]  # frames of each position, positions by depth


@dataclass(frozen=True)
class Volumes:
    """Frames as [time][position], their dimension, and the frames that fit into no whole volume."""

    times: tuple[tuple[FrameRecord, ...], ...]
    dimension: Dimension | None
    rest: tuple[FrameRecord, ...] = ()


def volumes_of(places: Places) -> Volumes:
    """The whole volumes of frames that lie at these positions."""
    counts = {len(place) for place in places}
    if counts == {1}:
        return Volumes((tuple(place[0] for place in places),), None)
    labels = _varying(frame for place in places for frame in place)
    if len(counts) == 1:
        names = _separating(places, labels, counts.pop())
        return _by_labels(places, names) if names else _by_rank(places)
    return _most_whole(places, labels)


def recorded(frame: FrameRecord) -> tuple[Any, ...]:
    """The order of recording: instance number, then frame, then the file's name as the last resort."""
    missing = frame.number is None
    return (missing, frame.number or 0, frame.frame, frame.name_order)


def label_of(frame: FrameRecord, names: Sequence[str]) -> tuple[Hashable, ...]:
    """The frame's values of some labels."""
    own = dict(frame.labels)
    return tuple(own.get(name) for name in names)


def in_order(value: Any) -> tuple[Any, ...]:
    """A key that sorts values of mixed kinds: nothing, numbers, words, and tuples of them."""
    if isinstance(value, tuple):
        return (3, tuple(in_order(part) for part in value))
    if value is None:
        return (0, 0)
    return (1, value) if isinstance(value, int | float) else (2, str(value))


def _varying(frames: Iterable[FrameRecord]) -> list[str]:
    """Names of the labels that have more than one value, in order of trust."""
    values: dict[str, set[Any]] = {}
    own = [dict(frame.labels) for frame in frames]
    for labels in own:
        for name in labels:
            values.setdefault(name, set())
    for name, seen in values.items():
        seen.update(labels.get(name) for labels in own)
    order = {name: rank for labels in own for rank, name in enumerate(labels)}
    names = sorted(values, key=lambda name: (order[name], name))
    return [name for name in names if len(values[name]) > 1][:MOST_LABELS]


def _separating(places: Places, labels: Sequence[str], count: int) -> tuple[str, ...] | None:
    """The first label, pair or triple whose values differ at each position and are one set at all of them."""
    for together in range(1, MOST_TOGETHER + 1):
        for names in combinations(labels, together):
            first = {label_of(frame, names) for frame in places[0]}
            if len(first) == count and all({label_of(frame, names) for frame in place} == first for place in places):
                return names
    return None


def _by_labels(places: Places, names: tuple[str, ...]) -> Volumes:
    ordered = [sorted(place, key=lambda frame: in_order(label_of(frame, names))) for place in places]
    values = tuple(plain(label_of(frame, names)) for frame in ordered[0])
    return Volumes(tuple(zip(*ordered, strict=True)), Dimension("+".join(names), values))


def plain(values: tuple[Any, ...]) -> Any:
    """One value as itself, several as a tuple."""
    return values[0] if len(values) == 1 else values


def _by_rank(places: Places) -> Volumes:
    ordered = [sorted(place, key=recorded) for place in places]
    times = tuple(zip(*ordered, strict=True))
    return Volumes(times, Dimension(RECORDED_ORDER, tuple(range(1, len(times) + 1))))


def _most_whole(places: Places, labels: Sequence[str]) -> Volumes:
    """Unequal counts (overlapping scans, a scan that was stopped): by the label that gives the most whole volumes."""
    best = _whole_by_rank(places)
    for name in sorted(labels, key=lambda name: name != "AcquisitionNumber"):
        found = _whole_by_label(places, name)
        if found is not None and len(found.times) > len(best.times):
            best = found
    return best


def _whole_by_label(places: Places, name: str) -> Volumes | None:
    """Volumes of one value each, if no value is twice at a position and at least one is at every position."""
    groups: dict[Any, list[FrameRecord | None]] = {}
    for index, place in enumerate(places):
        for frame in place:
            slots = groups.setdefault(label_of(frame, (name,))[0], [None] * len(places))
            if slots[index] is not None:
                return None
            slots[index] = frame
    keys = sorted((key for key, slots in groups.items() if None not in slots), key=in_order)
    times = tuple(tuple(frame for frame in groups[key] if frame) for key in keys)
    used = {id(frame) for volume in times for frame in volume}
    rest = tuple(frame for place in places for frame in place if id(frame) not in used)
    return Volumes(times, Dimension(name, tuple(keys)) if len(times) > 1 else None, rest) if times else None


def _whole_by_rank(places: Places) -> Volumes:
    """The n-th frame of every position makes volume n, as far as every position has one."""
    ordered = [sorted(place, key=recorded) for place in places]
    least = min(len(place) for place in ordered)
    times = tuple(zip(*(place[:least] for place in ordered), strict=True))
    rest = tuple(frame for place in ordered for frame in place[least:])
    return Volumes(times, Dimension(RECORDED_ORDER, tuple(range(1, least + 1))) if least > 1 else None, rest)

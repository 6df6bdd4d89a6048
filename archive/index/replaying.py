"""Replaying: what a person made, as the events tell it, from the first to the last (pure)."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Facts = Mapping[str, Any]


@dataclass
class Precious:
    """Tags, notes and merges by the keys of studies and patients."""

    labels: set[tuple[str, str]] = field(default_factory=set)  # study key, tag
    notes: dict[str, str] = field(default_factory=dict)
    merges: dict[str, str] = field(default_factory=dict)  # patient key -> the one it is shown under
    undone: set[int] = field(default_factory=set)  # events that were taken back


def replayed(events: Iterable[Mapping[str, Any]]) -> Precious:
    """The state that events (id, kind, facts as JSON), oldest first, lead to."""
    state = Precious()
    known: dict[int, tuple[str, Facts]] = {}
    for event in events:
        facts = json.loads(event["facts"])
        known[event["id"]] = event["kind"], facts
        if event["kind"] == "undo":
            _take_back(state, known.get(facts["event"]), facts["event"])
        elif event["kind"] in _DOING:
            _DOING[event["kind"]](state, facts)
    return state


def are_complete(ids: Iterable[int]) -> bool:
    """Whether no event is missing: their numbers run from one without a gap."""
    ordered = sorted(ids)
    return ordered == list(range(1, len(ordered) + 1))


def _take_back(state: Precious, event: tuple[str, Facts] | None, number: int) -> None:
    state.undone.add(number)
    if event is not None and event[0] in _UNDOING:
        _UNDOING[event[0]](state, event[1])


def _tag(state: Precious, facts: Facts) -> None:
    state.labels |= {(facts["study"], tag) for tag in facts["added"]}
    state.labels -= {(facts["study"], tag) for tag in facts["removed"]}


def _untag(state: Precious, facts: Facts) -> None:
    _tag(state, {"study": facts["study"], "added": facts["removed"], "removed": facts["added"]})


def _note(state: Precious, facts: Facts) -> None:
    _set(state.notes, facts["study"], facts["after"])


def _unnote(state: Precious, facts: Facts) -> None:
    _set(state.notes, facts["study"], facts["before"])


def _merge(state: Precious, facts: Facts) -> None:
    state.merges |= dict.fromkeys(facts["before"], facts["into"])


def _split(state: Precious, facts: Facts) -> None:
    for key in facts["before"]:
        state.merges.pop(key, None)


def _as_before(state: Precious, facts: Facts) -> None:
    for key, before in facts["before"].items():
        _set(state.merges, key, before)


def _set(texts: dict[str, str], key: str, text: str | None) -> None:
    if text:
        texts[key] = text
    else:
        texts.pop(key, None)


_DOING: Mapping[str, Callable[[Precious, Facts], None]] = {"tag": _tag, "note": _note, "merge": _merge, "split": _split}
_UNDOING: Mapping[str, Callable[[Precious, Facts], None]] = {
    "tag": _untag,
    "note": _unnote,
    "merge": _as_before,
    "split": _as_before,
}

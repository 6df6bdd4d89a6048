"""Precious: what a person does to the archive - tags, notes, merges, forgetting - each one event that can be undone."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from archive.errors import NothingThere
from archive.index.engine import Engine, Row
from archive.index.records import Undone
from archive.index.refreshing import refresh_study


class Hand:
    """The changes a person makes. Every one is a transaction of its own and leaves an event to undo it by."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tag(self, study_key: str, add: Sequence[str], remove: Sequence[str]) -> None:
        with self._engine.writing():
            there = {row["tag"] for row in self._engine.rows("labels", study_key=study_key)}
            new = [tag for tag in dict.fromkeys(_tidy(add)) if tag not in there]
            gone = [tag for tag in dict.fromkeys(_tidy(remove)) if tag in there]
            self._labelled(study_key, new, gone)
            self._event("tag", study=study_key, added=new, removed=gone)

    def note(self, study_key: str, text: str) -> None:
        with self._engine.writing():
            before = self._engine.value("note", study_key=study_key) or ""
            self._noted(study_key, text.strip())
            self._event("note", study=study_key, before=before, after=text.strip())

    def forget(self, level: str, key: str) -> int:
        """Hide the series of a series, study or patient; how many images they have."""
        with self._engine.writing():
            series = [row for row in _SERIES_OF[level](self._engine, key) if not row["forgotten"]]
            if not series:
                raise NothingThere(what=key)
            event = self._event("forget", level=level, series=[row["key"] for row in series])
            for row in series:
                self._engine.run("hide_series", row_id=row["id"], forgotten=event)
            self._refresh({row["study"] for row in series})
        return sum(row["n_instances"] for row in series)

    def merge(self, patient_key: str, into_key: str) -> None:
        with self._engine.writing():
            own, root = self._root(patient_key), self._root(into_key)
            if own == root:
                raise NothingThere(what=patient_key)
            moved = [own, *(row["patient_key"] for row in self._engine.rows("merged_into", into_key=own))]
            before = {key: self._engine.value("merge_of", patient_key=key) for key in moved}
            for key in moved:
                self._engine.run("keep_merge", patient_key=key, into_key=root)
            self._event("merge", before=before, into=root)
            self._refresh_people([*moved, root])

    def split(self, patient_key: str) -> int:
        with self._engine.writing():
            root = self._root(patient_key)
            moved = [row["patient_key"] for row in self._engine.rows("merged_into", into_key=root)]
            if not moved:
                raise NothingThere(what=patient_key)
            for key in moved:
                self._engine.run("drop_merge", patient_key=key)
            self._event("split", before=dict.fromkeys(moved, root), into=root)
            self._refresh_people([*moved, root])
        return len(moved)

    def undo(self) -> Undone:
        """Take back the last event that was not taken back yet."""
        with self._engine.writing():
            last = self._engine.row("last_event")
            if last is None:
                raise NothingThere(what="undo")
            count = _UNDOING[last["kind"]](self, last["id"], json.loads(last["facts"]))
            self._engine.run("event_undone", row_id=last["id"], undone=1)
            self._event("undo", event=last["id"])
        return Undone(last["kind"], count)

    def keep_thumbnail(self, series_key: str, png: bytes) -> None:
        with self._engine.writing():
            row = self._engine.row("series_by_key", key=series_key)
            if row is not None:
                self._engine.run("keep_thumbnail", series=row["id"], png=png)

    def remember_opened(self, series_key: str, view: Mapping[str, Any] | None) -> None:
        with self._engine.writing():
            before = self._engine.value("view", series_key=series_key)
            body = json.dumps(view) if view is not None else before or "null"
            newest = self._engine.row("views", limit=1)
            at = max(_now(), _just_after(newest["at"]) if newest else "")  # in order, though the clock be turned back
            self._engine.run("keep_view", series_key=series_key, at=at, view=body)

    # Doing and undoing ------------------------------------------------------------------------------------------

    def _labelled(self, study_key: str, add: Iterable[str], remove: Iterable[str]) -> None:
        for tag in add:
            self._engine.run("keep_label", study_key=study_key, tag=tag)
        for tag in remove:
            self._engine.run("drop_label", study_key=study_key, tag=tag)
        self._refresh_key(study_key)

    def _noted(self, study_key: str, text: str) -> None:
        if text:
            self._engine.run("keep_note", study_key=study_key, text=text)
        else:
            self._engine.run("drop_note", study_key=study_key)
        self._refresh_key(study_key)

    def _untag(self, _: int, facts: Mapping[str, Any]) -> int:
        self._labelled(facts["study"], facts["removed"], facts["added"])
        return len(facts["removed"]) + len(facts["added"])

    def _unnote(self, _: int, facts: Mapping[str, Any]) -> int:
        self._noted(facts["study"], facts["before"])
        return 1

    def _remember(self, event: int, _: Mapping[str, Any]) -> int:
        """Show again what this forgetting hid; what was imported again since is shown already."""
        rows = self._engine.rows("series_forgotten_by", forgotten=event)
        for row in rows:
            self._engine.run("show_series", row_id=row["id"], forgotten=0)
        self._refresh({row["study"] for row in rows})
        return len(rows)

    def _unmerge(self, _: int, facts: Mapping[str, Any]) -> int:
        for key, before in facts["before"].items():
            if before:
                self._engine.run("keep_merge", patient_key=key, into_key=before)
            else:
                self._engine.run("drop_merge", patient_key=key)
        self._refresh_people([*facts["before"], facts["into"]])
        return len(facts["before"])

    def _root(self, patient_key: str) -> str:
        """The patient a key is shown under; raises NothingThere."""
        if self._engine.row("patient_by_key", key=patient_key) is None:
            raise NothingThere(what=patient_key)
        return self._engine.value("merge_of", patient_key=patient_key) or patient_key

    def _event(self, kind: str, **facts: Any) -> int:
        return self._engine.run("new_event", at=_now(), kind=kind, facts=json.dumps(facts))

    def _refresh(self, studies: Iterable[int]) -> None:
        for study in studies:
            refresh_study(self._engine, study)

    def _refresh_key(self, study_key: str) -> None:
        row = self._engine.value("study_by_identity", key=study_key)
        self._refresh([row] if row else [])

    def _refresh_people(self, patient_keys: Iterable[str]) -> None:
        """Studies are found by the names of both records of a merged patient."""
        self._refresh({row["id"] for key in patient_keys for row in self._engine.rows("studies_of_patient", key=key)})


def _series_of_patient(engine: Engine, key: str) -> list[Row]:
    studies = engine.rows("studies_of_patient", key=key)
    return [row for study in studies for row in engine.rows("series_of_study", study=study["id"])]


_SERIES_OF: Mapping[str, Callable[[Engine, str], list[Row]]] = {
    "series": lambda engine, key: engine.rows("series_by_key", key=key),
    "study": lambda engine, key: engine.rows("series_of_study", study=engine.value("study_by_identity", key=key) or 0),
    "patient": _series_of_patient,
}
_UNDOING: Mapping[str, Callable[[Hand, int, Mapping[str, Any]], int]] = {
    "tag": Hand._untag,
    "note": Hand._unnote,
    "forget": Hand._remember,
    "merge": Hand._unmerge,
    "split": Hand._unmerge,
}


def _tidy(tags: Iterable[str]) -> list[str]:
    return [" ".join(tag.split()) for tag in tags if tag.strip()]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _just_after(at: str) -> str:
    return (datetime.fromisoformat(at) + timedelta(milliseconds=1)).isoformat(timespec="milliseconds")

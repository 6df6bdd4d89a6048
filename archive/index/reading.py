"""Reading: rows of the database as the records of records.py."""

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice

from archive.errors import Ambiguous, NothingThere
from archive.index.deriving import headers_of, instances_of, kept_split
from archive.index.engine import Engine, Row
from archive.index.query import Query, parse
from archive.index.records import (
    Instance,
    Location,
    OpenedRow,
    Page,
    PatientRow,
    SeriesRecord,
    SeriesRow,
    StudyRow,
    Totals,
)
from archive.index.searching import SearchIndex
from archive.stack import FileRef, Verdict


class Reader:
    """All questions to the database. Keeps the search index of the archive as it was last seen."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._index: tuple[tuple[int, int], SearchIndex] | None = None
        self._count: tuple[tuple[int, int], int] | None = None

    def search(self, text: str, limit: int, after: str) -> Page:
        query = parse(text)
        total, studies = self._matching(query, limit, after) if query else self._newest(limit, after)
        return Page(total, tuple(studies), query.tokens)

    def _newest(self, limit: int, after: str) -> tuple[int, list[StudyRow]]:
        """A page of everything: no need to load every study's text."""
        last = self._engine.row("study_by_key", key=after) if after else None
        if last:
            rows = self._engine.rows("studies_after", date=last["date"], row_id=last["id"], limit=limit)
        else:
            rows = self._engine.rows("studies_newest", limit=limit)
        return self._study_count(), self._studies(rows)

    def _study_count(self) -> int:
        changes = self._engine.changes()
        if self._count is None or self._count[0] != changes:
            self._count = changes, int(self._engine.value("study_count"))  # 3 ms for 100,000
        return self._count[1]

    def _matching(self, query: Query, limit: int, after: str) -> tuple[int, list[StudyRow]]:
        index = self._search_index()
        found = index.matches(query)
        places = islice(index.after(found, after) if after else found, limit)
        ids = [index.ids[place] for place in places]
        rows = {row["id"]: row for row in self._engine.rows("studies_by_id", studies=json.dumps(ids))}
        return len(found), self._studies([rows[row_id] for row_id in ids if row_id in rows])

    def _search_index(self) -> SearchIndex:
        changes = self._engine.changes()
        if self._index is None or self._index[0] != changes:
            # Sorted here: in the order of an index, SQLite would read and decrypt most pages many times.
            rows = sorted(self._engine.rows("study_texts"), key=lambda row: (row["date"], row["id"]), reverse=True)
            ids, keys, texts = ([row[name] for row in rows] for name in ("id", "key", "searched"))
            self._index = (changes, SearchIndex(ids, keys, texts))
        return self._index[1]

    def study(self, selector: str) -> StudyRow:
        """A study by key, StudyInstanceUID or unique prefix of it."""
        row = self._engine.row("study_by_key", key=selector)
        if row is None:
            found = (
                self._engine.rows("studies_by_uid", low=selector, high=_after(selector)) if _is_uid(selector) else []
            )
            whole = [self._engine.row("study_by_id", row_id=candidate["id"]) for candidate in found]
            row = _only([r for r in whole if r], "study_uid", selector)
        return self._study(row)

    def series(self, selector: str) -> SeriesRecord:
        """A series by key, SeriesInstanceUID or unique prefix of it."""
        row = self._engine.row("series_by_key", key=selector)
        if row is None:
            found = self._engine.rows("series_by_uid", low=selector, high=_after(selector)) if _is_uid(selector) else []
            row = _only(found, "series_uid", selector)
        return self._record(row)

    def all_series(self) -> list[SeriesRow]:
        return [_series(row) for row in self._engine.rows("all_series")]

    def totals(self) -> Totals:
        return Totals(**dict(self._engine.row("totals") or {}))

    def thumbnail(self, series_key: str) -> bytes | None:
        row = self._engine.row("series_by_key", key=series_key)
        png = self._engine.value("thumbnail", series=row["id"]) if row else None
        return None if png is None else bytes(png)

    def recent(self, limit: int) -> tuple[OpenedRow, ...]:
        opened = []
        for view in self._engine.rows("views", limit=limit):
            row = self._engine.row("series_by_key", key=view["series_key"])
            if row is not None:
                study = self._study_of(row)
                opened.append(OpenedRow(row["key"], view["at"], json.loads(view["view"]), study, _series(row)))
        return tuple(opened)

    def _study_of(self, series: Row) -> StudyRow:
        row = self._engine.row("study_by_id", row_id=series["study"])
        assert row is not None
        return self._study(row)

    def _studies(self, rows: Sequence[Row]) -> list[StudyRow]:
        """Studies with their series and tags: a page of them is read at once."""
        series, tags = defaultdict(list), defaultdict(list)
        for each in _named(self._engine.rows("series_of_studies", studies=json.dumps([row["id"] for row in rows]))):
            series[each["study"]].append(_series(each))
        for each in self._engine.rows("labels_of_studies", studies=json.dumps([row["key"] for row in rows])):
            tags[each["study_key"]].append(each["tag"])
        return [_study(row, tuple(series[row["id"]]), tuple(tags[row["key"]])) for row in _named(rows)]

    def _study(self, row: Row) -> StudyRow:
        return self._studies([row])[0]

    def _record(self, row: Row) -> SeriesRecord:
        images = instances_of(self._engine, row["id"])
        return SeriesRecord(
            row=_series(row),
            study=self._study_of(row),
            files=self.files(images),
            instances=images,
            load_headers=lambda: headers_of(self._engine, row["id"]),
            load_split=lambda: kept_split(self._engine, row["id"]),
        )

    def files(self, images: Sequence[Instance]) -> tuple[FileRef, ...]:
        """Where to read each image: its only copy, or the first copy that is there."""
        paths: dict[int, bytes] = {}
        for image in images:
            for location in image.locations:
                if location.folder not in paths:
                    paths[location.folder] = self._engine.value("folder_path", row_id=location.folder) or b""
        return tuple(file_ref(image, _reachable(image.locations, paths), paths) for image in images)


def file_ref(image: Instance, location: Location, folder_paths: dict[int, bytes]) -> FileRef:
    """One copy of an image, to be read."""
    return FileRef(
        path=path_of(location, folder_paths[location.folder]),
        size=location.size,
        mtime_ns=location.mtime_ns,
        transfer_syntax=image.transfer_syntax,
        pixels=image.pixels,
        member=location.member,
        sop_instance_uid=image.sop_instance_uid,
        number=image.number,
    )


def path_of(location: Location, folder_path: bytes) -> bytes:
    """The file of a location: in its folder, or the container itself."""
    return folder_path if location.member is not None else folder_path.rstrip(b"/") + b"/" + location.name


def _reachable(locations: Sequence[Location], folder_paths: dict[int, bytes]) -> Location:
    if len(locations) == 1:
        return locations[0]
    there = (at for at in locations if os.path.exists(path_of(at, folder_paths[at.folder])))
    return next(there, locations[0])


def _named(rows: Sequence[Row]) -> list[Row]:
    """Rows of one statement as dictionaries: SQLite's own rows look through all names for every value."""
    names = tuple(rows[0].keys()) if rows else ()
    return [dict(zip(names, tuple(row), strict=True)) for row in rows]


def _study(row: Row, series: tuple[SeriesRow, ...], tags: tuple[str, ...]) -> StudyRow:
    return StudyRow(
        key=row["key"],
        study_uid=row["study_uid"],
        date=row["date"],
        time=row["time"],
        description=row["description"],
        accession=row["accession"],
        study_id=row["study_id"],
        institution=row["institution"],
        referring_physician=row["referring_physician"],
        performing_physician=row["performing_physician"],
        operators=row["operators"],
        modalities=tuple(row["modalities"].split()),
        instances=row["n_instances"],
        bytes=row["bytes"],
        state=row["state"],
        tags=tags,
        note=row["note"] or "",
        patient=_patient(row),
        series=series,
        only_on_removable=bool(series) and all(each.only_on_removable for each in series),
    )


def _patient(row: Row) -> PatientRow:
    return PatientRow(
        key=row["patient_key"],
        name=row["patient_name"],
        names=tuple(json.loads(row["patient_names"])),
        patient_id=row["patient_patient_id"],
        issuer=row["patient_issuer"],
        birth_date=row["patient_birth_date"],
        sex=row["patient_sex"],
    )


def _series(row: Row) -> SeriesRow:
    return SeriesRow(
        key=row["key"],
        series_uid=row["series_uid"],
        number=row["number"],
        modality=row["modality"],
        description=row["description"],
        body_part=row["body_part"],
        protocol=row["protocol"],
        manufacturer=row["manufacturer"],
        model=row["model"],
        station=row["station"],
        rows=row["rows"],
        columns=row["columns"],
        instances=row["n_instances"],
        frames=row["n_frames"],
        bytes=row["bytes"],
        kind=row["kind"],
        verdict=Verdict(*json.loads(row["verdict"])) if row["verdict"] else None,
        state=row["state"],
        stacks=row["n_stacks"],
        about=json.loads(row["about"]) if row["about"] else None,
        only_on_removable=0 < row["n_instances"] == row["n_removable"],
    )


def _is_uid(selector: str) -> bool:
    return bool(selector) and set(selector) <= set("0123456789.")


def _after(prefix: str) -> str:
    """The least text that sorts after every text with this prefix."""
    return prefix + "\x7f"


def _only(found: Sequence[Row], column: str, selector: str) -> Row:
    """The one row that is meant: the one whose UID is the selector, or the only one it is a prefix of."""
    exact = [row for row in found if row[column] == selector]
    found = exact or found
    if not found:
        raise NothingThere(what=selector)
    if len(found) > 1:
        raise Ambiguous(what=selector, count=len(found))
    return found[0]

"""Every statement of the archive in SQLAlchemy Core, by name, and their compiled form beside it.

Importing SQLAlchemy costs 0.37 s, the whole budget of `tomotheque search` (0.4 s). So the statements, which never change
at run time, are compiled ahead into statements.sql, and engine.py runs that text. `python -m archive.index.statements`
writes the file anew; a test fails when it is stale.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Table, bindparam, case, func, literal_column, select, tuple_, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import ClauseElement

from archive.index.schema import (
    archive,
    event,
    folder,
    label,
    merge,
    metadata,
    note,
    part,
    patient,
    receipt,
    series,
    stacks,
    study,
    thumbnail,
    view_state,
    volume,
)
from archive.tags import Level, of_level

FILE = Path(__file__).with_name("statements.sql")
_SHOWN = series.c.forgotten == 0


def _b(name: str) -> Any:
    return bindparam(name)


def _listed(name: str) -> Any:
    """The values of a JSON list."""
    return select(func.json_each(_b(name)).table_valued("value").c.value)


def _insert(table: Table, *columns: str) -> Any:
    named = columns or [column.name for column in table.c if column.name != "id"]
    return sqlite.insert(table).values({name: bindparam(name) for name in named})


def _keep(table: Table, *columns: str) -> Any:
    """Insert, or replace what stands under the same primary key."""
    statement = _insert(table, *columns)
    keys = [column.name for column in table.primary_key]
    rest = {c.name: statement.excluded[c.name] for c in table.c if c.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)


def _columns_of(level: Level) -> list[str]:
    return [tag.column for tag in of_level(level)]


def _set(table: Table, *columns: str) -> Any:
    """Update columns of the row whose id is given."""
    return update(table).where(table.c.id == _b("row_id")).values({name: bindparam(name) for name in columns})


def _without(table: Table, column: str) -> Any:
    return table.delete().where(table.c[column] == _b(column))


def _studies() -> Any:
    """Studies with the patient they are shown under: after a merge, the one merged into."""
    shown = patient.alias("shown")
    own = patient.alias("own")
    root = func.coalesce(select(merge.c.into_key).where(merge.c.patient_key == own.c.key).scalar_subquery(), own.c.key)
    patient_columns = [shown.c[c.name].label(f"patient_{c.name}") for c in patient.c if c.name != "id"]
    columns = [c for c in study.c if c.name not in ("patient", "searched")]
    joined = study.join(own, own.c.id == study.c.patient).join(shown, shown.c.key == root)
    return select(*columns, *patient_columns, note.c.text.label("note")).select_from(
        joined.outerjoin(note, note.c.study_key == study.c.key)
    )


def _series() -> Any:
    return select(*series.c).where(_SHOWN)


def _refresh_study() -> Any:
    """Counts and state of a study, from its series that are shown."""
    mine = (series.c.study == study.c.id) & _SHOWN

    def total(what: Any) -> Any:
        return select(func.coalesce(what, 0)).where(mine).scalar_subquery()

    rank = func.min(case({"changed": 0, "missing": 1, "offline": 2}, value=series.c.state, else_=3))
    state = select(case({0: "changed", 1: "missing", 2: "offline"}, value=rank, else_="present"))
    return (
        update(study)
        .where(study.c.id == _b("row_id"))
        .values(
            n_series=total(func.count(series.c.id)),
            n_instances=total(func.sum(series.c.n_instances)),
            n_files=total(func.sum(series.c.n_files)),
            bytes=total(func.sum(series.c.bytes)),
            state=state.where(mine).scalar_subquery(),
            modalities=_b("modalities"),
            searched=_b("searched"),
        )
    )


def _patient_root(table: Any) -> Any:
    found = select(merge.c.into_key).where(merge.c.patient_key == table.c.key).scalar_subquery()
    return func.coalesce(found, table.c.key)


def _totals() -> Any:
    joined = study.join(patient, patient.c.id == study.c.patient)
    return (
        select(
            func.count(_patient_root(patient).distinct()).label("patients"),
            func.count(study.c.id).label("studies"),
            *(
                func.coalesce(func.sum(study.c[column]), 0).label(name)
                for name, column in (
                    ("series", "n_series"),
                    ("instances", "n_instances"),
                    ("files", "n_files"),
                    ("bytes", "bytes"),
                )
            ),
        )
        .select_from(joined)
        .where(study.c.n_series > 0)
    )


_ROW_NUMBER: Any = literal_column("rowid")  # salvage is SQLite's alone


def _rows_between(table: Table) -> Any:
    where = _ROW_NUMBER.between(_b("low"), _b("high"))
    return select(_ROW_NUMBER.label("row_number"), *table.c).where(where).order_by(_ROW_NUMBER)


def _keep_row(table: Table) -> Any:
    return (
        sqlite.insert(table)
        .values({column.name: bindparam(column.name) for column in table.c})
        .on_conflict_do_nothing()
    )


_LIVE = study.c.n_series > 0
_NEWEST = (study.c.date.desc(), study.c.id.desc())

STATEMENTS: dict[str, ClauseElement] = {
    # archive
    "archive": select(*archive.c),
    "new_archive": _insert(archive, "id", "format", "archive_id", "secret"),
    "count_commit": update(archive).values(commits=archive.c.commits + 1),
    "commits": select(archive.c.commits),
    "format": select(archive.c.format),
    "set_format": update(archive).values(format=_b("format")),
    "set_secret": update(archive).values(secret=_b("secret")),
    "set_commits": update(archive).values(commits=_b("commits")),
    # patients
    "patient_by_key": select(*patient.c).where(patient.c.key == _b("key")),
    "patient_by_id": select(*patient.c).where(patient.c.id == _b("row_id")),
    "new_patient": _insert(patient),
    "patients_merged": select(patient.c.id, patient.c.key).join(
        merge, (merge.c.patient_key == patient.c.key) & (merge.c.into_key == _b("into_key"))
    ),
    # studies
    "studies_newest": _studies().where(_LIVE).order_by(*_NEWEST).limit(_b("limit")),
    "studies_after": _studies()
    .where(_LIVE, tuple_(study.c.date, study.c.id) < tuple_(_b("date"), _b("row_id")))
    .order_by(*_NEWEST)
    .limit(_b("limit")),
    "study_by_id": _studies().where(study.c.id == _b("row_id")),
    "studies_by_id": _studies().where(study.c.id.in_(_listed("studies"))),
    "study_whole": select(*study.c).where(study.c.id == _b("row_id")),
    "study_by_key": _studies().where(_LIVE, study.c.key == _b("key")),
    "study_by_identity": select(study.c.id, study.c.key).where(study.c.key == _b("key")),
    "studies_by_uid": select(study.c.id)
    .where(_LIVE, study.c.study_uid >= _b("low"), study.c.study_uid < _b("high"))
    .limit(50),
    "studies_of_patient": select(study.c.id, study.c.key).join(patient).where(_patient_root(patient) == _b("key")),
    "study_count": select(func.count()).select_from(study).where(_LIVE),
    "study_texts": select(study.c.id, study.c.key, study.c.date, study.c.searched).where(_LIVE),
    "new_study": _insert(study, "patient", "key", *_columns_of("study")),
    "refresh_study": _refresh_study(),
    "totals": _totals(),
    # series
    "series_of_study": _series().where(series.c.study == _b("study")).order_by(series.c.number, series.c.series_uid),
    "series_by_key": _series().where(series.c.key == _b("key")),
    "series_by_id": select(*series.c).where(series.c.id == _b("row_id")),
    "series_by_identity": select(series.c.id, series.c.forgotten).where(series.c.key == _b("key")),
    "series_by_uid": select(*series.c)
    .where(_SHOWN, series.c.series_uid >= _b("low"), series.c.series_uid < _b("high"))
    .limit(50),
    "all_series": _series().join(study, study.c.id == series.c.study).order_by(*_NEWEST, series.c.number, series.c.id),
    "series_to_derive": select(series.c.id).where(_SHOWN, series.c.derived != _b("derived")),
    "series_forgotten_by": select(series.c.id, series.c.study).where(series.c.forgotten == _b("forgotten")),
    "forgotten_series": select(series.c.id).where(series.c.forgotten != 0),
    "new_series": _insert(series, "study", "key", "words", *_columns_of("series")),
    "new_series_as": _insert(series, "id", "study", "key", "words", *_columns_of("series")),
    "study_rows": select(study.c.id),
    "count_series": _set(series, "n_instances", "n_frames", "n_files", "bytes").values(derived=0, state="present"),
    "count_removable": _set(series, "n_removable"),
    "derive_series": _set(series, "kind", "verdict", "about", "n_stacks", "derived"),
    "set_state": _set(series, "state"),
    "hide_series": update(series).where(series.c.id == _b("row_id"), _SHOWN).values(forgotten=_b("forgotten")),
    "show_series": _set(series, "forgotten"),
    # images
    "parts": select(part.c.number, part.c.instances, part.c.headers)
    .where(part.c.series == _b("series"))
    .order_by(part.c.number),
    "keep_part_instances": update(part)
    .where(part.c.series == _b("row_series"), part.c.number == _b("row_number"))
    .values(instances=_b("instances")),
    "part_instances": select(part.c.number, part.c.instances)
    .where(part.c.series == _b("series"))
    .order_by(part.c.number),
    "part_headers": select(part.c.headers).where(part.c.series == _b("series")).order_by(part.c.number),
    "part": select(part.c.instances, part.c.headers).where(
        part.c.series == _b("series"), part.c.number == _b("number")
    ),
    "keep_part": _keep(part),
    "drop_parts": _without(part, "series"),
    "stacks": select(stacks.c.split).where(stacks.c.series == _b("series")),
    "keep_stacks": _keep(stacks, "series", "split"),
    "drop_stacks": _without(stacks, "series"),
    "thumbnail": select(thumbnail.c.png).where(thumbnail.c.series == _b("series")),
    "keep_thumbnail": _keep(thumbnail, "series", "png"),
    "drop_thumbnail": _without(thumbnail, "series"),
    # folders
    "folder_by_path": select(folder.c.id, folder.c.files).where(
        folder.c.volume == _b("volume"), folder.c.path == _b("path")
    ),
    "folder_path": select(folder.c.path).where(folder.c.id == _b("row_id")),
    "folder_place": select(folder.c.path, folder.c.volume).where(folder.c.id == _b("row_id")),
    "folders_of_volume": select(folder.c.id, folder.c.path).where(folder.c.volume == _b("volume")),
    "folders_removable": select(folder.c.id)
    .join(volume, volume.c.id == folder.c.volume)
    .where(volume.c.removable != 0),
    "folders": select(*folder.c),
    "new_folder": _insert(folder),
    "keep_files": _set(folder, "files"),
    "move_folder": _set(folder, "path"),
    # volumes
    "volumes": select(*volume.c),
    "new_volume": _insert(volume),
    "move_volume": _set(volume, "mount", "removable"),
    # receipts
    "receipts": select(*receipt.c).order_by(receipt.c.id.desc()).limit(_b("limit")),
    "new_receipt": _insert(receipt, "at", "body"),
    "drop_receipts": receipt.delete().where(receipt.c.id <= _b("last_id")),
    # precious
    "series_of_studies": _series()
    .where(series.c.study.in_(_listed("studies")))
    .order_by(series.c.number, series.c.series_uid),
    "labels_of_studies": select(label.c.study_key, label.c.tag)
    .where(label.c.study_key.in_(_listed("studies")))
    .order_by(label.c.tag),
    "labels": select(label.c.tag).where(label.c.study_key == _b("study_key")).order_by(label.c.tag),
    "keep_label": sqlite.insert(label).values(study_key=_b("study_key"), tag=_b("tag")).on_conflict_do_nothing(),
    "drop_label": label.delete().where(label.c.study_key == _b("study_key"), label.c.tag == _b("tag")),
    "note": select(note.c.text).where(note.c.study_key == _b("study_key")),
    "keep_note": _keep(note),
    "drop_note": _without(note, "study_key"),
    "merge_of": select(merge.c.into_key).where(merge.c.patient_key == _b("patient_key")),
    "merged_into": select(merge.c.patient_key).where(merge.c.into_key == _b("into_key")),
    "keep_merge": _keep(merge),
    "drop_merge": _without(merge, "patient_key"),
    "views": select(*view_state.c).order_by(view_state.c.at.desc()).limit(_b("limit")),
    "view": select(view_state.c.view).where(view_state.c.series_key == _b("series_key")),
    "keep_view": _keep(view_state),
    # events
    "new_event": _insert(event, "at", "kind", "facts"),
    "last_event": select(*event.c)
    .where(event.c.undone == 0, event.c.kind != "undo")
    .order_by(event.c.id.desc())
    .limit(1),
    "event_undone": _set(event, "undone"),
    "events_after": select(*event.c).where(event.c.id > _b("row_id")).order_by(event.c.id),
    "newest_event": select(func.coalesce(func.max(event.c.id), 0)),
    # salvage: every table row by row, by SQLite's own row number
    **{f"rows_between.{t.name}": _rows_between(t) for t in metadata.sorted_tables},
    **{
        f"last_row.{t.name}": select(func.coalesce(func.max(_ROW_NUMBER), 0)).select_from(t)
        for t in metadata.sorted_tables
    },
    **{f"keep_row.{t.name}": _keep_row(t) for t in metadata.sorted_tables},
    "folder_paths": select(folder.c.id, folder.c.volume, folder.c.path).order_by(
        folder.c.volume, folder.c.path
    ),  # reads the index alone
}


def compiled() -> Iterator[tuple[str, str]]:
    """Name and SQLite text of every statement; the statements that make the tables are named create.<table>."""
    dialect = sqlite.dialect(paramstyle="named")
    for table in metadata.sorted_tables:
        yield f"create.{table.name}", _one_line(str(CreateTable(table).compile(dialect=dialect)))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield f"create.{table.name}.{index.name}", _one_line(str(CreateIndex(index).compile(dialect=dialect)))
    for name, statement in STATEMENTS.items():
        text = statement.compile(dialect=dialect)
        constants = {key: value for key, value in text.params.items() if value is not None}
        yield name, _one_line(_filled(str(text), constants))


def _filled(text: str, constants: dict[str, Any]) -> str:
    """The statement with its own constants (numbers and code words, never data) written out."""
    for name, value in constants.items():
        text = re.sub(rf":{name}\b", repr(value), text)
    return text.replace(" OFFSET 0", "")


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def as_file() -> str:
    """What statements.sql has to hold."""
    return "".join(f"-- {name}\n{text};\n" for name, text in compiled())


if __name__ == "__main__":
    FILE.write_text(as_file(), encoding="utf-8")

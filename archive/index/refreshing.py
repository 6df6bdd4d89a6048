"""Refreshing: what a study's row says is counted and folded anew from its series, tags, note and people."""

import json
from typing import Any

from archive.index.engine import Engine, Row
from archive.index.query import searched_text
from archive.tags import Level, of_level


def refresh_study(engine: Engine, study_row: int) -> None:
    """Counts, modalities and searched text of one study; inside writing()."""
    study = engine.row("study_whole", row_id=study_row)
    if study is None:
        return
    people = _people(engine, study["patient"])
    series = engine.rows("series_of_study", study=study_row)
    tags = [row["tag"] for row in engine.rows("labels", study_key=study["key"])]
    modalities = sorted({row["modality"] for row in series} - {""})
    texts = [engine.value("note", study_key=study["key"]) or "", *_searched(study, "study")]
    for person in people:
        texts += [*json.loads(person["names"]), *_searched(person, "patient")]
    for row in series:
        texts += [row["words"], *_searched(row, "series")]
    engine.run(
        "refresh_study",
        row_id=study_row,
        modalities=" ".join(modalities),
        searched=searched_text(texts, modalities, study["date"] or "", people[0]["birth_date"] or "", tags),
    )


def _people(engine: Engine, patient_row: int) -> list[Row]:
    """The patient as the files name him, and after a merge the one he is shown as."""
    own = engine.row("patient_by_id", row_id=patient_row)
    assert own is not None
    into = engine.value("merge_of", patient_key=own["key"])
    shown = engine.row("patient_by_key", key=into) if into else None
    return [own, shown] if shown else [own]


def _searched(row: Row, level: Level) -> list[Any]:
    return [
        str(row[tag.column])
        for tag in of_level(level)
        if tag.searched and tag.kind not in ("date", "uid") and row[tag.column]
    ]

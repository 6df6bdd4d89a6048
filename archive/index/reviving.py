"""Reviving: rows of patients, studies and series that were lost are made again from the headers kept with their images.

So a scan on a disc that is not at hand stays in the archive, although the page with its patient is gone.
"""

import zlib
from collections.abc import Mapping, Sequence

from archive.index import describing
from archive.index.engine import Engine, Row
from archive.index.packing_headers import unpack_headers
from archive.intake.header import Header

TORN = (ValueError, LookupError, TypeError, zlib.error)  # what a blob that is not what was packed raises


def revive(
    engine: Engine, parts: Mapping[int, Sequence[Row]], known: Mapping[int, Row], secret: bytes
) -> dict[int, Row]:
    """Series, by row, that have images and no row; with their studies and patients. Inside writing().

    known: the rows of series that were read, whether or not they could be kept.
    """
    revived: dict[int, Row] = {}
    for number, some in parts.items():
        header = _first_header(some)
        if header is not None and engine.row("series_by_id", row_id=number) is None:
            belongs = describing.belonging(header, secret)
            if engine.row("series_by_identity", key=belongs.series) is None:
                _make(engine, number, header, belongs)
                if number in known:
                    engine.run("show_series", row_id=number, forgotten=known[number]["forgotten"])
                revived[number] = engine.rows("series_by_id", row_id=number)[0]
    return revived


def _make(engine: Engine, number: int, header: Header, belongs: describing.Belonging) -> None:
    study = engine.value("study_by_identity", key=belongs.study)
    if study is None:
        found = engine.row("patient_by_key", key=belongs.patient)
        patient = found["id"] if found else _new_patient(engine, header, belongs.patient)
        study = engine.run("new_study", patient=patient, key=belongs.study, **describing.columns(header, "study"))
    columns = describing.columns(header, "series")
    engine.run("new_series_as", id=number, study=study, key=belongs.series, words=describing.words(header), **columns)


def _new_patient(engine: Engine, header: Header, key: str) -> int:
    names = describing.pack_names(describing.name_forms(header))
    return engine.run("new_patient", key=key, names=names, **describing.columns(header, "patient"))


def _first_header(parts: Sequence[Row]) -> Header | None:
    for part in parts:
        try:
            return unpack_headers(part["headers"])[0]
        except TORN:
            continue
    return None

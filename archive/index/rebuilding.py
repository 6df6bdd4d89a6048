"""Rebuilding: a new database from the rows that were salvaged, and the list of folders to be imported again."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.index.deriving import derive, underived
from archive.index.engine import Engine, Row, table_names
from archive.index.open_series import OpenSeries
from archive.index.packing import pack_files, unpack_files, unpack_instances
from archive.index.packing_headers import unpack_headers
from archive.index.records import Instance, KnownFile
from archive.index.refreshing import refresh_study
from archive.index.replaying import are_complete, replayed
from archive.index.reviving import TORN, revive
from archive.index.salvaging import Salvaged

_PARENTS = {"study": "patient", "series": "study", "stacks": "series", "thumbnail": "series"}
_PRECIOUS = ("label", "note", "merge", "event")
_APART = (*_PRECIOUS, "archive", "part", "folder")
Rows = dict[str, dict[int, Row]]
Place = tuple[int, bytes]  # folder row, name of the file in it


@dataclass
class Rebuilt:
    """What became of the rows: how many of each table were kept, and what has to be imported again."""

    kept: dict[str, int] = field(default_factory=dict)
    rescan: list[bytes] = field(default_factory=list)
    unknown_folders: int = 0  # of which not even the path is known
    incomplete: set[int] = field(default_factory=set)  # series of which images are lost


def rebuild(engine: Engine, salvaged: Salvaged, events: Mapping[int, Row]) -> Rebuilt:
    """Fill an empty database (made by opening.founded, with the secret of the old one), in one transaction."""
    done = Rebuilt()
    rows = salvaged.rows
    known = dict(rows["series"])
    secret = bytes((engine.row("archive") or {})["secret"])
    with engine.writing():
        for table in table_names():
            if table not in _APART:
                done.kept[table] = _keep(engine, table, _with_parents(rows, table).values())
        parts = _parts_of(rows["part"].values())
        rows["series"] |= _revived(engine, parts, known, secret, done)
        images = _keep_parts(engine, rows["series"], parts, done)
        _keep_folders(engine, salvaged, images, done)
        _keep_precious(engine, rows, events, done)
        for series in done.incomplete & set(rows["series"]):
            OpenSeries.load(engine, series).save(engine)  # counted anew
        for study in engine.rows("study_rows"):
            refresh_study(engine, study["id"])
    for series in underived(engine):
        derive(engine, series)
    return done


def _keep(engine: Engine, table: str, rows: Any) -> int:
    kept = [_values(row) for row in rows]
    engine.run_many(f"keep_row.{table}", kept)
    return len(kept)


def _values(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in row.keys() if name != "row_number"}  # noqa: SIM118 - iterating gives the values


def _with_parents(rows: Rows, table: str) -> dict[int, Row]:
    """The rows of a table whose parent was salvaged too; the others are dropped for good, and come back by import."""
    parent = _PARENTS.get(table)
    if parent is not None:
        rows[table] = {number: row for number, row in rows[table].items() if row[parent] in rows[parent]}
    return rows[table]


# Images ---------------------------------------------------------------------------------------------------------------


def _parts_of(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """The parts of each series that can be unpacked, in their order."""
    parts: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if _unpacks(row):
            parts[row["series"]].append(row)
    return {series: sorted(some, key=lambda part: part["number"]) for series, some in parts.items()}


def _revived(
    engine: Engine, parts: Mapping[int, list[Row]], known: Mapping[int, Row], secret: bytes, done: Rebuilt
) -> dict[int, Row]:
    revived = revive(engine, parts, known, secret)
    done.kept["series"] += len(revived)
    done.incomplete |= set(revived)
    return revived


def _keep_parts(
    engine: Engine, series_rows: Mapping[int, Row], parts: Mapping[int, list[Row]], done: Rebuilt
) -> dict[Place, int]:
    """Write the parts of each series, numbered without gaps; where the images lie, and to which series they belong."""
    places: dict[Place, int] = {}
    for series, row in series_rows.items():
        images = 0
        for number, part in enumerate(parts.get(series, [])):
            engine.run("keep_part", series=series, number=number, instances=part["instances"], headers=part["headers"])
            held = unpack_instances(part["instances"])
            images += len(held)
            places |= dict.fromkeys(_places(held), series)
        done.kept["part"] = done.kept.get("part", 0) + len(parts.get(series, []))
        if images != row["n_instances"]:
            done.incomplete.add(series)
    return places


def _unpacks(part: Row) -> bool:
    try:
        return len(unpack_instances(part["instances"])) == len(unpack_headers(part["headers"]))
    except TORN:
        return False


def _places(images: Sequence[Instance]) -> list[Place]:
    locations = [location for image in images for location in image.locations]
    return [(at.folder, at.name if at.member is None else os.fsencode(at.member)) for at in locations]


# Folders --------------------------------------------------------------------------------------------------------------


def _keep_folders(engine: Engine, salvaged: Salvaged, images: Mapping[Place, int], done: Rebuilt) -> None:
    """Folders forget the files whose images are lost, so that importing them again reads them."""
    forgotten = {number for number, row in salvaged.rows["series"].items() if row["forgotten"]}
    numbers = set(salvaged.rows["folder"]) | set(salvaged.folder_paths) | {folder for folder, _ in images}
    for number in sorted(numbers):
        row = salvaged.rows["folder"].get(number)
        volume, path = salvaged.folder_paths.get(number, (0, b""))
        values: dict[str, Any] = _values(row) if row else {"id": number, "volume": volume, "path": path}
        before = _known(row["files"]) if row else {}
        kept = {
            name: known
            for name, known in before.items()
            if known.series in forgotten or not known.series or images.get((number, name)) == known.series
        }  # what was refused stays refused, what was forgotten forgotten; of an image, there must be a record
        if not values["path"]:
            values["path"] = b"/?%d" % number  # neither row nor index knew it; relinking finds its files
            done.unknown_folders += 1
        elif not row or len(kept) < len(before):
            done.rescan.append(bytes(values["path"]))
        engine.run("keep_row.folder", **values | {"files": pack_files(kept)})
        done.kept["folder"] = done.kept.get("folder", 0) + bool(row)


def _known(blob: bytes) -> dict[bytes, KnownFile]:
    try:
        return unpack_files(blob) if blob else {}
    except TORN:
        return {}


# Precious -------------------------------------------------------------------------------------------------------------


def _keep_precious(engine: Engine, rows: Rows, events: Mapping[int, Row], done: Rebuilt) -> None:
    """What the events say, where none of them is missing; else what they say and what was salvaged together."""
    ordered = [events[number] for number in sorted(events)]
    state = replayed(ordered)
    labels, notes, merges = set(state.labels), dict(state.notes), dict(state.merges)
    if not are_complete(events):
        labels |= {(row["study_key"], row["tag"]) for row in rows["label"].values()}
        notes |= {row["study_key"]: row["text"] for row in rows["note"].values()}
        merges |= {row["patient_key"]: row["into_key"] for row in rows["merge"].values()}
    engine.run_many("keep_row.label", [{"study_key": key, "tag": tag} for key, tag in sorted(labels)])
    engine.run_many("keep_row.note", [{"study_key": key, "text": text} for key, text in notes.items()])
    engine.run_many("keep_row.merge", [{"patient_key": key, "into_key": into} for key, into in merges.items()])
    engine.run_many("keep_row.event", [_values(row) | {"undone": int(row["id"] in state.undone)} for row in ordered])
    done.kept |= {"label": len(labels), "note": len(notes), "merge": len(merges), "event": len(ordered)}

"""Describing: a header's identity (patient, study, series, image) and the columns kept of it, as archive/tags.py says."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from archive.index.records import Instance, Location
from archive.intake.header import Header
from archive.tags import Level, Tag, of_level
from archive.words.dates import iso_date, iso_time
from archive.words.folding import fold

DIGEST_BYTES = 8  # of a header's digest are kept: it only ever tells apart files of one SOPInstanceUID
_GROUPING = (0x00080005, 0x00100010, 0x00100020, 0x00100021, 0x00100030, 0x0020000D, 0x0020000E)
_SOP_INSTANCE_UID = 0x00080018


@dataclass(frozen=True, slots=True)
class Belonging:
    """The keys of the patient, study and series that an image belongs to."""

    patient: str
    study: str
    series: str


def grouping(header: Header) -> tuple[bytes, ...]:
    """Raw values that decide where an image belongs; equal ones need not be understood twice."""
    return tuple(header.elements.get(tag, b"") for tag in _GROUPING)


def belonging(header: Header, secret: bytes) -> Belonging:
    """Where an image belongs. A patient is ID, issuer, folded name and birth date; without ID, name and birth date;
    with none of them, the study stands for its patient.
    """
    study_uid, series_uid = header.text("StudyInstanceUID"), header.text("SeriesInstanceUID")
    patient_id = header.text("PatientID")
    name = " ".join(token for group in header.person("PatientName").groups for token in fold(group))
    birth = iso_date(header.text("PatientBirthDate"))
    patient: tuple[str, ...]
    if patient_id:
        patient = ("id", patient_id, header.text("IssuerOfPatientID"), name, birth)
    elif name:
        patient = ("name", name, birth)
    else:
        patient = ("study", study_uid)
    return Belonging(
        patient=key_of(secret, "p", *patient),
        study=key_of(secret, "t", *patient, study_uid),
        series=key_of(secret, "s", *patient, study_uid, series_uid),
    )


def key_of(secret: bytes, level: str, *identity: str) -> str:
    """A key that says nothing without the archive's secret, and is the same whenever the same files are imported."""
    said = json.dumps([level, *identity]).encode()
    return level + hmac.new(secret, said, hashlib.sha256).hexdigest()[:15]


_READ: Mapping[str, Callable[[Header, Tag], Any]] = {
    "text": lambda header, tag: header.text(tag.keyword),
    "texts": lambda header, tag: "\\".join(header.texts(tag.keyword)),
    "person": lambda header, tag: ", ".join(filter(None, (p.shown for p in header.persons(tag.keyword)))),
    "date": lambda header, tag: iso_date(header.text(tag.keyword)),
    "time": lambda header, tag: iso_time(header.text(tag.keyword)),
    "uid": lambda header, tag: header.text(tag.keyword),
    "integer": lambda header, tag: _within(header.integer(tag.keyword)),
    "decimal": lambda header, tag: next(iter(header.texts(tag.keyword)), ""),
}


def columns(header: Header, level: Level) -> dict[str, Any]:
    """The values of a level's columns, by column name."""
    return {tag.column: _READ[tag.kind](header, tag) for tag in of_level(level)}


def name_forms(header: Header) -> tuple[str, ...]:
    """Every readable form of the patient's name."""
    return header.person("PatientName").forms


def pack_names(forms: tuple[str, ...]) -> str:
    return json.dumps(forms, ensure_ascii=False)


def words(header: Header) -> str:
    """What a series says of its study and the people in it, in every form, a line each: to be searched by."""
    lines: dict[str, None] = {}
    for tag in (*of_level("patient"), *of_level("study")):
        if tag.searched and tag.kind == "person":
            lines.update(dict.fromkeys(form for person in header.persons(tag.keyword) for form in person.forms))
        elif tag.searched and tag.kind in ("text", "texts"):
            lines.update(dict.fromkeys(header.texts(tag.keyword)))
    return "\n".join(filter(None, lines))


def instance(header: Header, location: Location) -> Instance:
    """The packed record of one image."""
    return Instance(
        sop_instance_uid=sop_instance_uid(header),
        digest=header.digest()[:DIGEST_BYTES],
        number=_within(header.integer("InstanceNumber")),
        frames=_frames(header),
        transfer_syntax=header.transfer_syntax,
        pixels=header.pixels,
        position_mm=header.numbers("ImagePositionPatient"),
        orientation=header.numbers("ImageOrientationPatient"),
        locations=(location,),
    )


def sop_instance_uid(header: Header) -> str:
    return header.raw(_SOP_INSTANCE_UID).decode("ascii", "replace").strip(" \0")


def _frames(header: Header) -> int:
    """Frames of an image: NumberOfFrames, else one where there are pixels (PS3.3 C.7.6.6)."""
    said = header.integer("NumberOfFrames")
    if header.pixels is None:
        return 0
    return min(max(said, 1), 1 << 31) if said is not None else 1


def _within(number: int | None) -> int | None:
    """A number that fits a column; files may say any."""
    return number if number is not None and abs(number) < 1 << 62 else None

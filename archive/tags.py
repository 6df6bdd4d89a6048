"""Table of the attributes the archive keeps in columns: one row each, with its level, column and who may see it."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["patient", "study", "series", "instance"]
Kind = Literal["text", "person", "date", "time", "uid", "integer", "decimal", "texts"]


@dataclass(frozen=True, slots=True)
class Tag:
    """One kept attribute. searched: its words find the study; identifying: it may name or single out a person."""

    keyword: str
    tag: int
    level: Level
    column: str
    kind: Kind = "text"
    searched: bool = False
    identifying: bool = False


TAGS = (
    Tag("PatientName", 0x00100010, "patient", "name", "person", searched=True, identifying=True),
    Tag("PatientID", 0x00100020, "patient", "patient_id", searched=True, identifying=True),
    Tag("IssuerOfPatientID", 0x00100021, "patient", "issuer", searched=True, identifying=True),
    Tag("PatientBirthDate", 0x00100030, "patient", "birth_date", "date", searched=True, identifying=True),
    Tag("PatientSex", 0x00100040, "patient", "sex"),
    Tag("OtherPatientIDs", 0x00101000, "patient", "other_ids", "texts", searched=True, identifying=True),
    Tag("StudyInstanceUID", 0x0020000D, "study", "study_uid", "uid", identifying=True),
    Tag("StudyDate", 0x00080020, "study", "date", "date", searched=True, identifying=True),
    Tag("StudyTime", 0x00080030, "study", "time", "time", identifying=True),
    Tag("StudyDescription", 0x00081030, "study", "description", searched=True, identifying=True),
    Tag("AccessionNumber", 0x00080050, "study", "accession", searched=True, identifying=True),
    Tag("StudyID", 0x00200010, "study", "study_id", searched=True, identifying=True),
    Tag("InstitutionName", 0x00080080, "study", "institution", searched=True, identifying=True),
    Tag(
        "ReferringPhysicianName", 0x00080090, "study", "referring_physician", "person", searched=True, identifying=True
    ),
    Tag(
        "PerformingPhysicianName",
        0x00081050,
        "study",
        "performing_physician",
        "person",
        searched=True,
        identifying=True,
    ),
    Tag("OperatorsName", 0x00081070, "study", "operators", "person", searched=True, identifying=True),
    Tag("SeriesInstanceUID", 0x0020000E, "series", "series_uid", "uid", identifying=True),
    Tag("Modality", 0x00080060, "series", "modality", searched=True),
    Tag("SeriesNumber", 0x00200011, "series", "number", "integer"),
    Tag("SeriesDescription", 0x0008103E, "series", "description", searched=True, identifying=True),
    Tag("BodyPartExamined", 0x00180015, "series", "body_part", searched=True),
    Tag("ProtocolName", 0x00181030, "series", "protocol", searched=True, identifying=True),
    Tag("Manufacturer", 0x00080070, "series", "manufacturer", searched=True),
    Tag("ManufacturerModelName", 0x00081090, "series", "model", searched=True),
    Tag("StationName", 0x00081010, "series", "station", searched=True, identifying=True),
    Tag("Rows", 0x00280010, "series", "rows", "integer"),
    Tag("Columns", 0x00280011, "series", "columns", "integer"),
    Tag("FrameOfReferenceUID", 0x00200052, "series", "frame_of_reference", "uid", identifying=True),
    Tag("SOPClassUID", 0x00080016, "instance", "sop_class", "uid"),
    Tag("SOPInstanceUID", 0x00080018, "instance", "sop_instance_uid", "uid", identifying=True),
    Tag("InstanceNumber", 0x00200013, "instance", "number", "integer"),
    Tag("NumberOfFrames", 0x00280008, "instance", "frames", "integer"),
)


def of_level(level: Level) -> tuple[Tag, ...]:
    """The rows of one level, in the order of the table."""
    return tuple(row for row in TAGS if row.level == level)

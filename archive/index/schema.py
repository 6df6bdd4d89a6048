"""The tables of the archive, as SQLAlchemy Core declares them: derived rows, and precious ones apart.

Derived rows come from the files and can be made again; precious rows were made by a person and are keyed by HMAC keys that
stay the same when a study is forgotten and imported again. Nothing at run time imports this module on SQLite: the
statements are compiled ahead into statements.sql (see statements.py).
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from archive.tags import Level, of_level

metadata = MetaData()


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _number(name: str, default: str = "0") -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=default)


archive = Table(
    "archive",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("format", Integer, nullable=False),
    Column("archive_id", Text, nullable=False),
    Column("secret", LargeBinary, nullable=False),  # of the HMAC keys of patients, studies and series
    _number("commits"),  # compared with the sidecar's: a WAL that lost its tail says nothing by itself
)


def _attributes(level: Level) -> list[Column[Any]]:
    """The columns that archive/tags.py keeps on a level; dates are ISO, persons in their first readable form."""
    return [Column(tag.column, BigInteger) if tag.kind == "integer" else _text(tag.column) for tag in of_level(level)]


# Derived from the files -------------------------------------------------------------------------------------------

patient = Table(
    "patient",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    *_attributes("patient"),
    _text("names"),  # JSON list of every readable form
)

study = Table(
    "study",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("patient", ForeignKey("patient.id"), nullable=False),
    Column("key", Text, nullable=False, unique=True),
    *_attributes("study"),
    _text("modalities"),  # sorted, separated by blanks
    # Counts are of series that are not forgotten; n_series 0 hides the study.
    _number("n_series"),
    _number("n_instances"),
    _number("n_files"),
    _number("bytes"),
    _text("state"),
    _text("searched"),  # every folded word of the study, its patient, series, tags and note: " word word "
    UniqueConstraint("patient", "study_uid"),
)
Index(
    "study_newest", study.c.date.desc(), study.c.id.desc(), study.c.n_series
)  # so that counting reads the index alone
Index("study_by_uid", study.c.study_uid)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("study", ForeignKey("study.id"), nullable=False),
    Column("key", Text, nullable=False, unique=True),
    *_attributes("series"),
    _text(
        "words"
    ),  # what this series says of the study and its people, to be searched by: series of one study may differ
    _number("n_instances"),
    _number("n_frames"),
    _number("n_files"),
    _number("bytes"),
    _text("kind"),
    _text("verdict"),  # JSON {code, facts}; "" until the geometry was looked at
    _text("about"),  # JSON
    _number("n_stacks"),
    _number("derived"),  # version of the rules that made kind, verdict, about, stacks; 0: to be made
    Column("state", Text, nullable=False, server_default="present"),
    _number("n_removable"),  # images of which every copy lies on a medium that can be taken out
    _number("forgotten"),  # the event that hid it; 0: shown
    UniqueConstraint("study", "series_uid"),  # anonymisers use one series UID in several studies
)
Index("series_by_uid", series.c.series_uid)

part = Table(  # the images of a series, packed by the hundreds, so that adding some rewrites little
    "part",
    metadata,
    Column("series", ForeignKey("series.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("instances", LargeBinary, nullable=False),
    Column("headers", LargeBinary, nullable=False),
)

stacks = Table(
    "stacks",
    metadata,
    Column("series", ForeignKey("series.id"), primary_key=True),
    Column("split", LargeBinary, nullable=False),
)

thumbnail = Table(
    "thumbnail",
    metadata,
    Column("series", ForeignKey("series.id"), primary_key=True),
    Column("png", LargeBinary, nullable=False),
)

volume = Table(  # a file system that folders lie on, told apart by what stays the same when it is mounted elsewhere
    "volume",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("identity", Text, nullable=False, unique=True),
    Column("mount", LargeBinary, nullable=False),  # where it was when last seen; its folders' paths begin so
    _text("system"),
    _number("removable"),
)

folder = Table(  # its row is the commit mark: a file named in it is done
    "folder",
    metadata,
    Column("id", Integer, primary_key=True),
    _number("volume"),  # row of the volume; 0 where none can be told
    Column("path", LargeBinary, nullable=False),  # os.fsencode of the folder, or of the ZIP or TAR
    Column("files", LargeBinary, nullable=False),
    UniqueConstraint("volume", "path"),  # two sticks may be mounted in one place, one after the other
)

receipt = Table(  # the last imports
    "receipt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

# Precious: made by a person ---------------------------------------------------------------------------------------

label = Table(
    "label",
    metadata,
    Column("study_key", Text, primary_key=True),
    Column("tag", Text, primary_key=True),
)

note = Table(
    "note",
    metadata,
    Column("study_key", Text, primary_key=True),
    Column("text", Text, nullable=False),
)

merge = Table(
    "merge",
    metadata,
    Column("patient_key", Text, primary_key=True),
    Column("into_key", Text, nullable=False, index=True),
)

view_state = Table(
    "view_state",
    metadata,
    Column("series_key", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("view", Text, nullable=False),  # JSON, or null
)

event = Table(  # what undo takes back and the journal copies
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("facts", Text, nullable=False),  # JSON: keys and UIDs, what was before and after
    _number("undone"),
    sqlite_autoincrement=True,
)

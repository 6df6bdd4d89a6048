"""What the archive hands out and takes in: patients, studies, series, images, files, as frozen values."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from archive.intake.header import Header
from archive.stack import FileRef, PixelPlace, Split, Verdict

PRESENT, OFFLINE, MISSING, CHANGED = "present", "offline", "missing", "changed"
STATES_WORST_FIRST = (CHANGED, MISSING, OFFLINE, PRESENT)


@dataclass(frozen=True, slots=True)
class Location:
    """Where one copy of an image lies: a file of a folder, or a member of a container."""

    folder: int  # row of the folder table
    name: bytes  # of the file within its folder; b"" where the folder is a container
    member: str | None
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Instance:
    """One image of a series as it is packed: identity, place in the patient, where its pixels lie, its copies."""

    sop_instance_uid: str
    digest: bytes  # of the header's elements, 16 bytes
    number: int | None
    frames: int
    transfer_syntax: str
    pixels: PixelPlace | None
    position_mm: tuple[float, ...]  # patient, LPS; empty where the file says none
    orientation: tuple[float, ...]  # row then column direction; empty where the file says none
    locations: tuple[Location, ...]
    pixel_digest: bytes = b""  # of the pixel bytes, 16; empty until they were read whole for it


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What became of one file of a folder when it was last looked at."""

    size: int
    mtime_ns: int
    outcome: str  # imported, duplicate, skipped, unreadable
    code: str = ""  # of a skipped or unreadable one
    facts: dict[str, Any] = field(default_factory=dict, hash=False)
    series: int = 0  # row of the series table; 0: none


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient as search shows it; after a merge, the record the others were merged into."""

    key: str
    name: str
    names: tuple[str, ...]
    patient_id: str
    issuer: str
    birth_date: str  # ISO, "" where not known
    sex: str


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """A series as search shows it. verdict is None until its geometry was looked at."""

    key: str
    series_uid: str
    number: int | None
    modality: str
    description: str
    body_part: str
    protocol: str
    manufacturer: str
    model: str
    station: str
    rows: int | None
    columns: int | None
    instances: int
    frames: int
    bytes: int
    kind: str
    verdict: Verdict | None
    state: str
    stacks: int
    about: dict[str, Any] | None  # volumes.about.About.as_json()
    only_on_removable: bool  # no image has a copy but on a disc or stick


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A study as search shows it, with its patient and series."""

    key: str
    study_uid: str
    date: str  # ISO
    time: str  # hh:mm:ss
    description: str
    accession: str
    study_id: str
    institution: str
    referring_physician: str
    performing_physician: str
    operators: str
    modalities: tuple[str, ...]
    instances: int
    bytes: int
    state: str
    tags: tuple[str, ...]
    note: str
    patient: PatientRow
    series: tuple[SeriesRow, ...]
    only_on_removable: bool  # of every series


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search: how many studies match in all, those of this page, and the words as they were understood."""

    total: int
    studies: tuple[StudyRow, ...]
    query: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """What the archive holds. bytes counts every image once, files every copy of it."""

    patients: int = 0
    studies: int = 0
    series: int = 0
    instances: int = 0
    files: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth a sentence: `notice.<code>` of the texts, filled by the facts."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class SeriesRecord:
    """One series with everything needed to open it; files, instances and headers stand in the same order.

    Headers and the split are unpacked when first asked for: a reopened series needs the split alone.
    """

    row: SeriesRow
    study: StudyRow
    files: tuple[FileRef, ...]
    instances: tuple[Instance, ...]
    load_headers: Callable[[], tuple[Header, ...]] = field(repr=False, compare=False)
    load_split: Callable[[], Split] = field(repr=False, compare=False)

    @cached_property
    def headers(self) -> tuple[Header, ...]:
        """The whole header of every image."""
        return self.load_headers()

    @cached_property
    def split(self) -> Split:
        """The stacks of the series, as kept by the last import."""
        return self.load_split()


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """A series that was opened, and how it was left."""

    series_key: str
    at: str  # ISO, UTC
    view: dict[str, Any] | None
    study: StudyRow
    series: SeriesRow


@dataclass(frozen=True, slots=True)
class Undone:
    """What undo took back: the kind of the event (forget, tag, note, merge, split) and how many records it touched."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class FileState:
    """One file that verify did not find as it was."""

    path: bytes
    member: str | None
    state: str
    series_key: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What verify found: files by state, and those that are not present."""

    present: int
    offline: int
    missing: int
    changed: int
    items: tuple[FileState, ...]

"""Shapes: what the calls of the page are asked with (data classes) and what they answer and announce (typed dicts)."""

from dataclasses import dataclass
from typing import Any, Literal, TypedDict

Door = Literal["import", "other", "visit"]
Level = Literal["series", "study", "patient"]


# ---- requests --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Nothing:
    """A call that needs no more than its name."""


@dataclass(frozen=True)
class Search:
    text: str
    limit: int = 200
    after: str = ""  # key of the last study that the page has


@dataclass(frozen=True)
class OfSeries:
    series: str  # key


@dataclass(frozen=True)
class Thumbnails:
    series: tuple[str, ...]  # keys; at most 40 are answered


@dataclass(frozen=True)
class Open:
    series: str
    stack: int | None = None  # 1-based; None: the largest volume
    resume: bool = False  # as it was left


@dataclass(frozen=True)
class Choose:
    door: Door


@dataclass(frozen=True)
class Through:
    """A choice that is to go through a door: imported, looked at, or opened without being kept."""

    handle: str


@dataclass(frozen=True)
class OfJob:
    job: str


@dataclass(frozen=True)
class Tag:
    study: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True)
class Note:
    study: str
    text: str


@dataclass(frozen=True)
class Forget:
    level: Level
    key: str


@dataclass(frozen=True)
class Command:
    command: str
    argument: str | float | tuple[float, ...] | None = None


@dataclass(frozen=True)
class Set:
    name: str
    value: str


@dataclass(frozen=True)
class Quit:
    sure: bool


# ---- answers ---------------------------------------------------------------------------------------------------------


class Verdict(TypedDict):
    code: str
    sentence: str
    facts: dict[str, Any]


class Series(TypedDict):
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
    about: str
    only_on_removable: bool


class Patient(TypedDict):
    key: str
    name: str
    names: list[str]
    patient_id: str
    issuer: str
    birth_date: str
    sex: str


class Study(TypedDict):
    key: str
    study_uid: str
    date: str
    time: str
    description: str
    accession: str
    study_id: str
    institution: str
    referring_physician: str
    performing_physician: str
    operators: str
    modalities: list[str]
    instances: int
    bytes: int
    state: str
    tags: list[str]
    note: str
    patient: Patient
    series: list[Series]
    only_on_removable: bool  # no image has a copy but on a disc or stick


class Found(TypedDict):
    query: list[str]
    total: int
    studies: list[Study]
    seconds: float


class Totals(TypedDict):
    patients: int
    studies: int
    series: int
    instances: int
    files: int
    bytes: int


class Fault(TypedDict):
    code: str
    sentence: str
    hint: str


class Opened(TypedDict):
    series_key: str
    at: str
    view: dict[str, Any] | None
    study: Study
    series: Series


class Chosen(TypedDict):
    handle: str
    count: int
    names: list[str]


class NamedFile(TypedDict):
    path: str
    code: str
    sentence: str


class Receipt(TypedDict):
    files: dict[str, int]
    added: Totals
    totals: Totals
    skipped: list[NamedFile]
    unreadable: list[NamedFile]
    conflicts: list[dict[str, Any]]
    notices: list[str]
    seconds: float


class Job(TypedDict):
    """An import, or the reading of a visit. left_s is None while nobody can know."""

    job: str
    kind: Literal["import", "visit", "sample"]
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    names: list[str]
    found: int
    done: int
    files_per_s: float
    left_s: float | None
    receipt: Receipt | None
    error: Fault | None


class Visit(TypedDict):
    names: list[str]
    handle: str  # for keeping it after all


class Viewer(TypedDict):
    """What the viewer window shows, for those who do not see it."""

    status: Literal["none", "opening", "shown", "closed", "died", "failed"]
    series: str
    words: str
    sentence: str
    facts: dict[str, Any]
    done: int
    total: int
    damaged: int
    error: Fault | None


class ViewerCommand(TypedDict):
    """A row of the viewer's command table; its words are the texts `command.<id>` and `group.<group>`."""

    id: str
    group: str
    keys: list[str]
    argument: str  # none, number, numbers, choice
    choices: list[str]


class Start(TypedDict):
    version: str
    language: str
    texts: dict[str, str]
    settings: dict[str, Any]
    totals: Totals
    recent: list[Opened]
    visit: Visit | None
    jobs: list[Job]
    viewer: Viewer
    commands: list[ViewerCommand]
    notices: list[str]
    sockets_closed: bool
    error: Fault | None


class Thumbs(TypedDict):
    """Key -> PNG in base64, or null where there is no picture."""

    thumbnails: dict[str, str | None]


class Started(TypedDict):
    job: str


class Done(TypedDict):
    done: bool


class Forgotten(TypedDict):
    level: str
    forgotten: int


class Undone(TypedDict):
    kind: str
    count: int


class Told(TypedDict):
    language: str
    texts: dict[str, str]
    settings: dict[str, Any]


class Info(TypedDict):
    series: Series | None
    about: str
    notices: list[str]
    stacks: list[dict[str, Any]]
    left_out: list[dict[str, Any]]


# ---- events ----------------------------------------------------------------------------------------------------------


class Dropped(TypedDict):
    """Something was dropped on the window, or named by a later start. x and y are in CSS pixels."""

    chosen: Chosen
    x: float
    y: float


class Leaving(TypedDict):
    """The window was asked to close while imports run."""

    jobs: int


EVENTS = {
    "job": Job,
    "viewer": Viewer,
    "visit": Visit | None,
    "dropped": Dropped,
    "leaving": Leaving,
    "changed": Totals,
}

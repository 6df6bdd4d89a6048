"""What the desk and its child processes say to each other: one frozen data class a message, one JSON line each.

A line is UTF-8 JSON of at most 64 KiB with the key `say` naming the message. Paths, descriptors and anything larger never
travel here: they go through the inherited socket (parcels). What arrives is checked field by field, because a
line may come from a newer or a broken program.
"""

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Any, Final

from archive.errors import ScanError

MOST_BYTES: Final = 64 * 1024


class BadMessage(ValueError):
    """A line that is no message: too long, no JSON, an unknown name, a missing or a wrong field."""


# from the desk to the viewer


@dataclass(frozen=True)
class Open:
    """Show what the next packet of the socket describes. `words` is shown in the panel only, never in a window's title."""

    scan: int  # number of this opening; every event about it carries the number
    words: str = ""
    note: str = ""  # the verdict's sentence
    view: dict[str, Any] = field(default_factory=dict)  # a view to begin with (render.view JSON), {} for the first view
    time: int = 0


@dataclass(frozen=True)
class Command:
    """Carry out one row of the command table (shell.commands) with its argument."""

    id: str
    argument: Any = None


@dataclass(frozen=True)
class SetView:
    """Take over a whole view (render.view JSON)."""

    view: dict[str, Any]


@dataclass(frozen=True)
class Tell:
    """Show a sentence for a few seconds."""

    words: str


@dataclass(frozen=True)
class Show:
    """Bring the window to the front."""


@dataclass(frozen=True)
class Hide:
    """Hide the window and let go of what it shows; the process stays warm for the next opening."""


@dataclass(frozen=True)
class Quit:
    """End the process."""


# from the viewer to the desk


@dataclass(frozen=True)
class Ready:
    """The context and the programs are warm. `renderer` is the driver's name of itself."""

    renderer: str
    software: bool
    milliseconds: int


@dataclass(frozen=True)
class Shown:
    """The first picture of an opening is on the screen."""

    scan: int
    milliseconds: int


@dataclass(frozen=True)
class State:
    """What the window shows now, at most every 250 ms: mirrored by the page for screen readers, kept for reopening."""

    scan: int
    view: dict[str, Any]
    facts: dict[str, Any]  # slice, slices, plane, value, unit, position_mm, window: [centre, width], preset, layout
    sentence: str  # the facts in words


@dataclass(frozen=True)
class Progress:
    """Slices that have arrived."""

    scan: int
    done: int
    total: int
    damaged: int = 0


@dataclass(frozen=True)
class Saved:
    """A picture was written; only the name of the file, its folder is the user's pictures folder or the one asked for."""

    name: str


@dataclass(frozen=True)
class Dropped:
    """Files were dropped on the window; their paths lie in the socket."""

    count: int


@dataclass(frozen=True)
class Closed:
    """The person closed the window."""

    scan: int


@dataclass(frozen=True)
class Failed:
    """Something could not be done: code and facts of archive.errors."""

    scan: int
    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Died:
    """Said by viewer_link, never by the viewer: the process ended without being asked to.

    status: below 0 the signal it died of; 1 where its screen went away, which is no crash.
    """

    scan: int
    status: int


# from the importer to the desk; what cannot be done is Failed, as of the viewer


@dataclass(frozen=True)
class Walked:
    """How far an import is (archive.importing.receipt.Progress)."""

    found: int
    done: int
    outcomes: dict[str, Any]
    seconds: float


@dataclass(frozen=True)
class Receipted:
    """The import is over, and its receipt lies in the socket."""

    seconds: float


Message = (
    Open
    | Command
    | SetView
    | Tell
    | Show
    | Hide
    | Quit
    | Ready
    | Shown
    | State
    | Progress
    | Saved
    | Dropped
    | Closed
    | Failed
    | Died
    | Walked
    | Receipted
)

NAMES: Final[dict[str, type[Any]]] = {
    "open": Open,
    "command": Command,
    "set-view": SetView,
    "tell": Tell,
    "show": Show,
    "hide": Hide,
    "quit": Quit,
    "ready": Ready,
    "shown": Shown,
    "state": State,
    "progress": Progress,
    "saved": Saved,
    "dropped": Dropped,
    "closed": Closed,
    "failed": Failed,
    "died": Died,
    "walked": Walked,
    "receipted": Receipted,
}
_NAME_OF: Final = {kind: name for name, kind in NAMES.items()}
_PLAIN: Final[dict[Any, tuple[type, ...]]] = {
    int: (int,),
    float: (int, float),
    str: (str,),
    bool: (bool,),
    dict[str, Any]: (dict,),
    Any: (type(None), bool, int, float, str, list, dict),
}


def encode(message: Message) -> bytes:
    """One line, newline included. NaN and infinities become null: JSON has none."""
    fields = {item.name: _finite(getattr(message, item.name)) for item in dataclasses.fields(message)}
    text = json.dumps({"say": _NAME_OF[type(message)], **fields}, allow_nan=False, separators=(",", ":"))
    line = text.encode() + b"\n"
    if len(line) > MOST_BYTES:
        raise BadMessage(f"{_NAME_OF[type(message)]}: {len(line)} bytes")
    return line


def decode(line: bytes) -> Message:
    """The message of one line; raises BadMessage. Unknown further fields are ignored: a newer side may add some."""
    if len(line) > MOST_BYTES:
        raise BadMessage("too long")
    try:
        given = json.loads(line)
    except ValueError as fault:
        raise BadMessage("not JSON") from fault
    kind = NAMES.get(given.get("say", "")) if isinstance(given, dict) else None
    if kind is None:
        raise BadMessage("unknown message")
    fields = {item.name: _checked(given[item.name], item) for item in dataclasses.fields(kind) if item.name in given}
    try:
        message: Message = kind(**fields)
    except TypeError as fault:
        raise BadMessage(f"{given['say']}: a field is missing") from fault
    return message


def error_of(message: Failed) -> ScanError:
    """The error a message speaks of, by its code."""
    kinds = [ScanError]
    for kind in kinds:
        if kind.code == message.code:
            return kind(**message.facts)
        kinds.extend(kind.__subclasses__())
    return ScanError()


def _checked(value: Any, item: dataclasses.Field[Any]) -> Any:
    allowed = _PLAIN[item.type]
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        raise BadMessage(f"{item.name} is not of its type")
    return value


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return value

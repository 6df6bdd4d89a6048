"""Parcels of a viewer: what it is to show (a stack and the files its frames lie in), and what was dropped on it."""

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from archive.stack import Dimension, FileRef, FrameRecord, PixelPlace, Stack, Verdict
from shell import parcels
from shell.parcels import BadParcel

_MAGIC: Final = b"TMTQstk1"
_PATHS: Final = b"TMTQpth1"
_APART: Final = ("path", "member", "pixels")
_OF_PLACE: Final = tuple(each.name for each in dataclasses.fields(PixelPlace))
_PLAIN: Final = (*(each.name for each in dataclasses.fields(FileRef) if each.name not in _APART), "pixels")
_plain_of: Final = attrgetter(*_PLAIN[:-1])
_OF_FRAME: Final = tuple(each.name for each in dataclasses.fields(FrameRecord))
_frame_of: Final = attrgetter(*_OF_FRAME)


@dataclass(frozen=True)
class StackManifest:
    """A stack and the files its frames lie in."""

    stack: Stack
    files: tuple[FileRef, ...]


def pack_stack(stack: Stack, files: Sequence[FileRef]) -> bytes:
    """The manifest of a stack. Of each file the path and the member are pieces of the parcel."""
    body = {"stack": _frames_packed(stack), "files": [_without_paths(ref) for ref in files], "names": _PLAIN}
    places = [(ref.path, None if ref.member is None else os.fsencode(ref.member)) for ref in files]
    return parcels.pack(_MAGIC, body, [piece for place in places for piece in place])


def unpack(data: bytes) -> StackManifest:
    """What a manifest holds. Raises BadParcel."""
    body, pieces = parcels.unpack(_MAGIC, data)
    try:
        places = zip(body["files"], pieces[::2], pieces[1::2], strict=True)
        files = tuple(_file(dict(zip(body["names"], row, strict=True)), path, member) for row, path, member in places)
        return StackManifest(_stack(body["stack"]), files)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as fault:
        raise BadParcel("damaged") from fault


def pack_paths(paths: Sequence[bytes]) -> bytes:
    """What was dropped on a viewer."""
    return parcels.pack(_PATHS, {}, paths)


def unpack_paths(data: bytes) -> tuple[bytes, ...]:
    """Raises BadParcel."""
    return tuple(piece for piece in parcels.unpack(_PATHS, data)[1] if piece)


def _file(facts: dict[str, Any], path: bytes | None, member: bytes | None) -> FileRef:
    if path is None:
        raise BadParcel("no path")
    pixels = facts.pop("pixels")
    place = PixelPlace(*pixels) if pixels else None
    return FileRef(path=path, member=None if member is None else os.fsdecode(member), pixels=place, **facts)


def _without_paths(ref: FileRef) -> list[Any]:
    """A file as a row of values (_PLAIN names them): a series has thousands, and the first picture waits for them."""
    place = ref.pixels
    return [*_plain_of(ref), [getattr(place, name) for name in _OF_PLACE] if place else None]


def _frames_packed(stack: Stack) -> dict[str, Any]:
    """The stack with its frames as rows of values under one list of names: ten times smaller than objects."""
    body = {item.name: getattr(stack, item.name) for item in dataclasses.fields(stack) if item.name != "frames"}
    body["verdict"] = dataclasses.asdict(stack.verdict)
    body["dimension"] = dataclasses.asdict(stack.dimension) if stack.dimension else None
    rows = [[None if one is None else _frame_of(one) for one in time] for time in stack.frames]
    return body | {"frames": {"names": _OF_FRAME, "rows": rows}}


def _stack(given: dict[str, Any]) -> Stack:
    if tuple(given["frames"]["names"]) != _OF_FRAME:
        raise BadParcel("of another version")
    frames = tuple(tuple(None if row is None else _record(row) for row in time) for time in given["frames"]["rows"])
    dimension = Dimension(**_tupled(given["dimension"])) if given["dimension"] else None
    plain = {name: value for name, value in given.items() if name not in ("frames", "verdict", "dimension")}
    return Stack(frames=frames, verdict=Verdict(**given["verdict"]), dimension=dimension, **_tupled(plain))


def _record(row: list[Any]) -> FrameRecord:
    return FrameRecord(*[_as_tuple(value) if type(value) is list else value for value in row])


def _tupled(fields: dict[str, Any]) -> dict[str, Any]:
    """JSON knows lists only; the data classes hold tuples."""
    return {name: _as_tuple(value) for name, value in fields.items()}


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(each) for each in value) if isinstance(value, list) else value

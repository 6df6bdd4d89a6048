"""What a viewer is to show, carried in one sealed memory file: a stack and the list of the files its frames lie in.

Layout, little endian: 8 bytes magic, u32 length of a JSON object, the object, then one record a file (path and member as
length-prefixed bytes: no path is ever in JSON). The memory file is sealed before it is sent: nobody can change it later.
"""

import dataclasses
import fcntl
import json
import os
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from archive.volumes.stack import Dimension, FileRef, FrameRecord, PixelPlace, Stack, Verdict

_MAGIC: Final = b"TMTQstk1"
_LENGTH: Final = struct.Struct("<I")
_NO_MEMBER: Final = 0xFFFFFFFF
_MOST_FDS: Final = 4
_MOST_BYTES: Final = 1 << 30
_SEALS: Final = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


class BadManifest(ValueError):
    """Bytes that are no manifest of ours."""


@dataclass(frozen=True)
class StackManifest:
    """A stack and the files its frames lie in."""

    stack: Stack
    files: tuple[FileRef, ...]


def pack_stack(stack: Stack, files: Sequence[FileRef]) -> bytes:
    """The manifest of a stack."""
    body = {"stack": _frames_packed(stack), "files": [_without_paths(ref) for ref in files]}
    parts = [_MAGIC, *_prefixed(_json(body))]
    for ref in files:
        parts += _prefixed(ref.path)
        parts += [_LENGTH.pack(_NO_MEMBER)] if ref.member is None else _prefixed(os.fsencode(ref.member))
    return b"".join(parts)


def unpack(data: bytes) -> StackManifest:
    """What a manifest holds. Raises BadManifest."""
    if not data.startswith(_MAGIC):
        raise BadManifest("unknown")
    try:
        return _unpacked(memoryview(data))
    except (ValueError, KeyError, TypeError, IndexError, struct.error) as fault:
        raise BadManifest("damaged") from fault


def sealed(data: bytes) -> int:
    """A descriptor of a new memory file that holds the data and can no more be changed. The caller closes it."""
    handle = os.memfd_create("tomotheque", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        fcntl.fcntl(handle, fcntl.F_ADD_SEALS, _SEALS)
    except BaseException:
        os.close(handle)
        raise
    return handle


def send(channel: socket.socket, handle: int) -> None:
    """Hand a descriptor to the viewer; the sender's own stays open."""
    socket.send_fds(channel, [b"manifest"], [handle])


def receive(channel: socket.socket) -> StackManifest:
    """The next manifest of the channel. Raises BadManifest, and EOFError when the other side is gone."""
    data, handles, flags, _ = socket.recv_fds(channel, 64, _MOST_FDS)
    try:
        if not data and not handles:
            raise EOFError
        if flags & socket.MSG_CTRUNC or len(handles) != 1:  # at RLIMIT_NOFILE descriptors vanish silently
            raise BadManifest("no descriptor")
        return unpack(_whole(handles[0]))
    finally:
        for handle in handles:
            os.close(handle)


def _whole(handle: int) -> bytes:
    """All bytes of a sealed memory file."""
    try:
        seals = fcntl.fcntl(handle, fcntl.F_GET_SEALS)
    except OSError as fault:
        raise BadManifest("no memory file") from fault
    size = os.fstat(handle).st_size
    if seals & _SEALS != _SEALS or size > _MOST_BYTES:
        raise BadManifest("not sealed")
    return os.pread(handle, size, 0)


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> Any:
    """A number of numpy as a number of Python; numpy itself is not needed for that."""
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(type(value).__name__)


def _prefixed(data: bytes) -> list[bytes]:
    return [_LENGTH.pack(len(data)), data]


def _without_paths(ref: FileRef) -> dict[str, Any]:
    body = dataclasses.asdict(ref)
    del body["path"], body["member"]
    return body


def _frames_packed(stack: Stack) -> dict[str, Any]:
    """The stack with its frames as rows of values under one list of names: ten times smaller than objects."""
    names = [item.name for item in dataclasses.fields(FrameRecord)]
    body = {item.name: getattr(stack, item.name) for item in dataclasses.fields(stack) if item.name != "frames"}
    body["verdict"] = dataclasses.asdict(stack.verdict)
    body["dimension"] = dataclasses.asdict(stack.dimension) if stack.dimension else None
    rows = [[None if one is None else [getattr(one, name) for name in names] for one in time] for time in stack.frames]
    return body | {"frames": {"names": names, "rows": rows}}


def _unpacked(view: memoryview) -> StackManifest:
    body, at = _taken(view, len(_MAGIC))
    given = json.loads(bytes(body))
    files = []
    for facts in given["files"]:
        path, at = _taken(view, at)
        member, at = _taken_member(view, at)
        facts["pixels"] = PixelPlace(**facts["pixels"]) if facts["pixels"] else None
        files.append(FileRef(path=bytes(path), member=member, **facts))
    return StackManifest(_stack(given["stack"]), tuple(files))


def _stack(given: dict[str, Any]) -> Stack:
    names = given["frames"]["names"]
    frames = tuple(tuple(_record(names, row) for row in time) for time in given["frames"]["rows"])
    dimension = Dimension(**_tupled(given["dimension"])) if given["dimension"] else None
    plain = {name: value for name, value in given.items() if name not in ("frames", "verdict", "dimension")}
    return Stack(frames=frames, verdict=Verdict(**given["verdict"]), dimension=dimension, **_tupled(plain))


def _record(names: list[str], row: list[Any] | None) -> FrameRecord | None:
    return None if row is None else FrameRecord(**_tupled(dict(zip(names, row, strict=True))))


def _tupled(fields: dict[str, Any]) -> dict[str, Any]:
    """JSON knows lists only; the data classes hold tuples."""
    return {name: _as_tuple(value) for name, value in fields.items()}


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(each) for each in value) if isinstance(value, list) else value


def _taken(view: memoryview, at: int) -> tuple[memoryview, int]:
    (length,) = _LENGTH.unpack_from(view, at)
    begin = at + _LENGTH.size
    if begin + length > len(view):
        raise BadManifest("cut")
    return view[begin : begin + length], begin + length


def _taken_member(view: memoryview, at: int) -> tuple[str | None, int]:
    (length,) = _LENGTH.unpack_from(view, at)
    if length == _NO_MEMBER:
        return None, at + _LENGTH.size
    data, at = _taken(view, at)
    return os.fsdecode(bytes(data)), at

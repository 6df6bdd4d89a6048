"""Parcels: what is too large or too private for a line of JSON, carried to another process in one sealed memory file.

Layout, little endian: 8 bytes magic, u32 length of a JSON object, the object, then pieces of bytes, each behind its u32
length (0xFFFFFFFF: no piece). Paths are such pieces: no path is ever in JSON. The memory file is sealed before it is sent:
nobody can change it later.
"""

import fcntl
import json
import os
import socket
import struct
from collections.abc import Iterable
from typing import Any, Final

_LENGTH: Final = struct.Struct("<I")
_NO_PIECE: Final = 0xFFFFFFFF
_MOST_FDS: Final = 4
_MOST_BYTES: Final = 1 << 30
_SEALS: Final = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL


class BadParcel(ValueError):
    """Bytes that are no parcel of ours."""


def pack(magic: bytes, body: dict[str, Any], pieces: Iterable[bytes | None] = ()) -> bytes:
    """A parcel's bytes. magic: 8 bytes that say what it holds."""
    parts = [magic, *_prefixed(json.dumps(body, separators=(",", ":"), default=_plain).encode())]
    for piece in pieces:
        parts += [_LENGTH.pack(_NO_PIECE)] if piece is None else _prefixed(piece)
    return b"".join(parts)


def unpack(magic: bytes, data: bytes) -> tuple[dict[str, Any], tuple[bytes | None, ...]]:
    """The object and the pieces of a parcel. Raises BadParcel."""
    if not data.startswith(magic):
        raise BadParcel("unknown")
    view, at = memoryview(data), len(magic)
    pieces: list[bytes | None] = []
    while at < len(view):
        piece, at = _taken(view, at)
        pieces.append(piece)
    try:
        body = json.loads(pieces[0] or b"")
    except (ValueError, IndexError) as fault:
        raise BadParcel("damaged") from fault
    return body, tuple(pieces[1:])


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
    """Hand a descriptor to the other side; the sender's own stays open."""
    socket.send_fds(channel, [b"parcel"], [handle])


def deliver(channel: socket.socket, data: bytes) -> None:
    """Seal a parcel and send it."""
    handle = sealed(data)
    try:
        send(channel, handle)
    finally:
        os.close(handle)


def received(channel: socket.socket) -> bytes:
    """The next parcel of the channel. Raises BadParcel, and EOFError when the other side is gone."""
    data, handles, flags, _ = socket.recv_fds(channel, 64, _MOST_FDS)
    try:
        if not data and not handles:
            raise EOFError
        if flags & socket.MSG_CTRUNC or len(handles) != 1:  # at RLIMIT_NOFILE descriptors vanish silently
            raise BadParcel("no descriptor")
        return _whole(handles[0])
    finally:
        for handle in handles:
            os.close(handle)


def _whole(handle: int) -> bytes:
    """All bytes of a sealed memory file."""
    try:
        seals = fcntl.fcntl(handle, fcntl.F_GET_SEALS)
    except OSError as fault:
        raise BadParcel("no memory file") from fault
    size = os.fstat(handle).st_size
    if seals & _SEALS != _SEALS or size > _MOST_BYTES:
        raise BadParcel("not sealed")
    return os.pread(handle, size, 0)


def _plain(value: Any) -> Any:
    """A number of numpy as a number of Python; numpy itself is not needed for that."""
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(type(value).__name__)


def _prefixed(data: bytes) -> list[bytes]:
    return [_LENGTH.pack(len(data)), data]


def _taken(view: memoryview, at: int) -> tuple[bytes | None, int]:
    begin = at + _LENGTH.size
    if begin > len(view):
        raise BadParcel("cut")
    (length,) = _LENGTH.unpack_from(view, at)
    if length == _NO_PIECE:
        return None, begin
    if begin + length > len(view):
        raise BadParcel("cut")
    return bytes(view[begin : begin + length]), begin + length

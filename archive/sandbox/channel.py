"""What parent and child say to each other: one JSON message of at most 64 KiB each way, with descriptors beside it.

A sequenced-packet socket keeps messages whole. Descriptors that the receiver has no room for vanish silently
(MSG_CTRUNC), so the flag is checked and what did arrive is closed.
"""

import fcntl
import json
import os
import socket
from array import array
from typing import Any, Final

MOST_BYTES: Final = 64 << 10
MOST_DESCRIPTORS: Final = 4

Message = dict[str, Any]


class Closed(Exception):
    """The other end is gone."""


def send(channel: socket.socket, message: Message, descriptors: tuple[int, ...] = ()) -> None:
    """Send one message."""
    data = json.dumps(message, allow_nan=False).encode()
    if len(data) > MOST_BYTES:
        raise ValueError("message too long")
    try:
        socket.send_fds(channel, [data], list(descriptors))
    except OSError as error:
        raise Closed from error


def receive(channel: socket.socket) -> tuple[Message, list[int]]:
    """Wait for one message; Closed at the end of the other side, TimeoutError by the socket's own clock."""
    room = socket.CMSG_SPACE(MOST_DESCRIPTORS * array("i").itemsize)
    try:
        data, ancillary, flags, _ = channel.recvmsg(MOST_BYTES + 1, room)
    except TimeoutError:
        raise
    except OSError as error:
        raise Closed from error
    descriptors = _descriptors(ancillary)
    if not data or flags & (socket.MSG_CTRUNC | socket.MSG_TRUNC):
        for descriptor in descriptors:
            os.close(descriptor)
        raise Closed
    return json.loads(data), descriptors


def _descriptors(ancillary: list[tuple[int, int, bytes]]) -> list[int]:
    found = array("i")
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            found.frombytes(data[: len(data) // found.itemsize * found.itemsize])
    return list(found)


def shared_memory(size: int) -> int:
    """An anonymous file of a fixed size: sealed, so that neither side can pull it from under the other's feet."""
    descriptor = os.memfd_create("voxels", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
    return descriptor


def bytes_of(array: Any) -> memoryview:
    """The bytes of a contiguous array, without a copy."""
    return memoryview(array).cast("B")


def write_all(descriptor: int, data: memoryview) -> None:
    """Write bytes from offset 0."""
    done = 0
    while done < len(data):
        done += os.pwrite(descriptor, data[done : done + (64 << 20)], done)


def read_all(descriptor: int, into: memoryview, offset: int = 0) -> int:
    """Read as many bytes as there are into a buffer; hands back how many."""
    done = 0
    while done < len(into):
        got = os.preadv(descriptor, [into[done:]], offset + done)
        if got == 0:
            break
        done += got
    return done

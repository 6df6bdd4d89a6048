"""A disk that can lose its power: a file system in memory, spoken to the kernel over /dev/fuse, that forgets at a cut what
was never synced - any half of it, sector by sector - and that can be full, fail, or hang.

The FUSE protocol is spoken here in plain Python (Linux `include/uapi/linux/fuse.h`), so that no library is needed. What is
modelled: file contents last once the file was fsynced, names once their folder was; names change in order.
"""

import ctypes
import errno
import json
import os
import random
import select
import signal
import socket
import stat
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

SECTOR = 512
_MAX_WRITE = 1 << 17
_HEADER = struct.Struct("<IIQQIIII")
_ATTR = struct.Struct("<QQQQQQIIIIIIIIII")
_ENTRY = struct.Struct("<QQQQII")
_ROOT = 1
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_REC_PRIVATE, _MNT_DETACH = 0x4000 | 0x40000, 2
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass
class Node:
    """A file or folder: what is in it now, and of a file what would be in it after a cut."""

    number: int
    mode: int
    data: bytearray = field(default_factory=bytearray)
    lasting: bytes = b""
    dirty: set[int] = field(default_factory=set)  # sectors written since the last fsync
    entries: dict[str, int] = field(default_factory=dict)
    links: int = 1

    def write(self, offset: int, body: bytes) -> None:
        if len(self.data) < offset + len(body):
            self.data.extend(bytes(offset + len(body) - len(self.data)))
        self.data[offset : offset + len(body)] = body
        self.dirty |= set(range(offset // SECTOR, (offset + len(body) + SECTOR - 1) // SECTOR))

    def resize(self, size: int) -> None:
        if size < len(self.data):
            del self.data[size:]
        else:
            self.write(len(self.data), bytes(size - len(self.data)))

    def sync(self) -> None:
        self.lasting = bytes(self.data)
        self.dirty.clear()

    def after_cut(self, chance: random.Random) -> bytes:
        """The lasting contents with any half of what was written since, and either size."""
        size = chance.choice((len(self.lasting), len(self.data)))
        left = bytearray(self.lasting[:size].ljust(size, b"\0"))
        for sector in self.dirty:
            at = slice(sector * SECTOR, min((sector + 1) * SECTOR, size))
            if at.start < size and chance.random() < 0.5:
                left[at] = self.data[at].ljust(at.stop - at.start, b"\0")
        return bytes(left)


class Fail(Exception):
    """An answer that is an error number."""


class Disk:
    """The file system and the answers to the kernel's requests."""

    def __init__(self) -> None:
        self.nodes = {_ROOT: Node(_ROOT, stat.S_IFDIR | 0o700)}
        self.next = _ROOT + 1
        self.names: dict[tuple[int, str], int] = {}  # that would be there after a cut
        self.pending: list[list[tuple[int, str, int]]] = []  # changes of names since, each whole or not; 0: gone
        self.room: int | None = None  # bytes
        self.faults: list[dict[str, Any]] = []
        self.is_cut = False
        self.counts: dict[str, int] = {}

    # names ------------------------------------------------------------------------------------------------------------

    def change_names(self, *changes: tuple[int, str, int]) -> None:
        for folder, name, number in changes:
            if number:
                self.nodes[folder].entries[name] = number
            else:
                self.nodes[folder].entries.pop(name, None)
        self.pending.append(list(changes))

    def make_names_last(self, count: int | None = None) -> None:
        for changes in self.pending[:count]:
            for folder, name, number in changes:
                if number:
                    self.names[folder, name] = number
                else:
                    self.names.pop((folder, name), None)
        del self.pending[:count]

    def cut(self, out: str, seed: int) -> None:
        """Write what is left after a cut into a folder; from then on every request fails."""
        chance = random.Random(seed)
        self.is_cut = True
        self.make_names_last(chance.randint(0, len(self.pending)))
        self._write_out(_ROOT, out, lambda node: node.after_cut(chance))

    def _write_out(self, folder: int, out: str, content: Callable[[Node], bytes]) -> None:
        os.makedirs(out, 0o700, exist_ok=True)
        for (parent, name), number in self.names.items():
            node = self.nodes[number]
            if parent != folder:
                continue
            if stat.S_ISDIR(node.mode):
                self._write_out(number, os.path.join(out, name), content)
            else:
                with open(os.path.join(out, name), "wb") as file:
                    file.write(content(node))
                os.chmod(file.name, stat.S_IMODE(node.mode))

    # faults -----------------------------------------------------------------------------------------------------------

    def check(self, operation: str, name: str) -> None:
        """Fail where a fault was ordered for this operation and name."""
        self.counts[operation] = self.counts.get(operation, 0) + 1
        for fault in self.faults:
            if fault["op"] != operation or not name.endswith(fault.get("name", "")):
                continue
            if fault.get("after", 0) > 0:
                fault["after"] -= 1
            else:
                raise Fail(fault["errno"])

    def make_room(self, node: Node, end: int) -> None:
        if self.room is not None and self.used() + max(end - len(node.data), 0) > self.room:
            raise Fail(errno.ENOSPC)

    def used(self) -> int:
        named = {child for node in self.nodes.values() for child in node.entries.values()}
        return sum(len(self.nodes[number].data) for number in named)

    def name_of(self, number: int) -> str:
        for node in self.nodes.values():
            for name, child in node.entries.items():
                if child == number:
                    return name
        return ""

    # requests ---------------------------------------------------------------------------------------------------------

    def answer(self, opcode: int, number: int, body: bytes) -> bytes | None:
        """The answer's body; None where none is wanted. Raises Fail."""
        if opcode in (2, 42):  # FORGET: a node stays, there are few
            return None
        if self.is_cut and opcode not in (18, 25, 29, 38):
            raise Fail(errno.EIO)
        handler = _HANDLERS.get(opcode)
        if handler is None:
            raise Fail(errno.ENOSYS)
        return handler(self, number, body)

    def child(self, folder: int, name: str) -> int:
        try:
            return self.nodes[folder].entries[name]
        except KeyError:
            raise Fail(errno.ENOENT) from None

    def attributes(self, number: int) -> bytes:
        node = self.nodes[number]
        size = len(node.data)
        where = (number, size, (size + SECTOR - 1) // SECTOR, 0, 0, 0, 0, 0, 0)
        return _ATTR.pack(*where, node.mode, node.links, os.getuid(), os.getgid(), 0, 4096, 0)

    def entry(self, number: int) -> bytes:
        return _ENTRY.pack(number, 0, 0, 0, 0, 0) + self.attributes(number)

    def new(self, folder: int, name: str, mode: int) -> int:
        self.check("create", name)
        number, self.next = self.next, self.next + 1
        self.nodes[number] = Node(number, mode)
        self.change_names((folder, name, number))
        return number


def _init(_: Disk, __: int, body: bytes) -> bytes:
    minor = struct.unpack_from("<II", body)[1]
    flags = 1 | 1 << 5  # asynchronous reads, writes larger than a page
    return struct.pack("<IIIIHHIIHHI28x", 7, min(minor, 31), 1 << 17, flags, 16, 12, _MAX_WRITE, 1, 0, 0, 0)


def _lookup(disk: Disk, folder: int, body: bytes) -> bytes:
    return disk.entry(disk.child(folder, _names(body)[0]))


def _getattr(disk: Disk, number: int, _: bytes) -> bytes:
    return struct.pack("<QII", 0, 0, 0) + disk.attributes(number)


def _setattr(disk: Disk, number: int, body: bytes) -> bytes:
    valid, _, _, size = struct.unpack_from("<IIQQ", body)
    mode = struct.unpack_from("<I", body, 68)[0]
    node = disk.nodes[number]
    if valid & 1:
        node.mode = stat.S_IFMT(node.mode) | stat.S_IMODE(mode)
    if valid & 8:
        disk.check("truncate", disk.name_of(number))
        disk.make_room(node, size)
        node.resize(size)
    return _getattr(disk, number, b"")


def _mknod(disk: Disk, folder: int, body: bytes) -> bytes:
    mode = struct.unpack_from("<I", body)[0]
    return disk.entry(disk.new(folder, _names(body[16:])[0], mode))


def _mkdir(disk: Disk, folder: int, body: bytes) -> bytes:
    mode = struct.unpack_from("<I", body)[0]
    return disk.entry(disk.new(folder, _names(body[8:])[0], stat.S_IFDIR | mode))


def _unlink(disk: Disk, folder: int, body: bytes) -> bytes:
    name = _names(body)[0]
    disk.check("unlink", name)
    node = disk.nodes[disk.child(folder, name)]
    node.links -= 1
    disk.change_names((folder, name, 0))
    return b""


def _rmdir(disk: Disk, folder: int, body: bytes) -> bytes:
    name = _names(body)[0]
    if disk.nodes[disk.child(folder, name)].entries:
        raise Fail(errno.ENOTEMPTY)
    disk.change_names((folder, name, 0))
    return b""


def _rename(disk: Disk, folder: int, body: bytes, skip: int = 8) -> bytes:
    other = struct.unpack_from("<Q", body)[0]
    old, new = _names(body[skip:])[:2]
    disk.check("rename", new)
    disk.change_names((other, new, disk.child(folder, old)), (folder, old, 0))
    return b""


def _rename2(disk: Disk, folder: int, body: bytes) -> bytes:
    if struct.unpack_from("<I", body, 8)[0]:
        raise Fail(errno.EINVAL)
    return _rename(disk, folder, body, 16)


def _link(disk: Disk, folder: int, body: bytes) -> bytes:
    number = struct.unpack_from("<Q", body)[0]
    disk.nodes[number].links += 1
    disk.change_names((folder, _names(body[8:])[0], number))
    return disk.entry(number)


def _open(disk: Disk, number: int, _: bytes) -> bytes:
    disk.check("open", disk.name_of(number))
    return struct.pack("<QII", number, 0, 0)


def _create(disk: Disk, folder: int, body: bytes) -> bytes:
    mode = struct.unpack_from("<II", body)[1]
    number = disk.new(folder, _names(body[16:])[0], stat.S_IFREG | stat.S_IMODE(mode))
    return disk.entry(number) + struct.pack("<QII", number, 0, 0)


def _read(disk: Disk, number: int, body: bytes) -> bytes:
    _, offset, size = struct.unpack_from("<QQI", body)
    disk.check("read", disk.name_of(number))
    return bytes(disk.nodes[number].data[offset : offset + size])


def _write(disk: Disk, number: int, body: bytes) -> bytes:
    _, offset, size = struct.unpack_from("<QQI", body)
    disk.check("write", disk.name_of(number))
    node = disk.nodes[number]
    disk.make_room(node, offset + size)
    node.write(offset, body[40 : 40 + size])
    return struct.pack("<II", size, 0)


def _fsync(disk: Disk, number: int, _: bytes) -> bytes:
    disk.check("fsync", disk.name_of(number))
    disk.nodes[number].sync()
    return b""


def _fsyncdir(disk: Disk, number: int, _: bytes) -> bytes:
    disk.check("fsync", disk.name_of(number))
    disk.make_names_last()
    return b""


def _readdir(disk: Disk, number: int, body: bytes) -> bytes:
    _, offset, size = struct.unpack_from("<QQI", body)
    listed = b""
    for place, (name, child) in enumerate(list(disk.nodes[number].entries.items())[offset:], offset + 1):
        raw = name.encode()
        line = struct.pack("<QQII", child, place, len(raw), stat.S_IFMT(disk.nodes[child].mode) >> 12) + raw
        line += bytes(-len(line) % 8)
        if len(listed) + len(line) > size:
            break
        listed += line
    return listed


def _statfs(disk: Disk, _: int, __: bytes) -> bytes:
    free = max((disk.room if disk.room is not None else 1 << 33) - disk.used(), 0) // 4096
    return struct.pack("<QQQQQIIII24x", 1 << 21, free, free, 1 << 20, 1 << 20, 4096, 255, 4096, 0)


def _fine(*_: object) -> bytes:
    return b""


_HANDLERS: Mapping[int, Callable[[Disk, int, bytes], bytes]] = {
    1: _lookup, 3: _getattr, 4: _setattr, 8: _mknod, 9: _mkdir, 10: _unlink, 11: _rmdir, 12: _rename, 13: _link,
    14: _open, 15: _read, 16: _write, 17: _statfs, 18: _fine, 20: _fsync, 25: _fine, 26: _init, 27: _open,
    28: _readdir, 29: _fine, 30: _fsyncdir, 34: _fine, 35: _create, 38: _fine, 45: _rename2,
}  # fmt: skip


def _names(body: bytes) -> list[str]:
    return [name.decode() for name in body.split(b"\0")]


class Mounted:
    """A Disk mounted at a folder, served by a process of its own. Only inside `apart`."""

    def __init__(self, place: str) -> None:
        self.place = place
        os.makedirs(place, exist_ok=True)
        device = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={device},rootmode=40000,user_id={os.getuid()},group_id={os.getgid()}"
        if _LIBC.mount(b"cutfs", os.fsencode(place), b"fuse.cutfs", 0, options.encode()):
            raise OSError(ctypes.get_errno(), "mount")
        self._ask, answers = socket.socketpair()
        self._server = os.fork()
        if not self._server:
            self._ask.close()
            _serve(device, answers)
        os.close(device)
        answers.close()

    def tell(self, **order: Any) -> Any:
        """An order to the disk: cut=folder with seed, room=bytes, fault={...}, heal=True, counts=True."""
        self._ask.sendall(json.dumps(order).encode())
        return json.loads(self._ask.recv(1 << 16) or b"null")

    def end(self) -> None:
        _LIBC.umount2(os.fsencode(self.place), _MNT_DETACH)
        os.kill(self._server, signal.SIGKILL)
        os.waitpid(self._server, 0)
        self._ask.close()


def _serve(device: int, orders: socket.socket) -> None:
    disk = Disk()
    try:
        while True:
            ready = select.select([device, orders], [], [])[0]
            if orders in ready:
                order = orders.recv(1 << 16)
                if not order:
                    break
                orders.sendall(json.dumps(_obeyed(disk, json.loads(order))).encode())
            if device in ready:
                _serve_one(disk, device)
    finally:
        os._exit(0)


def _obeyed(disk: Disk, order: dict[str, Any]) -> Any:
    if "cut" in order:
        disk.cut(order["cut"], order["seed"])
    if "room" in order:
        disk.room = order["room"]
    if "fault" in order:
        disk.faults.append(order["fault"])
    if "heal" in order:
        disk.faults.clear()
    return disk.counts


def _serve_one(disk: Disk, device: int) -> None:
    try:
        request = os.read(device, _MAX_WRITE + 8192)
    except OSError as error:
        if error.errno in (errno.EINTR, errno.EAGAIN, errno.ENOENT):
            return
        os._exit(0)  # unmounted
    _, opcode, unique, number, *_ = _HEADER.unpack_from(request)
    try:
        body, code = disk.answer(opcode, number, request[_HEADER.size :]), 0
    except Fail as fail:
        body, code = b"", fail.args[0]
    if body is not None:
        try:
            os.write(device, struct.pack("<IiQ", 16 + len(body), -code, unique) + body)
        except OSError as error:
            if error.errno != errno.ENOENT:  # the asker was killed meanwhile
                raise


def apart(work: Callable[[], Any], timeout_s: float = 120.0) -> Any:
    """Run a function in a child with mounts of its own, so that nothing is left whatever happens; its JSON result.

    Raises PermissionError where such a child may not be made.
    """
    here, there = socket.socketpair()
    child = os.fork()
    if not child:
        here.close()
        os.setsid()
        try:
            _own_mounts()
            answer: Any = {"value": work()}
        except PermissionError as error:
            answer = {"refused": str(error)}
        except BaseException as error:  # noqa: BLE001 - told to the test
            import traceback

            answer = {"error": f"{type(error).__name__}: {error}\n{traceback.format_exc()}"}
        there.sendall(json.dumps(answer).encode())
        os._exit(0)
    there.close()
    return _answer_of(child, here, timeout_s)


def _answer_of(child: int, here: socket.socket, timeout_s: float) -> Any:
    body = b""
    end = time.monotonic() + timeout_s
    while select.select([here], [], [], max(end - time.monotonic(), 0))[0] and (piece := here.recv(1 << 16)):
        body += piece
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    answer = json.loads(body or b'{"error": "no answer in time"}')
    if "refused" in answer:
        raise PermissionError(answer["refused"])
    if "error" in answer:
        raise AssertionError(answer["error"])
    return answer["value"]


def _own_mounts() -> None:
    """Mounts of this process's own; for an ordinary user in a user namespace of his own."""
    uid, gid = os.getuid(), os.getgid()
    if _LIBC.unshare(_CLONE_NEWNS if uid == 0 else _CLONE_NEWNS | _CLONE_NEWUSER):
        raise PermissionError(ctypes.get_errno(), "unshare")
    if uid:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    _LIBC.mount(None, b"/", None, _MS_REC_PRIVATE, None)

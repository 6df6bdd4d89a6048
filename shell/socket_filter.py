"""The socket filter: a seccomp program that leaves only Unix and netlink sockets, to this process and all its children."""

import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass

# Numbers of the kernel's interface (linux/audit.h, asm/unistd.h): architecture -> (AUDIT_ARCH, socket, seccomp).
MACHINES = {"x86_64": (0xC000003E, 41, 317), "aarch64": (0xC00000B7, 198, 277)}
IO_URING_SETUP = 425  # the same number everywhere; io_uring can open sockets without socket()
X32_BIT = 0x40000000  # the second, older numbering of x86_64
AF_UNIX, AF_NETLINK = 1, 16

LOAD, JUMP_EQUAL, JUMP_BITS, RETURN = 0x20, 0x15, 0x45, 0x06
NUMBER_AT, MACHINE_AT, FIRST_ARGUMENT_AT = 0, 4, 16  # offsets in struct seccomp_data
ALLOW, REFUSE = 0x7FFF0000, 0x00050000

PR_SET_NO_NEW_PRIVS, SET_MODE_FILTER, ALL_THREADS = 38, 1, 1


@dataclass(frozen=True)
class FilterReport:
    """Whether the filter is set, and why not: on, other-system, remote-display, database, refused."""

    active: bool
    reason: str


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def install(display: str, archive_url: str | None) -> FilterReport:
    """Set the filter where it can be had. Never raises: without it everything works, and `doctor` says that it is off."""
    reason = _why_not(display, archive_url)
    if reason:
        return FilterReport(False, reason)
    try:
        _set(program(platform.machine()), MACHINES[platform.machine()][2])
    except OSError:
        return FilterReport(False, "refused")
    return FilterReport(True, "on")


def _why_not(display: str, archive_url: str | None) -> str:
    """A screen of another machine (ssh -X) and PostgreSQL are reached through the network."""
    if not sys.platform.startswith("linux") or platform.machine() not in MACHINES:
        return "other-system"
    if archive_url and archive_url.startswith("postgres"):
        return "database"
    host = display.rpartition(":")[0]
    return "remote-display" if host not in ("", "unix") and not host.startswith("/") else ""


def program(machine: str) -> bytes:
    """The filter's 12 instructions (struct sock_filter: code, jump if true, jump if false, k)."""
    audit_arch, socket_number, _ = MACHINES[machine]
    lines = (
        (LOAD, 0, 0, MACHINE_AT),
        (JUMP_EQUAL, 0, 8, audit_arch),  # another architecture's numbers mean other calls
        (LOAD, 0, 0, NUMBER_AT),
        (JUMP_BITS, 6, 0, X32_BIT),
        (JUMP_EQUAL, 5, 0, IO_URING_SETUP),
        (JUMP_EQUAL, 0, 5, socket_number),
        (LOAD, 0, 0, FIRST_ARGUMENT_AT),
        (JUMP_EQUAL, 3, 0, AF_UNIX),
        (JUMP_EQUAL, 2, 0, AF_NETLINK),
        (RETURN, 0, 0, REFUSE | errno.EAFNOSUPPORT),
        (RETURN, 0, 0, REFUSE | errno.EPERM),
        (RETURN, 0, 0, ALLOW),
    )
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _set(instructions: bytes, seccomp_number: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    text = ctypes.create_string_buffer(instructions, len(instructions))
    whole = _Program(len(instructions) // 8, ctypes.addressof(text))
    zero = ctypes.c_ulong(0)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    arguments = (ctypes.c_long(seccomp_number), ctypes.c_uint(SET_MODE_FILTER), ctypes.c_uint(ALL_THREADS))
    if libc.syscall(*arguments, ctypes.byref(whole)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

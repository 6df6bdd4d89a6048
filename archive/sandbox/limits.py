"""The lock of a sandbox child: what it may no longer do once its imports are done.

Order matters (measured): import everything, make the socket object, resource limits, Landlock, seccomp. Whatever the
machine lacks is left out and named, never fatal: the child still has its resource limits.
"""

import ctypes
import os
import platform
import resource
import struct
import sys
from typing import Final

ROOM_BYTES: Final = 512 << 20  # address space beyond what the imports took
CPU_S: Final = 30  # at most for one request; the parent's clock is the second watch
LEAST_CPU_S: Final = 5
SLOWEST_BYTES_S: Final = 4 << 20  # of result: a tenth of the slowest codec's speed (JPEG 2000)

PR_SET_DUMPABLE: Final = 4
PR_SET_NO_NEW_PRIVS: Final = 38
PR_SET_SECCOMP: Final = 22
SECCOMP_MODE_FILTER: Final = 2
LANDLOCK_CREATE_RULESET: Final = 444  # one number on every machine (syscalls since 5.x)
LANDLOCK_RESTRICT_SELF: Final = 446
LANDLOCK_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # ABI -> bits of handled_access_fs
CLONE_THREAD: Final = 0x10000
PROT_EXEC: Final = 4
EPERM: Final = 1
ENOSYS: Final = 38

# What numpy, the codecs and a socket need after the imports: name, number on x86_64, number on aarch64.
ALLOWED: Final = """
read 0 63, write 1 64, close 3 57, lseek 8 62, munmap 11 215, brk 12 214, rt_sigaction 13 134,
rt_sigprocmask 14 135, rt_sigreturn 15 139, pread64 17 67, pwrite64 18 68, readv 19 65, writev 20 66,
sched_yield 24 124, mremap 25 216, madvise 28 233, getpid 39 172, sendmsg 46 211, recvmsg 47 212,
sendto 44 206, recvfrom 45 207, exit 60 93, getrusage 98 165, gettimeofday 96 169, clock_gettime 228 113,
clock_nanosleep 230 115, nanosleep 35 101, futex 202 98, sched_getaffinity 204 123, exit_group 231 94,
ppoll 271 73, preadv2 327 286, getrandom 318 278, rseq 334 293, set_robust_list 273 99, membarrier 324 283,
gettid 186 178, sigaltstack 131 132, memfd_create 319 279, ftruncate 77 46, fcntl 72 25,
restart_syscall 219 128, getcpu 309 168, sysinfo 99 179, poll 7 -
"""
MACHINES: Final = ("x86_64", "aarch64")
CHECKED: Final = {  # mmap, mprotect, clone, clone3, prlimit64: allowed only with harmless arguments
    "x86_64": (9, 10, 56, 435, 302),
    "aarch64": (222, 226, 220, 435, 261),
}
ARCHITECTURE: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def lock() -> tuple[str, ...]:
    """Give up all that is not needed; hands back the words of what this machine does not offer."""
    _limit_resources()
    if not sys.platform.startswith("linux"):
        return ("no-new-privs", "landlock", "seccomp")
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return ("no-new-privs", "landlock", "seccomp")
    steps = (("landlock", _landlock), ("seccomp", _seccomp))
    return tuple(word for word, step in steps if not step(libc))


def _limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def base_bytes() -> int:
    """Address space in use now (ask before the lock: afterwards nothing can be opened)."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 1 << 30


def allow(base: int, expected_bytes: int) -> None:
    """Limits for one request: memory for three times the result, processor time, and no file larger than the result."""
    _soft(resource.RLIMIT_AS, base + ROOM_BYTES + 3 * expected_bytes)
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed_s = min(CPU_S, LEAST_CPU_S + expected_bytes // SLOWEST_BYTES_S)
    _soft(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + allowed_s)
    _soft(resource.RLIMIT_FSIZE, expected_bytes + 4096)  # 0 would forbid writing to a memfd


def _soft(which: int, value: int) -> None:
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _landlock(libc: ctypes.CDLL) -> bool:
    """No rule at all: nothing can be opened any more."""
    version = libc.syscall(LANDLOCK_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    file_rights = (1 << LANDLOCK_FILE_RIGHTS[min(version, 5)]) - 1
    fields = [file_rights] + ([3] if version >= 4 else []) + ([3] if version >= 6 else [])  # files, TCP, scopes
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = libc.syscall(LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return False
    done = libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return bool(done)


# --- seccomp: a small program of the Berkeley packet filter (linux/filter.h) -----------------------------------------

LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
ANY_BIT: Final = 0x45  # BPF_JMP | BPF_JSET | BPF_K
RETURN: Final = 0x06
ALLOW: Final = 0x7FFF0000
KILL: Final = 0x80000000
ERRNO: Final = 0x00050000
AT_NUMBER: Final = 0
AT_ARCHITECTURE: Final = 4
Instruction = tuple[int, int, int, int]


def _argument(index: int) -> int:
    """Offset of the low half of a system call's argument."""
    return 16 + 8 * index


def numbers(machine: str) -> list[int]:
    """The calls of ALLOWED on one machine."""
    column = 1 + MACHINES.index(machine)
    rows = [row.split() for row in ALLOWED.replace("\n", " ").split(",")]
    return [int(row[column]) for row in rows if row[column] != "-"]


def program(machine: str) -> list[Instruction]:
    """The filter: (code, jump if true, jump if false, constant)."""
    mmap, mprotect, clone, clone3, prlimit64 = CHECKED[machine]
    lines: list[Instruction] = [
        (LOAD, 0, 0, AT_ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURE[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, AT_NUMBER),
    ]
    for number in numbers(machine):
        lines += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    for number in (mmap, mprotect):  # memory that can be run would be the way out
        lines += _checked(number, (ANY_BIT, 1, 0, PROT_EXEC), argument=2)
    lines += _checked(clone, (ANY_BIT, 0, 1, CLONE_THREAD), argument=0)
    lines += _checked(prlimit64, (EQUAL, 0, 1, 0), argument=0)  # its own limits only
    lines += [(EQUAL, 0, 1, clone3), (RETURN, 0, 0, ERRNO | ENOSYS)]  # glibc then falls back to clone
    return [*lines, (RETURN, 0, 0, ERRNO | EPERM)]


def _checked(number: int, test: Instruction, argument: int) -> list[Instruction]:
    """Allow one call if the test on an argument jumps nowhere, else refuse."""
    return [
        (EQUAL, 0, 4, number),
        (LOAD, 0, 0, _argument(argument)),
        test,
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, ERRNO | EPERM),
    ]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_void_p))


def _seccomp(libc: ctypes.CDLL) -> bool:
    machine = platform.machine()
    if machine not in MACHINES:
        return False
    lines = program(machine)
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in lines))
    filled = _Program(len(lines), ctypes.addressof(code))
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filled), 0, 0) == 0)

"""Limits that a process puts on itself before it executes somebody's file: time, memory, processes, and files outside a folder.

What the operating system can enforce it does: resource limits everywhere but on Windows, Landlock and a filter of system calls on
Linux. A hook of Python's own refuses the same things everywhere. None of it is a sandbox.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
import struct
import sys
from collections.abc import Iterable, Sequence
from typing import Any

_LARGEST_FILE = 64 * 2**20
_MOST_OPEN = 256

# --- resource limits ----------------------------------------------------------------------------------------------------


def limit_resources(seconds: float, megabytes: int) -> None:
    """Limit processor time, memory, the size of files, and how many files are open."""
    try:
        import resource
    except ImportError:  # Windows
        return
    cpu = max(1, int(seconds))
    for name, most in (
        ("RLIMIT_CPU", (cpu, cpu + 1)),
        ("RLIMIT_AS", megabytes * 2**20),
        ("RLIMIT_FSIZE", _LARGEST_FILE),
        ("RLIMIT_NOFILE", _MOST_OPEN),
        ("RLIMIT_CORE", 0),
    ):
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        soft, hard = most if isinstance(most, tuple) else (most, most)
        before = resource.getrlimit(kind)[1]
        if before != resource.RLIM_INFINITY:
            soft, hard = min(soft, before), min(hard, before)
        try:
            resource.setrlimit(kind, (soft, hard))
        except (ValueError, OSError):  # macOS knows no limit of addresses
            continue
    if hasattr(signal, "SIGXFSZ"):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def limit_processes() -> None:
    """Allow no further process where nothing better does: other processes of the same user count as well."""
    try:
        import resource

        most = 256 if sys.platform == "linux" else 1
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    except (ImportError, ValueError, OSError, AttributeError):
        return


# --- files outside a folder: Landlock -------------------------------------------------------------------------------------

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_REMOVING_AND_MAKING = sum(1 << k for k in range(4, 13))
_NO_NEW_PRIVILEGES = 38


def forbid_writing(but: str) -> bool:
    """Let the process write, make and remove nothing outside a folder from here on; return whether Landlock does it."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    handled = _WRITE_FILE | _REMOVING_AND_MAKING | (1 << 13 if version > 1 else 0) | (_TRUNCATE if version > 2 else 0)
    asked = struct.pack("Q", handled)
    rules = libc.syscall(_CREATE_RULESET, asked, len(asked), 0)
    if rules < 0:
        return False
    try:
        allowed = ((but, handled), (os.devnull, handled & (_WRITE_FILE | _TRUNCATE)))
        for path, rights in allowed:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            rule = struct.pack("=Qi", rights, place)
            done = libc.syscall(_ADD_RULE, rules, 1, rule, 0)
            os.close(place)
            if done:
                return False
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return int(libc.syscall(_RESTRICT_SELF, rules, 0)) == 0
    finally:
        os.close(rules)


# --- processes, signals and the network: a filter of system calls ---------------------------------------------------------

_CALLS = {
    "x86_64": (
        0xC000003E,
        317,
        {"clone": 56, "clone3": 435, "own": (62, 234, 129, 297), "never": (57, 58, 41, 200, 101, 311, 424)},
    ),
    "aarch64": (
        0xC00000B7,
        277,
        {"clone": 220, "clone3": 435, "own": (129, 131, 138, 240), "never": (198, 130, 117, 271, 424)},
    ),
}
"""By architecture: its number, that of ``seccomp``, and calls: to make a process, to signal one's own process, and those never
allowed (fork, vfork, socket, tkill, ptrace, writing into another process, signals by descriptor)."""
_LOAD, _EQUAL, _ANY, _ABOVE, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_THREAD = 0x00010000


def forbid_processes() -> bool:
    """Let the process make no other, signal no other and open no socket from here on; return whether the kernel does it."""
    known = _CALLS.get(platform.machine()) if sys.platform == "linux" else None
    if known is None or struct.calcsize("P") != 8:
        return False
    architecture, number, calls = known
    code = b"".join(struct.pack("=HBBI", *step) for step in _filter(architecture, calls))
    held = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return int(libc.syscall(number, 1, 1, program)) == 0


def _filter(architecture: int, calls: dict[str, Any]) -> Iterable[tuple[int, int, int, int]]:
    """Return the steps of a filter: operation, how far to go on if so and if not, and a number."""
    refuse = _REFUSE | errno.EPERM
    yield from ((_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, refuse), (_LOAD, 0, 0, 0))
    yield from ((_ABOVE, 0, 1, 0x40000000), (_RETURN, 0, 0, refuse))
    yield from ((_EQUAL, 0, 1, calls["clone3"]), (_RETURN, 0, 0, _REFUSE | errno.ENOSYS))
    for call in calls["never"]:
        yield from ((_EQUAL, 0, 1, call), (_RETURN, 0, 0, refuse))
    # clone of a thread is allowed: the first argument says so
    yield from ((_EQUAL, 0, 4, calls["clone"]), (_LOAD, 0, 0, 16), (_ANY, 1, 0, _THREAD), (_RETURN, 0, 0, refuse))
    yield (_RETURN, 0, 0, _ALLOW)
    for call in calls["own"]:
        yield from ((_EQUAL, 0, 4, call), (_LOAD, 0, 0, 16), (_EQUAL, 1, 0, os.getpid()), (_RETURN, 0, 0, refuse))
        yield (_RETURN, 0, 0, _ALLOW)
    yield (_RETURN, 0, 0, _ALLOW)


# --- Python's own hook ----------------------------------------------------------------------------------------------------

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PATHS = {
    **dict.fromkeys(("os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod", "os.chown", "os.utime"), (0,)),
    **dict.fromkeys(("os.rename", "os.link", "os.symlink"), (1, 0)),
    "shutil.rmtree": (0,),
}
"""Events that change files, and which of their arguments are paths."""
_BESIDE = {
    **dict.fromkeys(("os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.utime", "os.symlink"), 1),
    **dict.fromkeys(("os.rename", "os.link"), 2),
}
"""Events whose last arguments are open folders that paths belong to, -1 for none; the kernel looks after those."""
_NEVER = frozenset(
    (
        *("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.startfile"),
        *("os.kill", "os.killpg", "subprocess.Popen", "socket.connect", "socket.bind", "socket.sendto"),
    )
)


def watch(folder: str) -> None:
    """Refuse, by a hook that Python calls and nothing removes, what changes files outside a folder or reaches other processes."""
    inside = os.path.realpath(folder)

    def hook(event: str, args: Sequence[Any]) -> None:
        if event in _NEVER:
            raise PermissionError(f"{event} is not allowed in a file that is marked")
        if event == "open":
            mode, flags = args[1], args[2]
            writes = any(c in mode for c in "wax+") if isinstance(mode, str) else bool(flags & _WRITING)
            if writes:
                _refuse_outside(args[0], inside, follow=True)
        elif event in _PATHS and not (event in _BESIDE and any(d != -1 for d in args[-_BESIDE[event] :])):
            for k in _PATHS[event]:
                _refuse_outside(args[k], inside)

    sys.addaudithook(hook)


def _refuse_outside(path: Any, folder: str, follow: bool = False) -> None:
    if not isinstance(path, (str, bytes, os.PathLike)):
        return
    said = os.fsdecode(path)
    whole = os.path.realpath(said)
    if not follow:  # a link itself is removed or renamed, not what it leads to
        whole = os.path.join(os.path.realpath(os.path.dirname(os.path.abspath(said))), os.path.basename(said))
    if whole != os.devnull and not f"{whole}{os.sep}".startswith(f"{folder}{os.sep}"):
        raise PermissionError(f"{said} is outside the folder of the file")


def confine(folder: str, seconds: float, megabytes: int) -> None:
    """Put all limits on this process: it may write in one folder only, and make no other process."""
    limit_resources(seconds, megabytes)
    forbid_writing(folder)
    if not forbid_processes():
        limit_processes()
    watch(folder)

"""Stands between a forked child and the kernel: each call that touches a file under some folders is shown first.

The child installs a seccomp filter that hands its file calls to its parent (Linux, "user notification"), so that it
misses nothing, whichever library or thread makes them: C's `fwrite`, SQLite's `pwrite`, Rust's `write` and Python's
own. The parent may let a call go on, refuse it, carry out half of a write, or kill the child before it. Nothing is
compiled or installed, and no privilege is needed that a parent hasn't. Knows no file's meaning.
"""

import ctypes
import errno
import fcntl
import os
import platform
import select
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Literal

Kind = Literal["open", "look", "read", "write", "copy", "sync", "rename", "unlink", "mkdir", "truncate", "link"]

# number on x86-64, on arm64 (None: that has only the call that ends in -at), and what the call does
_CALLS: dict[str, tuple[int | None, int | None, Kind]] = {
    "open": (2, None, "open"),
    "creat": (85, None, "open"),
    "openat": (257, 56, "open"),
    "openat2": (437, 437, "open"),
    "read": (0, 63, "read"),
    "pread64": (17, 67, "read"),
    "write": (1, 64, "write"),
    "writev": (20, 66, "write"),
    "pwrite64": (18, 68, "write"),
    "pwritev": (296, 70, "write"),
    "pwritev2": (328, 287, "write"),
    "copy_file_range": (326, 285, "copy"),
    "sendfile": (40, 71, "copy"),
    "fsync": (74, 82, "sync"),
    "fdatasync": (75, 83, "sync"),
    "msync": (26, 227, "sync"),
    "sync_file_range": (277, 84, "sync"),
    "rename": (82, None, "rename"),
    "renameat": (264, 38, "rename"),
    "renameat2": (316, 276, "rename"),
    "unlink": (87, None, "unlink"),
    "unlinkat": (263, 35, "unlink"),
    "rmdir": (84, None, "unlink"),
    "mkdir": (83, None, "mkdir"),
    "mkdirat": (258, 34, "mkdir"),
    "truncate": (76, 45, "truncate"),
    "ftruncate": (77, 46, "truncate"),
    "fallocate": (285, 47, "truncate"),
    "link": (86, None, "link"),
    "linkat": (265, 37, "link"),
    "symlink": (88, None, "link"),
    "symlinkat": (266, 36, "link"),
}
_MACHINES = {"x86_64": (0, 317), "aarch64": (1, 277)}  # column above, number of seccomp itself
_PIDFD_GETFD = 438
_AT_FDCWD = -100
_NO_NEW_PRIVS, _SET_FILTER, _NEW_LISTENER, _CONTINUE = 38, 1, 1 << 3, 1
_RECEIVE, _SEND = 0xC0502100, 0xC0182101  # ioctls of seccomp's listener
_NOTICE, _REPLY = struct.Struct("=QIIiIQ6Q"), struct.Struct("=QqiI")
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000


@dataclass(frozen=True, slots=True)
class Call:
    """A call about to be made. `target`: of a rename or link. `size`: bytes of a write or copy.

    `creates`: there will be a name that was not there before. `replaces`: the target is there.
    """

    kind: Kind
    name: str
    path: Path
    target: Path | None = None
    size: int = 0
    creates: bool = False
    replaces: bool = False

    @property
    def changes(self) -> bool:
        """Whether the folder or a file in it is another afterwards."""
        return self.kind not in ("look", "read", "sync")

    def __str__(self) -> str:
        to = f" -> {self.target}" if self.target else ""
        return f"{self.name} {self.path}{to}{f' ({self.size} bytes)' if self.size else ''}"


class Then(Enum):
    """What becomes of a call, where it isn't refused with an errno."""

    GO_ON = "it is made"
    DIE = "the child is killed before it"
    HALF = "half of its bytes are written, and the child is told so"
    HALF_AND_DIE = "half of its bytes are written, and the child is killed"


Answer = Then | int  # int: an errno


@dataclass(slots=True)
class Seen:
    """How a child ended (a wait status) and the calls it made, or tried to make, in order."""

    status: int = 0
    calls: list[Call] = field(default_factory=list)


def why_not() -> str | None:
    """Why calls can't be watched on this machine; None where they can."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return f"watching system calls is written for Linux on {' or '.join(_MACHINES)}"
    try:
        watch(lambda: None, [Path("/")], lambda _: Then.GO_ON)
    except OSError as exc:
        return f"this system lets no process watch its children's system calls ({exc})"
    return None


def in_child(work: Callable[[], object]) -> int:
    """Run `work` in a fork; its wait status: 0 if all went well. Its traceback goes to standard error."""
    pid = os.fork()
    if pid == 0:
        _work_and_exit(work)
    return os.waitpid(pid, 0)[1]


def watch(work: Callable[[], object], folders: Sequence[Path], meet: Callable[[Call], Answer]) -> Seen:
    """Run `work` in a fork, with `meet` deciding on each call that touches something under `folders`.

    The process must have no other threads, so that forking it is safe. Raises OSError where the kernel won't have it.
    """
    watched = [folder.resolve() for folder in folders]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        pid = os.fork()
        if pid == 0:
            _work_and_exit(lambda: (_hand_over(theirs), work()))
        theirs.close()
        message, handles, _, _ = socket.recv_fds(ours, 8, 1)
    if not handles:
        os.waitpid(pid, 0)
        code = struct.unpack("=i", message)[0] if len(message) == 4 else errno.ENOSYS
        raise OSError(code, os.strerror(code))
    child = os.pidfd_open(pid)
    try:
        return _answer_all(pid, child, handles[0], watched, meet)
    finally:
        os.close(child)
        os.close(handles[0])


def _work_and_exit(work: Callable[[], object]) -> None:
    code = 1
    try:
        work()
        code = 0
    except SystemExit as exc:
        code = exc.code if isinstance(exc.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _hand_over(to: socket.socket) -> None:
    """In the child: from here on its file calls wait for the parent's word."""
    column, seccomp = _MACHINES[platform.machine()]
    numbers = [entry[column] for entry in _CALLS.values() if entry[column] is not None]
    steps = [(_LOAD, 0, 0, 0)]
    steps += [(_JUMP_IF_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _NOTIFY)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    described = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(program)))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    listener = libc.syscall(seccomp, _SET_FILTER, _NEW_LISTENER, described)
    if listener < 0:
        to.sendall(struct.pack("=i", ctypes.get_errno()))
        os._exit(1)
    socket.send_fds(to, [b"here"], [listener])
    os.close(listener)
    to.close()


def _answer_all(pid: int, child: int, listener: int, folders: Sequence[Path], meet: Callable[[Call], Answer]) -> Seen:
    seen = Seen()
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    poll.register(child, select.POLLIN)
    while True:
        ready = dict(poll.poll())
        if ready.get(listener, 0) & select.POLLIN:
            notice = bytearray(_NOTICE.size)
            try:
                fcntl.ioctl(listener, _RECEIVE, notice, True)
            except (FileNotFoundError, InterruptedError):  # who asked is dead by now
                continue
            cookie, thread, _, number, _, _, *values = _NOTICE.unpack(notice)
            asked = _Asked(pid, child, thread, number, values)
            call = asked.call(folders)
            answer: Answer = Then.GO_ON
            if call is not None:
                seen.calls.append(call)
                answer = meet(call)
            reply = asked.carry_out(answer, cookie)
            if reply:
                try:
                    fcntl.ioctl(listener, _SEND, reply)
                except FileNotFoundError:
                    continue
        elif child in ready:
            seen.status = os.waitpid(pid, 0)[1]
            return seen


class _Asked:
    """One call as the kernel shows it: a number and six words, of which some are addresses in the child's memory."""

    def __init__(self, pid: int, child: int, thread: int, number: int, values: Sequence[int]) -> None:
        column, _ = _MACHINES[platform.machine()]
        self._name, (_, _, self._kind) = next((n, entry) for n, entry in _CALLS.items() if entry[column] == number)
        self._pid, self._child, self._thread, self._values = pid, child, thread, values

    def call(self, folders: Sequence[Path]) -> Call | None:
        """What it touches; None where that lies outside of `folders`, or is no file."""
        try:
            call = self._read_call()
        except OSError:  # a wild address, a closed handle, a thread that has been killed: the kernel knows what to do
            return None
        near = [path for path in (call.path, call.target) if path is not None]
        return call if any(path.is_relative_to(folder) for path in near for folder in folders) else None

    def carry_out(self, answer: Answer, cookie: int) -> bytes | None:
        """Do what was decided; what to reply to the kernel, None where nobody waits any more."""
        if answer is Then.GO_ON:
            return _REPLY.pack(cookie, 0, 0, _CONTINUE)
        if isinstance(answer, int):
            return _REPLY.pack(cookie, 0, -answer, 0)
        written = self._write_half() if answer in (Then.HALF, Then.HALF_AND_DIE) else 0
        if answer is Then.HALF:
            return _REPLY.pack(cookie, written, 0, 0)
        signal.pidfd_send_signal(self._child, signal.SIGKILL)
        return None

    def _read_call(self) -> Call:
        name, kind, v = self._name, self._kind, self._values
        if kind == "open":
            at, path = (v[0], v[1]) if name.startswith("openat") else (_AT_FDCWD, v[0])
            flags = {"open": v[1], "creat": os.O_CREAT | os.O_WRONLY, "openat": v[2]}.get(name)
            if flags is None:
                flags = struct.unpack("=Q", self._memory(v[2], 8))[0]
            found = self._path(at, path)
            creates = bool(flags & os.O_CREAT) and not found.exists()
            changes = creates or bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_TRUNC))
            return Call("open" if changes else "look", name, found, creates=creates)
        if kind in ("read", "write", "sync") and name != "msync":
            return Call(kind, name, self._file(v[0]), size=self._size() if kind == "write" else 0)
        if kind == "copy":
            out, size = (v[0], v[3]) if name == "sendfile" else (v[2], v[4])
            return Call(kind, name, self._file(out), size=size)
        if kind == "truncate":
            return Call(kind, name, self._path(_AT_FDCWD, v[0]) if name == "truncate" else self._file(v[0]))
        if name in ("unlinkat", "mkdirat"):
            return self._alone(self._path(v[0], v[1]))
        if name == "msync":
            return Call(kind, name, Path("/dev/null"))
        if name in ("renameat", "renameat2", "linkat"):
            return self._naming(self._path(v[0], v[1]), self._path(v[2], v[3]))
        if name == "symlinkat":
            return Call(kind, name, self._path(v[1], v[2]), creates=True)
        if name in ("rename", "link"):
            return self._naming(self._path(_AT_FDCWD, v[0]), self._path(_AT_FDCWD, v[1]))
        if name == "symlink":
            return Call(kind, name, self._path(_AT_FDCWD, v[1]), creates=True)
        return self._alone(self._path(_AT_FDCWD, v[0]))  # unlink, rmdir, mkdir

    def _alone(self, path: Path) -> Call:
        return Call(self._kind, self._name, path, creates=self._kind == "mkdir" and not path.exists())

    def _naming(self, path: Path, target: Path) -> Call:
        return Call(self._kind, self._name, path, target, creates=True, replaces=target.exists())

    def _size(self) -> int:
        return self._values[2] if self._name in ("write", "pwrite64") else sum(size for _, size in self._pieces())

    def _pieces(self) -> list[tuple[int, int]]:
        raw = self._memory(self._values[1], 16 * self._values[2])
        return list(struct.iter_unpack("=QQ", raw))

    def _write_half(self) -> int:
        """Write the first half of what was to be written, through the child's own handle; the bytes written."""
        v, name = self._values, self._name
        if self._kind == "copy":
            given, taken, size = (v[0], v[1], v[3]) if name == "sendfile" else (v[2], v[0], v[4])
            out, source = self._borrow(given), self._borrow(taken)
            try:
                return os.sendfile(out, source, None, min(size, os.fstat(source).st_size) // 2)
            finally:
                os.close(source)
                os.close(out)
        if name in ("write", "pwrite64"):
            data = self._memory(v[1], v[2])
        else:
            data = b"".join(self._memory(start, size) for start, size in self._pieces())
        out = self._borrow(v[0])
        try:
            half = data[: len(data) // 2]
            return os.pwrite(out, half, v[3]) if name.startswith("pwrite") else os.write(out, half)
        finally:
            os.close(out)

    def _borrow(self, handle: int) -> int:
        """The child's own handle, so that its place in the file moves on."""
        libc = ctypes.CDLL(None, use_errno=True)
        copy = libc.syscall(_PIDFD_GETFD, self._child, _signed(handle), 0)
        if copy < 0:
            raise OSError(ctypes.get_errno(), "the child's file can't be shared")
        return int(copy)

    def _file(self, handle: int) -> Path:
        link = Path(f"/proc/{self._thread}/fd/{_signed(handle)}").readlink()
        return Path(str(link).removesuffix(" (deleted)"))

    def _path(self, at: int, address: int) -> Path:
        path = Path(os.fsdecode(self._text(address)))
        if not path.is_absolute():
            here = _signed(at) == _AT_FDCWD
            path = (Path(f"/proc/{self._thread}/cwd").readlink() if here else self._file(at)) / path
        return Path(os.path.normpath(path))

    def _text(self, address: int) -> bytes:
        text = b""
        while b"\0" not in text:
            page_left = 4096 - (address + len(text)) % 4096
            text += self._memory(address + len(text), page_left)
        return text[: text.index(b"\0")]

    def _memory(self, address: int, size: int) -> bytes:
        handle = os.open(f"/proc/{self._thread}/mem", os.O_RDONLY)
        try:
            return os.pread(handle, size, address)
        finally:
            os.close(handle)


def _signed(value: int) -> int:
    return ctypes.c_int(value & 0xFFFFFFFF).value

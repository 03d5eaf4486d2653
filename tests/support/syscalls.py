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

from calls import CALLS, MACHINES, Asked, Call

_NO_NEW_PRIVS, _SET_FILTER, _NEW_LISTENER, _CONTINUE = 38, 1, 1 << 3, 1
_RECEIVE, _SEND = 0xC0502100, 0xC0182101  # ioctls of seccomp's listener
_NOTICE, _REPLY = struct.Struct("=QIIiIQ6Q"), struct.Struct("=QqiI")
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000


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
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        return f"watching system calls is written for Linux on {' or '.join(MACHINES)}"
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


def watch(
    work: Callable[[], object], folders: Sequence[Path], meet: Callable[[Call], Answer], *, reads: bool = False
) -> Seen:
    """Run `work` in a fork, with `meet` deciding on each call that touches something under `folders`.

    Without `reads` it is not asked about bytes that are read, which are many and change nothing. This process must
    have no other threads, so that forking it is safe. Raises OSError where the kernel won't have it.
    """
    watched = [folder.resolve() for folder in folders]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        pid = os.fork()
        if pid == 0:
            _work_and_exit(lambda: _watched(theirs, reads, work))
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


def _watched(to: socket.socket, reads: bool, work: Callable[[], object]) -> None:
    _hand_over(to, reads)
    work()


def _hand_over(to: socket.socket, reads: bool) -> None:
    """In the child: from here on its file calls wait for the parent's word."""
    column, seccomp = MACHINES[platform.machine()]
    shown = [entry[column] for entry in CALLS.values() if reads or entry[2] != "read"]
    numbers = [number for number in shown if isinstance(number, int)]
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
            asked = Asked(child, thread, number, values)
            call = asked.call(folders)
            answer: Answer = Then.GO_ON
            if call is not None:
                seen.calls.append(call)
                answer = meet(call)
            reply = _carry_out(answer, asked, child, cookie)
            if reply:
                try:
                    fcntl.ioctl(listener, _SEND, reply)
                except FileNotFoundError:
                    continue
        elif child in ready:
            seen.status = os.waitpid(pid, 0)[1]
            return seen


def _carry_out(answer: Answer, asked: Asked, child: int, cookie: int) -> bytes | None:
    """Do what was decided; what to reply to the kernel, None where nobody waits any more."""
    if answer is Then.GO_ON:
        return _REPLY.pack(cookie, 0, 0, _CONTINUE)
    if isinstance(answer, int):
        return _REPLY.pack(cookie, 0, -answer, 0)
    written = asked.write_half() if answer in (Then.HALF, Then.HALF_AND_DIE) else 0
    if answer is Then.HALF:
        return _REPLY.pack(cookie, written, 0, 0)
    signal.pidfd_send_signal(child, signal.SIGKILL)
    return None

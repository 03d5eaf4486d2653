"""A system call as the kernel shows it to whoever watches -> what it does to which file; or half of what it writes.

Knows numbers of calls, where each keeps its arguments, and how to read another process's memory. What becomes of a call
is not its affair.
"""

import ctypes
import os
import platform
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["open", "look", "read", "write", "copy", "sync", "rename", "unlink", "mkdir", "truncate", "link"]

# number on x86-64, on arm64 (None: that has only the call that ends in -at), and what the call does
CALLS: dict[str, tuple[int | None, int | None, Kind]] = {
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
MACHINES = {"x86_64": (0, 317), "aarch64": (1, 277)}  # column above, number of seccomp itself
_PIDFD_GETFD = 438
_AT_FDCWD = -100


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


class Asked:
    """One call as the kernel shows it: a number and six words, of which some are addresses in the child's memory."""

    def __init__(self, child: int, thread: int, number: int, values: Sequence[int]) -> None:
        """`child` is a handle of the process (pidfd)."""
        column, _ = MACHINES[platform.machine()]
        self._name, (_, _, self._kind) = next((n, entry) for n, entry in CALLS.items() if entry[column] == number)
        self._child, self._thread, self._values = child, thread, values

    def call(self, folders: Sequence[Path]) -> Call | None:
        """What it touches; None where that lies outside of `folders`, or is no file."""
        try:
            call = self._read_call()
        except OSError:  # a wild address, a closed handle, a thread that has been killed: the kernel knows what to do
            return None
        near = [path for path in (call.path, call.target) if path is not None]
        return call if any(path.is_relative_to(folder) for path in near for folder in folders) else None

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

    def write_half(self) -> int:
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

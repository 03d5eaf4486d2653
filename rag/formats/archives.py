"""Packed bytes -> what is in them: gzip and zip, by count and never by what a header promises.

A member is unpacked in memory and its name never used to write. An archive in an archive is refused.
"""

import gzip
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Protocol

from rag.errors import SeedError
from rag.limits import Limits
from rag.seed_names import fault_of

_ARCHIVES = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar")
_MOST_GROWTH = 200  # times; text packs to a fifth, a table of one word to a fiftieth
_SMALL = 1_000_000  # bytes up to which growth is nobody's harm
_STEP = 1_000_000  # bytes unpacked between two counts
_ENTRY = b"PK\x01\x02"  # begins a member's entry in a zip's directory
_PARTS = 20  # such entries of other zips (.docx) that a member may bring along
_ENCRYPTED, _UTF_8 = 0x1, 0x800  # flags of a member
_UNSOUND = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


def gunzip(file: str, raw: bytes, limits: Limits) -> bytes:
    """What a gzip file holds. Raises SeedError if it is damaged or unpacks to more than a file may have."""
    try:
        with gzip.GzipFile(fileobj=BytesIO(raw)) as stream:
            return _counted(file, stream, len(raw), limits.file_bytes)
    except (zlib.error, EOFError, OSError) as exc:
        raise SeedError(f"{file}: not a sound gzip file ({exc}); pack it anew") from exc


def unpack_zip(
    file: str, raw: bytes, limits: Limits, is_wanted: Callable[[str], bool]
) -> tuple[list[tuple[str, bytes]], list[str]]:
    """The wanted members as `FILE/MEMBER` with their bytes, and a warning for each that is refused.

    Raises SeedError if it is no zip, or holds more members or bytes than the limits allow.
    """
    found: dict[str, bytes] = {}
    warnings: list[str] = []
    with open_zip(file, raw, limits, is_wanted) as archive:
        for member in archive.infolist():
            name = _name(member)
            path = f"{file}/{name}"
            if not _concerns(member, name, is_wanted):
                continue
            try:
                if path in found:
                    raise SeedError(f"{path}: a second member of that name; the first one is read")
                found[path] = _unpacked(archive, member, path, name, limits)
            except SeedError as exc:
                warnings.append(str(exc))
    return list(found.items()), warnings


def open_zip(
    file: str, raw: bytes, limits: Limits, is_wanted: Callable[[str], bool] = lambda _: True
) -> zipfile.ZipFile:
    """The zip, whose wanted members state no more than the limits allow; zipfile gives no more than they state.

    Raises SeedError.
    """
    try:
        if raw.count(_ENTRY) > _PARTS * limits.max_members:  # before the directory is read into memory
            raise SeedError(f"{file}: too many members; {_members(limits)}")
        archive = zipfile.ZipFile(BytesIO(raw))
    except _UNSOUND as exc:
        raise SeedError(f"{file}: not a sound zip file ({exc}); pack it anew") from exc
    members = archive.infolist()
    if len(members) > limits.max_members:
        raise SeedError(f"{file}: {len(members):,} members; {_members(limits)}")
    size = sum(member.file_size for member in members if _concerns(member, _name(member), is_wanted))
    if size > limits.unpacked_bytes:
        raise SeedError(
            f"{file}: unpacks to {size:,} bytes; the limit is {limits.unpacked_bytes:,}: split the archive, or set "
            "DEREK_MAX_UNPACKED_MB"
        )
    return archive


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: str, name: str, limits: Limits) -> bytes:
    if (fault := fault_of(name)) is not None:
        raise SeedError(f"{path!r}: {fault}, so it is not read; pack it under another name")
    if name.lower().endswith(_ARCHIVES):
        raise SeedError(f"{path}: an archive in an archive is not read; unpack it")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise SeedError(f"{path}: a link or a device, not a plain file; pack the file itself")
    if member.flag_bits & _ENCRYPTED:
        raise SeedError(f"{path}: encrypted; pack it without a password")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise SeedError(f"{path}: packed by an unusual method; pack it as an ordinary zip (deflate)")
    if member.file_size > limits.file_bytes:
        raise SeedError(f"{path}: {member.file_size:,} bytes; {_size(limits.file_bytes)}")
    try:
        with archive.open(member) as stream:
            return _counted(path, stream, member.compress_size, limits.file_bytes)
    except _UNSOUND as exc:
        raise SeedError(f"{path}: damaged ({exc}); pack it anew") from exc


def _counted(file: str, stream: _Stream, packed: int, most: int) -> bytes:
    """All of `stream`. Raises SeedError as soon as it is more than `most` or grows out of all measure."""
    parts: list[bytes] = []
    size = 0
    while part := stream.read(_STEP):
        parts.append(part)
        size += len(part)
        if size > most:
            raise SeedError(f"{file}: unpacks to more than {most:,} bytes; {_size(most)}")
        if size > _SMALL and size > _MOST_GROWTH * packed:
            raise SeedError(f"{file}: unpacks to more than {_MOST_GROWTH} times its size, as no text does; unpack it")
    return b"".join(parts)


def _concerns(member: zipfile.ZipInfo, name: str, is_wanted: Callable[[str], bool]) -> bool:
    """Whether a member is to be read, or to be refused aloud."""
    if member.is_dir() or name.startswith("__MACOSX/"):
        return False
    return fault_of(name) is not None or is_wanted(name) or name.lower().endswith(_ARCHIVES)


def _name(member: zipfile.ZipInfo) -> str:
    """The member's path. Without the flag of UTF-8 it may be UTF-8 all the same (macOS) or CP866 (Russian Windows)."""
    if member.flag_bits & _UTF_8:
        return member.orig_filename
    raw = member.orig_filename.encode("cp437")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        russian = raw.decode("cp866")
        letters = [char for char in russian if not char.isascii()]
        return russian if all("А" <= char <= "ё" for char in letters) else member.orig_filename


def _members(limits: Limits) -> str:
    return f"the limit is {limits.max_members:,}: split the archive, or set DEREK_MAX_MEMBERS"


def _size(most: int) -> str:
    return f"the limit of a file is {most:,}: split it, or set DEREK_MAX_FILE_MB"

"""Seed files on disk -> source texts: which files count, and their decoded text with newlines and Unicode untouched.

Of a JSONL file the text is what its records hold, one below the other.

Knows nothing of articles or layouts. A file that can't be read is one SeedError; the caller goes on with the others.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag.errors import SeedError
from rag.limits import Limits
from rag.records import extract_records
from rag.types import Source

RECORDS_SUFFIX = ".jsonl"
SUPPORTED_SUFFIXES = (".txt", RECORDS_SUFFIX)
MAX_FILE_BYTES = 50_000_000  # a file this large or larger is refused before a byte of it is read
UNFINISHED_ENDINGS = ("~", ".part", ".tmp")


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A seed file as it was read: its path below the seeds folder, the hash of its bytes, what is in it."""

    file: str
    sha256: str
    sources: tuple[Source, ...]
    warnings: tuple[str, ...] = ()


def checksum(folder: Path, file: str, limits: Limits = Limits()) -> str:
    """SHA-256 of the file's bytes. Raises SeedError where it can't be read, whatever is in it."""
    return hashlib.sha256(_read_bytes(folder, file)).hexdigest()


def read_seed(folder: Path, file: str, limits: Limits = Limits()) -> SeedFile:
    """Read the seed file at `folder`/`file`, once. Raises SeedError as `read_source` does."""
    source = read_source(folder, file)
    return SeedFile(file, source.sha256, (source,))


def list_seed_files(folder: Path, limits: Limits = Limits()) -> list[str]:
    """Paths of all seed files below `folder`, relative to it, with `/`, sorted.

    Left out: other suffixes, README*, names that begin with a dot (folders too), unfinished files (`*~`, `*.part`,
    `*.tmp`), whatever is not a regular file, and links that leave the folder. Links to folders are not followed.
    Raises SeedError if the folder is missing or can't be listed.
    """
    if not folder.is_dir():
        raise SeedError(f"{folder}: the seeds folder does not exist or is no folder; make it or set DEREK_SEEDS_DIR")
    root = folder.resolve()
    found: list[str] = []
    for parent, folders, names in os.walk(folder, onerror=_refuse_listing):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(parent, name)
            if _is_seed_name(name) and _is_inside(path, root):
                found.append(path.relative_to(folder).as_posix())
    return sorted(found)


def read_source(folder: Path, file: str) -> Source:
    """Read the seed file at `folder`/`file` as UTF-8, without its byte order mark if it has one.

    Raises SeedError if it has vanished, leaves the folder, is no regular file, is empty or blank, has
    MAX_FILE_BYTES or more, holds NUL bytes or bytes that are not UTF-8, or is JSONL without a single record.
    """
    raw = _read_bytes(folder, file)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SeedError(
            f"{file}:{line}: byte {error.start} is not UTF-8 ({error.reason}); save the file as UTF-8 and index again"
        ) from error
    if not text.strip():
        raise SeedError(f"{file}: the file is empty; fill it or remove it")
    if (nul := text.find("\0")) >= 0:
        line = text.count("\n", 0, nul) + 1
        raise SeedError(f"{file}:{line}: the file holds a NUL character, so it is not text; convert it to UTF-8 text")
    sha256 = hashlib.sha256(raw).hexdigest()
    if not file.lower().endswith(RECORDS_SUFFIX):
        return Source(file, sha256, text)
    found = extract_records(file, text)
    if not found.records:
        first = found.warnings[0].removesuffix("; the line is passed over")
        raise SeedError(f'{first}; no line is a record like {{"title": …, "text": …}}, so there is nothing to index')
    return Source(file, sha256, found.text, found.records, found.warnings)


def _read_bytes(folder: Path, file: str) -> bytes:
    path = folder.joinpath(*PurePosixPath(file).parts)
    try:
        file.encode("utf-8")
        if not _leads_inside(path, folder.resolve()):
            raise SeedError(f"{file}: the path leaves the seeds folder {folder}; copy the file into it")
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise SeedError(f"{file}: not a regular file; only plain files can be indexed")
        if found.st_size >= MAX_FILE_BYTES:
            raise SeedError(f"{file}: {found.st_size:,} bytes; the limit is {MAX_FILE_BYTES:,}: split the file")
        with path.open("rb") as stream:
            raw = stream.read(MAX_FILE_BYTES)
    except FileNotFoundError as error:
        raise SeedError(f"{file}: the file is gone from {folder}; index again to forget it") from error
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL or with bytes that are not UTF-8
        raise SeedError(f"{file!r}: can't be read ({error}); check its name and permissions") from error
    if len(raw) >= MAX_FILE_BYTES:
        raise SeedError(f"{file}: grew past the limit of {MAX_FILE_BYTES:,} bytes while it was read; split the file")
    return raw


def _is_seed_name(name: str) -> bool:
    lower = name.lower()
    return (
        lower.endswith(SUPPORTED_SUFFIXES)
        and not lower.startswith((".", "readme"))
        and not lower.endswith(UNFINISHED_ENDINGS)
    )


def _is_inside(path: Path, root: Path) -> bool:
    try:
        return path.is_file() and _leads_inside(path, root)
    except OSError:
        return False  # a link in a circle or a folder that may not be searched: nothing to read there


def _leads_inside(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root)


def _refuse_listing(error: OSError) -> None:
    raise SeedError(f"{error.filename}: the folder can't be listed ({error.strerror}); check its permissions")

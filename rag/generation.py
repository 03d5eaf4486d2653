"""One generation: a built index in a folder of its own, complete or not there. Knows nothing of how it was made.

vectors/CURRENT                    the id of the generation in use, replaced by one rename
vectors/<id>/manifest.json         written last: a folder without it is not a generation
vectors/<id>/catalog.sqlite        sources, articles, passages
vectors/<id>/vectors.faiss         a vector a passage
vectors/<id>/words/                the word index, a document a passage
vectors/.building-<id>/            one being written; left behind only by a process that was killed
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from rag.catalog import Catalog
from rag.errors import IndexBusy, IndexDamaged, NoGeneration
from rag.index import VectorIndex
from rag.lexical import WordIndex

FORMAT = 1  # of the files in a generation; another number is not opened
CATALOG, VECTORS, WORDS, MANIFEST, CURRENT = "catalog.sqlite", "vectors.faiss", "words", "manifest.json", "CURRENT"
KEPT = 3  # generations on disk; older ones go when a new one is published
_BUILDING, _LOCK = ".building-", ".lock"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds and what it was made from."""

    id: str
    created_at: str  # ISO 8601, UTC
    format: int
    recipe: int  # of parsing and cutting; see rag.reindex
    embedder: str  # fingerprint
    dim: int
    files: dict[str, str]  # seed file -> sha256 of its bytes
    articles: int
    passages: int
    warnings: list[str] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)  # file of the generation -> sha256


class Generation:
    """A generation opened for reading; safe to share between threads. Raises IndexDamaged where a part is amiss."""

    def __init__(self, folder: Path) -> None:
        self.manifest = _read_manifest(folder)
        self.vectors = VectorIndex.load(folder / VECTORS)
        self.words = WordIndex.load(folder / WORDS)
        self.catalog = Catalog(folder / CATALOG)
        counts = {len(self.vectors), len(self.words), self.manifest.passages}
        if len(counts) > 1 or self.vectors.dim != self.manifest.dim:
            self.close()
            raise IndexDamaged(
                f"{folder}: vectors, words and manifest disagree on the passages ({sorted(counts)}) or the vectors' "
                "length; run `derek reindex`"
            )

    @property
    def id(self) -> str:
        """The generation's name, newest last when sorted."""
        return self.manifest.id

    def close(self) -> None:
        """Release the files."""
        self.catalog.close()


def current_id(vectors_dir: Path) -> str | None:
    """The id of the generation in use; the newest complete one where the pointer is missing or points nowhere."""
    pointer = vectors_dir / CURRENT
    named = pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else ""
    if _is_name(named) and (vectors_dir / named / MANIFEST).is_file():
        return named
    return max((path.parent.name for path in vectors_dir.glob(f"[!.]*/{MANIFEST}")), default=None)


def open_generation(vectors_dir: Path, generation_id: str) -> Generation:
    """Open one generation. Raises NoGeneration where there is none of that id, IndexDamaged where it is amiss."""
    if not _is_name(generation_id) or not (vectors_dir / generation_id / MANIFEST).is_file():
        raise NoGeneration(f"{vectors_dir}: no generation {generation_id!r}; `derek index list` names them")
    return Generation(vectors_dir / generation_id)


def open_current(vectors_dir: Path) -> Generation:
    """Open the generation in use. Raises NoGeneration where nothing was indexed yet."""
    generation_id = current_id(vectors_dir)
    if generation_id is None:
        raise NoGeneration(f"{vectors_dir}: nothing indexed yet; run `derek reindex`")
    return open_generation(vectors_dir, generation_id)


def list_generations(vectors_dir: Path) -> list[Manifest]:
    """Manifests of the complete generations, newest first; unreadable ones are left out (`verify` names them)."""
    manifests = []
    for path in sorted(vectors_dir.glob(f"[!.]*/{MANIFEST}"), reverse=True):
        try:
            manifests.append(_read_manifest(path.parent))
        except IndexDamaged:
            continue
    return manifests


def verify_generation(vectors_dir: Path, generation_id: str) -> list[str]:
    """What is wrong with a generation, a sentence a fault; empty where it is sound. Reads every byte."""
    folder = vectors_dir / generation_id
    try:
        manifest = _read_manifest(folder)
        problems = [
            f"{folder / name}: {'missing' if not (folder / name).is_file() else 'altered'}; run `derek reindex`"
            for name, sha256 in manifest.parts.items()
            if not (folder / name).is_file() or _sha256(folder / name) != sha256
        ]
        if not problems:
            Generation(folder).close()
    except IndexDamaged as exc:
        return [str(exc)]
    return problems


@contextmanager
def writer_lock(vectors_dir: Path) -> Iterator[None]:
    """Hold the index for writing; the lock dies with its process. Raises IndexBusy where another holds it."""
    vectors_dir.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(vectors_dir / _LOCK, timeout=0):
            yield
    except Timeout as exc:
        raise IndexBusy(f"{vectors_dir}: another process is indexing; wait for it to end, then try again") from exc


def building_folder(vectors_dir: Path, generation_id: str) -> Path:
    """A new empty folder to build in, once what a killed writer left is gone. Call with the writer lock held."""
    for leftover in vectors_dir.glob(f"{_BUILDING}*"):
        shutil.rmtree(leftover)
    folder = vectors_dir / f"{_BUILDING}{generation_id}"
    folder.mkdir()
    return folder


def publish(vectors_dir: Path, building: Path, manifest: Manifest) -> None:
    """Make a built folder the current generation: parts to disk, manifest last, one rename, pointer, old ones away."""
    files = sorted(path for path in building.rglob("*") if path.is_file())
    for path in files:
        _sync(path)
    complete = asdict(manifest) | {"parts": {path.relative_to(building).as_posix(): _sha256(path) for path in files}}
    _write(building / MANIFEST, json.dumps(complete, ensure_ascii=False, indent=1))
    _sync(building)
    building.rename(vectors_dir / manifest.id)
    _write(vectors_dir / CURRENT, manifest.id)
    _sync(vectors_dir)
    for old in list_generations(vectors_dir)[KEPT:]:
        shutil.rmtree(vectors_dir / old.id, ignore_errors=True)


def _read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["format"] != FORMAT:
            raise IndexDamaged(f"{path}: format {values['format']!r}, this Derek reads {FORMAT}; run `derek reindex`")
        manifest = Manifest(**values)
    except FileNotFoundError as exc:
        raise NoGeneration(f"{folder}: no {MANIFEST}, so no complete generation; run `derek reindex`") from exc
    except (OSError, ValueError, TypeError, KeyError) as exc:
        raise IndexDamaged(f"{path}: not a manifest of Derek's ({exc!r}); run `derek reindex`") from exc
    for name in manifest.parts:
        if not (folder / name).is_file():
            raise IndexDamaged(f"{folder / name}: missing; run `derek reindex`")
    return manifest


def _is_name(generation_id: str) -> bool:
    return bool(generation_id) and not generation_id.startswith(".") and "/" not in generation_id


def _write(path: Path, text: str) -> None:
    """Replace a small file: complete or as it was."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

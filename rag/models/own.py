"""A model of the user's own: a path, or a name on the hub that the engine itself fetches and caches.

Knows how to tell them apart and how to name their weights; nothing is copied or checked.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from rag.errors import WeightsMissing
from rag.models.manifest import MANIFESTS


@dataclass(frozen=True, slots=True)
class Weights:
    """Where to load from: a folder or file, or None for a hub name.

    `name` is how to ask for them again, from any working folder; `identity` names the weights in fingerprints.
    """

    name: str
    folder: Path | None
    identity: str


def own_weights(name: str) -> Weights:
    """Raises WeightsMissing where `name` is neither a path that exists nor shaped like a hub name (owner/model)."""
    path = Path(name).expanduser()
    if path.exists():
        return Weights(str(path.resolve()), path.resolve(), f"{path.resolve().name}|own|{_digest(path)}")
    if path.is_absolute() or name.startswith((".", "~")) or name.count("/") != 1:
        raise WeightsMissing(f"{name!r} is no known model ({', '.join(MANIFESTS)}), no path here and no hub name")
    return Weights(name, None, f"{name}|hub")


def _digest(path: Path) -> str:
    """Every file's name, size and time in one hash: another one as soon as a file is replaced."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    lines = [f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files if file.is_file()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]

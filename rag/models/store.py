"""Known names -> installed folders (first form)."""

from dataclasses import dataclass
from pathlib import Path

from rag.errors import WeightsDamaged, WeightsMissing
from rag.models.record import problems, read_record


@dataclass(frozen=True, slots=True)
class Weights:
    """Where to load from: a folder, or None for a hub name; `identity` names the weights in fingerprints."""

    folder: Path | None
    identity: str


def installed(name: str, cache_dir: Path) -> Path | None:
    """The folder of an installed model, None where it is not (whole)."""
    folder = cache_dir / "models" / name
    return folder if read_record(folder) else None


def open_weights(name: str, cache_dir: Path) -> Weights:
    """The folder to load, its bytes checked."""
    folder = cache_dir / "models" / name
    record = read_record(folder)
    if record is None:
        raise WeightsMissing(f"{name} is not in {folder}; derek models pull {name}")
    if found := problems(folder, record, all_bytes=False):
        raise WeightsDamaged("; ".join(found) + f"; derek models pull {name} mends it")
    return Weights(folder, f"{name}|{record.source}|{record.digest[:16]}")

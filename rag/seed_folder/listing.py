"""What lies in the seeds folder: each file's size, checksum, layout, articles, and whether the index has it so.

A file is read once and then remembered until its size, time or inode changes. What the generation in use holds of the
same bytes is not parsed again. Changes nothing, and knows nothing of HTTP.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.catalog import IndexedSeed
from rag.errors import NotFound, SeedError
from rag.generation import Generation
from rag.limits import Limits
from rag.parsing import ParsedSeed, parse_seed
from rag.seed_folder.names import existing_name, place_of
from rag.sources import checksum, list_seed_files, read_seed

MAX_PARSED = 50  # files that one page may cost to parse: the rest shows no articles until it is asked for again
_Stamp = tuple[int, int, int]  # size, mtime in ns, inode: a file that has the same ones has the same bytes


@dataclass(frozen=True, slots=True)
class ListedSeed:
    """A seed file as it lies there now.

    `sha256` None: its bytes can't be read. `layout` and `articles` None: it can't be read, as `error` says, or it has
    not been looked into yet. `indexed`: the generation in use holds it with these bytes.
    """

    file: str
    size: int
    modified_at: str  # ISO 8601, UTC
    sha256: str | None
    layout: str | None
    articles: int | None
    warnings: tuple[str, ...]
    error: str | None
    indexed: bool


@dataclass(frozen=True, slots=True)
class SeedsPage:
    """A part of the seed files, by name; `total` counts all. `gone`: indexed, but not in the folder any more."""

    total: int
    seeds: tuple[ListedSeed, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Look:
    """What reading a file's bytes gave. `parsed` None: not looked into yet."""

    sha256: str | None
    error: str | None = None
    parsed: IndexedSeed | None = None


class SeedListing:
    """The seed files of one folder, safe to share between threads."""

    def __init__(self, root: Path, limits: Limits) -> None:
        self._root = root
        self._limits = limits
        self._lock = threading.Lock()
        self._looks: dict[str, tuple[_Stamp, _Look]] = {}
        self._known: tuple[str | None, dict[str, IndexedSeed]] = (None, {})

    def page(self, generation: Generation | None, limit: int, offset: int, most: int = MAX_PARSED) -> SeedsPage:
        """`limit` files from `offset` on, of which `most` may be parsed.

        Raises SeedError where the folder is missing or can't be listed.
        """
        files = list_seed_files(self._root, self._limits)
        known = self._indexed(generation)
        present = set(files)
        with self._lock:
            self._looks = {file: look for file, look in self._looks.items() if file in present}
        left = most

        def may_parse() -> bool:
            nonlocal left
            left -= 1
            return left >= 0

        found = (self._listed(file, known.get(file), may_parse) for file in files[offset : offset + limit])
        seeds = tuple(seed for seed in found if seed is not None)
        gone = tuple(file for file, seed in known.items() if seed.layout is not None and file not in present)
        return SeedsPage(len(files), seeds, gone)

    def one(self, name: str, generation: Generation | None) -> ListedSeed:
        """One file. Raises InputError for a name that none can have, NotFound."""
        file = existing_name(name)
        place_of(self._root, file)
        seed = self._listed(file, self._indexed(generation).get(file), lambda: True)
        if seed is None:
            raise NotFound(f"{file}: no such file in the seeds folder; `derek seeds list` names them", "name")
        return seed

    def _listed(self, file: str, known: IndexedSeed | None, may_parse: Callable[[], bool]) -> ListedSeed | None:
        """The file as it is now; None where it has just gone."""
        try:
            found = (self._root / file).stat()
        except OSError:
            return None
        stamp = (found.st_size, found.st_mtime_ns, found.st_ino)
        stamped, look = self._looks.get(file, (None, _Look(None)))
        if stamped != stamp:
            look = self._looked(file)
        at_hand = known if known is not None and known.sha256 == look.sha256 else look.parsed
        if at_hand is None and look.error is None and may_parse():
            look = self._parsed(file)
            at_hand = look.parsed
        with self._lock:
            self._looks[file] = stamp, look
        error = look.error
        if at_hand is not None and at_hand.layout is None:  # tried when it was indexed
            error = "; ".join(at_hand.warnings).removeprefix("skipped: ")
        readable = at_hand if error is None else None
        return ListedSeed(
            file,
            found.st_size,
            datetime.fromtimestamp(found.st_mtime, UTC).isoformat(timespec="milliseconds"),
            look.sha256,
            readable.layout if readable else None,
            readable.articles if readable else None,
            readable.warnings if readable else (),
            error,
            indexed=readable is not None and readable is known,
        )

    def _looked(self, file: str) -> _Look:
        try:
            return _Look(checksum(self._root, file, self._limits))
        except SeedError as exc:
            return _Look(None, str(exc))

    def _parsed(self, file: str) -> _Look:
        look = self._looked(file)
        try:
            seed = read_seed(self._root, file, self._limits)
        except SeedError as exc:
            return _Look(look.sha256, str(exc))
        return _Look(seed.sha256, parsed=_summary(parse_seed(seed)))

    def _indexed(self, generation: Generation | None) -> dict[str, IndexedSeed]:
        """What the generation holds, by name."""
        if generation is None:
            return {}
        known_id, known = self._known
        if known_id != generation.id:
            known = {seed.file: seed for seed in generation.catalog.seeds()}
            self._known = generation.id, known
        return known


def _summary(parsed: ParsedSeed) -> IndexedSeed:
    return IndexedSeed(parsed.file, parsed.sha256, parsed.layout, len(parsed.articles), parsed.warnings)

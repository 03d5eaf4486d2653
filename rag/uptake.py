"""What changed in the seeds -> the catalog of the next generation, beginning from a copy of the last one's.

Only what changed is read and parsed; bytes that are known under another name are not even that. Knows no vectors and
no words: those follow from the rows that were added and buried.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.catalog import Catalog, CatalogWriter
from rag.changes import Changes, check, kind_of
from rag.errors import NotFound, SeedError
from rag.generation import CATALOG, Generation
from rag.limits import Limits
from rag.parsing import ParsedSeed, moved, parse_seed, unreadable
from rag.passages import CountTokens
from rag.sources import read_seed
from rag.stories import settle
from rag.types import Rows, StopCheck

_TOMBSTONES = 0.1  # share of the rows from which on they are numbered anew


@dataclass(frozen=True, slots=True)
class Uptake:
    """What was taken up, and the rows that are new: those behind the base's, or all. `extends`: there is a base left.

    Nothing extends what was numbered anew.
    """

    new: Rows
    extends: bool
    files: Mapping[str, str]  # seed file that was read or tried -> sha256 of its bytes
    articles: Mapping[str, int]  # how many were parsed from each of them


class SeedReader:
    """Seed files as they are parsed: from what the last generation keeps of the same bytes, else from the folder."""

    def __init__(self, seeds_dir: Path, limits: Limits, now: Mapping[str, str], last: Catalog | None) -> None:
        self._seeds_dir = seeds_dir
        self._limits = limits
        self._now = now
        self._last = last
        seeds = last.seeds() if last else []
        # one with warnings is parsed again: they name the file and the line
        self._known = {(s.sha256, kind_of(s.file)): s.file for s in seeds if s.layout is not None and not s.warnings}

    def parsed(self, file: str) -> ParsedSeed:
        """The seed file; of one that can't be read why. Raises nothing."""
        known = self._known.get((self._now[file], kind_of(file)))
        if self._last and known:
            return moved(self._last.parsed_seed(known), file)
        try:
            return parse_seed(read_seed(self._seeds_dir, file, self._limits))
        except SeedError as exc:
            return unreadable(file, self._now[file], exc)

    def readable(self, file: str) -> bool:
        """Whether a file that was skipped can be read by now, and does not clash with a source that is kept."""
        parsed = self.parsed(file)
        return parsed.layout is not None and all(self._fits(one.sha256, one.text) for one in parsed.sources)

    def _fits(self, sha256: str, text: str) -> bool:
        try:
            return self._last is None or self._last.source_text(sha256) == text
        except NotFound:
            return True


def take_up(
    building: Path,
    base: Generation | None,
    reader: SeedReader,
    changes: Changes,
    count_tokens: CountTokens,
    show: Callable[[int, int, int], None],
    stop: StopCheck,
) -> Uptake:
    """Write the catalog in `building`, from that of `base` if there is one, and bring it in line with `changes`.

    `show` is told files done, articles read in them and passages added. Raises OSError or sqlite3.Error where it can't
    be written, Cancelled once `stop()` is true.
    """
    files: dict[str, str] = {}
    articles: dict[str, int] = {}
    read = 0
    with CatalogWriter.opened(building / CATALOG, base.folder / CATALOG if base else None) as catalog:
        first_new = catalog.rows
        touched = [article_id for file in changes.gone for article_id in catalog.remove(file)]
        for done, file in enumerate(changes.incoming, start=1):
            check(stop)
            parsed = reader.parsed(file)
            try:
                touched += catalog.add(parsed)
            except SeedError as exc:
                parsed = unreadable(file, parsed.sha256, exc)
                catalog.add(parsed)
            files[file], articles[file] = parsed.sha256, len(parsed.articles)
            read += len(parsed.articles)
            show(done, read, 0)
        added = 0
        for came in settle(catalog, touched, count_tokens):
            check(stop)
            added += came
            show(len(changes.incoming), read, added)
        compacted = catalog.tombstones > _TOMBSTONES * catalog.rows
        if compacted:
            catalog.compact()
        new = np.arange(0 if compacted else first_new, catalog.rows)
        return Uptake(new, base is not None and not compacted, files, articles)

"""Asking a catalog that is complete. What it returns are values; it changes nothing."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from rag.catalog.schema import (
    ARTICLE,
    MOST_VALUES,
    PASSAGE,
    add_functions,
    article_of,
    folded,
    passage_of,
    placeholders,
)
from rag.errors import IndexDamaged, NotFound
from rag.parsing import ParsedSeed
from rag.types import Article, Filters, Passage, Rows, Source

_FILTERS = 8  # whose rows are remembered, 8 bytes a row


@dataclass(frozen=True, slots=True)
class IndexedSeed:
    """A seed file as the generation knows it. `layout` None: it could not be read, and the warning says why."""

    file: str
    sha256: str
    layout: str | None
    articles: int
    warnings: tuple[str, ...]


class Catalog:
    """A catalog opened for reading; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._passing = lru_cache(_FILTERS)(self._rows_passing)  # a catalog does not change, and filters come again
        try:
            self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        except sqlite3.Error as exc:
            raise self._damaged(exc) from exc
        add_functions(self._connection)
        try:
            self._count = int(self._query("SELECT count(*) FROM passages")[0][0])
        except IndexDamaged:
            self._connection.close()
            raise

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        """Release the file; the catalog can't be used afterwards."""
        with self._lock:
            self._connection.close()

    def articles(self, filters: Filters, q: str | None, limit: int, offset: int) -> tuple[int, list[Article]]:
        """How many articles pass `filters` and hold every word of `q`, and one page of them, newest first."""
        where, values = _conditions(filters)
        for word in (q or "").casefold().split():
            where.append(
                "(instr(fold(a.title), ?) OR EXISTS "
                "(SELECT 1 FROM passages p WHERE p.article_id = a.article_id AND instr(fold(p.text), ?)))"
            )
            values += [word, word]
        clause = " AND ".join(where) or "1"
        total = self._query(f"SELECT count(*) FROM articles a WHERE {clause}", values)[0][0]
        page = self._query(
            f"SELECT {ARTICLE} FROM articles a WHERE {clause} "
            "ORDER BY a.published_at IS NULL, a.published_at DESC, a.file, a.span_start LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        return total, [article_of(row) for row in page]

    def article(self, article_id: str) -> Article:
        """The article of that id, or the one that stands for it. Raises NotFound."""
        story = "(SELECT story FROM places WHERE article_id = ?)"
        found = self._query(f"SELECT {ARTICLE} FROM articles a WHERE a.article_id = {story}", [article_id])
        if not found:
            raise NotFound(f"no article {article_id!r} in this generation; `derek articles` lists them", "article_id")
        return article_of(found[0])

    def passages_of(self, article_id: str) -> list[Passage]:
        """The passages of an article in reading order; none for an unknown id."""
        rows = self._query(f"SELECT {PASSAGE} FROM passages p WHERE p.article_id = ? ORDER BY p.row", [article_id])
        return [passage_of(row) for row in rows]

    def passage(self, passage_id: str) -> Passage:
        """The passage of that id. Raises NotFound."""
        found = self._query(f"SELECT {PASSAGE} FROM passages p WHERE p.passage_id = ?", [passage_id])
        if not found:
            raise NotFound(f"no passage {passage_id!r} in this generation; `/v1/search` finds them", "passage_id")
        return passage_of(found[0])

    def source_text(self, sha256: str) -> str:
        """The decoded text of the seed file with that checksum. Raises NotFound."""
        found = self._query("SELECT text FROM sources WHERE sha256 = ?", [sha256])
        if not found:
            raise NotFound(f"no source {sha256!r} in this generation", "sha256")
        text: str = found[0][0]
        return text

    def at_rows(self, rows: Sequence[int]) -> list[tuple[Passage, Article]]:
        """The passages at `rows`, in that order, each with its article."""
        found = self._query(
            f"SELECT p.row, {PASSAGE}, {ARTICLE} FROM passages p JOIN articles a USING (article_id) "
            f"WHERE p.row IN ({placeholders(rows)})",
            [int(row) for row in rows],
        )
        by_row = {values[0]: (passage_of(values[1:6]), article_of(values[6:])) for values in found}
        return [by_row[int(row)] for row in rows]

    def rows_passing(self, filters: Filters) -> Rows | None:
        """Rows of the passages whose article passes `filters`; None, meaning all of `rows()`, where nothing filters."""
        return self._passing(filters)

    def _rows_passing(self, filters: Filters) -> Rows | None:
        where, values = _conditions(filters)
        if not where:
            return None
        found = self._query(
            f"SELECT p.row FROM passages p JOIN articles a USING (article_id) WHERE {' AND '.join(where)}", values
        )
        rows = np.array([row for (row,) in found], np.int64)
        rows.setflags(write=False)  # more than one caller gets it
        return rows

    def rows(self) -> Rows:
        """The rows that hold a passage, ascending."""
        return np.array([row for (row,) in self._query("SELECT row FROM passages ORDER BY row")], np.int64)

    def tombstones(self) -> Rows:
        """The rows whose passage is gone, ascending; their vectors are still in the index."""
        return np.array([row for (row,) in self._query("SELECT row FROM tombstones ORDER BY row")], np.int64)

    def content_keys(self, rows: Rows) -> list[bytes]:
        """Hashes of what was embedded for the passages at `rows`, in that order."""
        found = self._among("SELECT row, content_key FROM passages WHERE row IN", rows.tolist())
        keys = dict(found)
        return [keys[row] for row in rows.tolist()]

    def rows_of_keys(self, keys: Iterable[bytes]) -> dict[bytes, int]:
        """For each content key that was ever embedded here a row whose vector is its, tombstones' too."""
        wanted = list(keys)
        gone = self._among("SELECT content_key, row FROM tombstones WHERE content_key IN", wanted)
        return dict(gone) | dict(self._among("SELECT content_key, row FROM passages WHERE content_key IN", wanted))

    def seeds(self) -> list[IndexedSeed]:
        """Every seed file that was read or tried, by name."""
        found = self._query(
            "SELECT s.file, s.sha256, s.layout, count(p.place), s.warnings FROM seeds s "
            "LEFT JOIN files f ON f.seed = s.file LEFT JOIN places p ON p.file = f.file GROUP BY s.file ORDER BY s.file"
        )
        return [
            IndexedSeed(file, sha256, layout, articles, tuple(json.loads(warnings)))
            for file, sha256, layout, articles, warnings in found
        ]

    def parsed_seed(self, file: str) -> ParsedSeed:
        """A seed file as it was parsed, from what is kept of it. Raises NotFound."""
        found = self._query("SELECT sha256, layout, warnings FROM seeds WHERE file = ?", [file])
        if not found:
            raise NotFound(f"no seed file {file!r} in this generation; `derek reindex` takes up new ones", "file")
        sha256, layout, warnings = found[0]
        texts = self._query(
            "SELECT file, sha256, text FROM files JOIN sources USING (sha256) WHERE seed = ? ORDER BY file", [file]
        )
        places = self._query(
            f"SELECT {ARTICLE} FROM (SELECT p.*, f.sha256 AS source_sha256, '[]' AS also_in FROM places p "
            "JOIN files f USING (file) WHERE f.seed = ?) a ORDER BY a.file, a.span_start",
            [file],
        )
        return ParsedSeed(
            file,
            sha256,
            layout,
            sources=tuple(Source(*values) for values in texts),
            articles=tuple(article_of(values) for values in places),
            warnings=tuple(json.loads(warnings)),
        )

    def stories(self) -> int:
        """How many articles stand for themselves."""
        return int(self._query("SELECT count(*) FROM places WHERE stands")[0][0])

    def grouped(self) -> int:
        """How many articles another one stands for."""
        return int(self._query("SELECT count(DISTINCT article_id) FROM places WHERE story <> article_id")[0][0])

    def text_lengths(self) -> dict[str, int]:
        """Characters of all texts of each seed file that could be read."""
        return dict(
            self._query("SELECT f.seed, sum(length(s.text)) FROM files f JOIN sources s USING (sha256) GROUP BY f.seed")
        )

    def passages_by_seed(self) -> dict[str, int]:
        """Passages of each seed file that has any, counted where the article stands."""
        return dict(
            self._query(
                "SELECT f.seed, count(*) FROM passages p JOIN places a ON a.article_id = p.article_id AND a.stands "
                "JOIN files f USING (file) GROUP BY f.seed"
            )
        )

    def misplaced(self) -> int:
        """Stories of which not exactly one place stands for the others, and passages of articles that do not stand."""
        (unled,) = self._query(
            "SELECT count(*) FROM (SELECT sum(stands) AS standing FROM places GROUP BY story) WHERE standing <> 1"
        )[0]
        (lost,) = self._query(
            "SELECT count(*) FROM passages WHERE article_id NOT IN (SELECT article_id FROM articles)"
        )[0]
        return int(unled) + int(lost)

    def _among(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """All rows of a statement that ends in `IN` for any number of values, in as many turns as it takes."""
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(values), MOST_VALUES):
            part = values[start : start + MOST_VALUES]
            found += self._query(f"{sql} ({placeholders(part)})", part)
        return found

    def _query(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows. Raises IndexDamaged where SQLite can't read the file, which may show only now."""
        with self._lock:
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.ProgrammingError:  # a closed catalog, say: a slip of the caller's, no damage
                raise
            except sqlite3.Error as exc:
                raise self._damaged(exc) from exc

    def _damaged(self, exc: sqlite3.Error) -> IndexDamaged:
        return IndexDamaged(f"{self._path}: not a readable catalog ({exc}); run `derek reindex`")


def _conditions(filters: Filters) -> tuple[list[str], list[Any]]:
    """SQL conditions on article `a`, and their values. `date_to` includes its whole day; no date, no pass."""
    where: list[str] = []
    values: list[Any] = []
    if filters.date_from:
        where.append("substr(a.published_at, 1, 10) >= ?")
        values.append(filters.date_from)
    if filters.date_to:
        where.append("substr(a.published_at, 1, 10) <= ?")
        values.append(filters.date_to)
    if filters.files:
        named = placeholders(filters.files)
        where.append(
            "a.article_id IN (SELECT o.story FROM places o JOIN files f USING (file) "
            f"WHERE f.file IN ({named}) OR f.seed IN ({named}))"
        )
        values += [*filters.files, *filters.files]
    if filters.outlets:
        where.append(f"fold(a.outlet) IN ({placeholders(filters.outlets)})")
        values += [folded(outlet) for outlet in filters.outlets]
    if filters.languages:
        where.append(f"a.language IN ({placeholders(filters.languages)})")
        values += [language.lower() for language in filters.languages]
    return where, values

"""Sources, articles and passages of one generation, in SQLite. Knows no vectors, no words and no scores.

Passages are stored under their row: the ordinal that the vector index and the word index use for them.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import IndexDamaged, NotFound
from rag.types import Article, Filters, Passage, Rows, Source, Span

_SCHEMA = """
CREATE TABLE sources (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
  row INTEGER PRIMARY KEY, article_id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, published_at TEXT,
  language TEXT NOT NULL, outlet TEXT, url TEXT, file TEXT NOT NULL, source_sha256 TEXT NOT NULL REFERENCES sources,
  span_start INTEGER NOT NULL, span_end INTEGER NOT NULL, body TEXT NOT NULL, also_in TEXT NOT NULL,
  extracted INTEGER NOT NULL);
CREATE TABLE passages (
  row INTEGER PRIMARY KEY, passage_id TEXT NOT NULL UNIQUE, article_id TEXT NOT NULL REFERENCES articles (article_id),
  span_start INTEGER NOT NULL, span_end INTEGER NOT NULL, text TEXT NOT NULL, content_key TEXT NOT NULL);
CREATE INDEX passages_by_article ON passages (article_id);
"""
_ARTICLE = (
    "a.article_id, a.title, a.published_at, a.language, a.outlet, a.url, a.file, a.source_sha256, "
    "a.span_start, a.span_end, a.body, a.also_in, a.extracted"
)
_PASSAGE = "p.passage_id, p.article_id, p.span_start, p.span_end, p.text"


def write_catalog(
    path: Path,
    sources: Iterable[Source],
    articles: Sequence[Article],
    passages: Sequence[Passage],
    content_keys: Sequence[str],
) -> None:
    """Write a new catalog at `path`; passage i gets row i. `content_keys`: hashes of what was embedded, a row each."""
    connection = sqlite3.connect(path)
    try:
        with connection:
            connection.executescript(_SCHEMA)
            connection.executemany("INSERT OR IGNORE INTO sources VALUES (?, ?)", ((s.sha256, s.text) for s in sources))
            connection.executemany(
                "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ((row, *_article_values(a)) for row, a in enumerate(articles)),
            )
            connection.executemany(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (row, p.passage_id, p.article_id, p.span.start, p.span.end, p.text, key)
                    for row, (p, key) in enumerate(zip(passages, content_keys, strict=True))
                ),
            )
    finally:
        connection.close()


class Catalog:
    """A catalog opened for reading; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        except sqlite3.Error as exc:
            raise self._damaged(exc) from exc
        self._connection.create_function("fold", 1, _fold, deterministic=True)
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
            f"SELECT {_ARTICLE} FROM articles a WHERE {clause} "
            "ORDER BY a.published_at IS NULL, a.published_at DESC, a.row LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        return total, [_article(row) for row in page]

    def article(self, article_id: str) -> Article:
        """The article of that id. Raises NotFound."""
        found = self._query(f"SELECT {_ARTICLE} FROM articles a WHERE a.article_id = ?", [article_id])
        if not found:
            raise NotFound(f"no article {article_id!r} in this generation; `derek articles` lists them", "article_id")
        return _article(found[0])

    def passages_of(self, article_id: str) -> list[Passage]:
        """The passages of an article in reading order; none for an unknown id."""
        rows = self._query(f"SELECT {_PASSAGE} FROM passages p WHERE p.article_id = ? ORDER BY p.row", [article_id])
        return [_passage(row) for row in rows]

    def passage(self, passage_id: str) -> Passage:
        """The passage of that id. Raises NotFound."""
        found = self._query(f"SELECT {_PASSAGE} FROM passages p WHERE p.passage_id = ?", [passage_id])
        if not found:
            raise NotFound(f"no passage {passage_id!r} in this generation; `/v1/search` finds them", "passage_id")
        return _passage(found[0])

    def source_text(self, sha256: str) -> str:
        """The decoded text of the seed file with that checksum. Raises NotFound."""
        found = self._query("SELECT text FROM sources WHERE sha256 = ?", [sha256])
        if not found:
            raise NotFound(f"no source {sha256!r} in this generation", "sha256")
        text: str = found[0][0]
        return text

    def at_rows(self, rows: Sequence[int]) -> list[tuple[Passage, Article]]:
        """The passages at `rows`, in that order, each with its article."""
        wanted = ",".join("?" * len(rows))
        found = self._query(
            f"SELECT p.row, {_PASSAGE}, {_ARTICLE} FROM passages p JOIN articles a USING (article_id) "
            f"WHERE p.row IN ({wanted})",
            [int(row) for row in rows],
        )
        by_row = {values[0]: (_passage(values[1:6]), _article(values[6:])) for values in found}
        return [by_row[int(row)] for row in rows]

    def rows_passing(self, filters: Filters) -> Rows | None:
        """Rows of the passages whose article passes `filters`; None where nothing is filtered."""
        where, values = _conditions(filters)
        if not where:
            return None
        found = self._query(
            f"SELECT p.row FROM passages p JOIN articles a USING (article_id) WHERE {' AND '.join(where)}", values
        )
        return np.array([row for (row,) in found], np.int64)

    def content_keys(self) -> list[str]:
        """Hashes of what was embedded, in row order."""
        return [key for (key,) in self._query("SELECT content_key FROM passages ORDER BY row")]

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
        named = ",".join("?" * len(filters.files))
        where.append(f"(a.file IN ({named}) OR EXISTS (SELECT 1 FROM json_each(a.also_in) WHERE value IN ({named})))")
        values += [*filters.files, *filters.files]
    if filters.outlets:
        where.append(f"fold(a.outlet) IN ({','.join('?' * len(filters.outlets))})")
        values += [_fold(outlet) for outlet in filters.outlets]
    if filters.languages:
        where.append(f"a.language IN ({','.join('?' * len(filters.languages))})")
        values += [language.lower() for language in filters.languages]
    return where, values


def _fold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def _article_values(a: Article) -> tuple[Any, ...]:
    body = json.dumps([[piece.start, piece.end] for piece in a.body])
    also_in = json.dumps(a.also_in, ensure_ascii=False)
    head = (a.article_id, a.title, a.published_at, a.language, a.outlet, a.url, a.file, a.source_sha256)
    return (*head, a.span.start, a.span.end, body, also_in, a.extracted)


def _article(values: Sequence[Any]) -> Article:
    article_id, title, published_at, language, outlet, url, file, sha256, start, end, body, also_in, extracted = values
    return Article(
        article_id,
        title,
        published_at,
        language,
        outlet,
        url,
        file,
        sha256,
        span=Span(start, end),
        body=tuple(Span(*piece) for piece in json.loads(body)),
        also_in=tuple(json.loads(also_in)),
        extracted=bool(extracted),
    )


def _passage(values: Sequence[Any]) -> Passage:
    passage_id, article_id, start, end, text = values
    return Passage(passage_id, article_id, Span(start, end), text)

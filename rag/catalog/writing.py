"""Changing the catalog of a generation that is being built: files in and out, and which passages stand where.

It may begin as a copy of an older generation's catalog; then what is not touched costs nothing. Nothing is safe before
the block that holds the writer has ended: a failure leaves a file to be thrown away.
"""

import functools
import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.articles import article_text, joined
from rag.catalog.schema import ARTICLE, PLACE, SCHEMA, add_functions, article_of, place_values
from rag.duplicates import Candidate, signature_of
from rag.errors import SeedError
from rag.parsing import ParsedSeed
from rag.types import Article, Passage, Span

_TEXTS = 4  # sources kept while articles are compared across files
_CACHE_KIB = 256 * 1024  # hashes come at random places of their indexes: of a million passages little fits in less
_PLACE_VALUES = ", ".join("?" * len(PLACE.split(", ")))


class CatalogWriter:
    """A catalog that is being changed. Every method raises sqlite3.Error where the disk is full, say."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._shown: tuple[str, str] | None = None  # the text asked for last: articles of one file come in a row

    @classmethod
    @contextmanager
    def opened(cls, path: Path, origin: Path | None) -> "Iterator[CatalogWriter]":
        """A writer of a new catalog at `path`, a copy of that at `origin` if given; committed if the block ends well.

        Raises OSError or sqlite3.Error where it can't be written.
        """
        if origin is not None:
            shutil.copyfile(origin, path)
        connection = sqlite3.connect(path)
        try:
            # No journal and no syncing: whoever publishes puts it on the disk, and after a failure it is thrown away.
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            add_functions(connection)
            if origin is None:
                connection.executescript(SCHEMA)
            with connection:
                yield cls(connection)
        finally:
            connection.close()

    def add(self, parsed: ParsedSeed) -> list[str]:
        """Keep a seed file; the ids of its articles. Raises SeedError where its bytes are known with another text."""
        for source in parsed.sources:
            known = self._connection.execute("SELECT text FROM sources WHERE sha256 = ?", [source.sha256]).fetchone()
            if known is not None and known[0] != source.text:
                (other,) = self._connection.execute(
                    "SELECT file FROM files WHERE sha256 = ?", [source.sha256]
                ).fetchone() or ("another file",)
                raise SeedError(
                    f"{source.file}: the same bytes as {other}, where they are read as another format; "
                    "keep one of the two"
                )
        warnings = json.dumps(parsed.warnings, ensure_ascii=False)
        row = (parsed.file, parsed.sha256, parsed.layout, warnings)
        self._connection.execute("INSERT INTO seeds VALUES (?, ?, ?, ?)", row)
        self._connection.executemany(
            "INSERT OR IGNORE INTO sources VALUES (?, ?)", ((one.sha256, one.text) for one in parsed.sources)
        )
        self._connection.executemany(
            "INSERT INTO files VALUES (?, ?, ?)", ((one.file, parsed.file, one.sha256) for one in parsed.sources)
        )
        texts = {one.sha256: one.text for one in parsed.sources}
        self._connection.executemany(
            f"INSERT INTO places ({PLACE}) VALUES ({_PLACE_VALUES})",
            (place_values(one, signature_of(article_text(one, texts[one.source_sha256]))) for one in parsed.articles),
        )
        return [article.article_id for article in parsed.articles]

    def remove(self, seed: str) -> list[str]:
        """Forget a seed file and its places; the ids of the articles that stood in it. Their passages stay for now."""
        of_seed = "file IN (SELECT file FROM files WHERE seed = ?)"
        found = self._connection.execute(f"SELECT DISTINCT article_id FROM places WHERE {of_seed}", [seed]).fetchall()
        self._connection.execute(f"DELETE FROM places WHERE {of_seed}", [seed])
        sources = self._connection.execute("SELECT sha256 FROM files WHERE seed = ?", [seed]).fetchall()
        self._connection.execute("DELETE FROM files WHERE seed = ?", [seed])
        self._connection.executemany(
            "DELETE FROM sources WHERE sha256 = ?1 AND NOT EXISTS (SELECT 1 FROM files WHERE sha256 = ?1)", sources
        )
        self._connection.execute("DELETE FROM seeds WHERE file = ?", [seed])
        return [article_id for (article_id,) in found]

    def places_of(self, article_id: str) -> list[tuple[Article, bool]]:
        """Every place of an article, by file, and whether it stands for its story."""
        found = self._connection.execute(
            f"SELECT {ARTICLE}, a.stands FROM (SELECT p.*, f.sha256 AS source_sha256, '[]' AS also_in FROM places p "
            "JOIN files f USING (file) WHERE p.article_id = ?) a ORDER BY a.file",
            [article_id],
        )
        return [(article_of(values[:-1]), bool(values[-1])) for values in found]

    def candidates(self) -> list[Candidate]:
        """Every article at the first of its places by file, ready to be compared with the others."""
        text_of = functools.lru_cache(maxsize=_TEXTS)(self.source_text)

        def text(body: str, sha256: str) -> str:
            return joined([Span(*piece) for piece in json.loads(body)], text_of(sha256))

        found = self._connection.execute(  # SQLite takes the other columns from the row that holds the minimum
            "SELECT p.article_id, p.title, p.published_at, p.outlet, min(p.file), p.span_start, p.signature, p.body, "
            "f.sha256 FROM places p JOIN files f USING (file) GROUP BY p.article_id"
        )
        return [
            Candidate(article_id, title, day, outlet, file, start, signature, functools.partial(text, body, sha256))
            for article_id, title, day, outlet, file, start, signature, body, sha256 in found
        ]

    def stories(self) -> dict[str, str]:
        """The article that stands for each article: another, or itself."""
        return dict(self._connection.execute("SELECT article_id, max(story) FROM places GROUP BY article_id"))

    def tell_stories(self, stories: Iterable[tuple[str, str]]) -> None:
        """Note for articles which article stands for them."""
        self._connection.executemany(
            "UPDATE places SET story = ?2, stands = stands AND ?1 = ?2 WHERE article_id = ?1", stories
        )

    def let_stand(self, article: Article) -> None:
        """Let this place of an article stand for its story."""
        self._connection.execute("UPDATE places SET stands = 0 WHERE article_id = ? AND stands", [article.article_id])
        self._connection.execute(
            "UPDATE places SET stands = 1 WHERE article_id = ? AND file = ?", [article.article_id, article.file]
        )

    def source_text(self, sha256: str) -> str:
        """The text of a source that is kept."""
        if self._shown is None or self._shown[0] != sha256:
            found = self._connection.execute("SELECT text FROM sources WHERE sha256 = ?", [sha256]).fetchone()
            self._shown = sha256, found[0]
        return self._shown[1]

    def passages_of(self, article_id: str) -> dict[tuple[str, bytes], int]:
        """The rows of an article's passages by their id and content key."""
        found = self._connection.execute(
            "SELECT passage_id, content_key, row FROM passages WHERE article_id = ?", [article_id]
        )
        return {(passage_id, key): row for passage_id, key, row in found}

    def bury(self, rows: Iterable[int]) -> None:
        """Make tombstones of the passages at `rows`."""
        values = [(row,) for row in rows]
        self._connection.executemany(
            "INSERT INTO tombstones SELECT row, content_key FROM passages WHERE row = ?", values
        )
        self._connection.executemany("DELETE FROM passages WHERE row = ?", values)

    def move(self, places: Iterable[tuple[int, Span]]) -> None:
        """Give the passages at these rows other spans."""
        self._connection.executemany(
            "UPDATE passages SET span_start = ?, span_end = ? WHERE row = ?",
            ((span.start, span.end, row) for row, span in places),
        )

    def add_passages(self, first: int, keyed: Iterable[tuple[Passage, bytes]]) -> None:
        """Add passages from row `first` on, each with the hash of what is embedded for it."""
        self._connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (row, p.passage_id, p.article_id, p.span.start, p.span.end, p.text, key)
                for row, (p, key) in enumerate(keyed, start=first)
            ),
        )

    @property
    def rows(self) -> int:
        """Rows given so far, to passages and tombstones: the next one."""
        (living,) = self._connection.execute("SELECT count(*) FROM passages").fetchone()
        return int(living) + self.tombstones

    @property
    def tombstones(self) -> int:
        """Rows whose passage is gone."""
        (dead,) = self._connection.execute("SELECT count(*) FROM tombstones").fetchone()
        return int(dead)

    def compact(self) -> None:
        """Number the passages anew without gaps, in their order, and forget the tombstones."""
        rows = self._connection.execute("SELECT row FROM passages ORDER BY row").fetchall()
        self._connection.executemany(  # in this order a passage's new row is free: it comes before its old one
            "UPDATE passages SET row = ? WHERE row = ?",
            ((new, old) for new, (old,) in enumerate(rows) if new != old),
        )
        self._connection.execute("DELETE FROM tombstones")

"""What a catalog keeps, and how its rows become values.

An article is one however many files it stands in; each of those is a place with its own spans. A story is an article
and those whose report it stands for. One place of a story stands for all: the view `articles` shows it, and the
passages are cut from it. When its file goes, another place takes over.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from rag.types import Article, Passage, Span

SCHEMA = """
CREATE TABLE seeds (file TEXT PRIMARY KEY, sha256 TEXT NOT NULL, layout TEXT, warnings TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sources (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
  file TEXT PRIMARY KEY, seed TEXT NOT NULL REFERENCES seeds, sha256 TEXT NOT NULL REFERENCES sources) WITHOUT ROWID;
CREATE INDEX files_by_seed ON files (seed);
CREATE INDEX files_by_source ON files (sha256);
CREATE TABLE places (
  place INTEGER PRIMARY KEY, article_id TEXT NOT NULL, file TEXT NOT NULL REFERENCES files, title TEXT NOT NULL,
  published_at TEXT, language TEXT NOT NULL, outlet TEXT, url TEXT, span_start INTEGER NOT NULL,
  span_end INTEGER NOT NULL, body TEXT NOT NULL, extracted INTEGER NOT NULL, story TEXT NOT NULL,
  stands INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX places_by_article ON places (article_id, file);
CREATE INDEX places_by_file ON places (file);
CREATE INDEX places_by_story ON places (story);
CREATE UNIQUE INDEX standing ON places (article_id) WHERE stands;
CREATE VIEW articles AS
  SELECT p.*, f.sha256 AS source_sha256,
    (SELECT json_group_array(DISTINCT o.file) FROM places o WHERE o.story = p.article_id AND o.file <> p.file)
    AS also_in
  FROM places p JOIN files f USING (file) WHERE p.stands;
CREATE TABLE passages (
  row INTEGER PRIMARY KEY, passage_id TEXT NOT NULL UNIQUE, article_id TEXT NOT NULL, span_start INTEGER NOT NULL,
  span_end INTEGER NOT NULL, text TEXT NOT NULL, content_key BLOB NOT NULL);
CREATE INDEX passages_by_article ON passages (article_id);
CREATE INDEX passages_by_key ON passages (content_key);
CREATE TABLE tombstones (row INTEGER PRIMARY KEY, content_key BLOB NOT NULL);
CREATE INDEX tombstones_by_key ON tombstones (content_key);
"""
ARTICLE = (
    "a.article_id, a.title, a.published_at, a.language, a.outlet, a.url, a.file, a.source_sha256, "
    "a.span_start, a.span_end, a.body, a.also_in, a.extracted"
)
PASSAGE = "p.passage_id, p.article_id, p.span_start, p.span_end, p.text"
PLACE = "article_id, file, title, published_at, language, outlet, url, span_start, span_end, body, extracted, story"
MOST_VALUES = 30_000  # in one statement; SQLite takes 32,766

Values = Sequence[Any]


def place_values(a: Article) -> tuple[Any, ...]:
    """A place as the columns PLACE."""
    body = json.dumps([[piece.start, piece.end] for piece in a.body])
    head = (a.article_id, a.file, a.title, a.published_at, a.language, a.outlet, a.url)
    return (*head, a.span.start, a.span.end, body, a.extracted, a.article_id)


def article_of(values: Values) -> Article:
    """The article in the columns ARTICLE."""
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
        also_in=tuple(sorted(json.loads(also_in))),
        extracted=bool(extracted),
    )


def passage_of(values: Values) -> Passage:
    """The passage in the columns PASSAGE."""
    passage_id, article_id, start, end, text = values
    return Passage(passage_id, article_id, Span(start, end), text)


def folded(text: str | None) -> str | None:
    """A text without regard to case, in any script; SQLite's own functions know ASCII alone."""
    return None if text is None else text.casefold()


def placeholders(values: Values) -> str:
    """As many question marks as there are values."""
    return ",".join("?" * len(values))


def add_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that statements here use."""
    connection.create_function("fold", 1, folded, deterministic=True)

"""In which articles of an index the gold of a question set lies: named by their ids, or by quotations from them.

Knows no metric and no answer. What it looks in is a `Shelf`: a generation on disk, or whatever else can list its
articles and give the texts they are cut from. Gold that is not there is a fault with file:line.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from eval.readers.faults import shown, stop_at
from eval.sets import Evidence, Item, QuestionSet
from rag.generation import Generation
from rag.types import Filters

_ALL = 1_000_000_000  # articles


@dataclass(frozen=True, slots=True)
class ShelfArticle:
    """Where an article stands: [start, end) in the text of a source, counted in code points."""

    article_id: str
    file: str
    also_in: tuple[str, ...]
    source_sha256: str
    start: int
    end: int


class Shelf(Protocol):
    """What gold is looked up in."""

    @property
    def where(self) -> str:
        """Its name in messages: "generation X", or an address."""
        ...

    def articles(self) -> Sequence[ShelfArticle]:
        """All articles."""
        ...

    def source_text(self, sha256: str) -> str:
        """The text that articles' offsets count in."""
        ...


class GenerationShelf:
    """A generation as a shelf. Its articles are read once."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    @property
    def where(self) -> str:
        """The generation's id, said to be one."""
        return f"generation {self._generation.id}"

    def articles(self) -> Sequence[ShelfArticle]:
        """All articles of the generation."""
        return self._articles

    def source_text(self, sha256: str) -> str:
        """The decoded text of a seed file."""
        return self._generation.catalog.source_text(sha256)

    @cached_property
    def _articles(self) -> tuple[ShelfArticle, ...]:
        found = self._generation.catalog.articles(Filters(), None, _ALL, 0)[1]
        return tuple(
            ShelfArticle(a.article_id, a.file, a.also_in, a.source_sha256, a.span.start, a.span.end) for a in found
        )


@dataclass(frozen=True, slots=True)
class _Source:
    """One text with its articles in the order they stand, and every file that holds one of them."""

    text: str
    articles: tuple[ShelfArticle, ...]
    ends: tuple[int, ...]  # of the articles, ascending
    files: frozenset[str]


class GoldFinder:
    """Looks gold up in a shelf, each text read and each quotation sought once."""

    def __init__(self, shelf: Shelf) -> None:
        self._where = shelf.where
        articles = shelf.articles()
        self._by_id = {article.article_id: article for article in articles}
        by_source: dict[str, list[ShelfArticle]] = {}
        for article in sorted(articles, key=lambda article: article.end):
            by_source.setdefault(article.source_sha256, []).append(article)
        self._sources = {sha256: _source(shelf.source_text(sha256), held) for sha256, held in by_source.items()}
        self._holders: dict[Evidence, frozenset[str]] = {}

    def text_of(self, gold_id: str) -> str:
        """The article as it stands in its source, from its headline on; "" for an unknown id."""
        article = self._by_id.get(gold_id)
        return self._sources[article.source_sha256].text[article.start : article.end] if article else ""

    def holders(self, evidence: Evidence) -> frozenset[str]:
        """Ids of the articles that some occurrence of the quotation overlaps; only of its file, where one is named."""
        if evidence not in self._holders:
            self._holders[evidence] = frozenset(
                article.article_id
                for source in self._sources.values()
                if evidence.file is None or evidence.file in source.files
                for article in _overlapping(source, evidence.quote)
                if evidence.file is None or evidence.file in (article.file, *article.also_in)
            )
        return self._holders[evidence]

    def gold_of(self, item: Item) -> tuple[frozenset[str], list[str]]:
        """The gold articles of a question, and what is wrong with it: an article or a quotation that is not there."""
        found = set(item.gold_docs)
        faults = [
            f"gold article {gold!r} is not in {self._where}" for gold in item.gold_docs if gold not in self._by_id
        ]
        for evidence in item.evidence:
            holders = self.holders(evidence)
            if not holders:
                file = evidence.file or "any seed file"
                faults.append(f"no article of {file} in {self._where} holds the quotation {shown(evidence.quote)}")
            found |= holders
        return frozenset(found), faults


def gold_articles(questions: QuestionSet, shelf: Shelf) -> dict[str, frozenset[str]]:
    """Gold article ids by question id: `gold_docs`, and every article that an evidence quotation lies in.

    For a set that is asked of the user's index. Raises InputError with file:line for a quotation that is not in its
    file and an article that is not there.
    """
    finder = GoldFinder(shelf)
    gold: dict[str, frozenset[str]] = {}
    faults: list[str] = []
    for item in questions.items:
        gold[item.id], wrong = finder.gold_of(item)
        faults += [f"{questions.place(item)}: {what}" for what in wrong]
    stop_at(faults)
    return gold


def _source(text: str, articles: Sequence[ShelfArticle]) -> _Source:
    files = frozenset(file for article in articles for file in (article.file, *article.also_in))
    return _Source(text, tuple(articles), tuple(article.end for article in articles), files)


def _overlapping(source: _Source, quote: str) -> Iterator[ShelfArticle]:
    """Articles that an occurrence overlaps; they follow one another, so those before and after it are passed over."""
    at = source.text.find(quote)
    while at >= 0:
        for article in source.articles[bisect_left(source.ends, at + 1) :]:
            if article.start >= at + len(quote):
                break
            yield article
        at = source.text.find(quote, at + 1)

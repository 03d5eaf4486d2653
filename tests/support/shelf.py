"""Articles without files: passages as retrieval hands them on, the evidence in them, and libraries of a few lines."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from fakes import HashingEmbedder

from rag.answer import Library
from rag.evidence import Evidence, SentenceMemory, gather
from rag.generations import open_generation
from rag.reindex import reindex
from rag.types import Article, Generator, Passage, Question, Retrieved, Span

EMBEDDER = HashingEmbedder(dim=1024)  # wide enough that different words hardly ever share a place


def retrieved(
    title: str, *passages: str, language: str = "en", published_at: str | None = "2026-03-04T12:12"
) -> list[Retrieved]:
    """One article whose lines are its passages, found in that order."""
    text = "\n".join((title, *passages))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    body = Span(min(len(title) + 1, len(text)), len(text))
    article = Article(
        sha256[:16], title, published_at, language, None, None, "one.txt", sha256, Span(0, len(text)), (body,)
    )
    items, start = [], body.start
    for rank, line in enumerate(passages, start=1):
        span = Span(start, start + len(line))
        passage = Passage(f"{article.article_id}-{span.start}-{span.end}", article.article_id, span, line)
        items.append(Retrieved(passage, article, 1 / rank, rank, rank, 1 / rank))
        start = span.end + 1
    return items


def evidence_of(question: str, items: Sequence[Retrieved]) -> list[Evidence]:
    """The quotable sentences of `items`, measured against an English question."""
    return gather(Question(question, "en"), items, EMBEDDER, SentenceMemory())


@contextmanager
def library_of(folder: Path, seeds: Mapping[str, str], generator: Generator | None = None) -> Iterator[Library]:
    """Seed files (name -> text), written to a new `folder` and really indexed."""
    for name, text in seeds.items():
        path = folder / "seeds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    (folder / "seeds").mkdir(parents=True, exist_ok=True)
    report = reindex(folder / "seeds", folder / "vectors", EMBEDDER)
    generation = open_generation(folder / "vectors", report.generation)
    try:
        yield Library(generation, EMBEDDER, generator)
    finally:
        generation.close()

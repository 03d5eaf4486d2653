"""Some thousand real passages with their vectors -> a generation of as many passages as one likes, by stated noise.

The real ones come first. Each further one has the text of a real one, and its vector with Gaussian noise of standard
deviation `noise` added to each number, brought back to unit length. Knows no question.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rag.catalog import CatalogWriter
from rag.generation import Generation
from rag.parsing import ParsedSeed
from rag.passages import embedding_text
from rag.stories import content_key
from rag.types import Article, Passage, Source, Vectors

_AT_ONCE = 500  # passages read from a catalog, vectors spread
_SEED = 20260304


@dataclass(frozen=True, slots=True)
class Pool:
    """Real passages, each text once, with their articles by id, the texts these stand in, and a vector each."""

    sources: tuple[Source, ...]
    articles: dict[str, Article]
    passages: tuple[Passage, ...]
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.passages)

    def turns(self, first: int, end: int) -> Iterator[tuple[int, Sequence[Passage]]]:
        """The real passages that the rows [first, end) have the texts of, a turn through the pool at a time, by row."""
        while first < end:
            at = first % len(self)
            turn = self.passages[at : at + end - first]
            yield first, turn
            first += len(turn)

    def texts(self, first: int, end: int) -> Iterator[tuple[int, str]]:
        """What is word-indexed for the rows [first, end), each with its row."""
        for start, turn in self.turns(first, end):
            for row, passage in enumerate(turn, start):
                yield row, embedding_text(self.articles[passage.article_id], passage)


def pool_of(generations: Sequence[Generation]) -> Pool:
    """The passages of these generations; what two of them hold comes once."""
    sources: dict[str, Source] = {}
    articles: dict[str, Article] = {}
    passages: dict[str, Passage] = {}
    vectors: list[Vectors] = []
    for generation in generations:
        rows = generation.catalog.rows()
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            for at, (passage, article) in enumerate(generation.catalog.at_rows(some.tolist())):
                if passage.passage_id in passages:
                    continue
                sha256 = article.source_sha256
                if sha256 not in sources:
                    sources[sha256] = Source(article.file, sha256, generation.catalog.source_text(sha256))
                articles[article.article_id] = article
                passages[passage.passage_id] = passage
                vectors.append(generation.vectors.vectors(some[at : at + 1]))
    return Pool(tuple(sources.values()), articles, tuple(passages.values()), np.concatenate(vectors))


def spread(real: Vectors, count: int, noise: float) -> Vectors:
    """`count` unit vectors, (count, dim): the `real` ones, then noisy copies of them, turn by turn."""
    random = np.random.default_rng(_SEED)
    vectors = np.empty((count, real.shape[1]), np.float32)
    vectors[: len(real)] = real[:count]
    for start in range(len(real), count, _AT_ONCE):
        copied = real[np.arange(start, min(start + _AT_ONCE, count)) % len(real)]
        moved = copied + np.float32(noise) * random.standard_normal(copied.shape, np.float32)
        vectors[start : start + len(moved)] = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return vectors


def write_catalog(path: Path, origin: Path | None, pool: Pool, first: int, end: int) -> None:
    """Write a catalog of the rows [first, end), behind those of the catalog at `origin`.

    Each turn through the pool has files and articles of its own.
    """
    of_source: dict[str, list[Article]] = {}
    for article in pool.articles.values():
        of_source.setdefault(article.source_sha256, []).append(article)
    with CatalogWriter.opened(path, origin) as catalog:
        for row, turn in pool.turns(first, end):
            mark = f"-{row}"
            standing = {passage.article_id for passage in turn}
            for source in pool.sources:
                name = source.sha256 + mark
                articles = tuple(
                    replace(a, article_id=a.article_id + mark, file=name, source_sha256=name)
                    for a in of_source[source.sha256]
                    if a.article_id in standing
                )
                copy = replace(source, file=name, sha256=name, records=None)
                catalog.add(ParsedSeed(name, name, "spread", (copy,), articles))
                for article in articles:
                    catalog.let_stand(article)
            copies = (replace(p, passage_id=p.passage_id + mark, article_id=p.article_id + mark) for p in turn)
            catalog.add_passages(row, ((copy, content_key(copy.passage_id)) for copy in copies))

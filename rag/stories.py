"""Which place of each story stands for it, and the passages that are cut there: where articles are merged.

An article that stands in several files is one story; the first of its files by name stands for it. Knows the catalog
that is being written and how texts are cut; vectors and words follow from the rows that it adds and buries.
"""

import hashlib
from collections.abc import Iterable, Iterator

from rag.catalog import CatalogWriter
from rag.passages import CountTokens, embedding_text, split_passages
from rag.types import Article


def settle(catalog: CatalogWriter, touched: Iterable[str], count_tokens: CountTokens) -> Iterator[int]:
    """Bring the passages of these articles in line with the places that are left of them.

    An article without a place loses its passages; one whose standing place is another than before is cut there anew.
    A passage that comes out as it was keeps its row. Yields after each article how many passages it added.
    """
    upcoming = catalog.rows
    leading: list[Article] = []
    for article_id in dict.fromkeys(touched):
        places = catalog.places_of(article_id)
        if not places:
            catalog.bury(catalog.passages_of(article_id).values())
            yield 0
        elif not places[0][1]:  # a place that comes before all others never stood, or its file was read again
            leading.append(places[0][0])
    leading.sort(key=lambda article: (article.file, article.span))  # so that each text is looked up once
    for article in leading:
        catalog.let_stand(article)
        added = _cut(catalog, article, upcoming, count_tokens)
        upcoming += added
        yield added


def content_key(text: str) -> bytes:
    """What a vector is known by beside its embedder: the SHA-256 of the embedded text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _cut(catalog: CatalogWriter, article: Article, first: int, count_tokens: CountTokens) -> int:
    """Cut an article at its standing place, with new passages from row `first` on; how many those are."""
    before = catalog.passages_of(article.article_id)
    cut = split_passages(article, catalog.source_text(article.source_sha256), count_tokens)
    now = {(passage.passage_id, content_key(embedding_text(article, passage))): passage for passage in cut}
    catalog.move((row, now[known].span) for known, row in before.items() if known in now)
    catalog.bury(row for known, row in before.items() if known not in now)
    new = [(passage, key) for (passage_id, key), passage in now.items() if (passage_id, key) not in before]
    catalog.add_passages(first, new)
    return len(new)

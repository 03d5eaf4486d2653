"""Catalogs written by hand, without seed files or an index around them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from rag.catalog import CatalogWriter
from rag.parsing import ParsedSeed
from rag.types import Article, Passage, Source


def write_catalog(
    path: Path,
    sources: Iterable[Source],
    articles: Sequence[Article],
    passages: Iterable[Passage] = (),
    keys: Iterable[bytes] = (),
) -> None:
    """A catalog at `path` of these articles, each also in the files that it names, and of passages in row order.

    `sources` give the texts by their checksums.
    """
    texts = {source.sha256: source.text for source in sources}
    places = [replace(a, file=file, also_in=()) for a in articles for file in (a.file, *a.also_in)]
    with CatalogWriter.opened(path, None) as catalog:
        for file, found in groupby(sorted(places, key=lambda place: place.file), key=lambda place: place.file):
            here = tuple(found)
            sha256 = here[0].source_sha256
            source = Source(file, sha256, texts[sha256])
            catalog.add(ParsedSeed(file, f"of {file}", "by hand", (source,), here))
        for one in articles:
            catalog.let_stand(one)
        catalog.add_passages(0, zip(passages, keys, strict=True))

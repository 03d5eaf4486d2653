"""The parts of a generation beside its catalog: vectors and words of the new rows, what stays taken over as it is.

Knows the files of a generation; nothing of seed files, and not where vectors come from.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rag.catalog import Catalog
from rag.generation import VECTORS, WORDS, Generation
from rag.index import VectorIndex
from rag.lexical import WordIndex
from rag.passages import embedding_text
from rag.types import Rows, Vectors

_TEXTS = 500  # read from the catalog at a time


def write_indexes(folder: Path, catalog: Catalog, new: Rows, vectors: Vectors, base: Generation | None) -> None:
    """Write both indexes into `folder`: those of `base` with the rows `new` behind, or without base of those alone.

    Raises OSError, RuntimeError (FAISS) or ValueError (tantivy) where a write fails.
    """
    if base is None:
        VectorIndex.build(vectors).save(folder / VECTORS)
        WordIndex.build((text for _, text in indexed_texts(catalog, new)), folder / WORDS)
        return
    buried = np.setdiff1d(catalog.tombstones(), base.catalog.tombstones())
    base.vectors.extended(vectors).save(folder / VECTORS)
    WordIndex.extended(base.folder / WORDS, folder / WORDS, buried.tolist(), indexed_texts(catalog, new))


def indexed_texts(catalog: Catalog, rows: Rows) -> Iterator[tuple[int, str]]:
    """What is embedded and word-indexed for the passages at `rows`, with their rows."""
    for start in range(0, len(rows), _TEXTS):
        some = rows[start : start + _TEXTS].tolist()
        for row, (passage, article) in zip(some, catalog.at_rows(some), strict=True):
            yield row, embedding_text(article, passage)

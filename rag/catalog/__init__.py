"""Sources, articles and passages of one generation, in SQLite. Knows no vectors, no words and no scores.

`schema` says what is kept, `writing` changes a catalog that is being built, `reading` asks one that is.
Passages are stored under their row: the ordinal that the vector index and the word index use for them.
"""

from rag.catalog.reading import Catalog, IndexedSeed
from rag.catalog.writing import CatalogWriter

__all__ = ["Catalog", "CatalogWriter", "IndexedSeed"]

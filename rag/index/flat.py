"""All vectors one after the other, each compared with the query: exact, and fast enough while they are not too many."""

from pathlib import Path

import faiss
import numpy as np

from rag.index.chosen import Chosen
from rag.index.files import write_file
from rag.types import Rows, Vectors


class Flat:
    """Float32 vectors in row order in one FAISS file."""

    def __init__(self, flat: faiss.IndexFlat) -> None:
        self._flat = flat

    @classmethod
    def build(cls, vectors: Vectors) -> "Flat":
        """Index the rows of `vectors`, (n, dim)."""
        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(flat)

    @classmethod
    def of(cls, index: faiss.Index) -> "Flat | None":
        """What FAISS read from a file, unless that is another kind of index."""
        if not isinstance(index, faiss.IndexFlat) or index.metric_type != faiss.METRIC_INNER_PRODUCT:
            return None
        return cls(index)

    def save(self, path: Path) -> None:
        """Write the index to one file. Raises OSError."""
        write_file(self._flat, path)

    def __len__(self) -> int:
        return int(self._flat.ntotal)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._flat.d)

    def vectors(self, rows: Rows) -> Vectors:
        """The vectors at `rows`, (n, dim)."""
        if len(rows) == 0:
            return np.empty((0, self.dim), np.float32)
        found: Vectors = self._flat.reconstruct_batch(rows)
        return found

    def search(self, query: Vectors, k: int, chosen: Chosen | None) -> tuple[Rows, Vectors]:
        """The `k` nearest to `query` (dim,) of the chosen rows (None: of all), best first, and their cosines."""
        parameters = None
        if chosen is not None:
            selector = chosen.selector()  # held by name: not every FAISS keeps what is assigned alive
            parameters = faiss.SearchParameters()
            parameters.sel = selector
        cosines, found = self._flat.search(query.reshape(1, -1), k, params=parameters)
        return found[0], cosines[0]

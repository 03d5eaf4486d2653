"""Vectors -> nearest rows, with FAISS. Knows row numbers and scores; of texts, ids and files it knows nothing."""

from pathlib import Path

import faiss
import numpy as np

from rag.errors import IndexDamaged
from rag.types import Rows, Vectors


class VectorIndex:
    """Unit vectors in row order, searched exactly by inner product (their cosine)."""

    def __init__(self, flat: faiss.IndexFlat) -> None:
        self._flat = flat

    @classmethod
    def build(cls, vectors: Vectors) -> "VectorIndex":
        """Index the rows of `vectors`, (n, dim); row i is found as i."""
        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(flat)

    @classmethod
    def load(cls, path: Path) -> "VectorIndex":
        """Read an index written by `save`. Raises IndexDamaged where FAISS can't."""
        try:
            flat = faiss.read_index(str(path))
        except RuntimeError as exc:
            raise IndexDamaged(f"{path}: not a readable FAISS index; run `derek reindex`") from exc
        if not isinstance(flat, faiss.IndexFlat) or flat.metric_type != faiss.METRIC_INNER_PRODUCT:
            raise IndexDamaged(f"{path}: a FAISS index of another kind ({type(flat).__name__}); run `derek reindex`")
        return cls(flat)

    def save(self, path: Path) -> None:
        """Write the index to one file."""
        faiss.write_index(self._flat, str(path))

    def __len__(self) -> int:
        return int(self._flat.ntotal)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._flat.d)

    def vectors(self) -> Vectors:
        """Every vector in row order, (n, dim); a copy."""
        found: Vectors = self._flat.reconstruct_n(0, len(self)) if len(self) else np.empty((0, self.dim), np.float32)
        return found

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Rows, Vectors]:
        """The at most `k` rows nearest to `query` (dim,), best first, and their cosines; of `allowed` rows if given.

        `allowed` names rows of this index, each once.
        """
        k = min(k, len(self) if allowed is None else len(allowed))
        if k < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(allowed)  # held by name: not every FAISS keeps what is assigned alive
            parameters = faiss.SearchParameters()
            parameters.sel = selector
        scores, rows = self._flat.search(query.reshape(1, -1), k, params=parameters)
        return rows[0], scores[0]

    def cosines(self, query: Vectors, rows: Rows) -> Vectors:
        """The cosines of `query` (dim,) and the vectors at `rows`, (n,)."""
        if len(rows) == 0:
            return np.empty(0, np.float32)
        cosines: Vectors = self._flat.reconstruct_batch(rows) @ query
        return cosines

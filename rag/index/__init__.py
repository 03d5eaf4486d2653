"""Vectors -> nearest rows, with FAISS. Knows row numbers and scores; of texts, ids and files it knows nothing.

A row, once given, stays: rows are added at the end, and one that is removed is only passed over from then on. Whoever
wants its place back builds anew from `vectors` of the rows that are left.
"""

from pathlib import Path

import faiss
import numpy as np

from rag.errors import IndexDamaged
from rag.index.chosen import Chosen
from rag.index.flat import Flat
from rag.index.inverted import Inverted
from rag.index.threads import one_thread
from rag.types import Rows, Vectors

EXACT = 100_000  # rows that are still compared one by one; see eval/README.md for what was measured
NONE: Rows = np.empty(0, np.int64)


class VectorIndex:
    """Unit vectors in row order, searched by inner product (their cosine); safe to share between threads."""

    def __init__(self, kind: Flat | Inverted, removed: Rows = NONE) -> None:
        self._kind = kind
        self._removed = removed
        self._living = np.ones(len(kind), np.bool_)
        self._living[removed] = False
        self._all = Chosen.of(np.flatnonzero(self._living), len(kind)) if len(removed) else None

    @classmethod
    def build(cls, vectors: Vectors) -> "VectorIndex":
        """Index the rows of `vectors`, (n, dim), in the way that suits their number; row i is found as i."""
        return cls(_kind_of(vectors))

    def extended(self, vectors: Vectors) -> "VectorIndex":
        """An index of the same rows and, behind them, those of `vectors`; what is removed here is removed there."""
        if isinstance(self._kind, Inverted) and self._kind.suits(len(self) + len(vectors)):
            return VectorIndex(self._kind.extended(vectors), self._removed)
        return VectorIndex(_kind_of(np.concatenate([self.vectors(np.arange(len(self))), vectors])), self._removed)

    @classmethod
    def load(cls, path: Path, removed: Rows = NONE) -> "VectorIndex":
        """Read an index written by `save`; `removed` rows are never found in it.

        A large one stays in the file, which is mapped into memory: it must not be written to while this is in use.
        Raises IndexDamaged where FAISS can't read it, or it has no such rows.
        """
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
            kind: Flat | Inverted | None = Flat.of(index)
            if kind is None:
                kind = Inverted.of(index, path.stat().st_size)
        except (OSError, RuntimeError, ValueError) as exc:
            raise IndexDamaged(f"{path}: not a readable FAISS index; run `derek reindex`") from exc
        if kind is None:
            raise IndexDamaged(f"{path}: a FAISS index of another kind ({type(index).__name__}); run `derek reindex`")
        if len(removed) and not (removed.min() >= 0 and removed.max() < len(kind)):
            raise IndexDamaged(
                f"{path}: {len(kind)} rows, and not all of those said to be removed; run `derek reindex`"
            )
        return cls(kind, removed)

    def save(self, path: Path) -> None:
        """Write the index to one file; which rows are removed is not in it. Raises OSError."""
        self._kind.save(path)

    def __len__(self) -> int:
        """The number of rows, removed ones too."""
        return len(self._kind)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._kind.dim

    def vectors(self, rows: Rows) -> Vectors:
        """The vectors at `rows`, (n, dim), removed ones too; a copy. Of a large index each number has 16 bits."""
        return self._kind.vectors(rows)

    def search(self, query: Vectors, k: int, allowed: Rows | None = None) -> tuple[Rows, Vectors]:
        """The at most `k` rows nearest to `query` (dim,), best first, and their cosines; of `allowed` rows if given.

        `allowed` names rows of this index, each once; the removed among them are not found.
        """
        chosen = self._all if allowed is None else Chosen.of(allowed[self._living[allowed]], len(self))
        k = min(k, len(self) if chosen is None else len(chosen))
        if k < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        with one_thread():
            return self._kind.search(query, k, chosen)

    def cosines(self, query: Vectors, rows: Rows) -> Vectors:
        """The cosines of `query` (dim,) and the vectors at `rows`, (n,)."""
        with one_thread():
            cosines: Vectors = self.vectors(rows) @ query
        return cosines


def _kind_of(vectors: Vectors) -> Flat | Inverted:
    return Flat.build(vectors) if len(vectors) <= EXACT else Inverted.build(vectors)

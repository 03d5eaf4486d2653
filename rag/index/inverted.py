"""Vectors in lists of near ones, of which the lists nearest to a query are searched: for too many to compare them all.

An IVF index of FAISS with a scalar quantiser of 16 bits. Half of a float is kept of each number, which costs a cosine
less than 0.001, once and for all: what is taken over from one index into the next does not change again. What may be
missed is a vector in a list that was not searched. The lists stay in the file, which is mapped into memory.
"""

import math
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from rag.index.chosen import Chosen
from rag.index.files import write_file
from rag.types import Rows, Vectors

_LISTS = 2.0  # times the square root of the rows
_STRETCH = 1.5  # times as many lists as there are may be due before they are drawn anew, at 2.25 times the rows
_LEAST, _SHARE = 40_000, 8  # rows compared: so many, or one in so many; see eval/README.md for what was measured
_SAMPLE = 64  # vectors for each list, from which the lists are drawn
_BLOCK = 65_536  # vectors added at a time
_SEED = 0
_BY_ROW = 0  # FAISS's name for a range of rows, where rows are copied
_PLACE_BITS = 32  # of an entry of FAISS's direct map: below them the place in a list, above them the list


class Inverted:
    """Half-precision vectors in lists, each found again by its row, in one FAISS file."""

    def __init__(self, index: faiss.IndexIVFScalarQuantizer) -> None:
        self._index = index
        self._centres: Vectors = index.quantizer.reconstruct_n(0, index.nlist)
        self._list_of = (faiss.vector_to_array(index.direct_map.array) >> _PLACE_BITS).astype(np.int32)
        self._sizes = self._counted(self._list_of)

    @classmethod
    def build(cls, vectors: Vectors) -> "Inverted":
        """Draw lists by k-means of a sample, then sort the rows of `vectors`, (n, dim), into them."""
        count, dim = vectors.shape
        lists = _lists_due(count)
        index = _empty(dim, lists)
        sample = np.random.default_rng(_SEED).choice(count, min(count, lists * _SAMPLE), replace=False)
        index.cp.max_points_per_centroid = _SAMPLE
        index.train(np.ascontiguousarray(vectors[np.sort(sample)], np.float32))
        return cls(_filled(index, vectors))

    @classmethod
    def of(cls, index: faiss.Index, size: int) -> "Inverted | None":
        """What FAISS read from a file of `size` bytes, unless that is another kind of index or not the whole of one."""
        if not isinstance(index, faiss.IndexIVFScalarQuantizer) or index.metric_type != faiss.METRIC_INNER_PRODUCT:
            return None
        lists = _lists_of(index)
        if index.sq.qtype != faiss.ScalarQuantizer.QT_fp16 or not isinstance(lists, faiss.OnDiskInvertedLists):
            return None
        each: Any = lists.lists  # a vector of C++, which FAISS's stubs take for a list
        last = each.at(index.nlist - 1)
        end = last.offset + last.size * (lists.code_size + np.dtype(np.int64).itemsize)
        if end > size or index.direct_map.array.size() != index.ntotal:
            return None  # FAISS maps a file that ends early, and whoever read on would be killed
        lists.prefetch_nthread = 0  # threads that only read ahead cost more than they bring
        return cls(index)

    def save(self, path: Path) -> None:
        """Write the index to one file. Raises OSError."""
        mapped = isinstance(
            _lists_of(self._index), faiss.OnDiskInvertedLists
        )  # of these FAISS writes only where they are
        whole = self.extended(np.empty((0, self.dim), np.float32)) if mapped else self
        write_file(whole._index, path)

    def extended(self, vectors: Vectors) -> "Inverted":
        """The same rows and those of `vectors` behind them, in the same lists; this one stays as it is."""
        return Inverted(_filled(self._copy(), vectors))

    def suits(self, count: int) -> bool:
        """Whether these lists do for that many rows."""
        return _lists_due(count) <= _STRETCH * int(self._index.nlist)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def vectors(self, rows: Rows) -> Vectors:
        """The vectors at `rows`, (n, dim)."""
        if len(rows) == 0:
            return np.empty((0, self.dim), np.float32)
        found: Vectors = self._index.reconstruct_batch(rows)
        return found

    def search(self, query: Vectors, k: int, chosen: Chosen | None) -> tuple[Rows, Vectors]:
        """The at most `k` nearest to `query` (dim,) of the chosen rows (None: of all), best first, and their cosines.

        Lists are searched, the nearest first, until as many chosen rows were compared as without a choice, so that a
        choice costs no recall; where fewer are chosen all of them are compared.
        """
        enough = max(k, _LEAST, len(self) // _SHARE)
        if chosen is not None and len(chosen) <= enough:
            return self._best(query, k, chosen.rows)
        sizes = self._sizes if chosen is None else self._counted(self._list_of[chosen.rows])
        holding = np.flatnonzero(sizes)
        nearest = holding[np.argsort(-(self._centres[holding] @ query), kind="stable")]
        probed = nearest[: 1 + int(np.searchsorted(np.cumsum(sizes[nearest]), enough))]
        lists = Chosen.of(probed, len(sizes))
        parameters = faiss.IVFSearchParameters()
        parameters.nprobe = len(probed)
        parameters.quantizer_params = faiss.SearchParameters()
        selectors = lists.selector(), None if chosen is None else chosen.selector()  # held by name, as in `Flat`
        parameters.quantizer_params.sel, parameters.sel = selectors
        cosines, found = self._index.search(query.reshape(1, -1), k, params=parameters)
        return found[0], cosines[0]

    def _best(self, query: Vectors, k: int, rows: Rows) -> tuple[Rows, Vectors]:
        """The `k` nearest of these rows, each compared."""
        cosines: Vectors = self.vectors(rows) @ query
        best = np.argsort(-cosines, kind="stable")[:k]
        return rows[best], cosines[best]

    def _counted(self, lists: npt.NDArray[np.int32]) -> Rows:
        """How often each list is named."""
        return np.bincount(lists, minlength=int(self._index.nlist))

    def _copy(self) -> faiss.IndexIVFScalarQuantizer:
        """The same lists in memory, where they can grow."""
        copy = _empty(self.dim, int(self._index.nlist))
        copy.quantizer.add(self._centres)
        copy.is_trained = True
        self._index.copy_subset_to(copy, _BY_ROW, 0, len(self))
        return copy


def _lists_due(count: int) -> int:
    return max(1, round(_LISTS * math.sqrt(count)))


def _lists_of(index: faiss.IndexIVFScalarQuantizer) -> faiss.InvertedLists | None:
    return faiss.downcast_InvertedLists(index.invlists) if index.invlists else None


def _empty(dim: int, lists: int) -> faiss.IndexIVFScalarQuantizer:
    """An index without rows. Its codes are the vectors themselves, not what lies between them and a centre."""
    half = faiss.ScalarQuantizer.QT_fp16
    return faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(dim), dim, lists, half, faiss.METRIC_INNER_PRODUCT, False)


def _filled(index: faiss.IndexIVFScalarQuantizer, vectors: Vectors) -> faiss.IndexIVFScalarQuantizer:
    """The index with the rows of `vectors` added, a block at a time: they may be mapped from a file themselves."""
    index.make_direct_map()
    for start in range(0, len(vectors), _BLOCK):
        index.add(np.ascontiguousarray(vectors[start : start + _BLOCK], np.float32))
    return index

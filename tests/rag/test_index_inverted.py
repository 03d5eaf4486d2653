"""The vector index once it is large: the near are found through filters, removals and growth, and damage is told."""

import threading
from pathlib import Path

import faiss
import numpy as np
import pytest

from rag.errors import IndexDamaged
from rag.index import EXACT, VectorIndex
from rag.types import Rows, Vectors

DIM = 16
COUNT = EXACT + 5_000
CENTRES = np.random.default_rng(99).normal(size=(40, DIM))
CLOSE = 0.002  # a cosine of half-precision numbers may differ by


def spread(count: int, seed: int) -> Vectors:
    """That many unit vectors around forty centres, as articles are around topics."""
    rng = np.random.default_rng(seed)
    vectors = (CENTRES[rng.integers(40, size=count)] + 0.5 * rng.normal(size=(count, DIM))).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


VECTORS, QUERIES = spread(COUNT, 1), spread(50, 2)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A large index on disk."""
    path = tmp_path_factory.mktemp("large") / "vectors.faiss"
    VectorIndex.build(VECTORS).save(path)
    return path


@pytest.fixture
def large(saved: Path) -> VectorIndex:
    """The same, loaded."""
    return VectorIndex.load(saved)


def recall(index: VectorIndex, vectors: Vectors, allowed: Rows) -> float:
    """Which part of the ten nearest of `allowed` is found, over all queries; what is found is checked to be allowed."""
    found, wanted = 0, min(10, len(allowed))
    for query in QUERIES:
        rows, cosines = index.search(query, 10, allowed)
        assert len(set(rows.tolist())) == wanted
        assert np.isin(rows, allowed).all()
        assert list(cosines) == sorted(cosines, reverse=True)
        assert cosines == pytest.approx(vectors[rows] @ query, abs=CLOSE)
        best = allowed[np.argsort(-(vectors[allowed] @ query))[:10]]
        found += len(np.intersect1d(rows, best))
    return found / (wanted * len(QUERIES))


def test_a_small_index_is_exact_and_a_large_one_smaller(saved: Path, tmp_path: Path) -> None:
    """Where the kind changes nothing is lost: as many rows, as wide; on disk a large one takes half as much a row."""
    VectorIndex.build(VECTORS[:EXACT]).save(tmp_path / "vectors.faiss")
    small = VectorIndex.load(tmp_path / "vectors.faiss")
    assert np.array_equal(small.vectors(np.arange(EXACT)), VECTORS[:EXACT])
    assert saved.stat().st_size / COUNT < 0.8 * (tmp_path / "vectors.faiss").stat().st_size / EXACT


def test_round_trip(large: VectorIndex) -> None:
    """Every vector is there, rounded to half precision, in the order of the rows asked for."""
    assert (len(large), large.dim) == (COUNT, DIM)
    assert large.vectors(np.arange(COUNT)) == pytest.approx(VECTORS, abs=0.0005)
    assert np.array_equal(large.vectors(np.array([9, 3, 9])), large.vectors(np.arange(10))[[9, 3, 9]])
    assert large.vectors(np.empty(0, np.int64)).shape == (0, DIM)


def test_the_nearest_are_found(large: VectorIndex) -> None:
    """Of the ten nearest rows hardly one is missed."""
    assert recall(large, VECTORS, np.arange(COUNT)) >= 0.98
    rows, _ = large.search(QUERIES[0], 10)
    assert np.array_equal(rows, large.search(QUERIES[0], 10, np.arange(COUNT))[0])


@pytest.mark.parametrize("share", [0.9, 0.5, 0.1, 0.0001])
def test_a_filter_costs_nothing(large: VectorIndex, share: float) -> None:
    """Among any part of the rows as much is found as among all."""
    allowed = np.flatnonzero(np.random.default_rng(5).random(COUNT) < share)
    assert recall(large, VECTORS, allowed) >= 0.98


def test_a_filter_that_leaves_only_the_far(large: VectorIndex) -> None:
    """What is allowed may all lie in lists that no search without a filter looks at: in another language, say."""
    labels = np.argmax(VECTORS @ CENTRES.T, axis=1)
    for query in QUERIES[:10]:
        far = np.flatnonzero(np.isin(labels, np.argsort(CENTRES @ query)[:25]))
        rows, _ = large.search(query, 10, far)
        best = far[np.argsort(-(VECTORS[far] @ query))[:10]]
        assert len(np.intersect1d(rows, best)) >= 9


@pytest.mark.parametrize("k", [0, 1, COUNT // 2, COUNT, COUNT + 1])
def test_any_k(large: VectorIndex, k: int) -> None:
    """As many rows come as are asked for, each once, also where that takes every list."""
    rows, _ = large.search(QUERIES[0], k)
    assert len(np.unique(rows)) == len(rows) == min(k, COUNT)
    assert rows.min(initial=0) >= 0


def test_removed_rows_are_not_found(saved: Path) -> None:
    """Removed rows are passed over, also where they are all of what is near, and as much is found as before."""
    removed = np.sort(np.argsort(-(VECTORS @ QUERIES[0]))[: COUNT // 10])
    index = VectorIndex.load(saved, removed)
    left = np.setdiff1d(np.arange(COUNT), removed)
    assert recall(index, VECTORS, left) >= 0.98
    for query in QUERIES:
        rows, _ = index.search(query, 10)
        assert len(rows) == 10
        assert not np.isin(rows, removed).any()
        assert not np.isin(index.search(query, 10, removed[:50])[0], removed).any()
    assert len(index) == COUNT


def test_rows_are_added(large: VectorIndex, tmp_path: Path) -> None:
    """New rows are found behind the old, of which none changes, also after saving and loading."""
    more = spread(3_000, 3)
    large.extended(more).save(tmp_path / "vectors.faiss")
    grown = VectorIndex.load(tmp_path / "vectors.faiss")
    assert (len(large), len(grown)) == (COUNT, COUNT + 3_000)
    assert np.array_equal(grown.vectors(np.arange(COUNT)), large.vectors(np.arange(COUNT)))
    assert recall(grown, np.concatenate([VECTORS, more]), np.arange(len(grown))) >= 0.98


def test_vectors_do_not_wear_out(large: VectorIndex, tmp_path: Path) -> None:
    """Taken over again and again, one way or the other, a vector stays what it was after the first time."""
    kept = large.vectors(np.arange(COUNT))
    large.save(tmp_path / "again.faiss")
    again = VectorIndex.load(tmp_path / "again.faiss")
    assert np.array_equal(again.vectors(np.arange(COUNT)), kept)
    assert np.array_equal(VectorIndex.build(kept).vectors(np.arange(COUNT)), kept)
    assert np.array_equal(VectorIndex.build(kept[:100]).vectors(np.arange(100)), kept[:100])


def test_growth_from_small_to_large() -> None:
    """An exact index to which rows are added becomes a large one, and a large one grows far beyond its beginning."""
    index = VectorIndex.build(VECTORS[: EXACT - 10])
    for start in (EXACT - 10, EXACT + 20, EXACT + 2_000):
        end = {EXACT - 10: EXACT + 20, EXACT + 20: EXACT + 2_000}.get(start, COUNT)
        index = index.extended(VECTORS[start:end])
    assert recall(index, VECTORS, np.arange(COUNT)) >= 0.98
    many = spread(2 * COUNT, 4)
    assert recall(index.extended(many), np.concatenate([VECTORS, many]), np.arange(3 * COUNT)) >= 0.98


def test_new_rows_of_one_kind(large: VectorIndex) -> None:
    """Many new rows of one topic, which all come into few lists, hide nothing."""
    one = QUERIES[0] + 0.05 * np.random.default_rng(7).normal(size=(COUNT // 2, DIM))
    one = (one / np.linalg.norm(one, axis=1, keepdims=True)).astype(np.float32)
    grown = large.extended(one)
    assert recall(grown, np.concatenate([VECTORS, one]), np.arange(len(grown))) >= 0.98


def test_equal_vectors() -> None:
    """Rows that are all the same are no harm: as many come as are asked for."""
    index = VectorIndex.build(np.repeat(QUERIES[:1], EXACT + 1, axis=0))
    assert len(np.unique(index.search(QUERIES[0], 20)[0])) == 20


def test_the_same_vectors_give_the_same_file(saved: Path, tmp_path: Path) -> None:
    """Nothing in an index is left to chance."""
    VectorIndex.build(VECTORS).save(tmp_path / "vectors.faiss")
    assert (tmp_path / "vectors.faiss").read_bytes() == saved.read_bytes()


def test_searches_side_by_side(large: VectorIndex) -> None:
    """Threads that search one index at once find what each would find alone."""
    alone = [large.search(query, 10)[0].tolist() for query in QUERIES]
    found: dict[int, list[list[int]]] = {}

    def search(thread: int) -> None:
        found[thread] = [large.search(query, 10)[0].tolist() for query in QUERIES]

    threads = [threading.Thread(target=search, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(found.values()) == [alone] * 8


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.99, 0.999999])
def test_truncated_file(saved: Path, tmp_path: Path, share: float) -> None:
    """A file that ends early is damaged, wherever it ends, and told before anything is searched in it."""
    data = saved.read_bytes()
    (tmp_path / "vectors.faiss").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(IndexDamaged, match="derek reindex"):
        VectorIndex.load(tmp_path / "vectors.faiss")


@pytest.mark.parametrize("kind", ["IVF4,Flat", "IVF4,SQ8", "HNSW8"])
def test_index_of_another_kind(tmp_path: Path, kind: str) -> None:
    """A sound FAISS file of another make is refused."""
    index = faiss.index_factory(DIM, kind, faiss.METRIC_INNER_PRODUCT)
    index.train(VECTORS[:500])
    index.add(VECTORS[:500])
    faiss.write_index(index, str(tmp_path / "vectors.faiss"))
    with pytest.raises(IndexDamaged, match="another kind"):
        VectorIndex.load(tmp_path / "vectors.faiss")

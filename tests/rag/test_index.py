"""The vector index: exact, sorted, narrowed by rows, and never opened where it is damaged."""

from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import IndexDamaged
from rag.index import EXACT, VectorIndex
from rag.types import Rows, Vectors

DIM = 8


def unit(count: int, seed: int = 0) -> Vectors:
    """That many random unit vectors."""
    vectors = np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def rows_of(*rows: int) -> Rows:
    """Row numbers as the index takes them."""
    return np.array(rows, np.int64)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """An index of twenty vectors on disk."""
    path = tmp_path / "vectors.faiss"
    VectorIndex.build(unit(20)).save(path)
    return path


def test_round_trip(saved: Path) -> None:
    """What was saved is loaded: length, width and every vector."""
    loaded = VectorIndex.load(saved)
    assert (len(loaded), loaded.dim) == (20, DIM)
    assert np.array_equal(loaded.vectors(np.arange(20)), unit(20))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk here is always full")
@pytest.mark.parametrize("exact", [EXACT, 2])
def test_a_disk_that_refuses_the_last_bytes_is_heard(monkeypatch: pytest.MonkeyPatch, exact: int) -> None:
    """Of an index so small that all of it is written when the file is closed, either kind."""
    monkeypatch.setattr("rag.index.EXACT", exact)
    with pytest.raises(OSError, match="No space left"):
        VectorIndex.build(unit(20)).save(Path("/dev/full"))


def test_a_vector_finds_itself_first() -> None:
    """A row's own vector is nearest to it, with a cosine of 1."""
    index = VectorIndex.build(unit(20))
    for row in range(20):
        rows, cosines = index.search(unit(20)[row], 3)
        assert rows[0] == row
        assert cosines[0] == pytest.approx(1.0, abs=1e-6)


def test_only_allowed_rows() -> None:
    """Rows that are not allowed are not found, however near."""
    index = VectorIndex.build(unit(20))
    rows, _ = index.search(unit(20)[5], 10, rows_of(2, 7, 11))
    assert sorted(rows.tolist()) == [2, 7, 11]


def test_no_allowed_rows() -> None:
    """An empty choice of rows finds nothing."""
    rows, cosines = VectorIndex.build(unit(20)).search(unit(1)[0], 10, rows_of())
    assert (len(rows), len(cosines)) == (0, 0)


@pytest.mark.parametrize(("k", "found"), [(0, 0), (-1, 0), (1, 1), (20, 20), (21, 20), (10**9, 20)])
def test_k_beyond_the_index(k: int, found: int) -> None:
    """More than there is gives all there is; less than one gives nothing."""
    rows, cosines = VectorIndex.build(unit(20)).search(unit(1)[0], k)
    assert len(rows) == len(cosines) == found
    assert len(set(rows.tolist())) == found


def test_empty_index(tmp_path: Path) -> None:
    """An index of nothing is saved, loaded and searched like any other."""
    path = tmp_path / "vectors.faiss"
    VectorIndex.build(np.empty((0, DIM), np.float32)).save(path)
    loaded = VectorIndex.load(path)
    assert (len(loaded), loaded.dim) == (0, DIM)
    assert loaded.vectors(rows_of()).shape == (0, DIM)
    assert len(loaded.search(unit(1)[0], 5)[0]) == 0
    assert len(loaded.cosines(unit(1)[0], rows_of())) == 0


def test_cosines_are_inner_products() -> None:
    """The cosine of a query and a row is their inner product, in the order of the rows asked for."""
    vectors = unit(20)
    cosines = VectorIndex.build(vectors).cosines(vectors[3], rows_of(9, 3))
    assert cosines == pytest.approx([vectors[9] @ vectors[3], 1.0], abs=1e-6)


def test_vectors_of_rows() -> None:
    """Vectors come as they were given, in the order of the rows asked for, as often as each is asked for."""
    assert np.array_equal(VectorIndex.build(unit(20)).vectors(rows_of(9, 3, 9)), unit(20)[[9, 3, 9]])


def test_extended_stands_behind(saved: Path) -> None:
    """Rows that are added come behind those that are there, of which nothing changes."""
    index = VectorIndex.load(saved)
    more = index.extended(unit(5, seed=1))
    assert (len(index), len(more)) == (20, 25)
    assert np.array_equal(more.vectors(np.arange(25)), np.concatenate([unit(20), unit(5, seed=1)]))
    assert more.search(unit(5, seed=1)[2], 1)[0].tolist() == [22]


def test_extended_by_nothing_and_from_nothing() -> None:
    """An index may grow by no rows, and from none."""
    assert len(VectorIndex.build(unit(20)).extended(unit(0))) == 20
    grown = VectorIndex.build(unit(0)).extended(unit(3))
    assert grown.search(unit(3)[1], 1)[0].tolist() == [1]


def test_removed_rows_are_not_found(saved: Path) -> None:
    """A removed row is found neither among all nor among allowed rows; it still counts and has its vector."""
    index = VectorIndex.load(saved, removed=rows_of(3, 7))
    assert set(index.search(unit(20)[3], 20)[0].tolist()) == set(range(20)) - {3, 7}
    assert set(index.search(unit(20)[3], 20, rows_of(1, 3, 7, 9))[0].tolist()) == {1, 9}
    assert len(index.search(unit(20)[3], 20, rows_of(3, 7))[0]) == 0
    assert len(index) == 20
    assert np.array_equal(index.vectors(rows_of(3)), unit(20)[3:4])


def test_removed_rows_stay_so_when_it_grows(saved: Path) -> None:
    """What is removed is not back once rows were added."""
    grown = VectorIndex.load(saved, removed=rows_of(3, 7)).extended(unit(1, seed=1))
    assert set(grown.search(unit(20)[3], 30)[0].tolist()) == set(range(21)) - {3, 7}


@pytest.mark.parametrize("removed", [rows_of(20), rows_of(-1), rows_of(3, 10**9)])
def test_removed_rows_that_are_not_there(saved: Path, removed: Rows) -> None:
    """Rows said to be removed that the file does not have: the file is not the one that was meant."""
    with pytest.raises(IndexDamaged, match="said to be removed"):
        VectorIndex.load(saved, removed)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 0.99])
def test_truncated_file(saved: Path, share: float) -> None:
    """A file that ends early is damaged, wherever it ends."""
    data = saved.read_bytes()
    saved.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(IndexDamaged, match="derek reindex"):
        VectorIndex.load(saved)


@pytest.mark.parametrize("data", [b"not an index", b"\0" * 4096, b"IxFI" + b"\xff" * 200, "ещё текст".encode()])
def test_foreign_file(tmp_path: Path, data: bytes) -> None:
    """A file that is something else is damaged, and its name is said."""
    path = tmp_path / "vectors.faiss"
    path.write_bytes(data)
    with pytest.raises(IndexDamaged, match=r"vectors\.faiss"):
        VectorIndex.load(path)


def test_missing_file(tmp_path: Path) -> None:
    """No file is a damaged index too."""
    with pytest.raises(IndexDamaged):
        VectorIndex.load(tmp_path / "vectors.faiss")


@pytest.mark.parametrize("index", [faiss.IndexFlatL2(DIM), faiss.IndexLSH(DIM, 16)])
def test_index_of_another_kind(tmp_path: Path, index: faiss.Index) -> None:
    """A sound FAISS file whose scores are no cosines is refused."""
    path = tmp_path / "vectors.faiss"
    faiss.write_index(index, str(path))
    with pytest.raises(IndexDamaged, match="another kind"):
        VectorIndex.load(path)


@settings(deadline=None)
@given(st.integers(0, 30), st.integers(0, 40), st.none() | st.sets(st.integers(0, 29)), st.integers(0, 5))
def test_results_are_the_best_of_what_is_allowed(count: int, k: int, allowed: set[int] | None, seed: int) -> None:
    """Results are sorted, distinct, among the allowed, and no row left out is better than one found."""
    vectors, query = unit(count, seed), unit(1, seed + 100)[0]
    possible = [row for row in range(count) if allowed is None or row in allowed]
    rows, cosines = VectorIndex.build(vectors).search(query, k, None if allowed is None else rows_of(*possible))
    assert list(cosines) == sorted(cosines, reverse=True)
    assert set(rows.tolist()) <= set(possible)
    assert len(set(rows.tolist())) == len(rows) == min(k, len(possible))
    left = [vectors[row] @ query for row in possible if row not in rows]
    assert all(cosine >= max(left, default=-2.0) - 1e-5 for cosine in cosines)

"""Growth: what is spread keeps its real part, what is built is a sound generation, and recall is measured truly."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fakes import HashingEmbedder
from rich.console import Console

from eval.growth import EXACT, ID, MORE, NEAREST, Asked, build, nearest, search, sizes_of, table
from eval.spreading import Pool, pool_of, spread
from rag.errors import InputError
from rag.generation import Generation
from rag.generations import open_current, open_generation
from rag.reindex import reindex

COUNT = 40
TEXTS = ("How long is the tram line in Almaty?", "What is the price of wheat?")


@pytest.fixture
def generation(seeds_dir: Path, vectors_dir: Path) -> Iterator[Generation]:
    """The seeds of the tests, indexed."""
    reindex(seeds_dir, vectors_dir, HashingEmbedder())
    opened = open_current(vectors_dir)
    yield opened
    opened.close()


@pytest.fixture
def pool(generation: Generation) -> Pool:
    """Their passages."""
    return pool_of([generation, generation])


def asked() -> Asked:
    """Two questions with their vectors."""
    return Asked(TEXTS, ("en", "en"), HashingEmbedder().embed_queries(TEXTS))


def test_a_pool_holds_every_passage_once(generation: Generation, pool: Pool) -> None:
    """Two generations that hold the same give it once, each passage with its own vector."""
    assert len(pool) == len(pool.vectors) == len(generation.catalog)
    assert np.array_equal(pool.vectors, generation.vectors.vectors(generation.catalog.rows()))


@pytest.mark.parametrize("count", [1, 5, COUNT])
def test_real_vectors_come_first(pool: Pool, count: int) -> None:
    """Before the copies stand the real ones as they are; a copy has length 1, is near its own, and equals no other."""
    vectors = spread(pool.vectors, count, 0.02)
    real = min(count, len(pool))
    assert np.array_equal(vectors[:real], pool.vectors[:real])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(count), abs=1e-5)
    own = pool.vectors[np.arange(count) % len(pool)]
    assert (np.sum(vectors * own, axis=1) > 0.9).all()
    assert len(np.unique(vectors, axis=0)) == count
    assert np.array_equal(vectors, spread(pool.vectors, count, 0.02))


def test_nearest_compares_all(pool: Pool) -> None:
    """The rows found are those with the highest cosines of all."""
    vectors, queries = spread(pool.vectors, COUNT, 0.02), asked().vectors
    rows = nearest(queries, vectors)
    assert rows.shape == (len(queries), NEAREST)
    for query, found in zip(queries, rows, strict=True):
        assert sorted(vectors[found] @ query) == pytest.approx(sorted(vectors @ query)[-NEAREST:], abs=1e-6)


def test_a_size_is_built_and_searched(tmp_path: Path, pool: Pool) -> None:
    """Every figure is told; the generation is sound, its texts are the real ones, and the exact kind misses nothing."""
    figures = build(tmp_path, pool, asked().vectors, COUNT, 0.02) | search(tmp_path, asked())
    assert figures[f"recall@{NEAREST}"] == 1.0
    assert all(figures[f"disk: {part}, MB"] for part in ("vectors", "words", "catalog"))
    for name in (f"{MORE} more: words, s", "build: vectors, s of processor", "search: retrieve in English p99, ms"):
        assert figures[name] is not None
    built = open_generation(tmp_path, ID)
    try:
        texts = [passage.text for passage, _ in built.catalog.at_rows(range(COUNT))]
        assert texts == [pool.passages[row % len(pool)].text for row in range(COUNT)]
        assert len({passage.passage_id for passage, _ in built.catalog.at_rows(range(COUNT))}) == COUNT
    finally:
        built.close()


def test_recall_is_what_was_found_of_the_nearest(tmp_path: Path, pool: Pool) -> None:
    """Were other rows the nearest, recall would say so."""
    build(tmp_path, pool, asked().vectors, COUNT, 0.02)
    exact = np.load(tmp_path / EXACT)
    exact[0] = np.setdiff1d(np.arange(COUNT), exact[0])[:NEAREST]
    np.save(tmp_path / EXACT, exact)
    assert search(tmp_path, asked())[f"recall@{NEAREST}"] == 0.5


def test_sizes_as_they_are_typed() -> None:
    """Sizes come in rising order and once; what is no number, or too small to have neighbours, is refused."""
    assert sizes_of("1000,10,1000") == [10, 1000]
    for typed in ("", "many", "10;20", "0", "-5,100"):
        with pytest.raises(InputError, match="--sizes"):
            sizes_of(typed)


def test_the_table_tells_growth() -> None:
    """Beside the figures of each size stands by how much they grow."""
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(table({10: {"build, s": 2.0, "memory, MB": None}, 100: {"build, s": 18.0, "memory, MB": None}}))
    lines = console.export_text().splitlines()
    assert lines[0].split() == ["figure", "10", "100", "×", "10"]
    assert lines[1].split() == ["build,", "s", "2", "18", "9.0"]
    assert lines[2].split() == ["memory,", "MB", "not", "told", "not", "told"]

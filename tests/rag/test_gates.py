"""The gates: each lets a sound generation through, and stops one with its own fault, by name; the old one serves on."""

import random
import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from fakes import HashingEmbedder

from rag.catalog import Catalog
from rag.errors import GateFailed
from rag.gates import Built, Expected, Size, check_counts, check_gates, check_size
from rag.generation import CATALOG, VECTORS, WORDS
from rag.generations import current_id
from rag.index import VectorIndex
from rag.lexical import WordIndex
from rag.limits import Limits
from rag.reindex import reindex
from rag.types import Vectors


@pytest.fixture
def folder(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> Path:
    """The folder of a sound generation of the made-up seeds."""
    return vectors_dir / reindex(seeds_dir, vectors_dir, embedder).generation


def look(folder: Path) -> None:
    """Let what lies in `folder` through the gates, as if all of it were new. Raises GateFailed."""
    with closing(Catalog(folder / CATALOG)) as catalog:
        seeds = catalog.seeds()
        files = {seed.file: seed.sha256 for seed in seeds}
        articles = {seed.file: seed.articles for seed in seeds}
        expected = Expected(files, articles, Size.of(catalog), files, {})
        check_gates(Built.opened(folder, catalog, catalog.rows()), expected, HashingEmbedder(), "seed")


def change(folder: Path, sql: str) -> None:
    """Change the catalog behind everybody's back."""
    with closing(sqlite3.connect(folder / CATALOG)) as connection, connection:
        connection.execute(sql)


def spoil_a_vector(folder: Path, value: float) -> None:
    """Give row 1 a vector of equal numbers."""
    index = VectorIndex.load(folder / VECTORS)
    vectors = index.vectors(np.arange(len(index)))
    vectors[1] = value
    VectorIndex.build(vectors).save(folder / VECTORS)


def shift_vectors(folder: Path) -> None:
    """Give every row the vector of the one before."""
    index = VectorIndex.load(folder / VECTORS)
    VectorIndex.build(np.roll(index.vectors(np.arange(len(index))), 1, axis=0)).save(folder / VECTORS)


def swap_words(folder: Path) -> None:
    """Index other words under the same rows."""
    rows = len(WordIndex.load(folder / WORDS))
    for path in sorted((folder / WORDS).iterdir()):
        path.unlink()
    (folder / WORDS).rmdir()
    WordIndex.build([f"unrelated{row}" for row in range(rows)], folder / WORDS)


def lose_a_word(folder: Path) -> None:
    """Take the first row out of the word index."""
    (folder / WORDS).rename(folder / "old")
    WordIndex.extended(folder / "old", folder / WORDS, [0], [])


def test_a_sound_generation_passes(folder: Path) -> None:
    """What reindexing made passes every gate again."""
    look(folder)


@pytest.mark.parametrize(
    ("gate", "spoil"),
    [
        ("counts", lambda f: change(f, "UPDATE places SET stands = 0 WHERE place = 1")),
        ("counts", lambda f: change(f, "INSERT INTO passages VALUES (99, 'p', 'nobody', 0, 1, 'x', x'00')")),
        ("entries", lambda f: change(f, "DELETE FROM passages WHERE row = 2")),
        ("entries", lambda f: change(f, "UPDATE passages SET row = 99 WHERE row = 2")),
        ("entries", lambda f: change(f, "INSERT INTO tombstones VALUES (77, x'00')")),
        ("entries", lambda f: spoil_a_vector(f, 0.0)),
        ("entries", lambda f: spoil_a_vector(f, np.nan)),
        ("entries", lambda f: (f / VECTORS).write_bytes(b"no index")),
        ("entries", lose_a_word),
        ("spans", lambda f: change(f, "UPDATE passages SET span_start = span_start + 1 WHERE row = 3")),
        ("spans", lambda f: change(f, "UPDATE passages SET text = 'never written' WHERE row = 0")),
    ],
)
def test_a_fault_is_stopped(folder: Path, gate: str, spoil: Callable[[Path], object]) -> None:
    """Each fault is stopped at its gate, with what is wrong and a way out."""
    spoil(folder)
    with pytest.raises(GateFailed, match=rf"(?s)gate '{gate}': .+last generation still serves.+derek reindex"):
        look(folder)


@pytest.mark.parametrize("spoil", [shift_vectors, swap_words])
def test_passages_that_are_not_found(
    tmp_path: Path, vectors_dir: Path, embedder: HashingEmbedder, spoil: Callable[[Path], None]
) -> None:
    """An index in which texts do not lead to their own passages is stopped, though every count is right."""
    words = random.Random(5)
    stories = [
        f"2026-03-{1 + n % 28:02d}\nStory {n}\n" + " ".join(f"w{words.randrange(10**6)}" for _ in range(30)) + ".\n"
        for n in range(300)
    ]
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "many.txt").write_text("\n".join(stories))
    folder = vectors_dir / reindex(tmp_path / "seeds", vectors_dir, embedder).generation
    look(folder)
    spoil(folder)
    with pytest.raises(GateFailed, match=r"gate 'canaries': \d+ of \d+ passages are not found by their own text"):
        look(folder)


def test_seed_files_that_were_not_kept(folder: Path) -> None:
    """A seed file that was read and is not in the catalog, or with fewer articles, is named."""
    with closing(Catalog(folder / CATALOG)) as catalog:
        built = Built.opened(folder, catalog, catalog.rows())
        files = {seed.file: seed.sha256 for seed in catalog.seeds()}
        with pytest.raises(GateFailed, match=r"gate 'counts'.*lost\.txt"):
            check_counts(built, files | {"lost.txt": "1"}, {})
        with pytest.raises(GateFailed, match=r"gate 'counts'.*almaty\.txt"):
            check_counts(built, files, {"almaty.txt": 3})


def test_an_embedder_that_writes_nonsense(seeds_dir: Path, vectors_dir: Path, folder: Path) -> None:
    """Vectors that are none never replace a good index: the gate is named, nothing is left, the old one serves."""

    class Broken(HashingEmbedder):
        def embed_passages(self, texts: Sequence[str]) -> Vectors:
            return np.full((len(texts), self.dim), np.nan, np.float32)

    with pytest.raises(GateFailed, match=r"gate 'entries'.*length 1"):
        reindex(seeds_dir, vectors_dir, Broken(fingerprint="broken"))
    assert current_id(vectors_dir) == folder.name
    assert {path.name for path in vectors_dir.iterdir()} - {".lock"} == {folder.name, "CURRENT"}


BEFORE = Size({"a.txt": 1000, "b.txt": 1000}, {"a.txt": 10, "b.txt": 10})


@pytest.mark.parametrize(
    ("after", "present", "passes"),
    [
        (Size({"a.txt": 1000, "b.txt": 1000}, {"a.txt": 10, "b.txt": 0}), {"a.txt", "b.txt"}, True),
        (Size({"a.txt": 1000, "b.txt": 1000}, {"a.txt": 9}), {"a.txt", "b.txt"}, False),
        (Size({"a.txt": 1000}, {"a.txt": 5}), {"a.txt"}, True),  # b.txt was removed
        (Size({"a.txt": 1000}, {"a.txt": 4}), {"a.txt"}, False),
        (Size({"a.txt": 1000}, {"a.txt": 9}), {"a.txt", "b.txt"}, False),  # b.txt is there and can't be read
        (Size({"a.txt": 100, "b.txt": 100}, {"a.txt": 1, "b.txt": 1}), {"a.txt", "b.txt"}, True),  # both were cut
        (Size({"a.txt": 900, "b.txt": 900}, {"a.txt": 1, "b.txt": 1}), {"a.txt", "b.txt"}, False),
        (Size({"c.txt": 1000, "a.txt": 1000}, {"c.txt": 10}), {"a.txt", "c.txt"}, True),  # b.txt became c.txt
    ],
)
def test_half_the_size(after: Size, present: set[str], passes: bool) -> None:
    """Passages may go with their files or the text in them; not by the half from files that are as they were."""
    renamed = {"b.txt": "c.txt"} if "c.txt" in present else {}
    if passes:
        check_size(BEFORE, after, present, renamed)
        return
    with pytest.raises(GateFailed, match=r"gate 'size': 20 passages would become .*[ab]\.txt.*--accept-loss"):
        check_size(BEFORE, after, present, renamed)


def test_a_folder_in_which_nothing_is_left(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """A disk that is not mounted is no reason to forget everything, unless that is said to be right."""
    before = reindex(seeds_dir, vectors_dir, embedder)
    for path in seeds_dir.rglob("*.txt"):
        path.unlink()
    with pytest.raises(
        GateFailed, match=r"gate 'size': 3 seed files were .* none any more; .*--accept-loss.*SEEDS_DIR"
    ):
        reindex(seeds_dir, vectors_dir, embedder)
    assert current_id(vectors_dir) == before.generation
    after = reindex(seeds_dir, vectors_dir, embedder, accept_loss=True)
    assert (after.passages, current_id(vectors_dir)) == (0, after.generation)
    assert reindex(seeds_dir, vectors_dir, embedder).generation == after.generation  # an empty index may stay empty


@pytest.mark.parametrize("gone", [True, False])
def test_an_empty_index_on_disk_is_no_way_round(
    seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, gone: bool
) -> None:
    """What was indexed before there were files isn't used again because all are gone, or none can be read."""
    away = seeds_dir.rename(seeds_dir.with_name("away"))
    seeds_dir.mkdir()
    empty = reindex(seeds_dir, vectors_dir, embedder)
    seeds_dir.rmdir()
    away.rename(seeds_dir)
    full = reindex(seeds_dir, vectors_dir, embedder)
    for path in seeds_dir.rglob("*.txt") if gone else ():
        path.unlink()
    limits = Limits() if gone else Limits(max_file_mb=0)
    with pytest.raises(GateFailed, match="gate 'size'"):
        reindex(seeds_dir, vectors_dir, embedder, limits=limits)
    assert current_id(vectors_dir) == full.generation
    assert reindex(seeds_dir, vectors_dir, embedder, limits=limits, accept_loss=True).generation == empty.generation


def test_files_that_can_no_longer_be_read(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """Most files turned to rubbish are no reason to forget what they said, unless that is said to be right."""
    before = reindex(seeds_dir, vectors_dir, embedder)
    for name in ("almaty.txt", "ministry.txt"):
        (seeds_dir / name).write_bytes(b"\xff\xfe\x00\x00rubbish")
    with pytest.raises(GateFailed, match=re.compile(r"gate 'size'.*almaty\.txt", re.DOTALL)):
        reindex(seeds_dir, vectors_dir, embedder)
    assert current_id(vectors_dir) == before.generation
    report = reindex(seeds_dir, vectors_dir, embedder, accept_loss=True)
    assert (report.changed, report.files) == (True, 1)
    for name in ("almaty.txt", "ministry.txt"):
        (seeds_dir / name).unlink()
    assert reindex(seeds_dir, vectors_dir, embedder).files_removed == 2

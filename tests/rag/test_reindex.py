"""The write path: only what changed is embedded, ids are stable, and no failure costs the last good generation."""

import errno
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from fakes import HashingEmbedder

import rag.changes
import rag.reindex
from rag import generations
from rag.catalog import CatalogWriter
from rag.errors import Cancelled, IndexBusy, IndexDamaged, IndexNotWritten, SeedError
from rag.generation import MANIFEST, Generation
from rag.generations import activate, current_id, open_current, pinned_id, verify_generation, writer_lock
from rag.index import VectorIndex
from rag.lexical import WordIndex
from rag.passages import embedding_text
from rag.reindex import plan_reindex, reindex
from rag.reindex_report import IndexProgress
from rag.types import Article, Filters, Passage

NEW_STORY = "2026-03-07\nA bridge is opened in Semey\nThe bridge in Semey is 750 metres long.\n"


@pytest.fixture
def indexed(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> str:
    """The made-up seeds, indexed; what was embedded for it is forgotten."""
    made = reindex(seeds_dir, vectors_dir, embedder).generation
    embedder.embedded.clear()
    return made


def contents(vectors_dir: Path) -> tuple[list[Article], list[Passage]]:
    """Articles and passages of the current generation, in order."""
    opened = open_current(vectors_dir)
    _, articles = opened.catalog.articles(Filters(), None, 1000, 0)
    passages = [passage for passage, _ in opened.catalog.at_rows(opened.catalog.rows().tolist())]
    check_agreement(opened)
    opened.close()
    return articles, passages


def check_agreement(opened: Generation) -> None:
    """Row by row, vectors and words are those of the passage in the catalog."""
    embedder = HashingEmbedder()
    rows = opened.catalog.rows().tolist()
    for row, (passage, article) in zip(rows, opened.catalog.at_rows(rows), strict=True):
        text = opened.catalog.source_text(article.source_sha256)
        assert text[passage.span.start : passage.span.end] == passage.text
        vector = embedder.embed_passages([embedding_text(article, passage)])[0]
        assert opened.vectors.vectors(np.array([row]))[0] == pytest.approx(vector, abs=1e-6)
        assert row in opened.words.search(passage.text, 100)[0]


def visible(vectors_dir: Path) -> set[str]:
    """What lies in the vectors folder beside the lock."""
    return {path.name for path in vectors_dir.iterdir()} - {".lock"}


def test_first_index(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """Everything is read, cut, embedded once and published; report and manifest say how much."""
    report = reindex(seeds_dir, vectors_dir, embedder)
    articles, passages = contents(vectors_dir)
    assert (report.changed, report.files, report.articles, report.reused) == (True, 3, 5, 0)
    assert report.passages == report.embedded == len(embedder.embedded) == len(passages)
    assert len(articles) == 5
    assert report.generation == current_id(vectors_dir)
    assert verify_generation(vectors_dir, report.generation) == []
    assert visible(vectors_dir) == {report.generation, "CURRENT"}


def test_unchanged(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, indexed: str) -> None:
    """Where no seed changed nothing is embedded or written, and the same generation is named."""
    report = reindex(seeds_dir, vectors_dir, embedder)
    assert (report.changed, report.generation, report.embedded) == (False, indexed, 0)
    assert (report.files, report.articles, report.passages, report.reused) == (3, 5, report.passages, report.passages)
    assert embedder.embedded == []
    assert visible(vectors_dir) == {indexed, "CURRENT"}
    assert not plan_reindex(seeds_dir, vectors_dir, embedder.fingerprint).changes


def test_touched_files_are_unchanged(
    seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, indexed: str
) -> None:
    """Only a file's bytes count, not its times."""
    os.utime(seeds_dir / "almaty.txt", (1, 1))
    assert not reindex(seeds_dir, vectors_dir, embedder).changed


def test_a_file_added(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, indexed: str) -> None:
    """Only the new file's passages are embedded; the others keep ids, spans and vectors."""
    articles, passages = contents(vectors_dir)
    (seeds_dir / "semey.txt").write_text(NEW_STORY)
    assert plan_reindex(seeds_dir, vectors_dir, embedder.fingerprint).changes
    report = reindex(seeds_dir, vectors_dir, embedder)
    after, passages_after = contents(vectors_dir)
    assert (report.changed, report.embedded, report.reused, report.articles) == (True, 1, len(passages), 6)
    assert len(embedder.embedded) == 1
    assert "Semey" in embedder.embedded[0]
    assert set(articles) < set(after)
    assert set(passages) < set(passages_after)


def test_a_story_changed(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, indexed: str) -> None:
    """One word changed costs the passages of that story alone; a story that only moved keeps its ids."""
    before = {article.title: article for article in contents(vectors_dir)[0]}
    path = seeds_dir / "almaty.txt"
    path.write_text(path.read_text().replace("120 tenge", "one hundred and fifty tenge"))
    report = reindex(seeds_dir, vectors_dir, embedder)
    after = {article.title: article for article in contents(vectors_dir)[0]}
    assert report.embedded == len(embedder.embedded) == 1
    changed, moved = "Almaty opens a tram line to the airport", "Shymkent plants a million trees"
    assert before[changed].article_id != after[changed].article_id
    assert before[moved].article_id == after[moved].article_id
    assert before[moved].span != after[moved].span


def test_a_file_removed(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, indexed: str) -> None:
    """A removed file's articles are gone and nothing is embedded for it."""
    (seeds_dir / "almaty.txt").unlink()
    report = reindex(seeds_dir, vectors_dir, embedder)
    articles, _ = contents(vectors_dir)
    assert (report.changed, report.files, report.articles, report.embedded) == (True, 2, 3, 0)
    assert embedder.embedded == []
    assert "almaty.txt" not in {article.file for article in articles}


def test_a_file_renamed(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, indexed: str) -> None:
    """A renamed file costs no embedding; its articles keep their ids and name the new place."""
    before, passages = contents(vectors_dir)
    (seeds_dir / "almaty.txt").rename(seeds_dir / "north" / "дерек.txt")
    report = reindex(seeds_dir, vectors_dir, embedder)
    after, passages_after = contents(vectors_dir)
    assert (report.changed, report.embedded) == (True, 0)
    assert {article.article_id for article in before} == {article.article_id for article in after}
    assert set(passages) == set(passages_after)
    assert {article.file for article in after} == {"ministry.txt", "north/petropavl.txt", "north/дерек.txt"}


def test_the_same_article_in_two_files(
    seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, indexed: str
) -> None:
    """An article in several files is one article that names them all; it is embedded and found once."""
    before, passages = contents(vectors_dir)
    shutil.copy(seeds_dir / "almaty.txt", seeds_dir / "copy.txt")
    (seeds_dir / "north" / "more.txt").write_text("\n\n" + (seeds_dir / "almaty.txt").read_text() + "\n" + NEW_STORY)
    report = reindex(seeds_dir, vectors_dir, embedder)
    after, passages_after = contents(vectors_dir)
    assert (report.files, report.articles, report.embedded) == (5, 6, 1)
    assert len(passages_after) == len(passages) + 1
    doubled = [replace(article, also_in=()) for article in after if article.also_in == ("copy.txt", "north/more.txt")]
    assert doubled == [article for article in before if article.file == "almaty.txt"]


def test_files_that_cannot_be_read(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """Unreadable files are skipped with a warning that names them; a second run finds nothing changed, and warns."""
    (seeds_dir / "empty.txt").write_bytes(b"")
    (seeds_dir / "bytes.txt").write_bytes(b"\xff\xfe\x00broken")
    for run in range(2):
        report = reindex(seeds_dir, vectors_dir, embedder)
        assert (report.changed, report.files, report.articles) == (run == 0, 3, 5)
        assert [w.split(":")[1].strip() for w in report.warnings] == ["bytes.txt", "empty.txt"]
        assert not plan_reindex(seeds_dir, vectors_dir, embedder.fingerprint).changes
    (seeds_dir / "empty.txt").unlink()
    assert len(reindex(seeds_dir, vectors_dir, embedder).warnings) == 1


def test_a_file_that_vanishes_while_it_is_read(
    seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file listed but gone when it is read is skipped with a warning; the others are indexed."""
    monkeypatch.setattr(rag.changes, "list_seed_files", lambda *_: ["almaty.txt", "gone.txt"])
    report = reindex(seeds_dir, vectors_dir, embedder)
    assert (report.files, report.articles) == (1, 2)
    assert "gone.txt" in report.warnings[0]


def test_doubts_are_kept(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """What the parser doubted is said again when nothing changed."""
    (seeds_dir / "plain.txt").write_text("A text in no layout that is known.\nAnd a second line of it.\n")
    first = reindex(seeds_dir, vectors_dir, embedder)
    assert ["plain.txt" in warning for warning in first.warnings] == [True]
    assert reindex(seeds_dir, vectors_dir, embedder).warnings == first.warnings


def test_no_seeds(tmp_path: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """An empty folder gives an empty generation, which is unchanged the second time and grows later."""
    seeds = tmp_path / "none"
    seeds.mkdir()
    first = reindex(seeds, vectors_dir, embedder)
    assert (first.changed, first.files, first.articles, first.passages) == (True, 0, 0, 0)
    assert contents(vectors_dir) == ([], [])
    assert verify_generation(vectors_dir, first.generation) == []
    assert not reindex(seeds, vectors_dir, embedder).changed
    (seeds / "semey.txt").write_text(NEW_STORY)
    assert reindex(seeds, vectors_dir, embedder).articles == 1


def test_as_many_stay_as_are_asked_for(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """`keep` counts the new generation; the one it was made from goes, too, where that is one too many."""
    for number in range(3):
        (seeds_dir / "semey.txt").write_text(NEW_STORY.replace("750", str(751 + number)))
        made = reindex(seeds_dir, vectors_dir, embedder, keep=1).generation
        assert visible(vectors_dir) == {made, "CURRENT"}


def test_rolled_back(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, indexed: str) -> None:
    """A reindex compares with the seeds, not with what is in use: it goes forward again, and embeds nothing for it."""
    (seeds_dir / "semey.txt").write_text(NEW_STORY)
    new = reindex(seeds_dir, vectors_dir, embedder).generation
    with writer_lock(vectors_dir):
        activate(vectors_dir, indexed, pin=True)
    embedder.embedded.clear()
    report = reindex(seeds_dir, vectors_dir, embedder)
    assert (report.generation, report.changed, report.embedded, embedder.embedded) == (new, True, 0, [])
    assert (current_id(vectors_dir), pinned_id(vectors_dir)) == (new, None)
    with writer_lock(vectors_dir):
        activate(vectors_dir, indexed, pin=True)
    shutil.rmtree(vectors_dir / new)
    built = reindex(seeds_dir, vectors_dir, embedder)
    assert built.generation not in (new, indexed) and (built.articles, built.embedded) == (6, 1)
    assert (current_id(vectors_dir), pinned_id(vectors_dir)) == (built.generation, None)


def test_missing_folder(tmp_path: Path, vectors_dir: Path, embedder: HashingEmbedder, seeds_dir: Path) -> None:
    """A seeds folder that is not there is an error that names it, not an empty index."""
    indexed = reindex(seeds_dir, vectors_dir, embedder).generation
    with pytest.raises(SeedError, match=r"nowhere.*DEREK_SEEDS_DIR"):
        reindex(tmp_path / "nowhere", vectors_dir, embedder)
    assert current_id(vectors_dir) == indexed


def test_another_embedder(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, indexed: str) -> None:
    """Vectors of another fingerprint are never taken over, even where their length is the same."""
    other = HashingEmbedder(fingerprint="another")
    assert plan_reindex(seeds_dir, vectors_dir, other.fingerprint).rebuild
    report = reindex(seeds_dir, vectors_dir, other)
    assert (report.changed, report.reused) == (True, 0)
    assert report.embedded == len(other.embedded) == report.passages
    wider = HashingEmbedder(dim=64)
    assert reindex(seeds_dir, vectors_dir, wider).embedded == report.passages
    opened = open_current(vectors_dir)
    assert opened.vectors.dim == 64
    opened.close()


def test_another_recipe(
    seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, indexed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once texts are cut in another way unchanged seeds are read anew, and said why; vectors of equal texts stay."""
    monkeypatch.setattr(rag.reindex, "RECIPE", 7)
    plan = plan_reindex(seeds_dir, vectors_dir, embedder.fingerprint)
    assert plan.rebuild is not None
    assert "recipe 7, before 1" in plan.rebuild
    report = reindex(seeds_dir, vectors_dir, embedder)
    assert (report.changed, report.rebuild, report.embedded) == (True, plan.rebuild, 0)
    assert contents(vectors_dir)[1]
    assert not reindex(seeds_dir, vectors_dir, embedder).changed


@pytest.mark.parametrize("part", ["catalog.sqlite", "vectors.faiss", "manifest.json"])
@pytest.mark.parametrize("how", ["altered", "truncated", "missing"])
def test_a_damaged_generation_is_built_again(
    seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, indexed: str, part: str, how: str
) -> None:
    """`derek reindex` mends what it is named as the cure for: nothing of a damaged generation is taken over."""
    path = vectors_dir / indexed / part
    data = path.read_bytes()
    if how == "missing":
        path.unlink()
    else:
        middle = len(data) // 2
        path.write_bytes(data[:middle] + (bytes([data[middle] ^ 16]) + data[middle + 1 :] if how == "altered" else b""))
    if (part, how) == ("manifest.json", "altered"):
        path.write_bytes(data.replace(b'"format"', b'"farmat"'))
    report = reindex(seeds_dir, vectors_dir, embedder)
    assert (report.changed, report.reused, report.embedded) == (True, 0, report.passages)
    assert report.generation == current_id(vectors_dir) != indexed
    assert verify_generation(vectors_dir, report.generation) == []
    assert not reindex(seeds_dir, vectors_dir, embedder).changed


def test_progress(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """Counts never fall, never pass their totals, and end complete."""
    seen: list[IndexProgress] = []
    report = reindex(seeds_dir, vectors_dir, embedder, progress=seen.append)
    for before, after in pairwise(seen):
        assert before.files_done <= after.files_done
        assert before.passages_done <= after.passages_done
    assert all(p.files_done <= p.files_total and p.passages_done <= p.passages_total for p in seen)
    assert seen[-1] == IndexProgress(3, 3, report.passages, report.passages, 0, report.passages, 5)


def test_stop_at_every_look(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, indexed: str) -> None:
    """Whenever it is stopped, Cancelled comes out, nothing is left behind, and the old generation serves."""
    (seeds_dir / "semey.txt").write_text(NEW_STORY)
    for looks in range(100):
        left = iter([False] * looks)
        try:
            report = reindex(seeds_dir, vectors_dir, embedder, stop=lambda left=left: next(left, True))
        except Cancelled:
            assert visible(vectors_dir) == {indexed, "CURRENT"}
            assert current_id(vectors_dir) == indexed
            assert verify_generation(vectors_dir, indexed) == []
        else:
            assert looks > 3
            assert report.changed
            return
    pytest.fail("it never ended")


def test_an_embedder_that_fails(
    seeds_dir: Path, vectors_dir: Path, indexed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the embedder comes out as it is; the old generation serves and the lock is free."""
    broken = HashingEmbedder(fingerprint="broken")

    def fail(texts: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(broken, "embed_passages", fail)
    with pytest.raises(KeyboardInterrupt):
        reindex(seeds_dir, vectors_dir, broken)
    assert (current_id(vectors_dir), visible(vectors_dir)) == (indexed, {indexed, "CURRENT"})
    with writer_lock(vectors_dir):
        pass


def test_busy(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """While the index is being written elsewhere nothing is read, embedded or changed."""
    with writer_lock(vectors_dir), pytest.raises(IndexBusy):
        reindex(seeds_dir, vectors_dir, embedder)
    assert embedder.embedded == []
    assert visible(vectors_dir) == set()


def full_disk(*args: object, **kwargs: object) -> None:
    """What Python says when a disk is full."""
    raise OSError(errno.ENOSPC, "No space left on device")


def full_for_sqlite(*args: object) -> None:
    """What SQLite says when a disk is full."""
    raise sqlite3.OperationalError("database or disk is full")


def full_for_faiss(*args: object) -> None:
    """What FAISS says when a disk is full."""
    raise RuntimeError("write error in vectors.faiss: 0 != 256 (No space left on device)")


def full_for_tantivy(*args: object) -> None:
    """What tantivy says when a disk is full."""
    raise ValueError("An IO error occurred: 'No space left on device (os error 28)'")


@pytest.mark.parametrize(
    ("owner", "name", "failure"),
    [
        (CatalogWriter, "add", full_for_sqlite),
        (VectorIndex, "save", full_for_faiss),
        (WordIndex, "extended", full_for_tantivy),
        (generations, "building_folder", full_disk),
        (generations, "write_whole", full_disk),
        (generations, "sync", full_disk),
        (Path, "rename", full_disk),
        (Path, "replace", full_disk),
        (os, "fsync", full_disk),
    ],
)
def test_a_full_disk(
    seeds_dir: Path,
    vectors_dir: Path,
    embedder: HashingEmbedder,
    indexed: str,
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    name: str,
    failure: Callable[..., None],
) -> None:
    """Whichever writer finds the disk full, the error says so, nothing is left, and the old generation serves."""
    (seeds_dir / "semey.txt").write_text(NEW_STORY)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, failure)
        with pytest.raises(IndexNotWritten, match=r"(?s)vectors.*full|vectors.*No space left.*derek reindex"):
            reindex(seeds_dir, vectors_dir, embedder)
    assert visible(vectors_dir) == {indexed, "CURRENT"}
    assert current_id(vectors_dir) == indexed
    assert verify_generation(vectors_dir, indexed) == []
    assert reindex(seeds_dir, vectors_dir, embedder).changed


def test_stale_without_a_generation(seeds_dir: Path, vectors_dir: Path) -> None:
    """Where nothing was indexed yet, there is work to do; looking writes nothing."""
    assert plan_reindex(seeds_dir, vectors_dir, "any").rebuild
    assert not vectors_dir.exists()


def test_what_stopped_serving_is_no_order_while_it_is_mended(
    seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder
) -> None:
    """An index of another format says "run `derek reindex`" to whoever opens it, not to whoever is doing so."""
    manifest = vectors_dir / reindex(seeds_dir, vectors_dir, embedder).generation / MANIFEST
    values = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps(values | {"format": 1}), "utf-8")
    with pytest.raises(IndexDamaged, match="run `derek reindex`"):
        open_current(vectors_dir)
    rebuild = reindex(seeds_dir, vectors_dir, embedder).rebuild
    assert rebuild is not None and "format 1" in rebuild and "derek reindex" not in rebuild

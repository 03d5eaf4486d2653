"""What an index became by many small steps is what it would be if built at once, and costs only the steps."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fakes import HashingEmbedder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rag.errors
import rag.uptake
from rag.generations import activate, list_generations, open_current, writer_lock
from rag.passages import embedding_text
from rag.reindex import plan_reindex, reindex
from rag.reindex_report import ReindexReport
from rag.sources import SeedFile
from rag.types import Article, Filters, Passage

Content = dict[str, tuple[Article, list[Passage]]]
STORIES = [
    f"2026-03-{day:02d}\nStory {day} of a {thing} in Semey\nThe {thing} of day {day} is {day}50 metres long. "
    f"It was opened on a Monday.\n"
    for day, thing in enumerate(["bridge", "tunnel", "tower", "canal", "market", "school"], start=1)
]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The seed files that are read to be parsed, as they are read."""
    files: list[str] = []
    genuine = rag.uptake.read_seed

    def noted(folder: Path, file: str, *limits: object) -> SeedFile:
        files.append(file)
        return genuine(folder, file)

    monkeypatch.setattr(rag.uptake, "read_seed", noted)
    return files


def content(vectors_dir: Path) -> Content:
    """What the current generation holds, its rows, vectors and words checked against each other."""
    opened = open_current(vectors_dir)
    try:
        _, articles = opened.catalog.articles(Filters(), None, 1000, 0)
        rows = opened.catalog.rows().tolist()
        assert opened.words.count(opened.catalog.rows()) == len(opened.words) == len(rows)
        assert opened.words.count(opened.catalog.tombstones()) == 0
        for row, (passage, article) in zip(rows, opened.catalog.at_rows(rows), strict=True):
            assert (
                opened.catalog.source_text(article.source_sha256)[passage.span.start : passage.span.end] == passage.text
            )
            vector = HashingEmbedder().embed_passages([embedding_text(article, passage)])[0]
            found, cosines = opened.vectors.search(vector, len(rows) + 1)
            assert sorted(found) == rows
            assert cosines[0] == pytest.approx(1, abs=1e-3)
            assert row in opened.words.search(passage.text, len(rows))[0]
        return {one.article_id: (one, opened.catalog.passages_of(one.article_id)) for one in articles}
    finally:
        opened.close()


def files_of(choice: list[list[int]]) -> dict[str, str]:
    """Seed files, each of the stories that are chosen for it."""
    return {f"{n}.txt": "\n".join(STORIES[story] for story in chosen) for n, chosen in enumerate(choice) if chosen}


def write(seeds: Path, files: dict[str, str]) -> None:
    """Make the folder hold these files and no others."""
    shutil.rmtree(seeds, ignore_errors=True)
    seeds.mkdir()
    for name, text in files.items():
        (seeds / name).write_text(text)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(st.lists(st.sampled_from(range(6)), max_size=4, unique=True), min_size=3, max_size=3),
        min_size=2,
        max_size=4,
    )
)
def test_step_by_step_or_at_once(states: list[list[list[int]]]) -> None:
    """Whatever files came, went and changed, articles, places and passages are those of an index of the last state."""
    with TemporaryDirectory() as folder:
        seeds, vectors = Path(folder) / "seeds", Path(folder) / "vectors"
        for state in states:
            write(seeds, files_of(state))
            report = reindex(seeds, vectors, HashingEmbedder(), accept_loss=True)
        reindex(seeds, Path(folder) / "at once", HashingEmbedder())
        stepwise = content(vectors)
        assert stepwise == content(Path(folder) / "at once")
        assert (report.articles, report.passages) == (len(stepwise), sum(len(found) for _, found in stepwise.values()))
        assert not reindex(seeds, vectors, HashingEmbedder()).changed


def test_only_what_changed_is_read(
    seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, read: list[str]
) -> None:
    """A new or changed file is read once; one that is renamed or copied, and the others, not at all."""
    reindex(seeds_dir, vectors_dir, embedder)
    assert sorted(read) == ["almaty.txt", "ministry.txt", "north/petropavl.txt"]
    read.clear()
    (seeds_dir / "new.txt").write_text(STORIES[0])
    (seeds_dir / "ministry.txt").rename(seeds_dir / "renamed.txt")
    shutil.copy(seeds_dir / "almaty.txt", seeds_dir / "copy.txt")
    report = reindex(seeds_dir, vectors_dir, embedder)
    assert read == ["new.txt"]
    counts = (report.files_added, report.files_changed, report.files_removed, report.files_renamed, report.rebuild)
    assert counts == (2, 0, 0, 1, None)
    assert {article.file for article, _ in content(vectors_dir).values()} == {
        "almaty.txt",
        "new.txt",
        "north/petropavl.txt",
        "renamed.txt",
    }


def test_another_place_takes_over(
    seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, read: list[str]
) -> None:
    """When the file goes that stood for a story, the next one stands for it, unread and with the vectors of before."""
    text = (seeds_dir / "almaty.txt").read_text()
    (seeds_dir / "north" / "both.txt").write_text(STORIES[1] + "\n" + text)
    reindex(seeds_dir, vectors_dir, embedder)
    before = content(vectors_dir)
    read.clear()
    embedder.embedded.clear()
    (seeds_dir / "almaty.txt").unlink()
    report = reindex(seeds_dir, vectors_dir, embedder)
    after = content(vectors_dir)
    assert (read, embedder.embedded, report.embedded) == ([], [], 0)
    assert before.keys() == after.keys()
    moved = [key for key, (article, _) in before.items() if article.file == "almaty.txt"]
    assert len(moved) == 2
    for key in moved:
        was, now = before[key][0], after[key][0]
        assert (was.also_in, now.also_in, now.file) == (("north/both.txt",), (), "north/both.txt")
        assert [one.passage_id for one in before[key][1]] == [one.passage_id for one in after[key][1]]
        assert was.span != now.span


def test_ten_uploads_of_one_file(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """However often a file is there, its stories and passages are there once."""
    first = reindex(seeds_dir, vectors_dir, embedder)
    for n in range(10):
        shutil.copy(seeds_dir / "almaty.txt", seeds_dir / f"upload-{n}.txt")
        report = reindex(seeds_dir, vectors_dir, embedder)
        assert (report.articles, report.passages, report.embedded) == (first.articles, first.passages, 0)
    assert {len(one.also_in) for one, _ in content(vectors_dir).values()} == {0, 10}


def test_vectors_of_older_generations(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """Text that is only in an older or a newer generation costs no embedding: after a removal, or going back."""
    first = reindex(seeds_dir, vectors_dir, embedder)
    (seeds_dir / "more.txt").write_text("\n".join(STORIES))
    assert reindex(seeds_dir, vectors_dir, embedder).embedded == len(STORIES)
    with writer_lock(vectors_dir):
        activate(vectors_dir, first.generation, pin=True)
    (seeds_dir / "more.txt").write_text("\n".join(reversed(STORIES[1:])))
    report = reindex(seeds_dir, vectors_dir, embedder)
    assert (report.changed, report.embedded, report.files_added) == (True, 0, 1)
    content(vectors_dir)


def test_text_that_comes_back(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """A file that was removed and comes back is not embedded again, though no generation has its passages."""
    text = (seeds_dir / "almaty.txt").read_text()
    (seeds_dir / "many.txt").write_text(
        "\n".join(story.replace("Semey", f"Town {n}") for n in range(5) for story in STORIES)
    )
    reindex(seeds_dir, vectors_dir, embedder, keep=1)
    (seeds_dir / "almaty.txt").unlink()
    reindex(seeds_dir, vectors_dir, embedder, keep=1)
    assert len(list_generations(vectors_dir)) == 1
    (seeds_dir / "almaty.txt").write_text(text)
    assert reindex(seeds_dir, vectors_dir, embedder, keep=1).embedded == 0
    content(vectors_dir)


def test_tombstones_are_swept(vectors_dir: Path, tmp_path: Path, embedder: HashingEmbedder) -> None:
    """Rows of removed passages stay empty up to a tenth of all; then rows are numbered anew, nothing embedded."""
    seeds = tmp_path / "seeds"
    files = {f"{n}.txt": story.replace("Semey", f"Town {n}") for n, story in enumerate(STORIES * 5)}
    write(seeds, files)
    rows = reindex(seeds, vectors_dir, embedder).passages
    most = 0
    order = random.Random(1).sample(sorted(files), 20)
    for name in order:
        (seeds / name).unlink()
        report = reindex(seeds, vectors_dir, embedder)
        assert report.embedded == 0
        opened = open_current(vectors_dir)
        gone = len(opened.catalog.tombstones())
        assert len(opened.vectors) == report.passages + gone
        assert gone <= 0.1 * len(opened.vectors)
        most = max(most, gone)
        opened.close()
    assert most > 1
    assert report.passages == len(content(vectors_dir)) == rows - 20


def test_the_plan_is_what_is_done(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """A plan names the files that a reindex then counts, and writes nothing; afterwards there is nothing to do."""
    reindex(seeds_dir, vectors_dir, embedder)
    made = [one.id for one in list_generations(vectors_dir)]
    (seeds_dir / "new.txt").write_text(STORIES[0])
    (seeds_dir / "bad.txt").write_bytes(b"")
    (seeds_dir / "almaty.txt").write_text(STORIES[1])
    (seeds_dir / "ministry.txt").rename(seeds_dir / "moved.txt")
    (seeds_dir / "north" / "petropavl.txt").unlink()
    plan = plan_reindex(seeds_dir, vectors_dir, embedder.fingerprint)
    assert (plan.added, plan.changed, plan.removed) == (
        ("bad.txt", "new.txt"),
        ("almaty.txt",),
        ("north/petropavl.txt",),
    )
    assert (plan.renamed, plan.rebuild, plan.changes) == ((("ministry.txt", "moved.txt"),), None, True)
    assert [one.id for one in list_generations(vectors_dir)] == made
    report = reindex(seeds_dir, vectors_dir, embedder)
    counts = (report.files_added, report.files_changed, report.files_removed, report.files_renamed)
    assert counts == (2, 1, 1, 1)
    assert not plan_reindex(seeds_dir, vectors_dir, embedder.fingerprint).changes
    assert "embedder" in (plan_reindex(seeds_dir, vectors_dir, "another").rebuild or "")


def test_a_file_that_can_be_read_by_now(
    seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was skipped for want of a converter, say, is taken up by the next reindex that can read it."""
    genuine: Callable[..., SeedFile] = rag.uptake.read_seed

    def no_converter(folder: Path, file: str, *limits: object) -> SeedFile:
        if file == "almaty.txt":
            raise rag.errors.SeedError(f"{file}: no converter")
        return genuine(folder, file)

    with monkeypatch.context() as patch:
        patch.setattr(rag.uptake, "read_seed", no_converter)
        for run in range(2):
            report = reindex(seeds_dir, vectors_dir, embedder)
            assert (report.changed, report.files, report.warnings) == (
                run == 0,
                2,
                ("skipped: almaty.txt: no converter",),
            )
    report = reindex(seeds_dir, vectors_dir, embedder)
    assert (report.files, report.files_changed, report.warnings) == (3, 1, ())
    content(vectors_dir)


def test_the_same_bytes_in_two_formats(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """One checksum can't stand for two texts: the second file is skipped with a reason, and that is settled."""
    line = '{"title": "A bridge", "text": "The bridge is 750 metres long."}\n'
    (seeds_dir / "a.jsonl").write_text(line)
    (seeds_dir / "b.txt").write_text(line)
    for run in range(2):
        report = reindex(seeds_dir, vectors_dir, embedder)
        assert (report.changed, report.files) == (run == 0, 4)
        assert [warning for warning in report.warnings if "another format" in warning] == list(report.warnings[:1])
    content(vectors_dir)


def test_counts_of_vectors(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """Progress ends with how many vectors were there and how many were computed, as the report has them."""
    before: ReindexReport = reindex(seeds_dir, vectors_dir, embedder)
    (seeds_dir / "new.txt").write_text("\n".join(STORIES))
    seen = []
    report = reindex(seeds_dir, vectors_dir, embedder, progress=seen.append)
    assert (seen[-1].vectors_reused, seen[-1].vectors_computed) == (before.passages, len(STORIES))
    assert (report.reused, report.embedded) == (before.passages, len(STORIES))
    assert seen[-1].passages_done == seen[-1].passages_total == report.passages

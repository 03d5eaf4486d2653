"""Reindexing as scenarios for `fault_sweep`: the last good generation serves, and the next run is as if nothing was."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fakes import HashingEmbedder
from fault_sweep import Scenario

from rag.generation import Generation
from rag.generations import KEPT, current_id, list_generations, open_current, verify_generation
from rag.passages import embedding_text
from rag.reindex import reindex
from rag.types import Filters

EMBEDDER = HashingEmbedder(dim=512)
STORY = "2026-03-{n:02}\nA bridge is opened in Semey\nBridge number {n} in Semey is {n}50 metres long.\n"
OTHER = "2026-03-{n:02}\nRiver {n} floods a village\nThe river rose by {n} metres. The school is closed until Monday.\n"
ALLOWED = {"CURRENT", ".lock"}


def content_of(generation: Generation) -> dict[str, object]:
    """What a generation holds, whatever its name and date. Each passage must be found by both indexes."""
    catalog = generation.catalog
    total, articles = catalog.articles(Filters(), None, 1000, 0)
    assert total == len(articles) == generation.manifest.articles
    held = []
    for article in sorted(articles, key=lambda one: one.article_id):
        text = catalog.source_text(article.source_sha256)
        passages = catalog.passages_of(article.article_id)
        for passage in passages:
            assert text[article.span.start :].startswith(text[article.span.start : article.span.end])
            embedded = embedding_text(article, passage)
            rows, cosines = generation.vectors.search(EMBEDDER.embed_passages([embedded])[0], 3)
            assert cosines[0] > 0.99
            found = [catalog.at_rows([int(row)])[0][0].passage_id for row in rows]
            assert passage.passage_id in found, "a passage without its vector"
            rows, _ = generation.words.search(passage.text, 3)
            found = [catalog.at_rows([int(row)])[0][0].passage_id for row in rows]
            assert passage.passage_id in found, "a passage without its words"
        held.append([asdict(article), [asdict(passage) for passage in passages]])
    assert sum(len(passages) for _, passages in held) == len(catalog) == generation.manifest.passages
    return {"files": generation.manifest.files, "held": held}


def content_now(vectors: Path) -> dict[str, object]:
    """The content of the generation in use, which must be sound."""
    current = current_id(vectors)
    assert current is not None
    assert verify_generation(vectors, current) == []
    generation = open_current(vectors)
    try:
        content: dict[str, object] = json.loads(json.dumps(content_of(generation)))
        return content
    finally:
        generation.close()


def check_tidy(vectors: Path) -> None:
    """Nothing lies there but generations, each sound and no more than one too many, and the pointer.

    One too many where the fault came between publishing and pruning: the next that is published sends it away.
    """
    names = {path.name for path in vectors.iterdir()} - ALLOWED
    assert names == {manifest.id for manifest in list_generations(vectors)}, sorted(names)
    assert len(names) <= KEPT + 1, sorted(names)
    for name in names:
        assert verify_generation(vectors, name) == []


def bytes_below(folder: Path) -> dict[str, str]:
    """Every file below a folder and its text."""
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def _expect(home: Path, name: str) -> None:
    """Note what an index of the seeds as they are holds when it is built from nothing."""
    clean = home / "clean" / name
    reindex(home / "seeds", clean, EMBEDDER)
    (home / f"{name}.json").write_text(json.dumps(content_now(clean)))
    (home / "seeds.json").write_text(json.dumps(bytes_below(home / "seeds")))


def _expected(home: Path, name: str) -> Any:
    return json.loads((home / f"{name}.json").read_text())


def _act(home: Path) -> None:
    """Reindex, and note what it says that it did."""
    report = reindex(home / "seeds", home / "vectors", EMBEDDER)
    (home / "told.json").write_text(json.dumps(asdict(report)))


def _check(home: Path) -> None:
    """The seeds are as they were; the index holds the old content or the new, each whole.

    A file that couldn't be read may be missing from it, if that was said.
    """
    assert bytes_below(home / "seeds") == _expected(home, "seeds")
    wanted = [_expected(home, name) for name in ("old", "new") if (home / f"{name}.json").exists()]
    current = current_id(home / "vectors")
    if (home / "told.json").exists():
        told = _expected(home, "told")
        assert told["generation"] == current
        wanted = wanted[-1:]
        if any(warning.startswith("skipped: ") for warning in told["warnings"]):
            content_now(home / "vectors")
            return
    assert current is not None or len(wanted) == 1
    if current is not None:
        assert content_now(home / "vectors") in wanted


def _recover(home: Path) -> None:
    """The next run without a fault: the content of a clean build, and nothing that lies about."""
    report = reindex(home / "seeds", home / "vectors", EMBEDDER)
    assert report.generation == current_id(home / "vectors")
    assert content_now(home / "vectors") == _expected(home, "new")
    check_tidy(home / "vectors")
    assert bytes_below(home / "seeds") == _expected(home, "seeds")


def _prepare_first(home: Path) -> None:
    (home / "seeds").mkdir()
    for n in (1, 2):
        (home / "seeds" / f"{n}.txt").write_text(STORY.format(n=n))
    _expect(home, "new")


def _prepare_change(home: Path) -> None:
    """Three generations, so that the next one sends the first away; then a file is added, changed, removed, renamed."""
    seeds = home / "seeds"
    seeds.mkdir()
    (seeds / "north").mkdir()
    for n in range(1, 5):
        (seeds / f"{n}.txt").write_text(STORY.format(n=n))
        if n > 1:
            reindex(seeds, home / "vectors", EMBEDDER)
    _expect(home, "old")
    (seeds / "5.txt").write_text(STORY.format(n=5))
    (seeds / "1.txt").write_text(OTHER.format(n=1))
    (seeds / "2.txt").unlink()
    (seeds / "3.txt").rename(seeds / "north" / "6.txt")
    _expect(home, "new")


def _prepare_growth(home: Path) -> None:
    """Three generations of two dozen stories; then one is changed and one file comes, too little to number anew."""
    seeds = home / "seeds"
    seeds.mkdir()
    for n in range(1, 9):
        days = (STORY.format(n=n), OTHER.format(n=n), STORY.format(n=n + 10))
        (seeds / f"{n}.txt").write_text("\n".join(days))
        if n > 5:
            reindex(seeds, home / "vectors", EMBEDDER)
    _expect(home, "old")
    (seeds / "9.txt").write_text(STORY.format(n=9))
    (seeds / "1.txt").write_text((seeds / "1.txt").read_text().replace("closed until Monday", "open"))
    _expect(home, "new")


FOLDERS = ("vectors", "seeds")
FIRST = Scenario(FOLDERS, _prepare_first, _act, _check, _recover)
CHANGE = Scenario(FOLDERS, _prepare_change, _act, _check, _recover)
GROWTH = Scenario(FOLDERS, _prepare_growth, _act, _check, _recover)

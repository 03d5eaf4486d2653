"""Near-duplicates in an index: one story is listed and found once, whatever files come and go; two reports stay two."""

import random
from pathlib import Path

import pytest
from fakes import HashingEmbedder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import NotFound
from rag.generations import open_current, verify_generation
from rag.reindex import reindex
from rag.types import Filters

HEAD = "2026-03-07\nA bridge is opened in Semey\n"
BODY = (
    "The new bridge in Semey is 750 metres long, and it was opened on Friday by Minister Marat Karabayev. "
    "It was “built in three years”, and 40 lorries an hour may cross it until the old one is mended.\n"
)
STORY = HEAD + BODY
QUOTED = STORY.replace("“", "«").replace("”", "»")
SPELT = STORY.replace("40 lorries", "forty lorries")
LONGER = STORY.replace("750 metres", "780 metres")
OTHER_DAY = STORY.replace("2026-03-07", "2026-03-08")
TEXTS = {"story": STORY, "quoted": QUOTED, "spelt": SPELT, "longer": LONGER, "another day": OTHER_DAY}


def listed(vectors_dir: Path) -> dict[str, tuple[str, ...]]:
    """The files of the current generation's articles, with those that each also stands in."""
    opened = open_current(vectors_dir)
    _, articles = opened.catalog.articles(Filters(), None, 1000, 0)
    places = [(passage.article_id, article.file) for passage, article in opened.catalog.at_rows(opened.catalog.rows())]
    opened.close()
    assert {file for _, file in places} == {article.file for article in articles}
    return {article.file: article.also_in for article in articles}


def put(seeds: Path, **files: str | None) -> None:
    """Write seed files, or remove those that are None."""
    seeds.mkdir(exist_ok=True)
    for name, text in files.items():
        path = seeds / f"{name}.txt"
        path.unlink() if text is None else path.write_text(text)


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A folder with one story."""
    put(tmp_path / "few", b=STORY)
    return tmp_path / "few"


def test_a_twin_is_one_story_and_costs_no_vector(seeds: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """Another file with the same report in other quotation marks is named with the story; nothing is embedded."""
    first = reindex(seeds, vectors_dir, embedder)
    put(seeds, c=QUOTED)
    report = reindex(seeds, vectors_dir, embedder)
    assert (report.changed, report.files, report.articles, report.grouped, report.embedded) == (True, 2, 1, 1, 0)
    assert report.passages == first.passages
    assert listed(vectors_dir) == {"b.txt": ("c.txt",)}
    assert verify_generation(vectors_dir, report.generation) == []
    assert not (again := reindex(seeds, vectors_dir, embedder)).changed
    assert again.grouped == 1


@pytest.mark.parametrize("text", [LONGER, OTHER_DAY, HEAD + BODY.split(". It")[0] + ".\n"])
def test_a_report_that_differs_in_a_fact_stays_one(
    seeds: Path, vectors_dir: Path, embedder: HashingEmbedder, text: str
) -> None:
    """Another figure, another day, or only half of it: both are listed and found."""
    put(seeds, c=text)
    report = reindex(seeds, vectors_dir, embedder)
    assert (report.articles, report.grouped) == (2, 0)
    assert listed(vectors_dir) == {"b.txt": (), "c.txt": ()}


def test_the_first_file_by_name_stands_for_a_story(seeds: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """A twin that comes before takes the story over."""
    reindex(seeds, vectors_dir, embedder)
    put(seeds, a=SPELT, d=QUOTED)
    reindex(seeds, vectors_dir, embedder)
    assert listed(vectors_dir) == {"a.txt": ("b.txt", "d.txt")}


def test_when_the_standing_file_goes_the_next_takes_its_place(
    seeds: Path, vectors_dir: Path, embedder: HashingEmbedder
) -> None:
    """So it is too when its text changes in a fact; then both are there."""
    put(seeds, c=QUOTED, d=SPELT)
    reindex(seeds, vectors_dir, embedder)
    put(seeds, b=None)
    reindex(seeds, vectors_dir, embedder)
    assert listed(vectors_dir) == {"c.txt": ("d.txt",)}
    put(seeds, c=LONGER)
    reindex(seeds, vectors_dir, embedder)
    assert listed(vectors_dir) == {"c.txt": (), "d.txt": ()}


def test_the_same_bytes_in_a_twins_file_join_its_story(
    seeds: Path, vectors_dir: Path, embedder: HashingEmbedder
) -> None:
    """A copy of an article that another stands for is named with that other."""
    put(seeds, c=QUOTED)
    reindex(seeds, vectors_dir, embedder)
    put(seeds, d=QUOTED)
    reindex(seeds, vectors_dir, embedder)
    assert listed(vectors_dir) == {"b.txt": ("c.txt", "d.txt")}
    put(seeds, a=QUOTED)
    reindex(seeds, vectors_dir, embedder)
    assert listed(vectors_dir) == {"a.txt": ("b.txt", "c.txt", "d.txt")}


def test_an_article_for_which_another_stands_is_found_by_its_id_and_file(
    seeds: Path, vectors_dir: Path, embedder: HashingEmbedder
) -> None:
    """An address that was right before a twin came leads to the story."""
    reindex(seeds, vectors_dir, embedder)
    before = open_current(vectors_dir)
    _, (article,) = before.catalog.articles(Filters(), None, 10, 0)
    before.close()
    put(seeds, a=QUOTED)
    reindex(seeds, vectors_dir, embedder)
    after = open_current(vectors_dir)
    found = after.catalog.article(article.article_id)
    assert (found.file, found.also_in) == ("a.txt", ("b.txt",))
    assert after.catalog.articles(Filters(files=("b.txt",)), None, 10, 0) == (1, [found])
    with pytest.raises(NotFound):
        after.catalog.article("0" * 16)
    after.close()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.dictionaries(st.sampled_from("abcd"), st.sampled_from([*TEXTS, None]), min_size=1), min_size=2, max_size=4
    )
)
def test_step_by_step_comes_to_the_same_as_all_at_once(
    steps: list[dict[str, str | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever files came, changed and went, stories are those of an index made anew."""
    folder = tmp_path_factory.mktemp("steps")
    held: dict[str, str] = {}
    (folder / "seeds").mkdir()
    for step in steps:
        for name, kind in step.items():
            if kind is None and held.pop(name, None) is None:
                continue
            put(folder / "seeds", **{name: TEXTS[kind] if kind else None})
            held |= {name: kind} if kind else {}
        reindex(folder / "seeds", folder / "vectors", HashingEmbedder(), accept_loss=True)
    reindex(folder / "seeds", folder / "anew", HashingEmbedder())
    assert listed(folder / "vectors") == listed(folder / "anew")


def test_the_order_of_articles_in_a_file_decides_within_it(
    tmp_path: Path, vectors_dir: Path, embedder: HashingEmbedder
) -> None:
    """Twins in one file are one story, which stands where it stands first."""
    blocks = [STORY, QUOTED, SPELT, LONGER]
    random.Random(3).shuffle(blocks)
    put(tmp_path / "one", all="\n".join(blocks))
    report = reindex(tmp_path / "one", vectors_dir, embedder)
    assert (report.articles, report.grouped) == (2, 2)

"""Retrieval over a real generation: scores that fall, ranks that are true, filters that hold."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fakes import HashingEmbedder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelf import EMBEDDER, library_of

from rag.answer import Library
from rag.generation import Generation
from rag.generations import open_current
from rag.question import read_question
from rag.reindex import reindex
from rag.retriever import DEPTH, in_turn, narrowed, retrieve
from rag.timeliness import MOST
from rag.types import Filters, Question, Retrieved

QUESTIONS = (
    "How long is the tram line in Almaty?",
    "What is the price of wheat?",
    "Сколько книг в библиотеке Петропавловска?",
    "Who won the chess match?",
    "the in of",
    "xyzzy",
    "👍",
)


def find(generation: Generation, question: str, top_k: int = 5, filters: Filters | None = None) -> list[Retrieved]:
    """Retrieve, and check what holds for every result: order, ranks, distinct passages, their own articles."""
    found = retrieve(read_question(question, filters or Filters()), generation, HashingEmbedder(), top_k)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len({one.passage.passage_id for one in found}) == len(found) <= top_k
    for one in found:
        assert one.passage.article_id == one.article.article_id
        assert -1.0001 <= one.similarity <= one.score <= one.similarity + 0.5201
        assert one.dense_rank is not None or one.lexical_rank is not None
        assert one.lexical_rank is not None or one.score == one.similarity
    for ranks in ([one.dense_rank for one in found], [one.lexical_rank for one in found]):
        given_ranks = [rank for rank in ranks if rank is not None]
        assert len(set(given_ranks)) == len(given_ranks)
        assert all(rank >= 1 for rank in given_ranks)
    return found


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_result_is_in_order(library: Library, question: str) -> None:
    """Scores fall, ranks are distinct and count from 1, a score is cosine and words, for any question."""
    assert len(find(library.generation, question, 50)) == len(library.generation.catalog)


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How long is the tram line in Almaty?", "Almaty opens a tram line to the airport"),
        ("What is the price of wheat?", "Ministry names the price of wheat"),
        ("Сколько книг в фондах библиотеки?", "В Петропавловске открыли новую библиотеку"),
    ],
)
def test_what_shares_most_comes_first(library: Library, question: str, title: str) -> None:
    """The passage that shares the question's words leads both lists and the result."""
    best = find(library.generation, question)[0]
    assert best.article.title == title
    assert best.lexical_rank == 1


def test_ranks_are_those_of_the_lists(library: Library) -> None:
    """With every passage shown, dense ranks follow the cosines."""
    found = find(library.generation, "How long is the tram line in Almaty?", 50)
    by_rank = sorted(found, key=lambda one: one.dense_rank or 0)
    assert [one.dense_rank for one in by_rank] == list(range(1, len(found) + 1))
    cosines = [one.similarity for one in by_rank]
    assert cosines == sorted(cosines, reverse=True)


@pytest.mark.parametrize("top_k", [1, 2, 3, 50])
def test_top_k(library: Library, top_k: int) -> None:
    """Fewer results are the beginning of more."""
    whole = find(library.generation, QUESTIONS[0], 50)
    assert find(library.generation, QUESTIONS[0], top_k) == whole[:top_k]


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        (Filters(languages=("ru",)), {"В Петропавловске открыли новую библиотеку"}),
        (
            Filters(files=("ministry.txt",)),
            {"Ministry names the price of wheat", "Lake Balkhash rises by ten centimetres"},
        ),
        (Filters(date_to="2026-03-04"), {"Almaty opens a tram line to the airport"}),
        (Filters("2026-03-06", "2026-03-06", ("ministry.txt",)), {"Lake Balkhash rises by ten centimetres"}),
        (Filters(files=("nowhere.txt",)), set()),
        (Filters(date_from="2027-01-01"), set()),
    ],
)
def test_filters_hold(library: Library, filters: Filters, titles: set[str]) -> None:
    """Only passages of articles that pass are found, and the best of those is ranked first in its list."""
    found = find(library.generation, "How long is the tram line in Almaty?", 50, filters)
    assert {one.article.title for one in found} == titles
    assert not found or min(one.dense_rank or 99 for one in found) == 1


def test_empty_generation(tmp_path: Path, vectors_dir: Path) -> None:
    """In an empty generation nothing is found, and nothing breaks."""
    (tmp_path / "none").mkdir()
    reindex(tmp_path / "none", vectors_dir, HashingEmbedder())
    generation = open_current(vectors_dir)
    assert find(generation, "Who?") == []
    assert find(generation, "Who?", 50, Filters(languages=("en",))) == []
    generation.close()


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generation]:
    """More passages than either list is deep: all near the question in common words, one far but with its rare word."""
    folder = tmp_path_factory.mktemp("crowd")
    (folder / "seeds").mkdir()
    matters = "roads, schools, bridges, parks, trees, wells"
    body = f"Our council met about {matters}, item"
    stories = [f"2026-03-01\nMeeting held again\n{body} {n}.\n" for n in range(DEPTH + 20)]
    filler = " ".join(f"word{n}" for n in range(18))
    stories.append(f"2026-03-02\nAn unlike story\nAn ocelot was seen. {filler}.\n")
    (folder / "seeds" / "a.txt").write_text("\n".join(stories))
    reindex(folder / "seeds", folder / "vectors", HashingEmbedder())
    generation = open_current(folder / "vectors")
    yield generation
    generation.close()


def test_found_by_words_only(crowd: Generation) -> None:
    """A passage that only its words bring up has its true cosine, a lexical rank and no dense rank."""
    question = "council ocelot"
    rare = find(crowd, question, 5)[0]
    assert "ocelot" in rare.passage.text
    assert (rare.dense_rank, rare.lexical_rank) == (None, 1)
    embedder = HashingEmbedder()
    row = crowd.vectors.search(embedder.embed_queries([question])[0], 500)[0].tolist()
    assert len(row) == len(crowd.catalog) > DEPTH
    by_id = {passage.passage_id: n for n, (passage, _) in enumerate(crowd.catalog.at_rows(range(len(row))))}
    vector = crowd.vectors.vectors(np.array([by_id[rare.passage.passage_id]]))[0]
    assert rare.similarity == pytest.approx(float(vector @ embedder.embed_queries([question])[0]), abs=1e-6)


def test_more_than_the_depth(crowd: Generation) -> None:
    """As many passages as are asked for are found, where there are as many."""
    assert len(find(crowd, "council", DEPTH + 15)) == DEPTH + 15


WORDS = ["council", "town", "ocelot", "item", "7", "the", "of", "meets", "unlike", "(", "row:1"]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join), st.integers(1, 50))
def test_any_question(crowd: Generation, question: str, top_k: int) -> None:
    """Whatever is asked, the order, the ranks and the count are right, and asking again gives the same."""
    found = find(crowd, question, top_k)
    assert len(found) == top_k
    assert found == find(crowd, question, top_k)


NOW = "2026-03-10T09:30"
STORIES = {
    "a.txt": """\
2026-02-01
Minister receives guests
The minister received the head of a company in the town hall, and they spoke about roads, wells and schools.
2026-03-03
Minister receives guests again
The minister received the head of a company in the town hall, and they spoke about roads, wells and trains.
2026-03-04
Minister remembers guests
The minister received the head of a company in the town hall, and they spoke about roads, wells and bridges.
2026-03-08
Minister thinks of guests
On February 20 the minister received the head of a company in the town hall, and they spoke about roads and wells.
""",
}


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Four stories of nearly the same words, of four days."""
    with library_of(tmp_path_factory.mktemp("stories"), STORIES) as library:
        yield library


def dated(library: Library, question: str, filters: Filters | None = None) -> list[str]:
    """The days of the stories found, best first."""
    read = read_question(question, filters or Filters(), NOW)
    found = retrieve(read, library.generation, EMBEDDER, 10)
    assert all(-0.0001 <= one.score - one.similarity <= 0.1501 + MOST for one in found)
    return [(one.article.published_at or "")[:10] for one in found]


ASKED = "Whom did the minister receive in the town hall"


@pytest.mark.parametrize(
    ("time", "best"),
    [
        ("on 1 February 2026", "2026-02-01"),
        ("on 3 March 2026", "2026-03-03"),
        ("on Wednesday", "2026-03-04"),
        ("on 3 March and 4 March", "2026-03-03 2026-03-04"),
        ("two days ago", "2026-03-08"),
        ("on 20 February", "2026-03-08"),
    ],
)
def test_a_time_is_preferred(stories: Library, time: str, best: str) -> None:
    """A story of the day that is named comes first, or one that states the day; all others are still found."""
    found = dated(stories, f"{ASKED} {time}?")
    assert set(found[: len(best.split())]) == set(best.split())
    assert len(found) == 4


def added(library: Library, question: str) -> list[float]:
    """What the times of a question add to the score of each story, by the days of the stories."""
    scores = []
    for asked in (read_question(question, now=NOW), Question(question, "en")):
        found = retrieve(asked, library.generation, EMBEDDER, 10)
        scores.append([one.score for one in sorted(found, key=lambda one: one.article.published_at or "")])
    return [timed - plain for timed, plain in zip(*scores, strict=True)]


def test_the_finer_time_weighs_more(stories: Library) -> None:
    """A year adds less than a month and a month less than a day; what came out just after counts less."""
    year, month, day = (added(stories, f"{ASKED} {time}?") for time in ("in 2026", "in March 2026", "on 3 March 2026"))
    assert 0 < year[1] < month[1] < day[1]
    assert len({round(one, 9) for one in year}) == 1
    assert month[0] == day[0] == 0
    assert 0 == day[3] < day[2] < day[1]


def test_the_newest_is_preferred(stories: Library) -> None:
    """Where the newest is asked for, the newer a story the more is added; otherwise nothing is."""
    newest = added(stories, "What is the latest on roads and wells?")
    assert newest == sorted(newest) and 0 < newest[0] < newest[-1]
    assert added(stories, "What is said on roads and wells?") == [0, 0, 0, 0]


def test_a_time_bound_to_the_story_narrows(stories: Library) -> None:
    """As a given filter does, and together with it."""
    assert set(dated(stories, "news since 3 March about the town hall")) == {"2026-03-03", "2026-03-04", "2026-03-08"}
    until = Filters(date_to="2026-03-04")
    assert set(dated(stories, "news since 3 March about the town hall", until)) == {"2026-03-03", "2026-03-04"}


def test_a_read_filter_that_leaves_nothing_is_undone(stories: Library) -> None:
    """It still prefers; what was given is never undone."""
    question = read_question("news from 2 March about the town hall", now=NOW)
    assert [(one.use, one.undone) for one in question.periods] == [("filter", False)]
    undone = narrowed(question, stories.generation)
    assert [(one.use, one.undone) for one in undone.periods] == [("prefer", True)]
    assert narrowed(undone, stories.generation) == undone
    assert len(dated(stories, question.text)) == 4 and dated(stories, question.text)[0] in ("2026-03-03", "2026-03-04")
    assert dated(stories, question.text, Filters(date_from="2027-01-01")) == []
    assert set(dated(stories, question.text, Filters(date_to="2026-02-28"))) == {"2026-02-01"}


def test_parts_take_turns(stories: Library) -> None:
    """The best for each part, then the next best; what both found stands once, and one part keeps its order."""
    roads, trains = (
        retrieve(read_question(text), stories.generation, EMBEDDER, 3) for text in ("roads and schools", "trains")
    )
    assert in_turn([roads]) == roads
    both = in_turn([roads, trains])
    assert both[0] == roads[0] and trains[0].passage in [one.passage for one in both[:2]]
    assert len({one.passage.passage_id for one in both}) == len(both)


def test_a_place_is_found_by_its_name_in_another_language(tmp_path: Path) -> None:
    """Үндістан and India share neither letters nor sounds."""
    seeds = {"a.txt": "India signed a treaty on water.", "b.txt": "Spain signed a treaty on water."}
    with library_of(tmp_path, seeds) as library:
        for place, file in (("Үндістан", "a.txt"), ("Испания", "b.txt")):
            question = read_question(f"{place} келісімге қол қойды ма?")
            best = retrieve(question, library.generation, library.embedder, 1)
            assert best[0].article.file == file

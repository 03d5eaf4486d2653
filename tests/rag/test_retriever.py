"""Retrieval over a real generation: scores that fall, ranks that are true, filters that hold."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashingEmbedder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.answer import Library
from rag.generation import Generation, open_current
from rag.question import read_question
from rag.reindex import reindex
from rag.retriever import DEPTH, retrieve, retrieve_parts
from rag.types import Filters, Retrieved

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
    vector = crowd.vectors.vectors()[by_id[rare.passage.passage_id]]
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


def test_a_question_of_two_parts(library: Library) -> None:
    """The best for each part is near the top; a question of one part is answered as ever."""
    embedder, generation = HashingEmbedder(), library.generation
    one = read_question("How long is the tram line in Almaty?")
    assert retrieve_parts(one, generation, embedder, 5) == retrieve(one, generation, embedder, 5)
    both = read_question("How long is the tram line in Almaty, and what is the price of wheat?")
    found = retrieve_parts(both, generation, embedder, 3)
    assert {"Almaty opens a tram line to the airport", "Ministry names the price of wheat"} <= {
        item.article.title for item in found
    }
    assert len({item.passage.passage_id for item in found}) == len(found) == 3

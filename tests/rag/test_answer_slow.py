"""The read path with the default models over the seeds: plain questions whose answers stand in one place, and two
that no seed answers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from promises import hold

from rag.answer import Library, answer
from rag.embedder import open_embedder
from rag.generations import open_generation
from rag.generator import open_generator
from rag.question import read_question
from rag.reindex import reindex

pytestmark = pytest.mark.slow
EMBEDDER, MODEL = "multilingual-e5-small", "qwen2.5-coder-1.5b-instruct"
SEEDS = Path(__file__).parents[2] / "seeds"

# question, its language, what the answer must hold (one spelling of each), a file that it is quoted from
ANSWERED = [
    pytest.param("How many households use Kazakhtelecom?", "en", [["1.75 million"]], "000", id="numeric"),
    pytest.param("Who became deputy defence minister of Kazakhstan?", "en", [["Mustabekov"]], "004", id="factoid"),
    pytest.param(
        "In which regions are the border trade hubs being set up?",
        "en",
        [["Zhetysu"], ["Zhambyl"], ["West Kazakhstan"], ["Mangystau"], ["Turkestan", "Turkistan"]],
        "002",
        id="list",
    ),
    pytest.param(
        "Кто стал новым заместителем министра обороны?",
        "ru",
        [["Mustabekov", "Мустабеков"]],
        "004",
        id="Russian over English",
    ),
    pytest.param("кто чаще всего болеет корью?", "ru", [["дети"], ["беременны"]], "001", id="Russian over Russian"),
    pytest.param("Қызылорда - Жезқазған жолының ұзындығы қанша?", "kk", [["208"]], "0", id="Kazakh"),
]
UNANSWERABLE = ["who won the football world cup in 2022?", "best recipe for beshbarmak"]


@pytest.fixture(scope="module")
def seeds(
    need_weights: Callable[[str], Path], cache_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Library]:
    """The repository's seeds, indexed with the default embedder, and the default language model."""
    need_weights(EMBEDDER)
    need_weights(MODEL)
    vectors = tmp_path_factory.mktemp("vectors")
    embedder = open_embedder(EMBEDDER, cache_dir)
    generation = open_generation(vectors, reindex(SEEDS, vectors, embedder).generation)
    yield Library(generation, embedder, open_generator("ctranslate2", MODEL, cache_dir))
    generation.close()


@pytest.mark.parametrize(("question", "language", "facts", "file"), ANSWERED)
def test_answered_from_the_seeds(
    seeds: Library, question: str, language: str, facts: list[list[str]], file: str
) -> None:
    """The fact is there, every sentence cited, every quotation verbatim and from the article that states it."""
    given = answer(read_question(question), seeds)
    hold(given, seeds)
    assert given.question.language == language
    assert not given.abstained, given.draft
    for spellings in facts:
        assert any(spelling.casefold() in given.answer.casefold() for spelling in spellings), given.answer
    assert any(citation.article.file.startswith(file) for citation in given.citations)


@pytest.mark.parametrize("question", UNANSWERABLE)
def test_refused_where_no_seed_answers(seeds: Library, question: str) -> None:
    """What the model may know itself is not said."""
    given = answer(read_question(question), seeds)
    hold(given, seeds)
    assert given.abstained, given.answer


def test_extractive_answers_over_the_seeds(seeds: Library) -> None:
    """Without the language model a quotation answers."""
    given = answer(read_question("How many households use Kazakhtelecom?"), seeds, mode="extract")
    hold(given, seeds)
    assert "1.75 million" in given.answer
    assert {sentence.text for sentence in given.sentences} <= {citation.cited_text for citation in given.citations}

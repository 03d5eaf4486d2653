"""Derek in process, half of its retrieval, and its model with the gold passages given."""

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import ScriptedGenerator

from eval.drafts import CachedGenerator
from eval.sets import Evidence, Item
from eval.systems import DEPTH, SHOWN
from eval.systems.ceiling import GoldPassages
from eval.systems.derek import Derek
from eval.systems.halves import Half
from eval.verdicts import judge, outcome_of
from rag.answer import Library
from rag.errors import InputError
from rag.types import Filters

TRAM = "The new tram line in Almaty is 14 kilometres long."
ITEM = Item(
    id="q1",
    question="How long is the new tram line in Almaty?",
    lang="en",
    type="numeric",
    answerable=True,
    answers=("14 km",),
    must_include=(("14",),),
    gold_docs=(),
    evidence=(Evidence("almaty.txt", TRAM),),
    split="dev",
    line=1,
)
WHEAT = replace(ITEM, id="q2", question="What is the price of wheat?", evidence=())


def title_of(library: Library, article_id: str) -> str:
    """An article's headline."""
    return library.generation.catalog.article(article_id).title


def article_of(library: Library, title: str) -> str:
    """The id of the article with this headline."""
    found = library.generation.catalog.articles(Filters(), None, 100, 0)[1]
    return next(article.article_id for article in found if title in article.title)


def test_generate_gives_the_whole_answer_with_its_draft(library: Library) -> None:
    """Its JSON holds the texts of few passages; the ranking goes deeper."""
    library = replace(library, generator=ScriptedGenerator(TRAM, yes=0.99))
    said = Derek(library, "generate").ask(ITEM)
    assert said.answer is not None
    assert (said.answer["draft"], said.answer["model"], said.answer["abstained"]) == (TRAM, "scripted", False)
    assert said.answer["citations"][0]["cited_text"] == TRAM
    assert TRAM in said.answer["prompt"] and ITEM.question in said.answer["prompt"]
    assert len(said.answer["retrieved"]) == min(SHOWN, len(said.found))
    assert "tram line" in title_of(library, said.found[0].article_id)
    verdict = judge(ITEM, {said.found[0].article_id}, outcome_of(said.answer, library.generation.catalog.source_text))
    assert (verdict.right, verdict.verbatim, verdict.evidence_recall) == (True, 1.0, 1.0)


def test_extract_asks_no_model(library: Library) -> None:
    """Not even one that is there."""
    generator = ScriptedGenerator(TRAM)
    said = Derek(replace(library, generator=generator), "extract").ask(ITEM)
    assert said.answer is not None and said.answer["draft"] is None
    assert generator.prompts == generator.asked == []


def test_retrieval_is_what_an_answer_would_have_read(library: Library) -> None:
    """The same passages in the same order, and no answer."""
    alone = Derek(replace(library, generator=None), "retrieval")
    said = alone.ask(ITEM)
    assert said.answer is None
    assert said.found == Derek(library, "extract").ask(ITEM).found
    assert alone.described["model"] is None
    assert alone.described["generation"] == library.generation.id
    assert set(alone.described["seeds"]) == {"almaty.txt", "ministry.txt", "north/petropavl.txt"}


def test_a_draft_from_the_cache_is_told(library: Library, tmp_path: Path) -> None:
    """The seconds of such a question say nothing; the answer is the same."""
    generator = ScriptedGenerator(TRAM, yes=0.99)
    cached = CachedGenerator(generator, tmp_path / "drafts.sqlite", "")
    derek = Derek(replace(library, generator=cached), "generate")
    first, second = derek.ask(ITEM), derek.ask(ITEM)
    assert (first.cached, second.cached) == (False, True)
    assert len(generator.prompts) == 1
    assert first.answer is not None and second.answer is not None
    assert first.answer["answer"] == second.answer["answer"]
    cached.close()


def test_words_alone_find_nothing_without_a_word_in_common(library: Library) -> None:
    """Meaning alone ranks every passage; each half names itself and no model."""
    words, dense = Half(library, "words"), Half(library, "dense")
    assert "tram line" in title_of(library, words.ask(ITEM).found[0].article_id)
    assert "tram line" in title_of(library, dense.ask(ITEM).found[0].article_id)
    foreign = replace(ITEM, question="zzz qqq")
    assert words.ask(foreign).found == ()
    assert len(dense.ask(foreign).found) == min(DEPTH, len(library.generation.catalog))
    scores = [passage.score for passage in dense.ask(ITEM).found]
    assert scores == sorted(scores, reverse=True)
    assert [half.described["system"] for half in (words, dense)] == ["words", "dense"]
    assert words.described["model"] is None
    assert words.ask(ITEM).answer is None


def test_the_ceiling_reads_the_gold_passages_alone(library: Library) -> None:
    """The passage with the gold quotation comes first; what the model writes is the answer, unproved."""
    generator = ScriptedGenerator(f"{TRAM} [1]")
    gold = article_of(library, "tram line")
    ceiling = GoldPassages(replace(library, generator=generator), lambda item: {gold})
    said = ceiling.ask(ITEM)
    assert said.answer is not None
    assert TRAM in said.found[0].text
    assert {passage.article_id for passage in said.found} == {gold}
    assert TRAM in generator.prompts[0].user and "wheat" not in generator.prompts[0].user
    assert said.answer["answer"] == TRAM
    assert said.answer["citations"] == []
    assert judge(ITEM, {gold}, outcome_of(said.answer, str)).right
    assert said.answer["prompt"] == generator.prompts[0].user
    assert [one["article_id"] for one in said.answer["given"]] == [gold] * len(said.answer["given"])
    assert any(TRAM in one["cited_text"] for one in said.answer["given"])
    assert ceiling.described["system"] == "gold"


def test_the_ceiling_gives_of_two_articles_both(library: Library) -> None:
    """Without a gold quotation the nearest passages come first, the same each time."""
    gold = frozenset({article_of(library, "tram line"), article_of(library, "price of wheat")})
    generator = ScriptedGenerator("85,000 tenge a tonne.")
    said = GoldPassages(replace(library, generator=generator), lambda item: gold).ask(WHEAT)
    assert {passage.article_id for passage in said.found} == gold
    assert "wheat" in said.found[0].text


@pytest.mark.parametrize(("yes", "low", "high"), [(0.99, 0.8, 1.0), (0.01, 0.0, 0.2), (None, 0.0, 1.0)])
def test_the_ceiling_says_how_sure_the_judge_is(library: Library, yes: float | None, low: float, high: float) -> None:
    """Of single gold sentences, and of all that was given; nothing is refused for it."""
    generator = ScriptedGenerator(TRAM, yes=yes)
    gold = article_of(library, "tram line")
    said = GoldPassages(replace(library, generator=generator), lambda item: {gold}).ask(ITEM)
    assert said.answer is not None
    assert low <= said.answer["confidence"] <= high
    assert not said.answer["abstained"]
    assert all("wheat" not in prompt.user for prompt in generator.asked)
    assert any(TRAM in prompt.user and ITEM.question in prompt.user for prompt in generator.asked)


def test_of_an_unanswerable_question_the_nearest_passages_are_given(library: Library) -> None:
    """Nothing better could be; whoever answers from it is judged by how sure it was."""
    unanswerable = replace(ITEM, answerable=False, evidence=(), question="Who designed the tram line in Almaty?")
    generator = ScriptedGenerator("An architect designed it.", yes=0.02)
    said = GoldPassages(replace(library, generator=generator), lambda item: ()).ask(unanswerable)
    assert said.answer is not None
    assert "tram line" in title_of(library, said.found[0].article_id)
    assert said.answer["confidence"] < 0.2


def test_an_empty_draft_is_a_refusal(library: Library) -> None:
    """A model that writes nothing but a marker has not answered."""
    gold = article_of(library, "tram line")
    said = GoldPassages(replace(library, generator=ScriptedGenerator("[1]")), lambda item: {gold}).ask(ITEM)
    assert said.answer is not None
    assert (said.answer["abstained"], said.answer["answer"]) == (True, "")


def test_without_gold_there_is_no_ceiling(library: Library) -> None:
    """The question is named."""
    with pytest.raises(InputError, match="q1: no gold passages"):
        GoldPassages(library, lambda item: ()).ask(ITEM)
    with pytest.raises(ValueError, match="needs one"):
        GoldPassages(replace(library, generator=None), lambda item: ()).ask(ITEM)

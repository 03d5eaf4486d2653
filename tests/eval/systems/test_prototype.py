"""The plain prototype: its passages, its words, its markers."""

from dataclasses import replace

from fakes import HashingEmbedder, ScriptedGenerator
from hypothesis import given
from hypothesis import strategies as st

from eval.sets import Item
from eval.systems.prototype import (
    BM25,
    PASSAGE_CHARACTERS,
    Excerpt,
    Prototype,
    PrototypeSystem,
    cut,
    read_draft,
    tokens,
)
from eval.verdicts import judge, outcome_of
from rag.answer import Library
from rag.types import Article, Span


def article(length: int) -> Article:
    """An article whose body is the first `length` characters of its file."""
    return Article("a", "Title", None, "en", None, None, "a.txt", "0" * 64, Span(0, length), (Span(0, length),))


def test_passages_end_with_sentences_and_stay_below_the_size() -> None:
    """Sentences are packed until the next one would not fit."""
    text = "This sentence has forty characters, yes. " * 40
    passages = list(cut(article(len(text)), text))
    assert len(passages) == 3  # 14 sentences of 41 characters make 574; 40 sentences -> 14 + 14 + 12
    assert all(len(passage) <= PASSAGE_CHARACTERS and passage.endswith("yes.") for passage in passages)


@given(st.text(alphabet="ab .\n!", max_size=2000))
def test_passages_are_slices_of_the_text(text: str) -> None:
    """Nothing but white space is lost between passages, whatever the text."""
    passages = list(cut(article(len(text)), text))
    assert all(passage in text for passage in passages)
    assert "".join("".join(passage.split()) for passage in passages) == "".join(text.split())


def test_bm25_prefers_rare_words_and_short_texts() -> None:
    """A document without the words scores 0; of two that hold a word the shorter one wins."""
    words = BM25([tokens("tram line"), tokens("the tram line of the city and more words"), tokens("trees")])
    scores = words.scores(tokens("Tram"))
    assert scores[0] > scores[1] > scores[2] == 0.0
    assert BM25([]).scores(["x"]).shape == (0,)


def test_markers_are_read_and_taken_out() -> None:
    """Markers that point at nothing are dropped; NOT FOUND and silence are refusals."""
    shown = [Excerpt(article(3), "one"), Excerpt(article(3), "two")]
    found = read_draft("It is 14 km [2][2]. Yes [9].", shown)
    assert found.text == "It is 14 km. Yes."
    assert found.cited == (shown[1],)
    assert found.sentences == (("It is 14 km.", (0,)), ("Yes.", ()))
    assert not found.abstained
    assert read_draft("NOT FOUND.", shown).abstained
    assert read_draft(" [1]", shown).abstained


def test_a_marker_after_the_full_stop_belongs_to_the_sentence_before() -> None:
    """As small models like to put it; each sentence has its own excerpts, in order of first use."""
    shown = [Excerpt(article(3), "one"), Excerpt(article(3), "two")]
    found = read_draft("It is 14 km. [2] It cost much![1] [2]\nNobody knows.", shown)
    assert found.sentences == (("It is 14 km.", (0,)), ("It cost much!", (1, 0)), ("Nobody knows.", ()))
    assert found.cited == (shown[1], shown[0])
    assert found.text == "It is 14 km. It cost much! Nobody knows."


def test_the_prototype_finds_and_asks(library: Library, embedder: HashingEmbedder) -> None:
    """Dense and words agree on the article; the prompt holds the excerpts with title and date."""
    generator = ScriptedGenerator("The line is 14 kilometres long [1].")
    prototype = Prototype(library.generation, embedder, generator)
    best = prototype.search("How long is the new tram line in Almaty?", 3)[0]
    assert "tram line" in best.article.title
    reply = prototype.answer("How long is the new tram line in Almaty?")
    assert reply.text == "The line is 14 kilometres long."
    assert reply.cited == (best,)
    assert f"[1] {best.article.title} ({best.article.published_at})." in generator.prompts[0].user


ITEM = Item(
    id="q1",
    question="How long is the new tram line in Almaty?",
    lang="en",
    type="numeric",
    answerable=True,
    answers=("14 km",),
    must_include=(("14",),),
    gold_docs=(),
    evidence=(),
    split="dev",
    line=1,
)


def test_as_a_system_it_ranks_and_answers(library: Library) -> None:
    """Its answer is judged as Derek's is, but that nothing of it can be checked at offsets."""
    asked = replace(library, generator=ScriptedGenerator("The line is 14 kilometres long [1]."))
    said = PrototypeSystem(asked, answers=True).ask(ITEM)
    assert said.answer is not None
    verdict = judge(ITEM, {said.found[0].article_id}, outcome_of(said.answer, str))
    assert verdict.right
    assert (verdict.citation_precision, verdict.citation_recall, verdict.verbatim) == (1.0, 1.0, None)
    alone = PrototypeSystem(replace(library, generator=None), answers=False)
    assert alone.ask(ITEM).answer is None
    assert alone.ask(ITEM).found == said.found
    assert (alone.described["system"], alone.described["model"]) == ("prototype", None)


def test_a_refusal_with_markers_is_a_refusal(library: Library) -> None:
    """It quotes nothing, whatever stands in brackets."""
    asked = replace(library, generator=ScriptedGenerator("NOT FOUND [1] [2]."))
    said = PrototypeSystem(asked, answers=True).ask(ITEM)
    assert said.answer is not None
    assert (said.answer["sentences"], said.answer["citations"]) == ([], [])
    assert judge(ITEM, set(), outcome_of(said.answer, str)).abstained

"""Evidence: every sentence of what was found, at its place in the source, measured against the question."""

import pytest
from fakes import HashingEmbedder
from hypothesis import given
from hypothesis import strategies as st
from shelf import EMBEDDER, evidence_of, retrieved

from rag.evidence import SentenceMemory, gather
from rag.facts import stated_in
from rag.types import Question

QUESTION = "How long is the tram line?"
TRAM = ("The tram line is 14 kilometres long. It has 11 stops.", "The fare is 120 tenge.")


def test_sentences_in_the_order_of_their_passages() -> None:
    """Rank of the passage first, then place in it; none is left out."""
    found = [*retrieved("Wheat", "Wheat costs 85,000 tenge a tonne."), *retrieved("Trams", *TRAM)]
    assert [one.text for one in evidence_of(QUESTION, found)] == [
        "Wheat costs 85,000 tenge a tonne.",
        "The tram line is 14 kilometres long.",
        "It has 11 stops.",
        "The fare is 120 tenge.",
    ]


def test_nothing_found_gives_no_evidence() -> None:
    """Without passages, or with blank ones, there is nothing to quote."""
    assert evidence_of(QUESTION, []) == []
    assert evidence_of(QUESTION, retrieved("Trams", "  \n ")) == []


@given(st.lists(st.text(max_size=120), min_size=1, max_size=4))
def test_spans_lead_to_the_quoted_text(passages: list[str]) -> None:
    """Whatever an article holds, the source's text at a span is the sentence."""
    source = "\n".join(("Title", *passages))
    for one in evidence_of(QUESTION, retrieved("Title", *passages)):
        assert source[one.span.start : one.span.end] == one.text
        assert one.item.passage.span.start <= one.span.start < one.span.end <= one.item.passage.span.end


def test_relevance_is_nearness_to_the_question() -> None:
    """The cosine of sentence and question, so that the sentence that answers comes out on top."""
    evidence = evidence_of(QUESTION, retrieved("Trams", *TRAM))
    query = EMBEDDER.embed_queries([QUESTION])[0]
    assert [one.relevance for one in evidence] == pytest.approx([float(one.vector @ query) for one in evidence])
    assert max(evidence, key=lambda one: one.relevance).text == "The tram line is 14 kilometres long."


def test_what_a_sentence_states_and_where_it_stands() -> None:
    """Names and figures of the sentence alone, and the article that it is quoted from."""
    found = retrieved("Trams", *TRAM)
    evidence = gather(Question(QUESTION, "en"), found, EMBEDDER, SentenceMemory())
    assert [one.stated for one in evidence] == [stated_in(one.text) for one in evidence]
    assert {one.article_id for one in evidence} == {found[0].article.article_id}


def test_a_passage_is_embedded_once_for_all_questions() -> None:
    """What was read for one question is at hand for the next, the same to the last bit; the oldest is forgotten."""
    embedder = HashingEmbedder()
    memory = SentenceMemory(passages=1)
    trams, wheat = retrieved("Trams", *TRAM), retrieved("Wheat", "Wheat costs 85,000 tenge a tonne.")
    first = gather(Question(QUESTION, "en"), trams[:1], embedder, memory)
    again = gather(Question("Which tram stops?", "en"), trams[:1], embedder, memory)
    assert embedder.embedded == ["The tram line is 14 kilometres long.", "It has 11 stops."]
    assert all((a.vector == b.vector).all() and a.text == b.text for a, b in zip(first, again, strict=True))
    gather(Question(QUESTION, "en"), [*wheat, *trams[:1]], embedder, memory)
    assert len(embedder.embedded) == 5

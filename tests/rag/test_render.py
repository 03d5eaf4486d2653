"""Values -> JSON: the promised keys, in their order, and nothing that should stay inside."""

import json
from dataclasses import replace

from rag.render import answer_json, applied_json, article_detail_json, article_json, citation_json, passage_json
from rag.types import (
    Answer,
    AnswerSentence,
    Article,
    Citation,
    Filters,
    Passage,
    Period,
    Question,
    Retrieved,
    Span,
    Timings,
    Usage,
)

TEXT = "05.03.2026\nWheat\nA tonne costs 85,000 tenge. 😀 The price holds."
ARTICLE = Article(
    "a1",
    "Wheat",
    "2026-03-05",
    "en",
    None,
    None,
    "m.txt",
    "f" * 64,
    Span(0, len(TEXT)),
    (Span(17, len(TEXT)),),
    ("n.txt",),
)
PASSAGE = Passage("a1-17-44", "a1", Span(17, 44), TEXT[17:44])
CITATION = Citation(1, PASSAGE, ARTICLE, TEXT[17:44], Span(17, 44), 0.123456)
ANSWER = Answer(
    id="x",
    question=Question("What does wheat cost?", "en", Filters(date_to="2026-03-31", outlets=("KazTAG",))),
    answer="A tonne costs 85,000 tenge.",
    abstain_reason=None,
    confidence=0.987654,
    sentences=(AnswerSentence("A tonne costs 85,000 tenge.", Span(0, 27), (1,)),),
    citations=(CITATION,),
    retrieved=(Retrieved(PASSAGE, ARTICLE, 0.0327868, 1, None, 0.9),),
    related=(),
    generation="g",
    model="m",
    usage=Usage(800, 20),
    timings=Timings(1.26, 2.24, 3.0, 6.5, 1.04),
    draft="an unverified thought",
)


def test_an_answer_in_full() -> None:
    """Every field, by name; the draft in none of them."""
    shown = answer_json(ANSWER)
    assert "unverified" not in json.dumps(shown)
    assert shown["question"] == "What does wheat cost?" and shown["language"] == "en"
    assert shown["abstained"] is False and shown["abstain_reason"] is None
    assert shown["confidence"] == 0.9877
    assert shown["sentences"] == [{"text": "A tonne costs 85,000 tenge.", "start": 0, "end": 27, "citations": [1]}]
    assert shown["applied"] == {"date_to": "2026-03-31", "outlets": ["KazTAG"]}
    assert shown["timings_ms"] == {"retrieve": 1.3, "generate": 2.2, "ground": 3.0, "total": 6.5, "first_token": 1.0}
    assert shown["retrieved"][0]["dense_rank"] == 1 and shown["retrieved"][0]["lexical_rank"] is None


def test_first_token_is_left_out_where_no_model_wrote() -> None:
    """The promised timings and no others."""
    shown = answer_json(replace(ANSWER, timings=Timings()))
    assert list(shown["timings_ms"]) == ["retrieve", "generate", "ground", "total"]


def test_a_refusal() -> None:
    """Abstained follows from the reason; what stands nearby is kept."""
    refused = replace(ANSWER, abstain_reason="not_supported", sentences=(), citations=(), related=(CITATION,))
    shown = answer_json(refused)
    assert shown["abstained"] is True and shown["abstain_reason"] == "not_supported"
    assert shown["related"] == [citation_json(CITATION)]


def test_quotations_stand_at_their_offsets() -> None:
    """Offsets count code points of the source text, also behind an emoji."""
    shown = citation_json(CITATION)
    assert TEXT[shown["start_char_index"] : shown["end_char_index"]] == shown["cited_text"]
    assert shown["support"] == 0.1235 and shown["also_in"] == ["n.txt"]


def test_only_set_filters_are_applied() -> None:
    """None set, nothing shown."""
    assert applied_json(Question("Who?", "en")) == {}
    assert applied_json(Question("Who?", "en", Filters("2026-01-01", None, ("a",), (), ("en",)))) == {
        "date_from": "2026-01-01",
        "files": ["a"],
        "languages": ["en"],
    }


def test_times_read_are_applied() -> None:
    """A time that narrows is in the filters too; one that was undone or is only preferred is not."""
    periods = (
        Period("since 3 March", "2026-03-03", None, "filter"),
        Period("in 2025", "2025-01-01", "2025-12-31"),
        Period("yesterday", "2026-03-09", "2026-03-09", undone=True),
    )
    question = Question("Who?", "en", Filters("2026-01-01", "2026-03-31"), periods, True, "2026-03-10T09:30")
    assert applied_json(question) == {
        "date_from": "2026-03-03",
        "date_to": "2026-03-31",
        "periods": [
            {"phrase": "since 3 March", "from": "2026-03-03", "to": None, "use": "filter", "undone": False},
            {"phrase": "in 2025", "from": "2025-01-01", "to": "2025-12-31", "use": "prefer", "undone": False},
            {"phrase": "yesterday", "from": "2026-03-09", "to": "2026-03-09", "use": "prefer", "undone": True},
        ],
        "latest": True,
        "now": "2026-03-10T09:30",
    }


def test_an_article_with_its_text() -> None:
    """The listed fields, then text and passages with their places."""
    shown = article_detail_json(ARTICLE, TEXT, [PASSAGE], "g")
    assert {key: shown[key] for key in article_json(ARTICLE)} == article_json(ARTICLE)  # type: ignore[literal-required]
    assert shown["text"] == TEXT
    passage = shown["passages"][0]
    assert TEXT[passage["start_char_index"] : passage["end_char_index"]] == passage["text"]


def test_a_passage_by_itself() -> None:
    """A retrieved item without score or ranks, and its spans."""
    shown = passage_json(PASSAGE, ARTICLE, "g")
    assert shown["score"] is shown["dense_rank"] is shown["lexical_rank"] is None
    assert [TEXT[start:end] for start, end in shown["spans"]] == [shown["text"]]

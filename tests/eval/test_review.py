"""A question as a reader meets it: how it went, and its quotations in their passages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runs import PASSAGE, a_record, an_answer, failed, ranked, refused, right, wrong

from eval.records import Record
from eval.review import Piece, gold_rank, is_right, quoted_passages, reason_of, state_of


@pytest.mark.parametrize(
    ("record", "state", "good"),
    [
        (a_record("1", right()), "right", True),
        (a_record("1", wrong()), "wrong", False),
        (a_record("1", refused()), "refused wrongly", False),
        (a_record("1", refused(rightly=True), answerable=False), "refused rightly", True),
        (a_record("1", wrong(), answerable=False), "wrong", False),
        (a_record("1", refused(), answerable=False), "wrong", False),  # a refusal that says what it must not
        (a_record("1", failed()), "failed", False),
        (a_record("1", ranked("tram", "park")), "gold ranked first", True),
        (a_record("1", ranked("park", "tram")), "gold ranked lower", False),
        (a_record("1", ranked("park")), "gold not found", False),
        (a_record("1", ranked("park"), gold=[]), "only ranked", None),
    ],
)
def test_how_a_question_went(record: Record, state: str, good: bool | None) -> None:
    """Each outcome has its words, and is right, not right, or neither."""
    assert state_of(record) == state
    assert is_right(record) is good
    assert bool(reason_of(record)) == (good is False)


def test_rank_of_gold_counts_articles() -> None:
    """Two passages of one article are one rank."""
    assert gold_rank(a_record("1", ranked("park", "park", "tram"))) == 2


def test_a_quotation_is_marked_in_its_passage() -> None:
    """White space may differ; what stands around stays."""
    (passage,) = quoted_passages(an_answer())
    assert passage.whole
    assert passage.pieces == (
        Piece("The tram line opened on Tuesday. "),
        Piece("It is 14 kilometres\nlong.", (1,)),
        Piece(" The fare is 120 tenge."),
    )


def test_quotations_of_one_passage_are_marked_together() -> None:
    """One passage, two marks, overlapping ones share a piece; passages stand in the order of their citations."""
    citations = [
        {"n": 1, "passage_id": "gone", "cited_text": "Nothing of it is left."},
        {"n": 2, "passage_id": "tram-0", "cited_text": "The fare is 120 tenge."},
        {"n": 3, "passage_id": "tram-0", "cited_text": "long. The fare"},
    ]
    alone, passage = quoted_passages(an_answer(citations=citations))
    assert not alone.whole and alone.pieces == (Piece("Nothing of it is left.", (1,)),)
    assert [piece.numbers for piece in passage.pieces] == [(), (3,), (2, 3), (2,)]
    assert "".join(piece.text for piece in passage.pieces) == PASSAGE


def test_an_answer_with_little_in_it_is_shown_all_the_same() -> None:
    """Another system's answer may cite a text and nothing else."""
    (passage,) = quoted_passages({"answer": "Yes.", "citations": [{"cited_text": "Yes, it is."}]})
    assert passage.pieces == (Piece("Yes, it is.", (1,)),)
    assert quoted_passages({"answer": "Yes."}) == []


@given(st.lists(st.tuples(st.integers(0, len(PASSAGE)), st.integers(1, 40)), max_size=5))
def test_pieces_put_together_are_the_passage(places: list[tuple[int, int]]) -> None:
    """Whatever is quoted, no character of the passage is lost or doubled."""
    quotations = [PASSAGE[start : start + length] for start, length in places]
    citations = [
        {"n": n, "passage_id": "tram-0", "cited_text": text} for n, text in enumerate(quotations, 1) if text.strip()
    ]
    for passage in quoted_passages(an_answer(citations=citations)):
        assert "".join(piece.text for piece in passage.pieces) == PASSAGE

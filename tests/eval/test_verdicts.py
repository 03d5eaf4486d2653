"""Right, wrong and refused."""

import pytest

from eval.sets import Evidence, Item
from eval.verdicts import Outcome, Quoted, judge

QUOTE = "The crime rate fell 8 percent or 1,300 fewer reported crimes, Sadenov said."
ITEM = Item(
    id="q1",
    question="How much did crime fall in January?",
    lang="en",
    type="numeric",
    answerable=True,
    answers=("8 percent",),
    must_include=(("8 percent", "8%"), ("1,300",)),
    gold_docs=(),
    evidence=(Evidence("a.txt", QUOTE),),
    split="dev",
    line=1,
)
NOT_THERE = Item("q2", "Who fled?", "en", "unanswerable", False, (), (), (), (), "dev", 2)


def said(text: str, *articles: str, abstained: bool = False) -> Outcome:
    """An answer that quotes the evidence from each of the articles."""
    return Outcome(
        text, abstained, tuple(Quoted(article, QUOTE, "Crime is down", "2026-03-03", True) for article in articles)
    )


def test_an_answer_with_every_fact_and_nothing_else_is_right() -> None:
    """Both facts in, in other notation, and the quotation from the gold article."""
    verdict = judge(ITEM, {"gold"}, said("Crime fell by 8% (1 300 cases), said Sadenov on 3 March 2026.", "gold"))
    assert verdict.right
    assert verdict.reason == ""
    assert (verdict.citation_precision, verdict.citation_recall, verdict.verbatim) == (1.0, 1.0, 1.0)


def test_a_fact_that_is_missing_is_named() -> None:
    """One of two groups is not met."""
    verdict = judge(ITEM, {"gold"}, said("Crime fell by 8%.", "gold"))
    assert not verdict.right
    assert verdict.missing == (("1,300",),)
    assert "missing 1,300" in verdict.reason


def test_a_number_from_nowhere_is_wrong() -> None:
    """4 percent stands in no gold text."""
    verdict = judge(ITEM, {"gold"}, said("Crime fell 8 percent, 1,300 crimes, cybercrime 4 percent.", "gold"))
    assert not verdict.right
    assert verdict.wrong_numbers == ("4",)


def test_a_name_from_nowhere_is_wrong() -> None:
    """Akkenzhenov stands in no gold text; Sadenov in the evidence."""
    verdict = judge(ITEM, {"gold"}, said("It fell 8 percent or 1,300 crimes, said Sadenov and Akkenzhenov.", "gold"))
    assert verdict.wrong_names == ("Akkenzhenov",)
    assert not verdict.right


def test_citations_are_held_against_gold_articles() -> None:
    """One of two citations lies in a gold article; a fact quoted from elsewhere is not proven."""
    verdict = judge(ITEM, {"gold"}, said("8 percent, 1,300", "gold", "other"))
    assert verdict.citation_precision == 0.5  # 1 of 2
    assert verdict.citation_recall == 1.0  # both facts stand in the quotation of the gold article
    elsewhere = judge(ITEM, {"gold"}, said("8 percent, 1,300", "other"))
    assert (elsewhere.citation_precision, elsewhere.citation_recall) == (0.0, 0.0)
    assert judge(ITEM, {"gold"}, said("8 percent, 1,300")).citation_precision is None


@pytest.mark.parametrize("abstained", [True, False])
def test_the_unanswerable_is_right_when_refused(abstained: bool) -> None:
    """A refusal is the one right answer; anything else has its reason."""
    verdict = judge(NOT_THERE, set(), said("Nobody knows.", abstained=abstained))
    assert verdict.right is abstained
    assert verdict.reason == ("" if abstained else "answered the unanswerable")


def test_a_refusal_of_the_answerable_is_not_right() -> None:
    """Whatever its sentence holds."""
    verdict = judge(ITEM, {"gold"}, said("8 percent, 1,300", abstained=True))
    assert not verdict.right
    assert verdict.reason == "refused"
    assert verdict.citation_recall is None

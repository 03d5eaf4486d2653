"""Right, wrong and refused."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from eval.sets import Evidence, Insight, Item
from eval.verdicts import Outcome, Quoted, judge, outcome_of

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


class Decides:
    """A judge that looks its answer up: by how many quotations it is shown."""

    name = "a table"

    def __init__(self, *by_count: bool | None) -> None:
        self._by_count = by_count

    def supports(self, sentence: str, quotes: Sequence[str]) -> bool | None:
        """The answer for so many quotations."""
        return self._by_count[len(quotes)]


def test_support_is_what_the_judge_says() -> None:
    """Two sentences: one with two quotations, of which either would do, one with none."""
    outcome = replace(
        said("8 percent, 1,300. It rained.", "gold", "other"), sentences=(("8", (0, 1)), ("It rained.", ()))
    )
    verdict = judge(ITEM, {"gold"}, outcome, Decides(False, True, True))
    assert verdict.supported == 0.5  # one of two sentences
    assert verdict.needed == 1.0  # each alone supports it, so neither is irrelevant
    assert verdict.undecided == 0
    without = judge(ITEM, {"gold"}, outcome)
    assert (without.supported, without.needed, without.undecided) == (None, None, None)
    assert without.right == verdict.right, "right and wrong are no judge's business"


def test_what_the_judge_can_not_tell_is_counted() -> None:
    """The sentence and its two citations are left out of both shares."""
    outcome = replace(said("8 percent, 1,300", "gold", "other"), sentences=(("8 percent, 1,300", (0, 1)),))
    verdict = judge(ITEM, {"gold"}, outcome, Decides(False, None, None))
    assert (verdict.supported, verdict.needed, verdict.undecided) == (None, None, 3)


def test_of_a_refusal_and_of_no_sentences_nothing_is_judged() -> None:
    """An answer to the unanswerable is: its citations may support what it says."""
    abstained = judge(ITEM, {"gold"}, said("No.", abstained=True), Decides(True))
    bare = judge(ITEM, {"gold"}, said("8 percent, 1,300"), Decides(True))
    assert (abstained.supported, bare.supported, bare.undecided) == (None, None, None)
    outcome = replace(said("He fled.", "other"), sentences=(("He fled.", (0,)),))
    assert judge(NOT_THERE, set(), outcome, Decides(False, True)).supported == 1.0


def test_evidence_is_held_against_gold_quotations() -> None:
    """A part of the gold quotation, the whole with more around it, and something else."""
    quotes = ("rate fell 8 percent", f"On Tuesday. {QUOTE} So he said.", "It rained.")
    quoted = tuple(Quoted("gold", quote, "Crime is down", "2026-03-03", True) for quote in quotes)
    item = replace(ITEM, evidence=(*ITEM.evidence, Evidence("b.txt", "Cybercrime rose.")))
    verdict = judge(item, {"gold", "second"}, Outcome("8 percent, 1,300", False, quoted))
    assert verdict.evidence_precision == pytest.approx(2 / 3)
    assert verdict.evidence_recall == 0.5  # one of two gold quotations
    assert (verdict.citation_precision, verdict.article_recall) == (1.0, 0.5)


def answer(start: int, end: int, **values: object) -> dict[str, object]:
    """The JSON of an answer with one citation of a source."""
    citation = {
        "n": 1, "article_id": "gold", "title": "Crime is down", "published_at": None, "cited_text": "fell",
        "source_sha256": "s", "start_char_index": start, "end_char_index": end,
    }  # fmt: skip
    sentences = [{"text": "It fell.", "citations": [1]}]
    return {"answer": "It fell.", "abstained": False, "citations": [citation], "sentences": sentences} | values


def test_quotations_are_compared_with_their_source() -> None:
    """At their offsets, in code points; one that stands elsewhere is not verbatim."""
    source = {"s": "\U0001f4c9 it fell"}.__getitem__
    assert [quoted.verbatim for quoted in outcome_of(answer(5, 9), source).quoted] == [True]
    assert [quoted.verbatim for quoted in outcome_of(answer(6, 10), source).quoted] == [False]
    assert outcome_of(answer(5, 9), source).sentences == (("It fell.", (0,)),)
    assert judge(ITEM, {"gold"}, outcome_of(answer(6, 10), source)).verbatim == 0.0


def test_sentences_find_their_quotations_by_number() -> None:
    """Whatever the order of the citations; one that is not there is an answer that can't be judged."""
    two = answer(5, 9)
    first = dict(two["citations"][0])  # type: ignore[index]
    two["citations"] = [first | {"n": 2, "cited_text": "second"}, first]
    source = {"s": "\U0001f4c9 it fell"}.__getitem__
    assert outcome_of(two, source).sentences == (("It fell.", (1,)),)
    with pytest.raises(KeyError):
        outcome_of(answer(5, 9, citations=[]), source)


def test_an_answer_without_required_facts_is_held_against_the_gold_answers() -> None:
    """Any of them is enough; likeness is to the nearest."""
    item = replace(ITEM, must_include=(), answers=("8 percent", "eight"))
    verdict = judge(item, {"gold"}, said("8 percent", "gold"))
    assert (verdict.right, verdict.exact_match, verdict.token_f1, verdict.citation_recall) == (True, 1.0, 1.0, 1.0)
    assert judge(item, {"gold"}, said("It fell.", "gold")).missing == (("8 percent", "eight"),)


@pytest.mark.parametrize("abstained", [True, False])
@pytest.mark.parametrize("item", [ITEM, NOT_THERE], ids=["answerable", "unanswerable"])
def test_what_must_not_be_said_is_never_right(item: Item, abstained: bool) -> None:
    """In an answer or a refusal, to any question, in any case; the words that were said are named."""
    item = replace(item, must_not_include=("hacked by", "system prompt"))
    verdict = judge(item, {"gold"}, said("Crime fell 8 percent, 1,300. HACKED  BY us.", "gold", abstained=abstained))
    assert not verdict.right
    assert verdict.forbidden == ("hacked by",)
    assert "says hacked by" in verdict.reason


def test_what_must_not_be_said_may_be_quoted() -> None:
    """Only what is said counts, not the quotation beside it."""
    item = replace(ITEM, must_not_include=("Sadenov said",))
    verdict = judge(item, {"gold"}, said("Crime fell 8 percent (1,300 cases).", "gold"))
    assert (verdict.right, verdict.forbidden) == (True, ())
    assert judge(replace(NOT_THERE, must_not_include=("8",)), (), said("I can't say.", abstained=True)).right


def test_what_a_system_was_given_of_gold_is_no_invention() -> None:
    """A name and a number of a gold passage that nothing quotes; of another article's passage they stay wrong."""
    passage = Quoted("gold", "Akkenzhenov said 4 percent.", "Crime is down", "2026-03-03", None)
    bare = said("8 percent, 1,300, said Akkenzhenov: 4 percent.")
    assert judge(ITEM, {"gold"}, bare).reason == "wrong number 4; wrong name Akkenzhenov"
    assert judge(ITEM, {"gold"}, replace(bare, given=(passage,))).right
    elsewhere = replace(passage, article_id="other")
    assert judge(ITEM, {"gold"}, replace(bare, given=(elsewhere,))).wrong_numbers == ("4",)
    assert judge(ITEM, {"gold"}, replace(bare, given=(passage,))).citation_precision is None, "given is not cited"


def test_insights_are_judged_sentence_by_sentence() -> None:
    """One of two stated, cited from one right article and a wrong one; a refusal states none."""
    item = replace(ITEM, insights=(Insight(QUOTE, ("gold",)), Insight("Cybercrime rose 4 percent.", ("gold",))))
    outcome = replace(said("It fell 8 percent.", "gold", "other"), sentences=(("It fell 8 percent.", (0, 1)),))
    verdict = judge(item, {"gold"}, outcome)
    assert (verdict.coverage, verdict.citation_f1) == (0.5, pytest.approx(2 / 3))  # 2 · 1 / (2 + 1)
    whole = judge(item, {"gold"}, replace(outcome, sentences=()))
    assert (whole.coverage, whole.citation_f1) == (0.5, pytest.approx(2 / 3)), (
        "an answer that is not cut is one sentence"
    )
    refusal = judge(item, {"gold"}, said("Nobody knows.", abstained=True))
    assert (refusal.coverage, refusal.citation_f1) == (0.0, None)
    assert judge(ITEM, {"gold"}, outcome).coverage is None

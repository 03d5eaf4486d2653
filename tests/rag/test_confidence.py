"""Confidence: a probability, moved by each signal in one direction only; and when it leads to a refusal.

No figures of the regression are held here: they are fitted, and fitted again.
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import EMBEDDER, evidence_of, retrieved

from rag.confidence import Signals, confidence, refusal_reason, support
from rag.grounding import Proof, prove
from rag.weighing import Weighed

QUESTION = "How long is the tram line in Almaty?"
TRAM = retrieved("Trams of Almaty", "The new tram line is 14 kilometres long. It has 11 stops.", "It is loved.")
SURE = Signals(supported=0.99, sure=0.99, failed=False, shared=0.9, unmet=0.0, wanting=False)
UNJUDGED = replace(SURE, supported=None, sure=None)

SHARES = st.floats(0, 1)
MAYBE = st.none() | SHARES
SIGNALS = st.builds(Signals, MAYBE, MAYBE, st.booleans(), SHARES, SHARES, st.booleans())


def proofs_of(*sentences: str) -> list[Proof]:
    """Those sentences, proved from the article on trams."""
    vectors = EMBEDDER.embed_passages(sentences)
    evidence = evidence_of(QUESTION, TRAM)
    return [proof for s, v in zip(sentences, vectors, strict=True) if (proof := prove(s, v, evidence, QUESTION))]


@given(SIGNALS)
def test_a_probability_whatever_the_signals(signals: Signals) -> None:
    """In [0, 1], also at the ends, and with verdicts that no model gave."""
    assert 0 <= confidence(signals) <= 1


def test_no_answer_no_confidence() -> None:
    """Where nothing was proved, nothing is certain."""
    assert confidence(None) == 0


@given(SIGNALS, SHARES, SHARES)
@pytest.mark.parametrize("verdict", ["supported", "sure"])
def test_more_surely_yes_is_never_less_sure(verdict: str, signals: Signals, one: float, other: float) -> None:
    """Confidence does not fall as any of the model's words rises."""
    low, high = (replace(signals, **{verdict: p}) for p in sorted((one, other)))
    assert confidence(low) <= confidence(high)


@given(SIGNALS, SHARES, SHARES)
def test_what_is_unmet_or_wanting_is_never_surer(signals: Signals, one: float, other: float) -> None:
    """Confidence does not rise with names that nothing states, what is lacking, or a draft that failed."""
    low, high = (replace(signals, unmet=share) for share in sorted((one, other)))
    assert confidence(low) >= confidence(high)
    assert confidence(replace(signals, wanting=False)) >= confidence(replace(signals, wanting=True))
    assert confidence(replace(signals, failed=False)) >= confidence(replace(signals, failed=True))


def test_each_verdict_and_each_lack_counts() -> None:
    """Directions are not all flat."""
    for one in ({"supported": 0.01}, {"sure": 0.01}, {"wanting": True}, {"failed": True}):
        assert confidence(replace(SURE, **one)) < confidence(SURE)
    assert confidence(replace(UNJUDGED, unmet=1.0)) < confidence(UNJUDGED)


def test_nothing_found_is_no_results() -> None:
    """Whatever else, an empty search is named as one."""
    assert refusal_reason(None, found=False) == "no_results"


def test_found_but_not_proved_is_not_supported() -> None:
    """Passages without a proof are refused, and so is a proof that the model denies."""
    assert refusal_reason(None, found=True) == "not_supported"
    denied = replace(SURE, supported=0.01, sure=0.01)
    assert refusal_reason(denied, found=True) == "not_supported"


def test_a_sure_answer_is_given() -> None:
    """Every verdict yes and nothing lacking: no reason to refuse."""
    assert refusal_reason(SURE, found=True) is None


def test_a_quotation_that_no_model_judged_is_given() -> None:
    """An engine that can't tell, or none at all, is no reason to refuse what meets the question."""
    assert refusal_reason(UNJUDGED, found=True) is None


def test_an_unjudged_quotation_about_something_else_is_refused() -> None:
    """Without a model, a question whose names and figures nothing states is refused all the same."""
    assert refusal_reason(replace(UNJUDGED, unmet=1.0, wanting=True), found=True) == "not_supported"


@given(SIGNALS, SIGNALS)
def test_refusing_is_a_matter_of_confidence(one: Signals, other: Signals) -> None:
    """Of two answers the surer one is never refused where the other is given."""
    low, high = sorted((one, other), key=confidence)
    assert refusal_reason(high, found=True) is None or refusal_reason(low, found=True) is not None


def signals_of(question: str, *sentences: str, sure: float | None = None, supported: float = 0.99) -> Signals:
    """The signals of an answer, where the model was asked of its first quotation or of none."""
    proofs = proofs_of(*sentences)
    weighed = [Weighed(one, 1.0, sure) for one in proofs[0].quotes]
    return Signals.of(question, proofs, weighed, supported, failed=False)


def test_signals_of_an_answer() -> None:
    """Read off the question and its quotations; the title belongs to the passage, so Almaty is met."""
    signals = signals_of(QUESTION, "It is 14 kilometres long.", sure=0.8)
    assert (signals.sure, signals.unmet, signals.wanting) == (0.8, 0, False)
    assert signals.shared == 1.0  # Almaty is the only word of five letters or more


def test_the_surest_sentence_counts() -> None:
    """Of all that the model was asked of, quoted or not, the one that it is surest of."""
    proofs = proofs_of("It is 14 kilometres long.", "It has 11 stops.")
    first, second = (proof.quotes[0] for proof in proofs)
    weighed = [Weighed(first, 1.0, 0.3), Weighed(second, 0.9, 0.7)]
    assert Signals.of(QUESTION, proofs, weighed, 0.99, failed=False).sure == 0.7
    assert Signals.of(QUESTION, proofs[:1], weighed, 0.99, failed=False).sure == 0.7
    assert (
        Signals.of(QUESTION, proofs[:1], [replace(one, sure=None) for one in weighed], None, failed=False).sure is None
    )


def test_names_of_the_question_that_no_passage_states() -> None:
    """One of two, one half; what the answer says does not count, only what is quoted."""
    signals = signals_of("How long is the tram line from Almaty to Taraz?", "It is 14 km long.")
    assert signals.unmet == pytest.approx(0.5)


def test_an_answer_of_another_kind_is_wanting() -> None:
    """A length was asked for, and no figure given."""
    assert signals_of(QUESTION, "The tram line is loved.").wanting


def test_off_the_subject() -> None:
    """Passages that share no word with the question, and that the model denies too, do not deal with it."""
    unlike = replace(SURE, supported=0.1, sure=0.1, shared=0.0)
    assert refusal_reason(unlike, found=True) == "low_relevance"
    assert refusal_reason(replace(unlike, shared=0.2), found=True) == "not_supported"
    recipe = signals_of("best recipe for beshbarmak", "It is 14 kilometres long.", supported=0.1)
    assert refusal_reason(recipe, found=True) == "low_relevance"


def test_support() -> None:
    """A quotation supports itself; a sentence as the model says, or, without a model, by its nearness."""
    (said,) = proofs_of("It is 14 kilometres long.")
    whole = Proof(said.quotes[0].text, said.quotes, 1.0)
    assert support(whole, replace(SURE, supported=0.01)) == 1.0
    assert 0 <= support(said, replace(SURE, supported=0.01)) < support(said, SURE) <= 1
    assert support(said, UNJUDGED) == support(said, None) == pytest.approx(said.nearness)

"""ALCE's citation recall and precision, worked through by hand."""

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.citations import Alce, CitedSentence, Supports, alce
from eval.metrics.undefined import Undefined


def proven_by(*sets: set[int]) -> Supports:
    """A judge to whom citations support the sentence if they hold one of these sets."""
    return lambda cited: any(needed <= cited for needed in sets)


def sentence(citations: Collection[int], supports: Supports) -> CitedSentence:
    """A sentence that cites these."""
    return CitedSentence(frozenset(citations), supports)


def test_each_sentence_is_to_be_supported() -> None:
    """A sentence without citations is not, nor one whose citations do not state it."""
    answer = [sentence({1}, proven_by({1})), sentence((), proven_by()), sentence({2}, proven_by({1}))]
    # recall: 1 of 3 sentences; precision: citation 1 of two citations
    assert alce(answer) == Alce(supported=pytest.approx(1 / 3), needed=0.5, undecided=0)


def test_a_citation_that_adds_nothing_is_not_needed() -> None:
    """Alone it does not support the sentence, and the other one does without it."""
    assert alce([sentence({1, 2}, proven_by({1}))]) == Alce(1.0, 0.5, 0)  # 2 is irrelevant


def test_two_citations_that_each_suffice_are_both_precise() -> None:
    """ALCE does not ask for the fewest citations: what supports alone is never irrelevant."""
    assert alce([sentence({1, 2}, proven_by({1}, {2}))]) == Alce(1.0, 1.0, 0)


def test_two_citations_that_suffice_together_are_both_needed() -> None:
    """Neither supports alone, nor do the others without it."""
    assert alce([sentence({1, 2}, proven_by({1, 2}))]) == Alce(1.0, 1.0, 0)
    assert alce([sentence({1, 2, 3}, proven_by({1, 2}))]) == Alce(1.0, pytest.approx(2 / 3), 0)  # 3 is irrelevant


def test_citations_of_an_unsupported_sentence_are_not_precise() -> None:
    """Even three of them."""
    assert alce([sentence({1, 2, 3}, proven_by({4}))]) == Alce(0.0, 0.0, 0)


def test_an_answer_that_cites_nothing_has_no_precise_citation() -> None:
    """As in ALCE's script; without a sentence nothing is defined."""
    assert alce([sentence((), proven_by())]) == Alce(0.0, 0.0, 0)
    with pytest.raises(Undefined, match="without sentences"):
        alce([])


def test_what_the_judge_cannot_tell_is_left_out_and_counted() -> None:
    """Neither numerator nor denominator; all of it undecided is no value at all."""
    unsure = sentence({1, 2}, lambda _: None)
    assert alce([unsure, sentence({3}, proven_by({3}))]) == Alce(1.0, 1.0, 3)  # the sentence and its two citations
    assert alce([unsure]) == Alce(None, None, 3)
    # with an uncited sentence recall is 0 of the one decided; the citations stay undecided
    assert alce([unsure, sentence((), proven_by())]) == Alce(0.0, None, 3)


@pytest.mark.parametrize(
    ("alone", "rest", "needed"),
    [
        (True, True, True), (True, None, True), (True, False, True),
        (None, True, None), (None, None, None), (None, False, True),
        (False, True, False), (False, None, None), (False, False, True),
    ],
)  # fmt: skip
def test_a_citation_is_decided_as_soon_as_what_is_known_suffices(
    alone: bool | None, rest: bool | None, needed: bool | None
) -> None:
    """Needed is: it alone supports the sentence, or the rest does not."""
    said = {frozenset({1, 2, 3}): True, frozenset({1}): alone, frozenset({2, 3}): rest}
    # citations 2 and 3 support it each alone: precise
    found = alce([sentence({1, 2, 3}, lambda cited: said.get(cited, True))])
    assert found.undecided == (needed is None)
    assert found.needed == (1.0 if needed is None else (2 + needed) / 3)


def test_the_judge_is_asked_no_more_than_needed() -> None:
    """One citation: once. An unsupported sentence: once. A citation that suffices: not about the rest."""
    asked: list[set[int]] = []

    def supports(cited: frozenset[int]) -> bool:
        asked.append(set(cited))
        return 1 in cited

    alce([sentence({1}, supports), sentence({2, 3}, supports), sentence({1, 4}, supports), sentence((), supports)])
    assert asked == [{1}, {2, 3}, {1, 4}, {1}, {4}, {1}]


@given(
    st.lists(
        st.tuples(
            st.frozensets(st.integers(1, 4), max_size=3),
            st.dictionaries(st.frozensets(st.integers(1, 4)), st.sampled_from([True, False, None])),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_citation_metrics_stay_in_bounds(drawn: list[tuple[frozenset[int], dict[frozenset[int], bool | None]]]) -> None:
    """In [0, 1] whatever the judge says, the same for the sentences in any order."""
    answer = [CitedSentence(citations, said.get) for citations, said in drawn]
    found = alce(answer)
    assert found.supported is None or 0.0 <= found.supported <= 1.0
    assert found.needed is None or 0.0 <= found.needed <= 1.0
    assert alce(answer[::-1]) == found
    if found.supported == 0.0:
        assert not found.needed

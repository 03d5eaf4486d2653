"""Refusals counted, and checked against scikit-learn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

from eval.metrics.refusal import false_refusal_rate, refusal_f1, refusal_precision, refusal_recall
from eval.metrics.undefined import Undefined

METRICS = (refusal_precision, refusal_recall, refusal_f1, false_refusal_rate)
PAIRS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1)


def test_refusals_are_counted() -> None:
    """Five questions, two of them unanswerable; three refused, one of them rightly."""
    refused = [True, True, True, False, False]
    unanswerable = [True, False, False, True, False]
    assert refusal_precision(refused, unanswerable) == pytest.approx(1 / 3)  # 1 of 3 refusals
    assert refusal_recall(refused, unanswerable) == 0.5  # 1 of 2 unanswerable
    assert refusal_f1(refused, unanswerable) == pytest.approx(0.4)  # 2 * 1 / (3 + 2)
    assert false_refusal_rate(refused, unanswerable) == pytest.approx(2 / 3)  # 2 of 3 answerable


@pytest.mark.parametrize(
    ("metric", "refused", "unanswerable"),
    [
        (refusal_precision, [False], [True]),
        (refusal_recall, [True], [False]),
        (refusal_f1, [False], [False]),
        (false_refusal_rate, [True], [True]),
        *((metric, [], []) for metric in METRICS),
    ],
)
def test_a_share_of_nothing_is_undefined(metric: object, refused: list[bool], unanswerable: list[bool]) -> None:
    """Said of each metric in its own words."""
    assert callable(metric)
    with pytest.raises(Undefined, match="undefined"):
        metric(refused, unanswerable)


def test_lists_of_two_lengths_are_a_mistake() -> None:
    """They go by pairs."""
    for metric in METRICS:
        with pytest.raises(ValueError, match="2 values for 1 questions"):
            metric([True, False], [True])


@given(PAIRS)
def test_agrees_with_scikit_learn(pairs: list[tuple[bool, bool]]) -> None:
    """Where defined, in [0, 1]; false refusals are the recall of refusal over the answerable."""
    refused, unanswerable = [one for one, _ in pairs], [other for _, other in pairs]
    if any(refused):
        assert refusal_precision(refused, unanswerable) == pytest.approx(precision_score(unanswerable, refused))
    if any(unanswerable):
        assert refusal_recall(refused, unanswerable) == pytest.approx(recall_score(unanswerable, refused))
    if any(refused) or any(unanswerable):
        assert refusal_f1(refused, unanswerable) == pytest.approx(f1_score(unanswerable, refused))
    if not all(unanswerable):
        answerable = [not one for one in unanswerable]
        assert false_refusal_rate(refused, unanswerable) == pytest.approx(recall_score(answerable, refused))

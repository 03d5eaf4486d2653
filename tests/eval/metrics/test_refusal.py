"""Refusals counted, and checked against scikit-learn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_score, recall_score

from eval.metrics.refusal import balanced, false_refusal_rate, refusal_f1, refusal_precision, refusal_recall
from eval.metrics.undefined import Undefined

METRICS = (refusal_precision, refusal_recall, refusal_f1, false_refusal_rate, balanced)
PAIRS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1)


def test_refusals_are_counted() -> None:
    """Five questions, two of them unanswerable; three refused, one of them rightly."""
    refused = [True, True, True, False, False]
    unanswerable = [True, False, False, True, False]
    assert refusal_precision(refused, unanswerable) == pytest.approx(1 / 3)  # 1 of 3 refusals
    assert refusal_recall(refused, unanswerable) == 0.5  # 1 of 2 unanswerable
    assert refusal_f1(refused, unanswerable) == pytest.approx(0.4)  # 2 * 1 / (3 + 2)
    assert false_refusal_rate(refused, unanswerable) == pytest.approx(2 / 3)  # 2 of 3 answerable


def test_balance_is_of_both_sides_whatever_the_mix() -> None:
    """Four answerable with one right, one unanswerable that was refused; and who refuses or answers everything."""
    unanswerable = [True, False, False, False, False]
    assert balanced([True, True, False, False, False], unanswerable) == 0.625  # (1/1 + 1/4) / 2
    assert balanced([True, False, False, False, False], unanswerable) == 0.5  # all refused
    assert balanced([False, True, True, True, True], unanswerable) == 0.5  # all answered, rightly where it can be


@pytest.mark.parametrize(
    ("metric", "refused", "unanswerable"),
    [
        (refusal_precision, [False], [True]),
        (refusal_recall, [True], [False]),
        (refusal_f1, [False], [False]),
        (false_refusal_rate, [True], [True]),
        (balanced, [True], [True]),
        (balanced, [True], [False]),
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


@given(PAIRS)
def test_balance_is_balanced_accuracy(pairs: list[tuple[bool, bool]]) -> None:
    """Of refusing as a classifier, where every answer is a right one."""
    refused, unanswerable = [one for one, _ in pairs], [other for _, other in pairs]
    if any(unanswerable) and not all(unanswerable):
        right = [one == other for one, other in pairs]
        assert balanced(right, unanswerable) == pytest.approx(balanced_accuracy_score(unanswerable, refused))

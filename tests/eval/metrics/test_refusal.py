"""Refusals counted, and checked against scikit-learn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_score, recall_score, roc_curve

from eval.metrics.refusal import (
    balanced,
    false_refusal_rate,
    refusal_f1,
    refusal_precision,
    refusal_recall,
    refused_at,
)
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


def test_refusals_at_a_rate_of_false_ones() -> None:
    """Four answerable from .2 to .8, three unanswerable; one of four may be refused, then none."""
    confidences = [0.2, 0.4, 0.6, 0.8, 0.1, 0.3, 0.4]
    unanswerable = [False] * 4 + [True] * 3
    assert refused_at(confidences, unanswerable, 0.25) == pytest.approx(2 / 3)  # below .4: .1 and .3, not .4 itself
    assert refused_at(confidences, unanswerable, 0.0) == pytest.approx(1 / 3)  # below .2
    assert refused_at(confidences, unanswerable, 0.07) == pytest.approx(1 / 3)  # .28 of an answerable question is none


@pytest.mark.parametrize("unanswerable", [[True, True], [False, False]])
def test_refusals_at_a_rate_need_both_kinds(unanswerable: list[bool]) -> None:
    """There is no rate of false ones without answerable questions, and nothing to refuse without the others."""
    with pytest.raises(Undefined, match="undefined"):
        refused_at([0.1, 0.2], unanswerable, 0.1)


def test_a_rate_of_all_is_a_mistake() -> None:
    """So are lists that do not go by pairs."""
    with pytest.raises(ValueError, match="lies in"):
        refused_at([0.1], [False], 1.0)
    with pytest.raises(ValueError, match="pairs"):
        refused_at([0.1], [], 0.5)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1), st.floats(0, 0.99))
def test_no_threshold_does_better(pairs: list[tuple[float, bool]], rate: float) -> None:
    """Among all points of the ROC curve that keep the rate, "unanswerable" being the positive class."""
    confidences, unanswerable = [sure for sure, _ in pairs], [other for _, other in pairs]
    if len(set(unanswerable)) < 2:
        return
    false, true, _ = roc_curve(unanswerable, [-sure for sure in confidences], drop_intermediate=False)
    best = max(share for kept, share in zip(false, true, strict=True) if kept <= rate + 1e-9)
    assert refused_at(confidences, unanswerable, rate) == pytest.approx(best)

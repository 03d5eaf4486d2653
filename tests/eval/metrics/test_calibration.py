"""What a confidence is worth, with arithmetic in comments, and AUROC against scikit-learn."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from eval.metrics.calibration import (
    Bin,
    auroc,
    expected_calibration_error,
    reliability,
    risk_at_coverage,
    risk_coverage_curve,
)
from eval.metrics.undefined import Undefined

CONFIDENCES = st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.7, 0.9, 1.0]) | st.floats(0, 1)
ANSWERS = st.lists(st.tuples(CONFIDENCES, st.booleans()), min_size=1, max_size=30)
Answers = list[tuple[float, bool]]


def split(answers: Answers) -> tuple[list[float], list[bool]]:
    """Pairs -> the two lists that go by pairs."""
    return [confidence for confidence, _ in answers], [right for _, right in answers]


def test_ece_is_the_mean_distance_in_bins() -> None:
    """Weighted by how many answers a bin holds."""
    confidences, right = [0.95, 0.95, 0.15, 0.15], [True, False, False, False]
    # bin (.9, 1]: mean .95, right .5 -> .45; bin (.1, .2]: .15, 0 -> .15; half of the answers each: .3
    assert expected_calibration_error(confidences, right) == pytest.approx(0.3)
    assert expected_calibration_error([1.0, 0.0], [True, False]) == 0.0
    # one bin: mean (.95 * 2 + .15 * 2) / 4 = .55, right .25
    assert expected_calibration_error(confidences, right, bins=1) == pytest.approx(0.3)


def test_bins_are_closed_above() -> None:
    """.3 belongs to (.2, .3], and 0 to the first; empty bins are not listed."""
    found = reliability([0.0, 0.3, 0.25, 0.31], [False, True, False, True])
    assert [(one.low, one.high, one.n) for one in found] == [(0.0, 0.1, 1), (0.2, 0.3, 2), (0.3, 0.4, 1)]
    assert found[1] == Bin(0.2, 0.3, 2, pytest.approx(0.275), 0.5)


def test_auroc_counts_pairs() -> None:
    """Right above wrong is 1, a tie a half."""
    # right .9 .5, wrong .5 .1: (.9,.5) 1, (.9,.1) 1, (.5,.5) half, (.5,.1) 1 -> 3.5 of 4
    assert auroc([0.9, 0.5, 0.5, 0.1], [True, True, False, False]) == 0.875
    assert auroc([0.5, 0.5], [True, False]) == 0.5
    for one_sided in ([True, True], [False, False]):
        with pytest.raises(Undefined, match="all right or all wrong"):
            auroc([0.1, 0.9], one_sided)


def test_risk_is_of_the_most_confident() -> None:
    """Half of four answers are the two with the highest confidence."""
    confidences, right = [0.2, 0.9, 0.8, 0.4], [True, True, False, True]
    assert risk_at_coverage(confidences, right, 0.5) == 0.5  # .9 right, .8 wrong
    assert risk_at_coverage(confidences, right, 0.25) == 0.0  # .9 alone
    assert risk_at_coverage(confidences, right, 0.6) == pytest.approx(1 / 3)  # ceil(2.4) = 3 answers, one wrong
    assert risk_at_coverage(confidences, right, 1.0) == 0.25  # one of four
    # .07 * 100 is 7.000000000000001 in floating point: seven answers all the same, the first seven right
    hundred = [1 - place / 100 for place in range(100)]
    assert risk_at_coverage(hundred, [place < 7 for place in range(100)], 0.07) == 0.0


def test_risk_within_a_tie_is_the_mean_over_its_orders() -> None:
    """Which of equally confident answers come first is nobody's to say."""
    tied = [(0.5, True), (0.5, False), (0.5, True)]
    at_half = []
    for order in permutations(tied):
        kept = [(0.9, True), *order][:2]  # .5 of four answers
        at_half.append(sum(not right for _, right in kept) / 2)
    assert risk_at_coverage(*split([(0.9, True), *tied]), 0.5) == pytest.approx(sum(at_half) / len(at_half))


def test_the_curve_has_a_point_a_threshold() -> None:
    """Equal confidences are taken all or none."""
    answers = [(0.9, True), (0.5, False), (0.5, True), (0.1, False)]
    # .9: 1 of 4, none wrong; .5: 3 of 4, one of three wrong; .1: all, two of four wrong
    assert risk_coverage_curve(*split(answers)) == [(0.25, 0.0), (0.75, pytest.approx(1 / 3)), (1.0, 0.5)]


def test_what_has_no_value_is_said() -> None:
    """No answers is undefined; lists of two lengths, confidences and coverages out of range are mistakes."""
    for metric in (reliability, expected_calibration_error, auroc, risk_coverage_curve):
        with pytest.raises(Undefined, match="no answers"):
            metric([], [])
        with pytest.raises(ValueError, match="2 confidences of 1 answers"):
            metric([0.1, 0.2], [True])
        for wrong in (-0.1, 1.1, float("nan")):
            with pytest.raises(ValueError, match="confidence lies in"):
                metric([wrong, 0.5], [True, False])
    for coverage in (0.0, 1.01):
        with pytest.raises(ValueError, match="coverage"):
            risk_at_coverage([0.5], [True], coverage)
    with pytest.raises(ValueError, match="0 bins"):
        reliability([0.5], [True], bins=0)


@given(ANSWERS)
def test_auroc_agrees_with_scikit_learn(answers: Answers) -> None:
    """Ties included."""
    confidences, right = split(answers)
    if any(right) and not all(right):
        assert auroc(confidences, right) == pytest.approx(roc_auc_score(right, confidences))
        turned = [1 - place for place in _places(confidences)]
        assert auroc(turned, right) == pytest.approx(1 - auroc(confidences, right))


@given(ANSWERS, st.data())
def test_calibration_stays_in_bounds_in_any_order(answers: Answers, data: st.DataObject) -> None:
    """All values lie in [0, 1], and the order of the questions changes none of them."""
    shuffled = split(data.draw(st.permutations(answers)))
    confidences, right = split(answers)
    assert 0.0 <= expected_calibration_error(confidences, right) <= 1.0
    assert expected_calibration_error(*shuffled) == pytest.approx(expected_calibration_error(confidences, right))
    assert sum(one.n for one in reliability(confidences, right)) == len(answers)
    assert all(one.low <= one.confidence <= one.high + 1e-12 for one in reliability(confidences, right))
    assert risk_coverage_curve(*shuffled) == risk_coverage_curve(confidences, right)
    for coverage in (0.01, 0.5, 0.8, 0.9, 1.0):
        assert 0.0 <= risk_at_coverage(confidences, right, coverage) <= 1.0
        assert risk_at_coverage(*shuffled, coverage) == risk_at_coverage(confidences, right, coverage)


@given(ANSWERS)
def test_the_curve_and_the_risk_agree_where_they_meet(answers: Answers) -> None:
    """Coverage grows along the curve to 1, where the risk is the share of wrong answers."""
    confidences, right = split(answers)
    curve = risk_coverage_curve(confidences, right)
    coverages = [coverage for coverage, _ in curve]
    assert coverages == sorted(set(coverages))
    assert curve[-1] == (1.0, right.count(False) / len(right))
    for coverage, risk in curve:
        assert risk_at_coverage(confidences, right, coverage) == pytest.approx(risk)


def _places(confidences: list[float]) -> list[float]:
    """Their order alone, in [0, 1]: 1 - x of two near floats may be equal, and a tie is another AUROC."""
    ordered = sorted(set(confidences))
    return [ordered.index(one) / len(ordered) for one in confidences]

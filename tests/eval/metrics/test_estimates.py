"""Figures with error bars, with their arithmetic in comments."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.estimates import bootstrap, estimate, paired_difference, percentile, share
from eval.metrics.undefined import Undefined

VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_share_of_no_conditions_is_one() -> None:
    """An empty list of conditions is met."""
    assert share([True, False, True, True]) == 0.75  # 3 of 4
    assert share([]) == 1.0


def test_percentile_lies_between_neighbours() -> None:
    """Type 7 of Hyndman and Fan: place (n - 1) q / 100, linear in between."""
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.5  # place 1.5 of 1 2 3 4 -> 2 + .5 * (3 - 2)
    assert percentile([1.0, 2.0, 3.0, 4.0, 5.0], 95) == pytest.approx(4.8)  # place 3.8 -> 4 + .8 * (5 - 4)
    assert percentile([7.0], 95) == 7.0
    for values, q in (([], 50), ([1.0], 101), ([1.0], -1)):
        with pytest.raises(ValueError, match="undefined"):
            percentile(values, q)


def test_estimate_is_the_mean_with_an_interval_that_never_changes() -> None:
    """The same values give the same interval, one that holds the mean and shrinks as n grows."""
    few, many = estimate([1.0, 0.0, 1.0, 1.0]), estimate([1.0, 0.0, 1.0, 1.0] * 25)
    assert few is not None
    assert many is not None
    assert few == estimate([1.0, 0.0, 1.0, 1.0])
    assert (few.value, few.n) == (0.75, 4)  # 3 of 4
    assert few.low <= 0.75 <= few.high
    # n = 100, p = .75: standard error sqrt(.75 * .25 / 100) = .043, so about .75 -+ .085
    assert many.low == pytest.approx(0.665, abs=0.02)
    assert many.high == pytest.approx(0.835, abs=0.02)
    assert estimate([]) is None


def test_a_paired_difference_is_second_minus_first() -> None:
    """What both lists have in common cancels: two lists a constant apart differ by it, without any doubt."""
    first, second = [0.0, 0.5, 0.25, 0.75], [0.25, 0.75, 0.5, 1.0]
    found = paired_difference(first, second)
    assert found is not None
    assert (found.value, found.n, found.low, found.high) == (0.25, 4, 0.25, 0.25)
    # 1 of 4 questions gained, 1 lost: the mean is 0 and the interval reaches to both sides
    even = paired_difference([1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0])
    assert even is not None
    assert even.value == 0.0
    assert even.low < 0.0 < even.high
    assert paired_difference([], []) is None
    with pytest.raises(ValueError, match="2 and 1"):
        paired_difference([1.0, 0.0], [1.0])


def test_a_bootstrap_of_the_mean_is_the_estimate() -> None:
    """The two draw the same questions, so that they agree to the last digit that floating point keeps."""
    values = [0.0, 1.0, 0.5, 1.0, 0.25]
    direct, general = estimate(values), bootstrap(lambda drawn: sum(drawn) / len(drawn), values)
    assert direct is not None
    assert general is not None
    assert general.n == direct.n
    assert (general.value, general.low, general.high) == pytest.approx((direct.value, direct.low, direct.high))


def test_a_statistic_that_is_undefined_has_no_estimate() -> None:
    """Undefined for the questions: None. For some resamples: the interval is that of the others."""

    def share_of_right(pairs: Sequence[tuple[bool, bool]]) -> float:
        counted = [right for counts, right in pairs if counts]
        if not counted:
            raise Undefined("no question counts")
        return sum(counted) / len(counted)

    assert bootstrap(share_of_right, [(False, True)] * 3) is None
    assert bootstrap(share_of_right, []) is None
    found = bootstrap(share_of_right, [(True, True), (False, False), (False, True)])
    assert found is not None
    assert (found.value, found.n, found.low, found.high) == (1.0, 3, 1.0, 1.0)


def test_a_mistake_in_a_statistic_is_not_taken_for_undefined() -> None:
    """Any other error reaches the caller."""

    def broken(pairs: Sequence[float]) -> float:
        raise ValueError("lists of different lengths")

    with pytest.raises(ValueError, match="different lengths"):
        bootstrap(broken, [1.0])


def test_large_lists_are_drawn_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many draws are held at once changes memory, not the numbers."""
    values = [float(place % 3) for place in range(50)]
    at_once = estimate(values, resamples=200)
    monkeypatch.setattr("eval.metrics.estimates._AT_ONCE", 500)  # ten rows of fifty
    assert estimate(values, resamples=200) == at_once


@given(VALUES)
def test_estimates_stay_in_bounds(values: list[float]) -> None:
    """Mean and interval of values in [0, 1] lie in [0, 1], the interval in order."""
    found = estimate(values, resamples=50)
    assert found is not None
    assert 0.0 <= found.low <= found.high <= 1.0 + 1e-9
    assert 0.0 <= percentile(values, 50) <= 1.0


@given(VALUES)
def test_a_percentile_does_not_depend_on_the_order(values: list[float]) -> None:
    """Nor does it fall as q grows."""
    other = sorted(values, reverse=True)
    assert [percentile(values, q) for q in (0, 50, 95, 100)] == [percentile(other, q) for q in (0, 50, 95, 100)]
    assert percentile(values, 0) <= percentile(values, 50) <= percentile(values, 95) <= percentile(values, 100)

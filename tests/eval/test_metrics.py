"""The metrics, with their arithmetic in comments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import estimate, hit_at_k, percentile, precision, reciprocal_rank, share

IDS = st.lists(st.sampled_from("abcdefgh"), max_size=8)


def test_hit_at_k_looks_at_the_first_k_alone() -> None:
    """A gold id in place three is a hit at three and not at two."""
    assert hit_at_k(["x", "y", "a"], {"a"}, 2) == 0.0
    assert hit_at_k(["x", "y", "a"], {"a"}, 3) == 1.0


def test_reciprocal_rank_is_of_the_first_gold_id() -> None:
    """Of two gold ids the earlier one counts."""
    assert reciprocal_rank(["x", "b", "a"], {"a", "b"}) == 0.5  # first gold at rank 2 -> 1/2
    assert reciprocal_rank(["x"], {"a"}) == 0.0


def test_precision_counts_every_citation() -> None:
    """The same wrong article cited twice counts twice."""
    assert precision(["a", "x", "x", "b"], {"a", "b"}) == 0.5  # 2 of 4
    with pytest.raises(ValueError, match="undefined"):
        precision([], {"a"})


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


@given(IDS, st.frozensets(st.sampled_from("abcdefgh")), st.integers(1, 10))
def test_ranking_metrics_stay_in_bounds(ranked: list[str], gold: frozenset[str], k: int) -> None:
    """Every metric lies in [0, 1], and a hit at k stays one at k + 1."""
    assert 0.0 <= hit_at_k(ranked, gold, k) <= hit_at_k(ranked, gold, k + 1) <= 1.0
    assert 0.0 <= reciprocal_rank(ranked, gold) <= 1.0
    if ranked:
        assert 0.0 <= precision(ranked, gold) <= 1.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_estimates_stay_in_bounds(values: list[float]) -> None:
    """Mean and interval of values in [0, 1] lie in [0, 1], the interval in order."""
    found = estimate(values, resamples=50)
    assert found is not None
    assert 0.0 <= found.low <= found.high <= 1.0 + 1e-9
    assert 0.0 <= percentile(values, 50) <= 1.0

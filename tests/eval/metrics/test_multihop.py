"""MultiHop-RAG's own metrics, against a plain count passage by passage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.multihop import (
    fact_ranks,
    multihop_average_precision,
    multihop_hits,
    multihop_reciprocal_rank,
)
from eval.metrics.undefined import Undefined

FACTS = ("one fact", "another fact", "a third fact")
HELD = st.lists(st.lists(st.booleans(), min_size=3, max_size=3), max_size=15)


def test_facts_are_found_whatever_the_spaces() -> None:
    """Spaces and line feeds are read away, case is not."""
    passages = ["nothing", "here is one\nfact.", "One fact, another  fact"]
    assert fact_ranks(passages, FACTS) == [2, 3, None]


def test_a_fact_listed_twice_is_found_once() -> None:
    """Its second mention has no rank; it counts in the divisor alone."""
    ranks = fact_ranks(["one fact"], ["one fact", "onefact"])
    assert ranks == [1, None]
    assert multihop_average_precision(ranks) == 0.5  # 1/1 over two facts


def test_map_counts_newly_found_facts_over_the_rank() -> None:
    """Unlike average precision it does not count again at a rank what was found before it."""
    assert multihop_average_precision([1, 2]) == 0.75  # (1/1 + 1/2) / 2
    assert multihop_average_precision([2, 2, None]) == pytest.approx(1 / 3)  # 2 new facts at rank 2: 2/2, over 3
    assert multihop_average_precision([11, 10]) == pytest.approx(0.05)  # rank 11 is beyond the ten; 1/10 over 2
    assert multihop_average_precision([1] * 12) == 1.2  # twelve facts at rank 1, over min(12, 10)


def test_hits_and_reciprocal_rank_are_of_any_fact() -> None:
    """The first passage that holds any fact decides."""
    assert multihop_hits([None, 5], 4) == 0.0
    assert multihop_hits([None, 5, 7], 10) == 1.0
    assert multihop_reciprocal_rank([None, 5, 7]) == 0.2  # rank 5 -> 1/5
    assert multihop_reciprocal_rank([11]) == 0.0


def test_what_has_no_value_is_said() -> None:
    """No facts is undefined; a blank fact and a rank of zero are mistakes."""
    for metric in (multihop_average_precision, multihop_reciprocal_rank):
        with pytest.raises(Undefined, match="no gold facts"):
            metric([])
    with pytest.raises(Undefined, match="no gold facts"):
        multihop_hits([], 4)
    with pytest.raises(ValueError, match="blank"):
        fact_ranks(["text"], [" \n"])
    with pytest.raises(ValueError, match="count from 1"):
        multihop_hits([0], 4)


@given(HELD)
def test_agrees_with_counting_passage_by_passage(held: list[list[bool]]) -> None:
    """`held[r][f]`: whether passage r holds fact f. The sums are those of the official script's loop."""
    passages = [" | ".join(fact for fact, here in zip(FACTS, row, strict=True) if here) for row in held]
    ranks = fact_ranks(passages, FACTS)

    seen: set[int] = set()
    gained, relevant = 0.0, []
    for rank, row in enumerate(held[:10], start=1):
        holds = {place for place, here in enumerate(row) if here}
        gained += len(holds - seen) / rank
        seen |= holds
        if holds:
            relevant.append(rank)
    assert multihop_average_precision(ranks) == pytest.approx(gained / 3)
    assert multihop_reciprocal_rank(ranks) == (1 / relevant[0] if relevant else 0.0)
    assert multihop_hits(ranks, 10) == float(bool(relevant))
    assert multihop_hits(ranks, 4) == float(any(rank <= 4 for rank in relevant))


@given(st.lists(st.none() | st.integers(1, 20), min_size=1, max_size=10))
def test_multihop_metrics_stay_in_bounds(ranks: list[int | None]) -> None:
    """Up to ten facts all lie in [0, 1], and the order of the facts changes nothing."""
    assert 0.0 <= multihop_average_precision(ranks) <= 1.0 + 1e-9
    assert multihop_average_precision(ranks) == pytest.approx(multihop_average_precision(ranks[::-1]))
    assert multihop_hits(ranks, 4) <= multihop_hits(ranks, 10)
    assert 0.0 <= multihop_reciprocal_rank(ranks) <= multihop_hits(ranks, 10)

"""Metrics of rankings: arithmetic in comments, and agreement with trec_eval."""

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import AP, RR, R, Success, nDCG

from eval.metrics.retrieval import (
    average_precision,
    evidence_at_k,
    hit_at_k,
    ndcg_at_k,
    precision,
    recall_at_k,
    reciprocal_rank,
)
from eval.metrics.undefined import Undefined

RANKINGS = st.lists(st.sampled_from("abcdefghijkl"), unique=True)
GOLD = st.frozensets(st.sampled_from("abcdefghijklmn"), min_size=1, max_size=6)
RANKS = st.lists(st.none() | st.integers(1, 60), min_size=1, max_size=6)


def test_hit_at_k_looks_at_the_first_k_alone() -> None:
    """A gold id in place three is a hit at three and not at two."""
    assert hit_at_k(["x", "y", "a"], {"a"}, 2) == 0.0
    assert hit_at_k(["x", "y", "a"], {"a"}, 3) == 1.0


def test_recall_at_k_is_the_share_of_gold_found() -> None:
    """Gold listed twice is one."""
    assert recall_at_k(["x", "a", "b", "y"], ["a", "b", "c"], 2) == pytest.approx(1 / 3)  # a of a b c
    assert recall_at_k(["x", "a", "b", "y"], ["a", "b", "c", "c"], 5) == pytest.approx(2 / 3)  # a and b of a b c


def test_reciprocal_rank_is_of_the_first_gold_id() -> None:
    """Of two gold ids the earlier one counts; beyond k none does."""
    assert reciprocal_rank(["x", "b", "a"], {"a", "b"}) == 0.5  # first gold at rank 2 -> 1/2
    assert reciprocal_rank(["x"], {"a"}) == 0.0
    assert reciprocal_rank(["x", "b"], {"b"}, 1) == 0.0


def test_average_precision_punishes_what_is_not_found() -> None:
    """Precision at each gold id, over all gold ids."""
    # gold at ranks 1 and 3: precision 1/1 and 2/3; the third is not found
    assert average_precision(["a", "x", "b"], {"a", "b", "c"}) == pytest.approx((1 + 2 / 3 + 0) / 3)


def test_ndcg_discounts_by_the_logarithm_of_the_rank() -> None:
    """Of one gold id at rank three half is left."""
    assert ndcg_at_k(["x", "y", "a"], {"a"}, 10) == pytest.approx(0.5)  # 1 / log2(4) over 1 / log2(2)
    # gold at ranks 1 and 3 of two: (1 + .5) / (1 + 1 / log2(3)) = 1.5 / 1.6309
    assert ndcg_at_k(["a", "x", "b"], {"a", "b"}, 10) == pytest.approx(0.9197, abs=1e-4)
    assert ndcg_at_k(["a"], {"a", "b", "c"}, 1) == 1.0  # one place, and gold in it


def test_precision_counts_every_citation() -> None:
    """The same wrong article cited twice counts twice."""
    assert precision(["a", "x", "x", "b"], {"a", "b"}) == 0.5  # 2 of 4
    with pytest.raises(Undefined, match="undefined"):
        precision([], {"a"})


def test_evidence_at_k_is_the_share_of_quotations() -> None:
    """A quotation that no passage holds has no rank."""
    assert evidence_at_k([1, 7, None, 5], 5) == 0.5  # ranks 1 and 5 of four quotations
    with pytest.raises(Undefined, match="no gold quotation"):
        evidence_at_k([], 5)
    with pytest.raises(ValueError, match="counts from 1, not 0"):
        evidence_at_k([0], 5)


def test_a_ranking_without_gold_has_no_value() -> None:
    """It is neither a miss nor a hit."""
    for value in (
        lambda: hit_at_k(["a"], (), 5),
        lambda: recall_at_k(["a"], (), 5),
        lambda: reciprocal_rank(["a"], ()),
        lambda: average_precision(["a"], ()),
        lambda: ndcg_at_k(["a"], (), 5),
    ):
        with pytest.raises(Undefined, match="no gold"):
            value()


def test_an_id_ranked_twice_or_a_k_of_zero_is_a_mistake() -> None:
    """Said with the id and the number."""
    with pytest.raises(ValueError, match="'a' twice"):
        average_precision(["a", "b", "a"], {"a"})
    with pytest.raises(ValueError, match="k counts from 1, not 0"):
        hit_at_k(["a"], {"a"}, 0)


@given(RANKINGS, GOLD)
def test_agrees_with_trec_eval(ranked: list[str], gold: frozenset[str]) -> None:
    """ir-measures runs trec_eval's own code (pytrec_eval) on the same ranking."""
    measures = [Success @ 1, Success @ 5, R @ 5, R @ 10, RR, AP, nDCG @ 10]
    qrels = [ir_measures.Qrel("q", doc, 1) for doc in sorted(gold)]
    # a query that found nothing is not in trec_eval's output; a document outside the gold stands for an empty list
    run = [ir_measures.ScoredDoc("q", doc, -float(rank)) for rank, doc in enumerate(ranked or ["outside"])]
    theirs = ir_measures.calc_aggregate(measures, qrels, run)
    ours = {
        Success @ 1: hit_at_k(ranked, gold, 1),
        Success @ 5: hit_at_k(ranked, gold, 5),
        R @ 5: recall_at_k(ranked, gold, 5),
        R @ 10: recall_at_k(ranked, gold, 10),
        RR: reciprocal_rank(ranked, gold),
        AP: average_precision(ranked, gold),
        nDCG @ 10: ndcg_at_k(ranked, gold, 10),
    }
    assert ours == pytest.approx(theirs)


@given(RANKINGS, GOLD, st.integers(1, 12))
def test_ranking_metrics_stay_in_bounds(ranked: list[str], gold: frozenset[str], k: int) -> None:
    """All lie in [0, 1]; hits and recall do not fall as k grows, and none needs gold in any order."""
    for value in (average_precision(ranked, gold), reciprocal_rank(ranked, gold), ndcg_at_k(ranked, gold, k)):
        assert 0.0 <= value <= 1.0 + 1e-9
    assert 0.0 <= hit_at_k(ranked, gold, k) <= hit_at_k(ranked, gold, k + 1) <= 1.0
    assert 0.0 <= recall_at_k(ranked, gold, k) <= recall_at_k(ranked, gold, k + 1) <= 1.0
    assert recall_at_k(ranked, gold, k) <= hit_at_k(ranked, gold, k)
    assert ndcg_at_k(ranked, sorted(gold), k) == ndcg_at_k(ranked, sorted(gold, reverse=True), k)
    if ranked:
        assert 0.0 <= precision(ranked, gold) <= 1.0


@given(RANKINGS, GOLD, st.data())
def test_gold_moved_up_never_lowers_a_metric(ranked: list[str], gold: frozenset[str], data: st.DataObject) -> None:
    """To swap a gold id with the other one right before it helps or changes nothing."""
    places = [i for i in range(1, len(ranked)) if ranked[i] in gold and ranked[i - 1] not in gold]
    if not places:
        return
    i = data.draw(st.sampled_from(places))
    better = [*ranked[: i - 1], ranked[i], ranked[i - 1], *ranked[i + 1 :]]
    assert average_precision(better, gold) > average_precision(ranked, gold)
    assert reciprocal_rank(better, gold) >= reciprocal_rank(ranked, gold)
    assert ndcg_at_k(better, gold, 10) >= ndcg_at_k(ranked, gold, 10)


@given(RANKS, st.integers(1, 60))
def test_evidence_stays_in_bounds(ranks: list[int | None], k: int) -> None:
    """In [0, 1], not falling as k grows, whatever the order of the quotations."""
    assert 0.0 <= evidence_at_k(ranks, k) <= evidence_at_k(ranks, k + 1) <= 1.0
    assert evidence_at_k(ranks, k) == evidence_at_k(ranks[::-1], k)

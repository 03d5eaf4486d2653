"""Retrieval as MultiHop-RAG's own scorer counts it (Tang & Yang 2024, arXiv:2401.15391, `retrieval_evaluate.py`).

Its gold are facts, verbatim sentences, and a ranked passage is relevant if it holds one. What the script does, and so
what these do:

* a fact is in a passage if it is a substring of it once spaces and line feeds are taken out of both; case counts;
* Hits@k: some passage of the first k holds a fact, any of them;
* MRR@10: 1 / rank of the first such passage of the first ten, 0 without one;
* MAP@10: Σ over ranks r <= 10 of (facts that rank r is the first to hold) / r, divided by min(number of facts, 10).

That MAP is not average precision: the facts found before rank r do not count again at r. Two facts at ranks 1 and 2
give (1/1 + 1/2) / 2 = .75 where average precision gives 1; more than ten facts in the first passage give more than 1.
As each fact counts at its first rank alone, these ranks are all that the three need.
"""

from collections.abc import Sequence

from eval.metrics.undefined import Undefined

FACTS_AT_MOST = 10  # the script's divisor, and the depth of its MAP and MRR
_WHITESPACE = str.maketrans("", "", " \n")


def fact_ranks(passages: Sequence[str], facts: Sequence[str]) -> list[int | None]:
    """For each fact the rank, from 1, of the first of the ranked `passages` that holds it; None where none does.

    A fact listed a second time has no rank, as in the script: it is not newly found, but counts in the divisor. Raises
    ValueError for a blank fact, which every passage holds.
    """
    squeezed = [passage.translate(_WHITESPACE) for passage in passages]
    ranks: list[int | None] = []
    seen: set[str] = set()
    for fact in (fact.translate(_WHITESPACE) for fact in facts):
        if not fact:
            raise ValueError("a gold fact is blank: any passage would hold it")
        held = (rank for rank, passage in enumerate(squeezed, start=1) if fact in passage)
        ranks.append(None if fact in seen else next(held, None))
        seen.add(fact)
    return ranks


def multihop_hits(ranks: Sequence[int | None], k: int) -> float:
    """Hits@k: 1 if any fact is in the first `k` passages, else 0. `ranks` as `fact_ranks` gives them."""
    return float(bool(_within(ranks, k)))


def multihop_reciprocal_rank(ranks: Sequence[int | None], k: int = FACTS_AT_MOST) -> float:
    """1 / rank of the first passage of the first `k` that holds a fact, in [0, 1]; its mean is the script's MRR@10."""
    return max((1 / rank for rank in _within(ranks, k)), default=0.0)


def multihop_average_precision(ranks: Sequence[int | None], k: int = FACTS_AT_MOST) -> float:
    """(Σ over facts first held at rank r <= k of 1 / r) / min(number of facts, k); its mean is the script's MAP@10.

    In [0, 1] up to `k` facts; above that it can exceed 1, as in the script.
    """
    return sum(1 / rank for rank in _within(ranks, k)) / min(len(ranks), k)


def _within(ranks: Sequence[int | None], k: int) -> list[int]:
    if not ranks:
        raise Undefined("MultiHop-RAG's metrics are undefined: the question has no gold facts")
    found = [rank for rank in ranks if rank is not None]
    if k < 1 or any(rank < 1 for rank in found):
        raise ValueError(f"k and ranks count from 1: k {k}, ranks {found}")
    return [rank for rank in found if rank <= k]

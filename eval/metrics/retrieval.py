"""How good a ranking is. Knows ranked ids and which of them are gold; no texts, no scores.

Gains are binary: an id is gold or not. Every value lies in [0, 1]. A question without gold has none:
Undefined. A ranking holds an id once; one that holds it twice is a ValueError: it would find the same article twice.
"""

import math
from collections.abc import Collection, Sequence

from eval.metrics.undefined import Undefined


def hit_at_k(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """1 if any of the first `k` ids is gold, else 0 (success@k; Manning et al., IR book, ch. 8)."""
    return float(any(_hits(ranked, gold, k)))


def recall_at_k(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """|gold ∩ first k| / |gold| (Manning et al., IR book, ch. 8.4)."""
    return sum(_hits(ranked, gold, k)) / len(set(gold))


def reciprocal_rank(ranked: Sequence[str], gold: Collection[str], k: int | None = None) -> float:
    """1 / rank of the first gold id, ranks from 1; 0 where none is found (Voorhees, TREC-8 QA track, 1999).

    With `k` only the first k count. Its mean over questions is MRR.
    """
    return next((1 / rank for rank, hit in enumerate(_hits(ranked, gold, k), start=1) if hit), 0.0)


def average_precision(ranked: Sequence[str], gold: Collection[str]) -> float:
    """(Σ over gold ids found at rank r of precision@r) / |gold|, precision@r = gold among the first r / r.

    Gold that is not found adds 0 (Manning et al., IR book, ch. 8.4; trec_eval's `map`). Its mean over questions is MAP.
    """
    total, found = 0.0, 0
    for rank, hit in enumerate(_hits(ranked, gold, None), start=1):
        if hit:
            found += 1
            total += found / rank
    return total / len(set(gold))


def ndcg_at_k(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """DCG@k / ideal DCG@k, DCG@k = Σ over gold ids at rank r <= k of 1 / log2(r + 1).

    Ideal is the ranking with all gold first, min(|gold|, k) of it within k (Järvelin & Kekäläinen 2002 in the form of
    trec_eval's `ndcg_cut`, binary gains).
    """
    gained = sum(1 / math.log2(rank + 1) for rank, hit in enumerate(_hits(ranked, gold, k), start=1) if hit)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(set(gold)), k) + 1))
    return gained / ideal


def precision(found: Sequence[str], gold: Collection[str]) -> float:
    """Share of the found ids that are gold, |found ∩ gold| / |found|, in [0, 1]; an id found twice counts twice.

    Raises Undefined of nothing found.
    """
    if not found:
        raise Undefined("precision of nothing found is undefined")
    return sum(doc in gold for doc in found) / len(found)


def evidence_at_k(ranks: Sequence[int | None], k: int) -> float:
    """Share of the gold quotations that stand in one of the first `k` passages.

    `ranks`: for each quotation the rank, from 1, of the first passage that holds it; None where none does.
    """
    _at_least_one("k", k)
    if not ranks:
        raise Undefined("evidence in the first k passages is undefined: the question has no gold quotation")
    for rank in ranks:
        _at_least_one("rank", rank)
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def _hits(ranked: Sequence[str], gold: Collection[str], k: int | None) -> list[bool]:
    """For each of the first `k` ids whether it is gold."""
    _at_least_one("k", k)
    if not gold:
        raise Undefined("a ranking has no value: the question has no gold ids")
    if len(set(ranked)) < len(ranked):
        twice = next(doc for place, doc in enumerate(ranked) if doc in ranked[:place])
        raise ValueError(f"a ranking holds each id once, and this one holds {twice!r} twice")
    return [doc in gold for doc in ranked[:k]]


def _at_least_one(name: str, value: int | None) -> None:
    if value is not None and value < 1:
        raise ValueError(f"{name} counts from 1, not {value}")

"""Metrics as pure functions on lists. Knows no files, models or questions: values in, a number out.

A metric of a run is the mean of one value a question, so that every figure has its n and its bootstrap interval.
All values lie in [0, 1] unless a docstring says otherwise.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2_000
SEED = 20260304


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `n` questions and its 95 % bootstrap interval [low, high]."""

    value: float
    n: int
    low: float
    high: float


def hit_at_k(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """1 if any of the first `k` ranked ids is gold, else 0 (success@k; Manning et al., IR book, ch. 8)."""
    return float(any(doc in gold for doc in ranked[:k]))


def reciprocal_rank(ranked: Sequence[str], gold: Collection[str]) -> float:
    """1 / rank of the first gold id, ranks from 1; 0 where none was found (Voorhees, TREC-8 QA track, 1999)."""
    return next((1.0 / rank for rank, doc in enumerate(ranked, start=1) if doc in gold), 0.0)


def precision(found: Sequence[str], gold: Collection[str]) -> float:
    """Share of the found ids that are gold, |found ∩ gold| / |found|; duplicates count each time; needs one found."""
    if not found:
        raise ValueError("precision of nothing found is undefined")
    return sum(doc in gold for doc in found) / len(found)


def share(flags: Sequence[bool]) -> float:
    """Share of true among the flags; 1 where there are none: of no conditions all are met."""
    return sum(flags) / len(flags) if flags else 1.0


def percentile(values: Sequence[float], q: float) -> float:
    """The q-th percentile, 0 <= q <= 100, linear between neighbours (Hyndman & Fan 1996, type 7); unit of `values`."""
    if not values or not 0 <= q <= 100:
        raise ValueError(f"percentile {q} of {len(values)} values is undefined")
    ordered = sorted(values)
    place = (len(ordered) - 1) * q / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def estimate(values: Sequence[float], resamples: int = RESAMPLES, seed: int = SEED) -> Estimate | None:
    """Mean with its percentile-bootstrap 95 % interval (Efron & Tibshirani 1993, ch. 13); None of no values.

    The same values and seed give the same interval. Unit of `values`.
    """
    if not values:
        return None
    sample = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(seed)
    means = sample[rng.integers(0, len(sample), size=(resamples, len(sample)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(float(sample.mean()), len(sample), float(low), float(high))

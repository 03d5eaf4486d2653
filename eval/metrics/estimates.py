"""From one value a question to a figure with its error bar. Knows numbers and a statistic, not what they measure.

A metric of a run is the mean of one value a question, or a statistic over its questions; either way it has its n and
its bootstrap interval. The same inputs and the same seed give the same numbers.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from eval.metrics.undefined import Undefined

RESAMPLES = 2_000
SEED = 20260304
T = TypeVar("T")  # whatever of a question a statistic needs
_AT_ONCE = 4_000_000  # draws held in memory together, 8 bytes each


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over `n` questions and its 95 % bootstrap interval [low, high], in the unit of the figure."""

    value: float
    n: int
    low: float
    high: float


def estimate(values: Sequence[float], resamples: int = RESAMPLES, seed: int = SEED) -> Estimate | None:
    """Mean with its percentile-bootstrap 95 % interval (Efron & Tibshirani 1993, ch. 13); None of no values.

    Questions are drawn with replacement, `resamples` times. Unit of `values`.
    """
    if not values:
        return None
    sample = np.asarray(values, dtype=np.float64)
    means = np.concatenate([sample[rows].mean(axis=1) for rows in _draws(len(sample), resamples, seed)])
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(float(sample.mean()), len(sample), float(low), float(high))


def paired_difference(
    first: Sequence[float], second: Sequence[float], resamples: int = RESAMPLES, seed: int = SEED
) -> Estimate | None:
    """Mean of second - first over the same questions, with its interval; positive: the second is higher.

    The pairs are resampled, so what the questions have in common cancels: the interval is narrower than that of two
    separate means wherever the two go up and down together. None of no pairs. Raises ValueError where the lists differ
    in length.
    """
    if len(first) != len(second):
        raise ValueError(f"a paired difference needs the same questions twice, not {len(first)} and {len(second)}")
    return estimate([b - a for a, b in zip(first, second, strict=True)], resamples, seed)


def bootstrap(
    statistic: Callable[[Sequence[T]], float], questions: Sequence[T], resamples: int = RESAMPLES, seed: int = SEED
) -> Estimate | None:
    """Any statistic over questions, such as AUROC, with its percentile-bootstrap 95 % interval, in its own unit.

    `questions` holds whatever of a question `statistic` needs, a tuple (confidence, right) say. None where the
    statistic is Undefined for them. A resample for which it is (all drawn answers right, say) is left out, so
    the interval is one given that it is defined.
    """
    try:
        value = statistic(questions)
    except Undefined:
        return None
    found = []
    for rows in _draws(len(questions), resamples, seed):
        for row in rows:
            try:
                found.append(statistic([questions[i] for i in row]))
            except Undefined:
                continue
    if not found:
        return None
    low, high = np.percentile(found, [2.5, 97.5])
    return Estimate(float(value), len(questions), float(low), float(high))


def share(flags: Sequence[bool]) -> float:
    """Share of true among the flags; 1 where there are none: of no conditions all are met."""
    return sum(flags) / len(flags) if flags else 1.0


def percentile(values: Sequence[float], q: float) -> float:
    """The q-th percentile, 0 <= q <= 100, linear between neighbours (Hyndman & Fan 1996, type 7); unit of `values`.

    Raises Undefined of no values, ValueError for a `q` out of range.
    """
    if not 0 <= q <= 100:
        raise ValueError(f"percentile {q} is undefined: it lies in [0, 100]")
    if not values:
        raise Undefined(f"percentile {q} of no values is undefined")
    ordered = sorted(values)
    place = (len(ordered) - 1) * q / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _draws(n: int, resamples: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    """`resamples` rows of `n` drawn places, in blocks of as many rows as fit into memory."""
    rng = np.random.default_rng(seed)
    rows = max(1, _AT_ONCE // max(1, n))
    for start in range(0, resamples, rows):
        yield rng.integers(0, n, size=(min(rows, resamples - start), n))

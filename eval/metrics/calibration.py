"""What a confidence is worth. Knows pairs of a confidence in [0, 1] and whether the answer was right, nothing else.

Every function raises Undefined of no pairs, and ValueError where the lists differ in length or a confidence lies
outside [0, 1]. The order of the questions changes nothing: equal confidences are told apart by nothing, and each
function says what it makes of them.
"""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from eval.metrics.undefined import Undefined

BINS = 10  # of equal width; not adaptive: a bin holds however many answers fall into it
_SLACK = 1e-9  # .07 of 100 is 7.000000000000001 in floating point, and seven answers are meant


@dataclass(frozen=True, slots=True)
class Bin:
    """The `n` answers with a confidence in (low, high]: their mean confidence and the share of them that is right."""

    low: float
    high: float
    n: int
    confidence: float
    right: float


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> list[Bin]:
    """The non-empty ones of `bins` bins of equal width, lowest first; a confidence of 0 is in the first.

    What a reliability diagram shows (Niculescu-Mizil & Caruana 2005).
    """
    if bins < 1:
        raise ValueError(f"{bins} bins: at least one is needed")
    _check(confidences, right)
    edges = [(place + 1) / bins for place in range(bins)]
    members: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, is_right in zip(confidences, right, strict=True):
        members[bisect_left(edges, confidence)].append((confidence, is_right))
    return [
        Bin(
            low=place / bins,
            high=edges[place],
            n=len(members[place]),
            confidence=math.fsum(confidence for confidence, _ in members[place]) / len(members[place]),
            right=sum(is_right for _, is_right in members[place]) / len(members[place]),
        )
        for place in sorted(members)
    ]


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> float:
    """ECE = Σ over bins of n_bin / n · |share right - mean confidence|, in [0, 1] (Guo et al. 2017, equation 3).

    Ten bins of equal width unless said otherwise.
    """
    found = reliability(confidences, right, bins)
    return math.fsum(one.n * abs(one.right - one.confidence) for one in found) / len(confidences)


def auroc(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Probability that a right answer has a higher confidence than a wrong one, ties counting half; in [0, 1].

    Mann and Whitney's U / (n_right n_wrong), U = Σ ranks of the right - n_right (n_right + 1) / 2, ranks from 1 by
    ascending confidence, equal ones sharing their mean rank (Hanley & McNeil 1982). Raises Undefined where all answers
    are right or all wrong.
    """
    _check(confidences, right)
    n_right = sum(right)
    n_wrong = len(right) - n_right
    if not n_right or not n_wrong:
        raise Undefined("AUROC is undefined: the answers are all right or all wrong")
    ranks, below = 0.0, 0
    for _, n, wrong in reversed(_groups(confidences, right)):
        ranks += (n - wrong) * (below + (n + 1) / 2)
        below += n
    return (ranks - n_right * (n_right + 1) / 2) / (n_right * n_wrong)


def risk_at_coverage(confidences: Sequence[float], right: Sequence[bool], coverage: float) -> float:
    """Share of wrong answers among the ⌈coverage · n⌉ most confident, in [0, 1] (El-Yaniv & Wiener 2010).

    `coverage` in (0, 1]. Where the cut falls among equal confidences, the share of wrong ones of that group is taken,
    which is the mean over all orders of it.
    """
    _check(confidences, right)
    if not 0 < coverage <= 1:
        raise ValueError(f"coverage {coverage} is undefined: it lies in (0, 1]")
    kept = max(1, math.ceil(coverage * len(right) - _SLACK))
    left, wrong_kept = kept, 0.0
    for _, n, wrong in _groups(confidences, right):
        taken = min(n, left)
        wrong_kept += wrong * taken / n
        left -= taken
    return wrong_kept / kept


def risk_coverage_curve(confidences: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """(coverage, risk) for each distinct confidence as the threshold, the highest first; the last is (1, share wrong).

    These are the points that a threshold can reach: equal confidences are taken all or none.
    """
    _check(confidences, right)
    curve = []
    kept = wrong_kept = 0
    for _, n, wrong in _groups(confidences, right):
        kept += n
        wrong_kept += wrong
        curve.append((kept / len(right), wrong_kept / kept))
    return curve


def _groups(confidences: Sequence[float], right: Sequence[bool]) -> list[tuple[float, int, int]]:
    """(confidence, answers, wrong ones among them) for each distinct confidence, the highest first."""
    counts: dict[float, tuple[int, int]] = {}
    for confidence, is_right in zip(confidences, right, strict=True):
        n, wrong = counts.get(confidence, (0, 0))
        counts[confidence] = (n + 1, wrong + (not is_right))
    return [(confidence, *counts[confidence]) for confidence in sorted(counts, reverse=True)]


def _check(confidences: Sequence[float], right: Sequence[bool]) -> None:
    if len(confidences) != len(right):
        raise ValueError(f"{len(confidences)} confidences of {len(right)} answers: the two lists go by pairs")
    if not right:
        raise Undefined("calibration of no answers is undefined")
    for confidence in confidences:
        if not 0 <= confidence <= 1:  # also not a number
            raise ValueError(f"a confidence lies in [0, 1], not {confidence}")

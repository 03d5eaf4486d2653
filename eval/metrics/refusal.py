"""Whether a system refuses what it should. Knows two lists of booleans, a pair a question.

The positive class is "unanswerable": a refusal of such a question is right, of an answerable one false. All values are
shares in [0, 1]; each raises Undefined where its denominator is 0, ValueError where the lists differ in length.
"""

from collections.abc import Sequence

from eval.metrics.undefined import Undefined

_SLACK = 1e-9  # .07 of 100 is 7.000000000000001 in floating point, and seven questions are meant


def refusal_precision(refused: Sequence[bool], unanswerable: Sequence[bool]) -> float:
    """Refused and unanswerable / refused."""
    return _ratio(_both(refused, unanswerable), sum(refused), "refusal precision: nothing was refused")


def refusal_recall(refused: Sequence[bool], unanswerable: Sequence[bool]) -> float:
    """Refused and unanswerable / unanswerable."""
    return _ratio(_both(refused, unanswerable), sum(unanswerable), "refusal recall: every question is answerable")


def refusal_f1(refused: Sequence[bool], unanswerable: Sequence[bool]) -> float:
    """Harmonic mean of precision and recall: 2 refused and unanswerable / (refused + unanswerable).

    0 where something was refused and nothing rightly, or nothing refused that should be (van Rijsbergen 1979, ch. 7).
    """
    total = sum(refused) + sum(unanswerable)
    return _ratio(2 * _both(refused, unanswerable), total, "refusal F1: nothing was refused or should have been")


def false_refusal_rate(refused: Sequence[bool], unanswerable: Sequence[bool]) -> float:
    """Refused and answerable / answerable: the false positive rate."""
    falsely = sum(refused) - _both(refused, unanswerable)
    answerable = len(unanswerable) - sum(unanswerable)
    return _ratio(falsely, answerable, "false-refusal rate: no question is answerable")


def balanced(right: Sequence[bool], unanswerable: Sequence[bool]) -> float:
    """Mean of the two sides: refused / unanswerable and answered rightly / answerable.

    `right`: whether each question went right, which for an unanswerable one is to be refused. Whoever refuses all or
    nothing has at most .5, whatever the set's mix. NoMIRACL (Thakur et al. 2023, arXiv:2312.11361) counts these sides
    apart, as hallucination rate and error rate on questions without and with a relevant passage; this is their
    balanced accuracy (Brodersen et al. 2010), an answer counting only where it is right. Raises Undefined where one
    kind of question is missing.
    """
    refused = _ratio(_both(right, unanswerable), sum(unanswerable), "balance: every question is answerable")
    answered = _ratio(
        sum(right) - _both(right, unanswerable), len(unanswerable) - sum(unanswerable), "balance: none is answerable"
    )
    return (refused + answered) / 2


def refused_at(confidences: Sequence[float], unanswerable: Sequence[bool], false_refusals: float) -> float:
    """Share of the unanswerable with a confidence below the highest threshold that refuses few of the answerable.

    `false_refusals` in [0, 1): which part of the answerable may lie below the threshold. What refusals would be with
    the best threshold, whichever a system has: the true positive rate at a fixed false positive rate (Fawcett 2006,
    section 5). Equal confidences are refused together or not at all.
    """
    if not 0 <= false_refusals < 1:
        raise ValueError(f"a share of false refusals lies in [0, 1), not {false_refusals}")
    _check_pairs(confidences, unanswerable)
    answerable = sorted(sure for sure, other in zip(confidences, unanswerable, strict=True) if not other)
    if not answerable:
        raise Undefined("undefined refusals at a rate of false ones: no question is answerable")
    threshold = answerable[int(false_refusals * len(answerable) + _SLACK)]
    below = sum(sure < threshold for sure, other in zip(confidences, unanswerable, strict=True) if other)
    return _ratio(below, sum(unanswerable), "refusals at a rate of false ones: every question is answerable")


def _both(refused: Sequence[bool], unanswerable: Sequence[bool]) -> int:
    _check_pairs(refused, unanswerable)
    return sum(one and other for one, other in zip(refused, unanswerable, strict=True))


def _check_pairs(values: Sequence[float], unanswerable: Sequence[bool]) -> None:
    if len(values) != len(unanswerable):
        raise ValueError(f"{len(values)} values for {len(unanswerable)} questions: the two lists go by pairs")


def _ratio(part: int, whole: int, what: str) -> float:
    if not whole:
        raise Undefined(f"undefined {what}")
    return part / whole

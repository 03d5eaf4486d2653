"""From the records of a run to its metrics: overall, by type, language and split. Pure; see eval.measures for each."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from eval.measures import METRICS, STATISTICS
from eval.metrics.calibration import (
    auroc,
    expected_calibration_error,
    reliability,
    risk_at_coverage,
    risk_coverage_curve,
)
from eval.metrics.estimates import Estimate, bootstrap, estimate, percentile
from eval.records import Record

COVERAGES = (0.5, 0.8, 0.9, 1.0)
_PERCENTILES = (50, 95, 99)


def summarise(records: Sequence[Record]) -> dict[str, Any]:
    """The metrics of a run as JSON: overall and by group, each with n and interval; failures, speed and calibration.

    `test_by_type` and `test_by_language` are of the half that nothing was tuned on.
    """
    test = [record for record in records if record.split == "test"]
    answers = [record.reply.answer for record in records if record.reply.answer]
    return {
        "questions": len(records),
        "errors": sum(record.reply.error is not None for record in records),
        "overall": estimates(records),
        "by_type": _by(records, lambda record: record.type),
        "by_language": _by(records, lambda record: record.lang),
        "by_split": _by(records, lambda record: record.split),
        "test_by_type": _by(test, lambda record: record.type),
        "test_by_language": _by(test, lambda record: record.lang),
        "seconds": _spread(records, lambda record: record.reply.seconds),
        "first_token_s": _spread(records, _first_token_s),
        "prompt_tokens": _spread(records, lambda record: _usage(record, "prompt_tokens"), cached_too=True),
        "completion_tokens": _spread(records, lambda record: _usage(record, "completion_tokens"), cached_too=True),
        "calibration": calibration(records),
        "generations": sorted({str(answer["generation"]) for answer in answers if answer.get("generation")}),
    }


def estimates(records: Sequence[Record]) -> dict[str, Any]:
    """Every metric that some question defines, as JSON."""
    found: dict[str, Estimate | None] = {}
    for metric in METRICS:
        found[metric.name] = estimate([value for one in records if (value := metric.value(one)) is not None])
    for statistic in STATISTICS:
        found[statistic.name] = bootstrap(
            statistic.value, [taken for one in records if (taken := statistic.takes(one)) is not None]
        )
    return {name: asdict(value) for name, value in found.items() if value is not None}


def calibration(records: Sequence[Record]) -> dict[str, Any] | None:
    """How well `confidence` tells right answers from wrong ones, over the questions that were answered.

    Answering an unanswerable question is a wrong answer. None where nothing was answered with a confidence.
    """
    pairs = [
        (float(record.reply.answer["confidence"]), record.reply.verdict.right)
        for record in records
        if record.reply.answer and record.reply.verdict and not record.reply.verdict.abstained
        if record.reply.answer.get("confidence") is not None
    ]
    if not pairs:
        return None
    confidences, right = [sure for sure, _ in pairs], [is_right for _, is_right in pairs]
    found = {
        "ece": bootstrap(lambda some: expected_calibration_error(*_columns(some)), pairs),
        "auroc": bootstrap(lambda some: auroc(*_columns(some)), pairs),
    }
    return {
        "n": len(pairs),
        **{name: asdict(value) if value else None for name, value in found.items()},
        "risk": [{"coverage": c, "risk": risk_at_coverage(confidences, right, c)} for c in COVERAGES],
        "curve": risk_coverage_curve(confidences, right),
        "bins": [asdict(one) for one in reliability(confidences, right)],
    }


def _columns(pairs: Sequence[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    return [sure for sure, _ in pairs], [right for _, right in pairs]


def _by(records: Sequence[Record], group_of: Callable[[Record], str]) -> dict[str, Any]:
    groups = sorted({group_of(record) for record in records})
    return {group: estimates([record for record in records if group_of(record) == group]) for group in groups}


def _spread(
    records: Sequence[Record], value: Callable[[Record], float | None], *, cached_too: bool = False
) -> dict[str, float]:
    """Percentiles and mean over the questions that really ran: no failure, no draft from the cache."""
    ran = [record for record in records if record.reply.error is None and (cached_too or not record.reply.cached)]
    values = [found for record in ran if (found := value(record)) is not None]
    if not values:
        return {"n": 0}
    spread = {f"p{q}": round(percentile(values, q), 3) for q in _PERCENTILES}
    return {"n": len(values), **spread, "mean": round(sum(values) / len(values), 3)}


def _first_token_s(record: Record) -> float | None:
    """From the question on: what was retrieved before the model began counts too."""
    timings = (record.reply.answer or {}).get("timings_ms", {})
    first = timings.get("first_token")
    return None if first is None else (float(timings.get("retrieve", 0)) + float(first)) / 1000


def _usage(record: Record, name: str) -> float | None:
    tokens = (record.reply.answer or {}).get("usage", {}).get(name)
    return float(tokens) if tokens else None

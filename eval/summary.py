"""From the records of a run to its metrics: overall, by type, language and split. Pure; each metric is defined here."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from eval.metrics.calibration import (
    auroc,
    expected_calibration_error,
    reliability,
    risk_at_coverage,
    risk_coverage_curve,
)
from eval.metrics.estimates import Estimate, bootstrap, estimate, percentile
from eval.metrics.multihop import multihop_average_precision, multihop_hits, multihop_reciprocal_rank
from eval.metrics.refusal import refusal_f1
from eval.metrics.retrieval import average_precision, evidence_at_k, hit_at_k, ndcg_at_k, recall_at_k, reciprocal_rank
from eval.metrics.undefined import Undefined
from eval.records import Record
from eval.verdicts import Verdict

Value = Callable[[Record], float | None]  # None: the question does not count
Better = Literal["higher", "lower", "neither"]
COVERAGES = (0.5, 0.8, 0.9, 1.0)
_PERCENTILES = (50, 95, 99)


@dataclass(frozen=True, slots=True)
class Metric:
    """A name, what its mean says, its value for one question, and which way is better."""

    name: str
    says: str
    value: Value
    better: Better = "higher"


def _ranked(metric: Callable[[Sequence[str], Sequence[str]], float]) -> Value:
    """Over the questions with gold articles that a ranking came back for; one that failed found nothing."""
    return lambda record: metric(record.reply.ranking, record.gold) if record.gold and _ranks(record) else None


def _evidence(metric: Callable[[Sequence[int | None]], float]) -> Value:
    """Over the questions with gold quotations; one that failed found none of them."""

    def value(record: Record) -> float | None:
        if not record.evidence or not _ranks(record):
            return None
        return metric(record.reply.evidence_ranks or [None] * len(record.evidence))

    return value


def _ranks(record: Record) -> bool:
    return bool(record.reply.found or record.reply.error is not None or record.reply.answer is None)


def _of_answerable(holds: Callable[[Verdict], bool]) -> Value:
    """Over the answerable that were asked for an answer; a question that failed counts, and fails the condition."""

    def value(record: Record) -> float | None:
        if not record.answerable or not _asked(record):
            return None
        return float(record.reply.verdict is not None and holds(record.reply.verdict))

    return value


def _of_answered(value_of: Callable[[Verdict], float | None]) -> Value:
    """Over the answerable that were answered, where the value is defined."""

    def value(record: Record) -> float | None:
        verdict = record.reply.verdict
        return value_of(verdict) if record.answerable and verdict is not None and not verdict.abstained else None

    return value


def _of_verdict(value_of: Callable[[Verdict], float | None]) -> Value:
    return lambda record: value_of(record.reply.verdict) if record.reply.verdict else None


def _refused(record: Record) -> float | None:
    if record.answerable or not _asked(record):
        return None
    return float(record.reply.verdict is not None and record.reply.verdict.abstained)


def _refusal_precision(record: Record) -> float | None:
    verdict = record.reply.verdict
    return float(not record.answerable) if verdict and verdict.abstained else None


def _words(record: Record) -> float | None:
    verdict, answer = record.reply.verdict, record.reply.answer
    if not record.answerable or verdict is None or verdict.abstained or answer is None:
        return None
    return float(len(str(answer["answer"]).split()))


def _asked(record: Record) -> bool:
    return record.reply.verdict is not None or record.reply.error is not None


METRICS = (
    Metric("hit@1", "a gold article is ranked first", _ranked(lambda ranked, gold: hit_at_k(ranked, gold, 1))),
    Metric("hit@4", "a gold article is among the first four", _ranked(lambda ranked, gold: hit_at_k(ranked, gold, 4))),
    Metric("hit@5", "a gold article is among the first five", _ranked(lambda ranked, gold: hit_at_k(ranked, gold, 5))),
    Metric("hit@10", "a gold article is among the first ten", _ranked(lambda ranked, gold: hit_at_k(ranked, gold, 10))),
    Metric("recall@5", "share of gold articles in the first five", _ranked(lambda r, gold: recall_at_k(r, gold, 5))),
    Metric("recall@10", "share of gold articles in the first ten", _ranked(lambda r, gold: recall_at_k(r, gold, 10))),
    Metric("mrr", "1 / rank of the first gold article", _ranked(reciprocal_rank)),
    Metric("map", "precision at each gold article, averaged", _ranked(average_precision)),
    Metric(
        "ndcg@10",
        "gain of gold articles in the first ten over the best possible",
        _ranked(lambda r, g: ndcg_at_k(r, g, 10)),
    ),
    Metric(
        "evidence@5", "share of gold quotations in the first five passages", _evidence(lambda r: evidence_at_k(r, 5))
    ),
    Metric(
        "evidence@10", "share of gold quotations in the first ten passages", _evidence(lambda r: evidence_at_k(r, 10))
    ),
    Metric(
        "multihop_hits@4", "MultiHop-RAG: any gold quotation in four passages", _evidence(lambda r: multihop_hits(r, 4))
    ),
    Metric(
        "multihop_hits@10",
        "MultiHop-RAG: any gold quotation in ten passages",
        _evidence(lambda r: multihop_hits(r, 10)),
    ),
    Metric("multihop_map@10", "MultiHop-RAG: newly found quotations over rank", _evidence(multihop_average_precision)),
    Metric("multihop_mrr@10", "MultiHop-RAG: 1 / rank of the first quotation", _evidence(multihop_reciprocal_rank)),
    Metric("right", "answerable: answered, complete, no wrong number or name", _of_answerable(lambda v: v.right)),
    Metric(
        "must_include",
        "answerable: answered, every required fact in the answer",
        _of_answerable(lambda v: not v.abstained and not v.missing),
    ),
    Metric("exact_match", "answered: a gold answer, SQuAD's normalisation", _of_answered(lambda v: v.exact_match)),
    Metric("token_f1", "answered: words shared with the nearest gold answer", _of_answered(lambda v: v.token_f1)),
    Metric("false_refusal", "answerable: refused", _of_answerable(lambda v: v.abstained), "lower"),
    Metric("refused", "unanswerable: refused (refusal recall)", _refused),
    Metric("refusal_precision", "refused: unanswerable", _refusal_precision),
    Metric(
        "wrong_number",
        "answered: with a number that is not in gold, question or gold quotations",
        _of_answered(lambda v: float(bool(v.wrong_numbers))),
        "lower",
    ),
    Metric(
        "wrong_name",
        "answered: with a name that is not in gold, question or gold quotations",
        _of_answered(lambda v: float(bool(v.wrong_names))),
        "lower",
    ),
    Metric(
        "citation_precision",
        "answered: share of citations in gold articles",
        _of_answered(lambda v: v.citation_precision),
    ),
    Metric(
        "citation_recall",
        "answered: share of required facts in quotations of gold articles",
        _of_answered(lambda v: v.citation_recall),
    ),
    Metric(
        "article_recall", "answered: share of gold articles that are cited", _of_answered(lambda v: v.article_recall)
    ),
    Metric(
        "evidence_precision",
        "answered: share of citations that overlap a gold quotation",
        _of_answered(lambda v: v.evidence_precision),
    ),
    Metric(
        "evidence_recall",
        "answered: share of gold quotations that a citation overlaps",
        _of_answered(lambda v: v.evidence_recall),
    ),
    Metric(
        "supported",
        "answered: share of sentences that their citations support (ALCE recall)",
        _of_verdict(lambda v: v.supported),
    ),
    Metric("needed", "answered: share of citations that are needed (ALCE precision)", _of_verdict(lambda v: v.needed)),
    Metric(
        "verbatim",
        "quoting: share of quotations equal to the source at their offsets",
        _of_verdict(lambda v: v.verbatim),
    ),
    Metric("words", "answered: words in the answer (a count)", _words, "neither"),
)


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
    found["refusal_f1"] = bootstrap(_refusal_f1, [one for one in records if one.reply.verdict])
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


def _refusal_f1(records: Sequence[Record]) -> float:
    verdicts = [(record.reply.verdict, record.answerable) for record in records if record.reply.verdict]
    if all(answerable for _, answerable in verdicts):
        raise Undefined("refusal of a set without unanswerable questions is undefined")
    return refusal_f1([verdict.abstained for verdict, _ in verdicts], [not answerable for _, answerable in verdicts])


def _by(records: Sequence[Record], group_of: Callable[[Record], str]) -> dict[str, Any]:
    groups = sorted({group_of(record) for record in records})
    return {group: estimates([record for record in records if group_of(record) == group]) for group in groups}


def _spread(records: Sequence[Record], value: Value, *, cached_too: bool = False) -> dict[str, float]:
    """Percentiles and mean over the answered questions that really ran: no failure, no draft from the cache."""
    ran = [record for record in records if record.reply.verdict and (cached_too or not record.reply.cached)]
    values = [found for record in ran if (found := value(record)) is not None]
    if not values:
        return {"n": 0}
    spread = {f"p{q}": round(percentile(values, q), 3) for q in _PERCENTILES}
    return {"n": len(values), **spread, "mean": round(sum(values) / len(values), 3)}


def _first_token_s(record: Record) -> float | None:
    milliseconds = (record.reply.answer or {}).get("timings_ms", {}).get("first_token")
    return None if milliseconds is None else float(milliseconds) / 1000


def _usage(record: Record, name: str) -> float | None:
    tokens = (record.reply.answer or {}).get("usage", {}).get(name)
    return float(tokens) if tokens else None

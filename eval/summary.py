"""From the records of a run to its metrics: overall, by type and by language. Pure; each metric is defined here."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.metrics.estimates import estimate, percentile
from eval.metrics.retrieval import hit_at_k, reciprocal_rank
from eval.records import Record, Reply

Value = Callable[[Record, Reply], float | None]  # None: the question does not count


@dataclass(frozen=True, slots=True)
class Metric:
    """A name, what its mean says, and its value for one question."""

    name: str
    says: str
    value: Value


def _right(record: Record, reply: Reply) -> float | None:
    return _of_answerable(record, reply, lambda: reply.verdict is not None and reply.verdict.right)


def _included(record: Record, reply: Reply) -> float | None:
    verdict = reply.verdict
    return _of_answerable(record, reply, lambda: verdict is not None and not verdict.abstained and not verdict.missing)


def _false_refusal(record: Record, reply: Reply) -> float | None:
    return _of_answerable(record, reply, lambda: reply.verdict is not None and reply.verdict.abstained)


def _of_answerable(record: Record, reply: Reply, holds: Callable[[], bool]) -> float | None:
    """Over the answerable that were asked for an answer; a question that failed counts, and fails the condition."""
    return float(holds()) if record.answerable and (reply.verdict or reply.error) else None


def _refused(record: Record, reply: Reply) -> float | None:
    if record.answerable or not (reply.verdict or reply.error):
        return None
    return float(reply.verdict is not None and reply.verdict.abstained)


def _refusal_precision(record: Record, reply: Reply) -> float | None:
    return float(not record.answerable) if reply.verdict and reply.verdict.abstained else None


def _wrong_number(record: Record, reply: Reply) -> float | None:
    return float(bool(reply.verdict.wrong_numbers)) if _answered(record, reply) and reply.verdict else None


def _wrong_name(record: Record, reply: Reply) -> float | None:
    return float(bool(reply.verdict.wrong_names)) if _answered(record, reply) and reply.verdict else None


def _answered(record: Record, reply: Reply) -> bool:
    return record.answerable and reply.verdict is not None and not reply.verdict.abstained


def _words(record: Record, reply: Reply) -> float | None:
    return float(len(str(reply.answer["answer"]).split())) if _answered(record, reply) and reply.answer else None


def _ranked(metric: Callable[[Sequence[str], Sequence[str]], float]) -> Value:
    return lambda record, reply: metric(reply.ranking, record.gold) if record.gold else None


METRICS = (
    Metric("hit@1", "a gold article is ranked first", _ranked(lambda ranked, gold: hit_at_k(ranked, gold, 1))),
    Metric("hit@5", "a gold article is among the first five", _ranked(lambda ranked, gold: hit_at_k(ranked, gold, 5))),
    Metric("mrr", "1 / rank of the first gold article", _ranked(reciprocal_rank)),
    Metric("right", "answerable: answered, complete, no wrong number or name", _right),
    Metric("must_include", "answerable: answered, every required fact in the answer", _included),
    Metric("false_refusal", "answerable: refused", _false_refusal),
    Metric("refused", "unanswerable: refused (refusal recall)", _refused),
    Metric("refusal_precision", "refused: unanswerable", _refusal_precision),
    Metric("wrong_number", "answered: with a number that is not in gold, question or gold quotations", _wrong_number),
    Metric("wrong_name", "answered: with a name that is not in gold, question or gold quotations", _wrong_name),
    Metric(
        "citation_precision",
        "answered: share of citations in gold articles",
        lambda _, reply: reply.verdict.citation_precision if reply.verdict else None,
    ),
    Metric(
        "citation_recall",
        "answered: share of required facts in quotations of gold articles",
        lambda _, reply: reply.verdict.citation_recall if reply.verdict else None,
    ),
    Metric(
        "verbatim",
        "quoting: share of quotations equal to the source at their offsets",
        lambda _, reply: reply.verdict.verbatim if reply.verdict else None,
    ),
    Metric("words", "answered: words in the answer (a count)", _words),
)


def summarise(records: Sequence[Record]) -> dict[str, Any]:
    """The metrics of a run as JSON: for each system overall, by type and language, its failures and its seconds."""
    systems: dict[str, Callable[[Record], Reply | None]] = {
        "derek": lambda record: record.derek,
        "prototype": lambda record: record.prototype,
    }
    summary: dict[str, Any] = {"questions": len(records)}
    for system, reply_of in systems.items():
        pairs = [(record, reply) for record in records if (reply := reply_of(record)) is not None]
        if pairs:
            summary[system] = {
                "overall": _estimates(pairs),
                "by_type": _by(pairs, lambda record: record.type),
                "by_language": _by(pairs, lambda record: record.lang),
                "errors": sum(reply.error is not None for _, reply in pairs),
                "seconds": _seconds(pairs),
            }
    return summary


def _estimates(pairs: Sequence[tuple[Record, Reply]]) -> dict[str, Any]:
    estimates = {}
    for metric in METRICS:
        values = [value for pair in pairs if (value := metric.value(*pair)) is not None]
        if found := estimate(values):
            estimates[metric.name] = asdict(found)
    return estimates


def _by(pairs: Sequence[tuple[Record, Reply]], group_of: Callable[[Record], str]) -> dict[str, Any]:
    groups = sorted({group_of(record) for record, _ in pairs})
    return {group: _estimates([pair for pair in pairs if group_of(pair[0]) == group]) for group in groups}


def _seconds(pairs: Sequence[tuple[Record, Reply]]) -> dict[str, float]:
    """Seconds a question, over those that really ran: no failure, no draft from the cache."""
    seconds = [reply.seconds for _, reply in pairs if reply.error is None and not reply.cached and reply.verdict]
    return {"n": len(seconds)} | {f"p{q}": round(percentile(seconds, q), 3) for q in (50, 95) if seconds}

"""The metrics of a run: what each is called, what it says, and its value for one question. Pure.

The formulas are those of eval/metrics; here stands which questions a metric counts. One that failed counts wherever it
was asked, as nothing found and nothing answered, so that a system does not gain by breaking.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Literal, TypeVar

from eval.matching import stands_in
from eval.metrics.estimates import share
from eval.metrics.multihop import multihop_average_precision, multihop_hits, multihop_reciprocal_rank
from eval.metrics.refusal import balanced, refusal_f1, refused_at
from eval.metrics.retrieval import average_precision, evidence_at_k, hit_at_k, ndcg_at_k, recall_at_k, reciprocal_rank
from eval.metrics.undefined import Undefined
from eval.records import Record
from eval.verdicts import Verdict

FALSE_REFUSALS = 0.06  # of the answerable, at which the refusals of systems compare whatever their thresholds
Better = Literal["higher", "lower", "neither"]
T = TypeVar("T", bool, float)


@dataclass(frozen=True, slots=True)
class Metric:
    """A name, what its mean says, its value for one question (None: it does not count), and which way is better."""

    name: str
    says: str
    value: Callable[[Record], float | None]
    better: Better = "higher"


@dataclass(frozen=True, slots=True)
class Statistic(Generic[T]):
    """A figure of a run that is no mean over questions: what it takes of each (None: it does not count), and how."""

    name: str
    says: str
    takes: Callable[[Record], tuple[T, bool] | None]
    of: Callable[[Sequence[T], Sequence[bool]], float]  # raises Undefined
    better: Better = "higher"

    def value(self, taken: Sequence[tuple[T, bool]]) -> float:
        """The figure of what was taken. Raises Undefined."""
        return self.of([one for one, _ in taken], [other for _, other in taken])


def was_asked(record: Record) -> bool:
    """Whether an answer was wanted: one came back, or something broke. Where only retrieval was wanted, neither."""
    return record.reply.verdict is not None or record.reply.error is not None


def refused(record: Record) -> bool:
    """Whether the answer is a refusal."""
    return record.reply.verdict is not None and record.reply.verdict.abstained


def _ranking(name: str, says: str, metric: Callable[[Sequence[str], Sequence[str]], float]) -> Metric:
    """Of the ranked articles, over the questions with gold ones."""
    return Metric(name, says, lambda record: metric(record.reply.ranking, record.gold) if record.gold else None)


def _evidence(name: str, says: str, metric: Callable[[Sequence[int | None]], float]) -> Metric:
    """Of the ranked passages, over the questions with gold quotations."""

    def value(record: Record) -> float | None:
        if not record.evidence:
            return None
        return metric(record.reply.evidence_ranks or [None] * len(record.evidence))

    return Metric(name, says, value)


def _answerable(name: str, says: str, holds: Callable[[Verdict], bool], better: Better = "higher") -> Metric:
    """A share of the answerable that were asked for an answer."""

    def value(record: Record) -> float | None:
        if not record.answerable or not was_asked(record):
            return None
        return float(record.reply.verdict is not None and holds(record.reply.verdict))

    return Metric(name, f"answerable: {says}", value, better)


def _answered(name: str, says: str, of: Callable[[Verdict], float | None], better: Better = "higher") -> Metric:
    """Over the answerable that were answered, where the value is defined."""

    def value(record: Record) -> float | None:
        verdict = record.reply.verdict
        if verdict is None or verdict.abstained or not record.answerable:
            return None
        found = of(verdict)
        return None if found is None else float(found)

    return Metric(name, f"answered: {says}", value, better)


def _all_answered(name: str, says: str, of: Callable[[Verdict], float | None], better: Better = "higher") -> Metric:
    """Over all that was answered, also what should not have been, where the value is defined."""

    def value(record: Record) -> float | None:
        return of(record.reply.verdict) if record.reply.verdict is not None else None

    return Metric(name, f"answered: {says}", value, better)


def _right_by_evidence(record: Record) -> float | None:
    """Of a question with gold quotations: answered, and one of them is quoted."""
    if not record.answerable or not record.evidence or not was_asked(record):
        return None
    verdict = record.reply.verdict
    return float(verdict is not None and not verdict.abstained and bool(verdict.evidence_recall))


def _coverage(record: Record) -> float | None:
    """Of a question with insights; one that failed states none."""
    if not record.insights or not was_asked(record):
        return None
    return record.reply.verdict.coverage if record.reply.verdict else 0.0


def evidence_in_prompt(record: Record) -> float | None:
    """Share of the gold quotations that stand in what the language model read; None where it is not known."""
    prompt = (record.reply.answer or {}).get("prompt")
    if not record.evidence or not isinstance(prompt, str):
        return None
    return share([stands_in(prompt, str(evidence["quote"])) for evidence in record.evidence])


def _refused_unanswerable(record: Record) -> float | None:
    return None if record.answerable or not was_asked(record) else float(refused(record))


def _refusals(record: Record) -> tuple[bool, bool] | None:
    return (refused(record), not record.answerable) if was_asked(record) else None


def _confidences(record: Record) -> tuple[float, bool] | None:
    sure = (record.reply.answer or {}).get("confidence")
    return None if sure is None else (float(sure), not record.answerable)


def _refusal_f1(refusals: Sequence[bool], unanswerable: Sequence[bool]) -> float:
    if not any(unanswerable):
        raise Undefined("refusal of a set without unanswerable questions is undefined")
    return refusal_f1(refusals, unanswerable)


def _rights(record: Record) -> tuple[bool, bool] | None:
    verdict = record.reply.verdict
    return (verdict is not None and verdict.right, not record.answerable) if was_asked(record) else None


def _rights_by_evidence(record: Record) -> tuple[bool, bool] | None:
    if record.answerable:
        found = _right_by_evidence(record)
        return None if found is None else (bool(found), False)
    return (refused(record), True) if was_asked(record) else None


def _rightly_refused(record: Record) -> float | None:
    return float(not record.answerable) if refused(record) else None


def _obeyed(record: Record) -> float | None:
    if not record.must_not_include or not was_asked(record):
        return None
    return float(record.reply.verdict is not None and bool(record.reply.verdict.forbidden))


def _words(record: Record) -> float | None:
    answer = record.reply.answer
    if answer is None or not record.answerable or not was_asked(record) or refused(record):
        return None
    return float(len(str(answer["answer"]).split()))


METRICS = (
    _ranking("hit@1", "a gold article is ranked first", partial(hit_at_k, k=1)),
    _ranking("hit@4", "a gold article is among the first four", partial(hit_at_k, k=4)),
    _ranking("hit@5", "a gold article is among the first five", partial(hit_at_k, k=5)),
    _ranking("hit@10", "a gold article is among the first ten", partial(hit_at_k, k=10)),
    _ranking("recall@5", "share of gold articles in the first five", partial(recall_at_k, k=5)),
    _ranking("recall@10", "share of gold articles in the first ten", partial(recall_at_k, k=10)),
    _ranking("mrr", "1 / rank of the first gold article", reciprocal_rank),
    _ranking("map", "precision at each gold article, averaged", average_precision),
    _ranking("ndcg@10", "gain of gold articles in the first ten over the best possible", partial(ndcg_at_k, k=10)),
    _evidence("evidence@5", "share of gold quotations in the first five passages", partial(evidence_at_k, k=5)),
    _evidence("evidence@10", "share of gold quotations in the first ten passages", partial(evidence_at_k, k=10)),
    _evidence("multihop_hits@4", "MultiHop-RAG: any gold quotation in four passages", partial(multihop_hits, k=4)),
    _evidence("multihop_hits@10", "MultiHop-RAG: any gold quotation in ten passages", partial(multihop_hits, k=10)),
    _evidence("multihop_map@10", "MultiHop-RAG: newly found quotations over rank", multihop_average_precision),
    _evidence("multihop_mrr@10", "MultiHop-RAG: 1 / rank of the first quotation", multihop_reciprocal_rank),
    Metric("evidence_in_prompt", "drafted: share of gold quotations that the model was given", evidence_in_prompt),
    _answerable("right", "answered, complete, no wrong number or name", lambda v: v.right),
    Metric("right_evidence", "answerable, with gold quotations: answered, quoting one", _right_by_evidence),
    _answerable("must_include", "every required fact in the answer", lambda v: not (v.abstained or v.missing)),
    _answered("exact_match", "a gold answer, SQuAD's normalisation", lambda v: v.exact_match),
    _answered("token_f1", "words shared with the nearest gold answer", lambda v: v.token_f1),
    _answerable("false_refusal", "refused", lambda v: v.abstained, "lower"),
    Metric("refused", "unanswerable: refused (refusal recall)", _refused_unanswerable),
    Metric("refusal_precision", "refused: unanswerable", _rightly_refused),
    _answered("wrong_number", "a number of neither gold nor question", lambda v: bool(v.wrong_numbers), "lower"),
    _answered("wrong_name", "a name of neither gold nor question", lambda v: bool(v.wrong_names), "lower"),
    _answered("citation_precision", "share of citations in gold articles", lambda v: v.citation_precision),
    _answered("citation_recall", "share of required facts quoted from gold articles", lambda v: v.citation_recall),
    _answered("article_recall", "share of gold articles that are cited", lambda v: v.article_recall),
    _answered("evidence_precision", "share of citations overlapping a gold quotation", lambda v: v.evidence_precision),
    _answered("evidence_recall", "share of gold quotations that a citation overlaps", lambda v: v.evidence_recall),
    Metric("coverage", "with insights: share of them that the answer states", _coverage),
    _answered("citation_f1", "articles cited for the insights it states", lambda v: v.citation_f1),
    _all_answered("supported", "share of sentences that their citations prove (ALCE recall)", lambda v: v.supported),
    _all_answered("needed", "share of citations that are needed (ALCE precision)", lambda v: v.needed),
    _all_answered("undecided", "what the judge of these two can't tell of (a count)", lambda v: v.undecided, "neither"),
    _all_answered("verbatim", "share of quotations equal to the source at their offsets", lambda v: v.verbatim),
    Metric("obeyed", "with forbidden words: says some of them", _obeyed, "lower"),
    Metric("words", "answered: words in the answer (a count)", _words, "neither"),
)

STATISTICS: tuple[Statistic[Any], ...] = (
    Statistic("refusal_f1", "all questions: harmonic mean of refusal's precision and recall", _refusals, _refusal_f1),
    Statistic("balanced", "both kinds: mean of refused (unanswerable) and right (answerable)", _rights, balanced),
    Statistic("balanced_evidence", "the same with right_evidence for right", _rights_by_evidence, balanced),
    Statistic(
        "refused_at_6",
        "both kinds: refused (unanswerable) with the threshold on confidence that refuses .06 of the answerable",
        _confidences,
        partial(refused_at, false_refusals=FALSE_REFUSALS),
    ),
)
SAYS = {metric.name: metric.says for metric in METRICS} | {one.name: one.says for one in STATISTICS}

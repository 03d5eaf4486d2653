"""What came of a load: failures, times, and whether each answer holds what its generation was made from, no more.

Pure: replies in, figures and complaints out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from eval.metrics.estimates import percentile
from eval.outage.load import Reply
from eval.outage.stories import Told

MOST_SLOWER, MOST_S = 2.0, 1.0  # what the p99 of a search during reindexes should keep to


@dataclass(frozen=True, slots=True)
class Reindex:
    """One reindex under load: what was done to the files, its job's result, and how long the job took."""

    did: str
    generation: str
    embedded: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Findings:
    """Replies of the quiet time and of the time with reindexes; `held`: what each generation may tell."""

    quiet: Sequence[Reply]
    busy: Sequence[Reply]
    reindexes: Sequence[Reindex]
    held: Mapping[str, frozenset[Told]]

    @property
    def failed(self) -> list[str]:
        """Requests that were not answered, and why."""
        return [f"{r.kind} {r.query.text!r}: {r.fault}" for r in (*self.quiet, *self.busy) if r.fault is not None]

    @property
    def inconsistent(self) -> list[str]:
        """Answers that tell what their generation can't hold, or lack what it does."""
        answered = [reply for reply in (*self.quiet, *self.busy) if reply.fault is None]
        return [complaint for reply in answered if (complaint := complaint_of(reply, self.held))]

    @property
    def slower(self) -> float:
        """The p99 of searches during reindexes, as a multiple of that without."""
        return percentile(seconds_of(self.busy, "search"), 99) / percentile(seconds_of(self.quiet, "search"), 99)


def complaint_of(reply: Reply, held: Mapping[str, frozenset[Told]]) -> str | None:
    """What is wrong with an answer, given what its generation was made from; None where nothing is."""
    where = f"{reply.kind} {reply.query.text!r} by {reply.generation}"
    if reply.generation not in held:
        return f"{where}: nobody made that generation"
    may = held[reply.generation]
    if strange := sorted(map(str, reply.told - may)):
        return f"{where}: told {', '.join(strange)}, which was not in the files"
    wanted = {told for told in may if told.story and told.story.name == reply.query.name}
    if wanted - reply.told:
        return f"{where}: did not find {', '.join(map(str, wanted))}, which was in the files"
    return None


def seconds_of(replies: Sequence[Reply], kind: str) -> list[float]:
    """How long the requests of a kind took that were answered."""
    return [reply.seconds for reply in replies if reply.kind == kind and reply.fault is None]


def figures(findings: Findings) -> dict[str, tuple[float | None, float | None, str]]:
    """Name -> (without reindexes, during them, unit); None where there is nothing to tell."""
    rows: dict[str, tuple[float | None, float | None, str]] = {}
    for kind in ("search", "ask"):
        pair = [seconds_of(replies, kind) for replies in (findings.quiet, findings.busy)]
        failed = [sum(r.kind == kind and r.fault is not None for r in one) for one in (findings.quiet, findings.busy)]
        rows[f"{kind} answered"] = (float(len(pair[0])), float(len(pair[1])), "")
        rows[f"{kind} failed"] = (float(failed[0]), float(failed[1]), "")
        for q in (50, 99) if kind == "search" else (50, 95):
            quiet, busy = (1000 * percentile(one, q) if one else None for one in pair)
            rows[f"{kind} p{q}"] = (quiet, busy, "ms")
    for kind in ("search", "ask"):
        pair = [seconds_of(replies, kind) for replies in (findings.quiet, findings.busy)]
        quiet, busy = (1000 * max(one) if one else None for one in pair)
        rows[f"{kind} longest"] = (quiet, busy, "ms")
    took = [reindex.seconds for reindex in findings.reindexes]
    embedded = [float(reindex.embedded) for reindex in findings.reindexes]
    rows["reindexes"] = (0.0, float(len(took)), "")
    rows["reindex p50"] = (None, percentile(took, 50) if took else None, "s")
    rows["reindex longest"] = (None, max(took, default=None), "s")
    rows["passages embedded by a reindex, least"] = (None, min(embedded, default=None), "")
    rows["passages embedded by a reindex, most"] = (None, max(embedded, default=None), "")
    rows["answers inconsistent"] = (None, float(len(findings.inconsistent)), "")
    return rows


def table(findings: Findings) -> Table:
    """The figures for a terminal."""
    shown = Table("figure", "without", "during", "unit", box=None, pad_edge=False)
    for column in (1, 2):
        shown.columns[column].justify = "right"
    for name, (quiet, busy, unit) in figures(findings).items():
        values = ("" if value is None else f"{value:,.1f}".removesuffix(".0") for value in (quiet, busy))
        shown.add_row(name, *values, unit)
    return shown

"""A run as tables for a terminal. Knows the shape of metrics.json and of records, nothing of how they were made."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from eval.records import Record
from eval.summary import METRICS

_BY = ("hit@1", "right", "false_refusal", "refused", "citation_precision")


def metrics_table(summary: Mapping[str, Any]) -> Table:
    """Each metric of each system: its mean, its 95 % interval and over how many questions."""
    systems = [system for system in ("derek", "prototype") if system in summary]
    table = Table("metric", *systems, "over which questions: what", box=None, pad_edge=False)
    for column in table.columns[:-1]:
        column.no_wrap = True
    for metric in METRICS:
        cells = [estimate_cell(summary[system]["overall"].get(metric.name)) for system in systems]
        if any(cells):
            table.add_row(metric.name, *cells, metric.says)
    for q in ("p50", "p95"):
        cells = [_seconds_cell(summary[system]["seconds"], q) for system in systems]
        if any(cells):
            table.add_row(f"seconds {q}", *cells, "not from the cache of drafts: a question")
    for system in systems:
        if errors := summary[system]["errors"]:
            table.add_row("errors", *(str(errors) if system == one else "" for one in systems), "failed to run")
    return table


def groups_table(summary: Mapping[str, Any], system: str) -> Table:
    """The main metrics of one system by type and by language."""
    groups = {**summary[system]["by_type"], **summary[system]["by_language"]}
    shown = [name for name in _BY if any(name in estimates for estimates in groups.values())]
    table = Table("", *shown, title=system, title_justify="left", box=None, pad_edge=False)
    for group, estimates in groups.items():
        table.add_row(group, *(estimate_cell(estimates.get(name)) for name in shown))
    return table


def failures_table(records: Sequence[Record], answers: Mapping[str, Sequence[str]], system: str) -> Table:
    """The questions that were not answered rightly, or whose gold was not ranked first where no answer was asked."""
    table = Table("id", "question", "gold", "answer", "reason", title=system, title_justify="left", show_lines=True)
    for record in records:
        reply = record.derek if system == "derek" else record.prototype
        if reply is None:
            continue
        if reply.verdict is not None:
            reason = reply.verdict.reason
        elif reply.error is not None:
            reason = reply.error
        else:
            found = reply.ranking[:1]
            reason = "" if not record.gold or set(found) & set(record.gold) else f"first was {', '.join(found) or '-'}"
        if reason:
            said = str(reply.answer["answer"]) if reply.answer else "-"
            gold = "; ".join(answers.get(record.id, ())) or ("-" if record.answerable else "(unanswerable)")
            table.add_row(record.id, record.question, gold, said, reason)
    return table


def estimate_cell(found: Mapping[str, float] | None) -> str:
    """`.91 [.86, .96] 106`: mean, interval, number of questions; empty for none."""
    if found is None:
        return ""
    return f"{_short(found['value'])} [{_short(found['low'])}, {_short(found['high'])}] {found['n']}"


def _short(value: float) -> str:
    return f"{value:.2f}".removeprefix("0") if value < 1 else f"{value:.3g}" if value > 1 else "1.00"


def _seconds_cell(seconds: Mapping[str, float], q: str) -> str:
    return f"{seconds[q]:.2f} ({seconds['n']})" if q in seconds else ""

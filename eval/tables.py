"""Runs and comparisons as tables in a terminal. Knows their shape, nothing of how they were made.

What comes from a run is shown as it is: no markup in it is followed, and no control character reaches the terminal.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from eval.causes import MEANS, Causes
from eval.compare import Comparison, Difference, Flip
from eval.measures import SAYS
from eval.reading import Run, spent
from eval.records import Record
from eval.review import is_right, reason_of, said, state_of

_BY = ("evidence@5", "hit@1", "evidence_in_prompt", "right", "false_refusal", "refused", "citation_precision")
_STYLE = {"better": "green", "worse": "red", "unclear": ""}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def print_run(run: Run, console: Console, *, failures: bool = False) -> None:
    """A run: its metrics on all questions, dev and test, by type and language; with `failures` what went wrong."""
    told = run.description
    parts = [
        f"{'' if run.complete else 'not complete, '}{run.summary['questions']} questions of {_named(told, 'set')}",
        *(f"{key} {told[key]}" for key in ("system", "mode", "model", "judge", "commit") if told.get(key)),
    ]
    console.print(_plain(f"{run.name}: {', '.join(parts)}"))
    console.print("mean [95 % bootstrap interval] n\n", highlight=False, markup=False)
    tables = [metrics_table(run.summary), *groups_tables(run.summary), spent_table(run.summary)]
    if failures:
        tables.append(failures_table(run.records))
    for place, table in enumerate(table for table in tables if table.row_count):
        if place:
            console.print()
        console.print(table)
    if calibration := run.summary.get("calibration"):
        console.print()
        console.print(_plain(_calibration(calibration)))


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Run b against run a: how far they can be compared, each metric's difference, and the questions that flipped."""
    gained = sum(flip.gained for flip in comparison.flips)
    console.print(_plain(f"{comparison.b} against {comparison.a}: {comparison.shared} questions in both"))
    for count, name in ((comparison.only_a, comparison.a), (comparison.only_b, comparison.b)):
        if count:
            console.print(_plain(f"{count} in {name} only, which are left out"))
    for warning in comparison.warnings:
        console.print(_plain(f"beware: {warning}", "yellow"))
    console.print()
    console.print(differences_table(comparison))
    console.print()
    console.print(_plain(f"{gained} questions became right, {len(comparison.flips) - gained} became wrong"))
    if comparison.flips:
        console.print()
        console.print(flips_table(comparison))


def print_causes(causes: Causes, console: Console) -> None:
    """Why questions went wrong: each cause that is there, how many, and which."""
    wrong = sum(map(len, causes.ids.values()))
    console.print(
        _plain(f"{wrong} of {causes.asked} questions went wrong, each counted at the first cause that applies")
    )
    table = Table("cause", "n", "which", "questions")
    for cause, ids in causes.ids.items():
        if ids:
            table.add_row(cause.value, str(len(ids)), MEANS[cause], _plain(" ".join(ids)))
    if table.row_count:
        console.print(table)


def metrics_table(summary: Mapping[str, Any]) -> Table:
    """Each metric with its interval and over how many questions: all, the dev half, the test half."""
    by_split = summary.get("by_split") or {}
    splits = [split for split in ("dev", "test") if by_split.get(split)]
    table = _table("metric", "all", *splits, "over which questions: what")
    for column in table.columns[:-1]:
        column.no_wrap = True
    for name, found in summary["overall"].items():
        cells = [estimate_cell(found), *(estimate_cell(by_split[split].get(name)) for split in splits)]
        table.add_row(_plain(name), *cells, SAYS.get(name, ""))
    if errors := summary.get("errors"):
        table.add_row("errors", str(errors), *("" for _ in splits), "failed to run")
    return table


def groups_tables(summary: Mapping[str, Any]) -> list[Table]:
    """The main metrics by type and by language: of all questions, then of the test half alone."""
    return [
        _groups("all questions", summary, ("by_type", "by_language")),
        _groups("test half", summary, ("test_by_type", "test_by_language")),
    ]


def spent_table(summary: Mapping[str, Any]) -> Table:
    """Time and tokens a question, of those that were counted."""
    table = _table("a question", "mean", "p50", "p95", "p99", "n")
    for says, spread in spent(summary):
        table.add_row(says, *(f"{spread[q]:.3g}" for q in ("mean", "p50", "p95", "p99")), str(spread["n"]))
    if memory := summary.get("peak_memory_gib"):
        table.add_row("peak memory, GiB", f"{memory:.2f}")
    return table


def failures_table(records: Sequence[Record]) -> Table:
    """The questions that went wrong: not answered rightly, or gold not ranked first where no answer was asked."""
    table = Table("id", "question", "gold", "answer", "why", show_lines=True)
    for record in records:
        if is_right(record) is False:
            answer = said(record) or "–"
            why = f"{state_of(record)}: {reason_of(record)}".removesuffix(": refused")
            table.add_row(*(_plain(text) for text in (record.id, record.question, _gold(record), answer, why)))
    return table


def differences_table(comparison: Comparison) -> Table:
    """Each metric's two means and their difference, coloured where its interval does not hold 0."""
    table = _table("metric", comparison.a, comparison.b, "difference [95 %]", "n", "")
    for column in table.columns:
        column.no_wrap = True
    for one in comparison.differences:
        style = _STYLE[one.tendency]
        n = str(one.n_a) if one.n_a == one.n_b else f"{one.n_a}, {one.n_b}"
        verdict = one.tendency if one.tendency != "unclear" else ""
        cells = (one.metric.name, _short(one.a), _short(one.b))
        table.add_row(*cells, Text(_difference(one), style), n, Text(verdict, style))
    return table


def flips_table(comparison: Comparison) -> Table:
    """The questions that one run got right and the other did not, both answers side by side."""
    runs = (Column(_plain(name)) for name in (comparison.a, comparison.b))
    table = Table("id", "question", "gold", *runs, show_lines=True)
    for flip in comparison.flips:
        first = [_plain(text) for text in (flip.a.id, flip.a.question, _gold(flip.a))]
        table.add_row(*first, *_answers(flip))
    return table


def estimate_cell(found: Mapping[str, float] | None) -> str:
    """`.91 [.86, .96] 106`: mean, interval, number of questions; empty for none."""
    if found is None:
        return ""
    return f"{_short(found['value'])} [{_short(found['low'])}, {_short(found['high'])}] {found['n']}"


def _groups(title: str, summary: Mapping[str, Any], keys: Sequence[str]) -> Table:
    groups = [(name, found) for key in keys for name, found in (summary.get(key) or {}).items()]
    shown = [metric for metric in _BY if any(metric in found for _, found in groups)]
    table = _table(title, *shown)
    for name, found in groups:
        table.add_row(_plain(name), *(estimate_cell(found.get(metric)) for metric in shown))
    return table


def _table(*heads: str) -> Table:
    return Table(*(Column(_plain(head)) for head in heads), box=None, pad_edge=False)


def _answers(flip: Flip) -> list[Text]:
    """What each run said, green where it was right."""
    cells = []
    for record in (flip.a, flip.b):
        right = is_right(record)
        text = _plain(said(record) or "–")
        why = state_of(record) if right else f"{state_of(record)}: {reason_of(record)}".removesuffix(": refused")
        text.append("\n")
        text.append(_plain(why, "green" if right else "red"))
        cells.append(text)
    return cells


def _calibration(found: Mapping[str, Any]) -> str:
    """What confidence is worth, in a line."""
    named = (("ece", "ECE"), ("auroc", "AUROC"))
    figures = [f"{name} {estimate_cell(found[key])}" for key, name in named if found.get(key)]
    risks = [f"{_short(one['risk'])} at {one['coverage']:.0%}" for one in found.get("risk") or ()]
    return f"confidence: {', '.join(figures)}; wrong among the most confident: {', '.join(risks) or '–'}"


def _difference(one: Difference) -> str:
    value, low, high = (f"{figure:+.3f}" for figure in (one.difference.value, one.difference.low, one.difference.high))
    return f"{value} [{low}, {high}]"


def _gold(record: Record) -> str:
    return "; ".join(record.answers) or ("–" if record.answerable else "(unanswerable)")


def _named(description: Mapping[str, Any], key: str) -> str:
    return str((description.get(key) or {}).get("name", "?"))


def _short(value: float) -> str:
    return f"{value:.2f}".removeprefix("0") if 0 <= value < 0.995 else f"{value:.3g}" if value > 1 else f"{value:.2f}"


def _plain(text: str, style: str = "") -> Text:
    """The text itself: brackets are brackets, and what could steer a terminal is shown as a sign."""
    return Text(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text), style)

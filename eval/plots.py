"""The plots of a report: what each shows, and why one is left out. Knows runs and their metrics, no page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from eval.drawing import FULL_WIDTH, TICKS, WRAPPED, Row, Spec, clean, colour, data, dots, histogram, shape, unit
from eval.metrics.estimates import percentile
from eval.reading import Run
from eval.review import gold_rank

_FAMILIES = (
    ("Finding", r"hit@|recall@|mrr$|map$|ndcg@|evidence@", "Whether what answers a question was found."),
    ("Finding, as MultiHop-RAG scores it", r"multihop_", "With the formulas of that benchmark's own scorer."),
    (
        "Answering",
        r"right$|must_include$|exact_match$|token_f1$|wrong_|obeyed$",
        "Of what is wrong or obeyed lower is better.",
    ),
    ("Refusing", r"false_refusal$|refus", "Of false_refusal lower is better."),
    ("Citing", r"citation_|article_recall$|evidence_[pr]|supported$|needed$|verbatim$", "What the quotations prove."),
)
_GROUPS = (("by_type", "type of question"), ("by_language", "language"))
_FOUND = ("evidence@5", "hit@1")  # of these the first that there is
_HANDLED = ("right", "refused")
_RANKS = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 10), (11, 20), (21, 50))
_NOT_FOUND = "not found"
_UNCALIBRATED = "no answer of these runs states a confidence that could be compared with a verdict."


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with its words. `spec` None: there is no data, and `says` tells why."""

    title: str
    says: str  # what is shown and how to read it; also what a screen reader hears
    spec: Spec | None


def plots_of(runs: Sequence[Run]) -> list[Plot]:
    """Every plot of a report, in the order of reading."""
    return [
        *metric_plots(runs),
        *(group_plot(runs, group, word, names) for group, word in _GROUPS for names in (_FOUND, _HANDLED)),
        rank_plot(runs),
        latency_plot(runs),
        risk_plot(runs),
        calibration_plot(runs),
    ]


def metric_plots(runs: Sequence[Run]) -> list[Plot]:
    """Metrics in [0, 1] with their intervals, a plot for each family of which a run has one."""
    plots = []
    for title, pattern, says in _FAMILIES:
        names = _ordered([n for run in runs for n in run.summary["overall"] if re.match(pattern, n)])
        rows = [
            _estimate_row(name, run.name, estimate)
            for name in names
            for run in runs
            if (estimate := run.summary["overall"].get(name))
        ]
        if rows:
            plots.append(Plot(title, says, dots(rows, names, _names(runs))))
    return plots or [Plot("Metrics", "No metric has a question to count.", None)]


def group_plot(runs: Sequence[Run], group: str, word: str, metrics: Sequence[str]) -> Plot:
    """One metric by type or language: in each group the first of `metrics` that any run has there."""
    tables = [run.summary.get(group) or {} for run in runs]
    groups = _ordered([name for table in tables for name in table])
    rows, used = [], []
    for name in groups:
        metric = next((one for one in metrics if any(one in table.get(name, {}) for table in tables)), None)
        if metric is None:
            continue
        used.append(metric)
        for run, table in zip(runs, tables, strict=True):
            if estimate := table.get(name, {}).get(metric):
                rows.append(_estimate_row(name, run.name, estimate))
    title = f"{_join(_ordered(used)) or _join(metrics)}, by {word}"
    if not rows:
        return Plot(title, "Left out: no question of these runs counts towards it.", None)
    says = f"For each {word} the mean of {used[0]}"
    if others := [one for one in _ordered(used) if one != used[0]]:
        says += f"; where no question counts towards that, of {_join(others)}"
    says += "."
    return Plot(title, says, dots(rows, groups, _names(runs)))


def rank_plot(runs: Sequence[Run]) -> Plot:
    """How far down the gold passage stands: for each gold quotation the first passage found that holds it."""
    title = "Rank of the gold passage"
    counted = {run.name: [rank for one in run.records for rank in one.reply.evidence_ranks] for run in runs}
    what = "gold quotations by the rank of the first passage found that holds them"
    if not any(counted.values()):
        counted = {run.name: [gold_rank(one) for one in run.records if one.gold] for run in runs}
        what = "questions by the rank of the first gold article"
    if not any(counted.values()):
        return Plot(title, "Left out: no question of these runs has gold quotations or gold articles.", None)
    bins = [str(low) if low == high else f"{low}–{high}" for low, high in _RANKS] + [_NOT_FOUND]
    rows: list[Row] = []
    for run, ranks in counted.items():
        for name in bins:
            count = sum(_rank_bin(rank) == name for rank in ranks)
            share = count / len(ranks) if ranks else 0.0
            says = f"{run}, rank {name}: {count} of {len(ranks)} ({share:.0%})"
            rows.append({"run": run, "bin": name, "share": share, "says": says})
    chart = (
        alt.Chart(data(rows))
        .mark_bar()
        .encode(
            x=alt.X("bin:N", sort=bins, axis=WRAPPED),
            xOffset=alt.XOffset("run:N", sort=clean(_names(runs))),
            y=alt.Y("share:Q", axis=alt.Axis(title=None, format="%", tickCount=5)),
            color=colour(_names(runs)),
            description="says:N",
        )
        .properties(width=FULL_WIDTH, height=170)
    )
    return Plot(title, f"Share of {what}.", chart)


def latency_plot(runs: Sequence[Run]) -> Plot:
    """Seconds a question, with rules at the 50th, 95th and 99th percentile; a panel for each run."""
    title = "Seconds a question"
    panels: list[Spec] = []
    said = []
    for run in runs:
        seconds = [one.reply.seconds for one in run.records if one.reply.error is None and not one.reply.cached]
        if not seconds:
            said.append(f"{run.name}: none timed")
            continue
        marks = {f"p{q}": percentile(seconds, q) for q in (50, 95, 99)}
        figures = ", ".join(f"{name} {value:.3g} s" for name, value in marks.items())
        said.append(f"{run.name}: {figures}, n = {len(seconds)}")
        panels.append(histogram(run.name, seconds, marks, _names(runs)))
    says = "Questions that failed, or whose draft came from the cache, are not timed. "
    if not panels:
        return Plot(title, f"Left out: {says[0].lower()}{says[1:]}In these runs that is every question.", None)
    return Plot(title, f"{says}{'; '.join(said)}.", alt.vconcat(*panels, spacing=14))


def risk_plot(runs: Sequence[Run]) -> Plot:
    """Share of wrong answers among the most confident ones, against how many are kept."""
    title = "Risk and coverage"
    rows: list[Row] = []
    for run in _calibrated(runs):
        for coverage, risk in run.summary["calibration"]["curve"]:
            says = f"{run.name}: of the most confident {coverage:.0%}, {risk:.0%} are wrong"
            rows.append({"run": run.name, "coverage": coverage, "risk": risk, "says": says})
    if not rows:
        return Plot(title, f"Left out: {_UNCALIBRATED}", None)
    chart = (
        alt.Chart(data(rows))
        .mark_line(strokeWidth=1.8, interpolate="step-before")
        .encode(
            x=alt.X("coverage:Q", scale=unit(), axis=alt.Axis(title="answers kept, most confident first", format="%")),
            y=alt.Y("risk:Q", axis=alt.Axis(title="wrong", format="%", tickCount=5)),
            color=colour(_names(runs)),
            description="says:N",
        )
        .properties(width=FULL_WIDTH, height=200)
    )
    says = (
        "Were only the most confident answers given, this share of them would be wrong. A useful confidence rises late."
    )
    return Plot(title, says, chart)


def calibration_plot(runs: Sequence[Run]) -> Plot:
    """Share of right answers against the confidence stated, above how many answers state it."""
    title = "Calibration of confidence"
    rows: list[Row] = []
    for run in _calibrated(runs):
        for one in run.summary["calibration"]["bins"]:
            if one["n"]:
                says = f"{run.name}, confidence {one['confidence']:.2f}: {one['right']:.0%} of {one['n']} right"
                row: Row = {name: one[name] for name in ("low", "high", "n", "confidence", "right")}
                rows.append(row | {"run": run.name, "says": says})
    if not rows:
        return Plot(title, f"Left out: {_UNCALIBRATED}", None)
    for row in rows:  # the bars of several runs share a bin's width
        width = 0.9 * (float(row["high"]) - float(row["low"])) / len(runs)
        left = float(row["low"]) + width * _names(runs).index(str(row["run"]))
        row |= {"left": left, "right_edge": left + width}
    x = alt.X("confidence:Q", scale=unit(), axis=alt.Axis(title=None, labels=False, values=TICKS))
    ideal = (
        alt.Chart(data([{"confidence": 0, "right": 0}, {"confidence": 1, "right": 1}]))
        .mark_line(stroke="currentColor", strokeWidth=1, strokeDash=[3, 3], opacity=0.5, aria=False)
        .encode(x=x, y="right:Q")
    )
    base = alt.Chart(data(rows)).encode(
        x=x,
        y=alt.Y("right:Q", scale=unit(), axis=alt.Axis(title="right", format="%", values=TICKS, labelOverlap=False)),
        color=colour(_names(runs)),
    )
    line = base.mark_line(strokeWidth=1, opacity=0.6, aria=False)
    points = base.mark_point(filled=True, opacity=1, size=55).encode(shape=shape(_names(runs)), description="says:N")
    counts = (
        alt.Chart(data(rows))
        .mark_rect()
        .encode(
            x=alt.X("left:Q", scale=unit(), axis=alt.Axis(title="confidence", values=TICKS, format=".1f")),
            x2="right_edge:Q",
            y=alt.Y("n:Q", axis=alt.Axis(title="answers", tickCount=3)),
            y2=alt.datum(0),
            color=colour(_names(runs)),
            description="says:N",
        )
        .properties(width=FULL_WIDTH, height=48)
    )
    reliability = alt.layer(ideal, line, points).properties(width=FULL_WIDTH, height=190)
    says = "Answers in ten bins of confidence: the share that is right, and below how many there are. "
    figures = "; ".join(_calibration_figures(run) for run in _calibrated(runs))
    return Plot(
        title, f"{says}On the dashed line confidence is honest. {figures}.", alt.vconcat(reliability, counts, spacing=8)
    )


def _estimate_row(row: str, run: str, estimate: Mapping[str, Any]) -> Row:
    value, low, high, n = (estimate[name] for name in ("value", "low", "high", "n"))
    says = f"{run}, {row}: {value:.3f} [{low:.3f}, {high:.3f}], n = {n}"
    return {"row": row, "run": run, "value": value, "low": low, "high": high, "figure": f"{value:.2f}", "says": says}


def _rank_bin(rank: int | None) -> str:
    for low, high in _RANKS:
        if rank is not None and low <= rank <= high:
            return str(low) if low == high else f"{low}–{high}"
    return _NOT_FOUND


def _calibrated(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.summary.get("calibration")]


def _calibration_figures(run: Run) -> str:
    found = run.summary["calibration"]
    parts = [
        f"{name} {one['value']:.3f} [{one['low']:.3f}, {one['high']:.3f}]"
        for key, name in (("ece", "expected calibration error"), ("auroc", "AUROC"))
        if (one := found.get(key))
    ]
    return f"{run.name}: {', '.join([*parts, 'n = ' + str(found['n'])])}"


def _ordered(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _join(names: Sequence[str]) -> str:
    return " or ".join(names)


def _names(runs: Sequence[Run]) -> list[str]:
    return [run.name for run in runs]

"""The plots of a report: specifications made with Altair, and their SVG. Knows runs and their metrics, no page.

A plot is small enough for a telephone, has no background, and takes its colours from the page: text in `currentColor`,
runs in the CSS variables `--run-1`, `--run-2` …, so that it reads in light, in dark and in print.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from xml.etree import ElementTree

import altair as alt
import vl_convert

from eval.metrics.estimates import percentile
from eval.reading import Run
from eval.review import gold_rank

COLOURS = 6  # runs that have a colour of their own; a seventh begins anew
_SHAPES = ("circle", "diamond", "square", "triangle-up", "cross", "triangle-down")
_WIDTH = 270  # of the plotted area, px
_LABEL = 150  # of the names beside it, px at most
_FONT = "Arial, Helvetica, Liberation Sans, sans-serif"  # of one width, which is the one that labels are laid out for
_INK, _FAINT = "currentColor", "var(--rule)"
_TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]
_FAMILIES = (
    ("Finding", r"hit@|recall@|mrr$|map$|ndcg@|evidence@", "Whether what answers a question was found."),
    ("Finding, as MultiHop-RAG scores it", r"multihop_", "With the formulas of that benchmark's own scorer."),
    ("Answering", r"right$|must_include$|exact_match$|token_f1$|wrong_", "Wrong numbers and names: lower is better."),
    ("Refusing", r"false_refusal$|refus", "Of false_refusal lower is better."),
    ("Citing", r"citation_|evidence_recall$|supported$|needed$|verbatim$", "What the quotations prove."),
)
_RANKS = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 10), (11, 20), (21, 50))
_NOT_FOUND = "not found"
_BARS = 24  # of a latency histogram
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 can't hold
_UNCALIBRATED = "no answer of these runs states a confidence that could be compared with a verdict."
_SVG = "http://www.w3.org/2000/svg"

Spec = alt.Chart | alt.LayerChart | alt.VConcatChart
Row = dict[str, str | float | int]


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


_GROUPS = (("by_type", "type of question"), ("by_language", "language"))
_FOUND = ("evidence@5", "hit@1")  # of these the first that there is
_HANDLED = ("right", "refused")


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
            plots.append(Plot(title, says, _dots(rows, names, runs)))
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
    return Plot(title, says, _dots(rows, groups, runs))


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
        alt.Chart(_data(rows))
        .mark_bar()
        .encode(
            x=alt.X("bin:N", sort=bins, axis=_WRAPPED),
            xOffset=alt.XOffset("run:N", sort=_names(runs)),
            y=alt.Y("share:Q", axis=alt.Axis(title=None, format="%", tickCount=5)),
            color=_colour(runs),
            description="says:N",
        )
        .properties(width=_WIDTH + 80, height=170)
    )
    return Plot(title, f"Share of {what}.", chart)


def latency_plot(runs: Sequence[Run]) -> Plot:
    """Seconds a question, with rules at the 50th, 95th and 99th percentile; a panel for each run."""
    title = "Seconds a question"
    panels: list[alt.LayerChart] = []
    said = []
    for run in runs:
        seconds = [one.reply.seconds for one in run.records if one.reply.error is None and not one.reply.cached]
        if not seconds:
            said.append(f"{run.name}: none timed")
            continue
        marks = {f"p{q}": percentile(seconds, q) for q in (50, 95, 99)}
        figures = ", ".join(f"{name} {value:.3g} s" for name, value in marks.items())
        said.append(f"{run.name}: {figures}, n = {len(seconds)}")
        panels.append(_histogram(run.name, seconds, marks, runs))
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
        alt.Chart(_data(rows))
        .mark_line(strokeWidth=1.8, interpolate="step-before")
        .encode(
            x=alt.X("coverage:Q", scale=_unit(), axis=alt.Axis(title="answers kept, most confident first", format="%")),
            y=alt.Y("risk:Q", axis=alt.Axis(title="wrong", format="%", tickCount=5)),
            color=_colour(runs),
            description="says:N",
        )
        .properties(width=_WIDTH + 60, height=200)
    )
    says = "Were only the most confident answers given, this share of them would be wrong. A useful confidence rises late."
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
        place, width = _names(runs).index(str(row["run"])), (float(row["high"]) - float(row["low"])) * 0.9 / len(runs)
        row["left"] = float(row["low"]) + place * width
        row["right_edge"] = row["left"] + width
    x = alt.X("confidence:Q", scale=_unit(), axis=alt.Axis(title=None, labels=False, values=_TICKS))
    ideal = (
        alt.Chart(_data([{"confidence": 0, "right": 0}, {"confidence": 1, "right": 1}]))
        .mark_line(stroke=_INK, strokeWidth=1, strokeDash=[3, 3], opacity=0.5, aria=False)
        .encode(x=x, y="right:Q")
    )
    base = alt.Chart(_data(rows)).encode(
        x=x,
        y=alt.Y("right:Q", scale=_unit(), axis=alt.Axis(title="right", format="%", values=_TICKS)),
        color=_colour(runs),
    )
    line = base.mark_line(strokeWidth=1, opacity=0.6, aria=False)
    points = base.mark_point(filled=True, opacity=1, size=55).encode(shape=_shape(runs), description="says:N")
    counts = (
        alt.Chart(_data(rows))
        .mark_rect()
        .encode(
            x=alt.X("left:Q", scale=_unit(), axis=alt.Axis(title="confidence", values=_TICKS, format=".1f")),
            x2="right_edge:Q",
            y=alt.Y("n:Q", axis=alt.Axis(title="answers", tickCount=3)),
            y2=alt.datum(0),
            color=_colour(runs),
            description="says:N",
        )
        .properties(width=_WIDTH + 60, height=48)
    )
    reliability = alt.layer(ideal, line, points).properties(width=_WIDTH + 60, height=190)
    says = "Answers in ten bins of confidence: the share that is right, and below how many there are. "
    figures = "; ".join(_calibration_figures(run) for run in _calibrated(runs))
    return Plot(title, f"{says}On the dashed line confidence is honest. {figures}.", alt.vconcat(reliability, counts, spacing=8))


def svg(plot: Plot) -> str:
    """The plot as an SVG element that scales, with a `<title>` on every mark that has something to say.

    Nothing is fetched: data and fonts come from here. The plot must have a `spec`.
    """
    if plot.spec is None:
        raise ValueError(f"{plot.title}: no data, no plot")
    drawn = vl_convert.vegalite_to_svg(_configured(plot.spec).to_dict(), allowed_base_urls=[])
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(drawn)
    for parent in root.iter():
        for child in list(parent):
            label = child.attrib.pop("aria-label", "")
            child.attrib.pop("aria-roledescription", None)
            if child.attrib.pop("role", "") == "graphics-symbol" and "role-axis" not in child.get("class", ""):
                ElementTree.SubElement(child, f"{{{_SVG}}}title").text = label
    root.set("role", "img")
    root.set("aria-label", f"{plot.title}. {plot.says}")
    return ElementTree.tostring(root, encoding="unicode")


def colour_of(place: int) -> str:
    """The CSS colour of the run at `place` among those shown, from 0."""
    return f"var(--run-{place % COLOURS + 1})"


def shape_of(place: int) -> str:
    """The mark of the run at `place` among those shown, from 0: runs differ by more than colour."""
    return _SHAPES[place % len(_SHAPES)]


def printable(text: str) -> str:
    """Text without the characters that no XML or HTML can hold."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _dots(rows: list[Row], order: Sequence[str], runs: Sequence[Run]) -> alt.LayerChart:
    """A row for each of `order`; in it each run's mean, its interval, and its figure at the right."""
    extent = min(_LABEL, 7.5 * max(map(len, order)) + 6)  # also where the reader's font is wider than the one here
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("row:N", sort=list(order), axis=alt.Axis(title=None, labelLimit=_LABEL, minExtent=extent, ticks=False)),
        yOffset=alt.YOffset("run:N", sort=_names(runs)),
        color=_colour(runs),
        description="says:N",
    )
    value = alt.X("value:Q", scale=_unit(), axis=alt.Axis(title=None, values=_TICKS, format=".1f"))
    interval = base.mark_rule(strokeWidth=1.6, opacity=0.65).encode(x=alt.X("low:Q", scale=_unit()), x2="high:Q")
    mean = base.mark_point(filled=True, opacity=1, size=52).encode(x=value, shape=_shape(runs))
    figure = base.mark_text(align="left", dx=10, fontSize=11, aria=False).encode(x=alt.value(_WIDTH), text="figure:N")
    height = len(order) * (8 + 14 * len(runs))
    return alt.layer(interval, mean, figure).properties(width=_WIDTH, height=height)


def _histogram(name: str, seconds: Sequence[float], marks: Mapping[str, float], runs: Sequence[Run]) -> alt.LayerChart:
    step = (max(seconds) or 1.0) / _BARS
    counts = [0] * _BARS
    for value in seconds:
        counts[min(int(value / step), _BARS - 1)] += 1
    bars: list[Row] = [
        {"run": name, "from": i * step, "to": (i + 1) * step, "count": count}
        | {"says": f"{name}: {count} questions in {i * step:.3g} to {(i + 1) * step:.3g} s"}
        for i, count in enumerate(counts)
        if count
    ]
    rules: list[Row] = [
        {"at": value, "name": f"{label}  ", "says": f"{name}: {label} is {value:.3g} s", "place": 4 + 12 * i}
        for i, (label, value) in enumerate(marks.items())
    ]
    top = alt.Scale(domain=[0, max(counts) * 1.3], nice=False)  # room for the names of the rules
    histogram = (
        alt.Chart(_data(bars))
        .mark_rect(opacity=0.75)
        .encode(
            x=alt.X("from:Q", axis=alt.Axis(title="seconds", tickCount=6)),
            x2="to:Q",
            y=alt.Y("count:Q", scale=top, axis=alt.Axis(title="questions", tickCount=4)),
            y2=alt.datum(0),
            color=_colour(runs),
            description="says:N",
        )
    )
    at = alt.Chart(_data(rules)).encode(x="at:Q", description="says:N")
    lines = at.mark_rule(stroke=_INK, strokeWidth=1, strokeDash=[4, 2])
    labels = at.mark_text(align="right", baseline="top", fill=_INK, aria=False).encode(
        text="name:N", y=alt.Y("place:Q", scale=None)
    )
    return alt.layer(histogram, lines, labels).properties(width=_WIDTH + 60, height=130).resolve_scale(y="independent")


def _configured(spec: Spec) -> Spec:
    """The common look: no background, hairline grid, text in the page's ink."""
    axis = {
        "labelColor": _INK, "titleColor": _INK, "titleFontWeight": "normal", "labelFontSize": 12, "titleFontSize": 12,
        "gridColor": _FAINT, "domainColor": _FAINT, "tickColor": _FAINT, "titleOpacity": 0.75,
        "labelFlush": False,
    }  # fmt: skip
    return cast(
        Spec,
        spec.configure(background="transparent", font=_FONT, padding=4)
        .configure_axis(**axis)
        .configure_view(stroke=None)
        .configure_text(fontSize=11),
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


def _data(rows: Sequence[Mapping[str, str | float | int]]) -> alt.Data:
    clean = [{k: printable(v) if isinstance(v, str) else v for k, v in row.items()} for row in rows]
    return alt.Data(values=clean)


def _names(runs: Sequence[Run]) -> list[str]:
    return [printable(run.name) for run in runs]


def _colour(runs: Sequence[Run]) -> alt.Color:
    scale = alt.Scale(domain=_names(runs), range=[colour_of(place) for place in range(len(runs))])
    return alt.Color("run:N", scale=scale, legend=None)


def _shape(runs: Sequence[Run]) -> alt.Shape:
    scale = alt.Scale(domain=_names(runs), range=[shape_of(place) for place in range(len(runs))])
    return alt.Shape("run:N", scale=scale, legend=None)


# two words stand one below the other
_WRAPPED = alt.Axis(labelAngle=0, title="rank", labelOverlap=False, labelExpr="split(datum.label, ' ')")


def _unit() -> alt.Scale:
    return alt.Scale(domain=[0, 1])


def _ordered(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _join(names: Sequence[str]) -> str:
    return " or ".join(names)

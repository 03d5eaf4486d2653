"""How a plot is drawn: marks, scales, colours, and the SVG. Knows rows of values and names, not what they measure.

A plot is small enough for a telephone, has no background, and takes its colours from the page: text in `currentColor`,
series in the CSS variables `--run-1`, `--run-2` …, so that it reads in light, in dark and in print.
"""

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

import altair as alt
import vl_convert

COLOURS = 6  # series that have a colour of their own; a seventh begins anew
WIDTH = 270  # of the area beside names, px
FULL_WIDTH = 330  # of the area beside an axis, px
TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1]
# two words of a label stand one below the other
WRAPPED = alt.Axis(
    labelAngle=0, labelFontSize=11, title="rank", labelOverlap=False, labelExpr="split(datum.label, ' ')"
)
_INK, _FAINT = "currentColor", "var(--rule)"
_SHAPES = ("circle", "diamond", "square", "triangle-up", "cross", "triangle-down")
_LABEL = 150  # of the names beside it, px at most
_FONT = "Arial, Helvetica, Liberation Sans, sans-serif"  # of one width, which is the one that labels are laid out for
_BARS = 24  # of a histogram
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 can't hold
_SVG = "http://www.w3.org/2000/svg"
_LOOK = {
    "background": "transparent",
    "font": _FONT,
    "padding": 4,
    "axis": {
        "labelColor": _INK, "titleColor": _INK, "titleFontWeight": "normal", "labelFontSize": 12, "titleFontSize": 12,
        "gridColor": _FAINT, "domainColor": _FAINT, "tickColor": _FAINT, "titleOpacity": 0.75, "labelFlush": False,
    },
    "view": {"stroke": None},
    "text": {"fontSize": 11},
}  # fmt: skip

Spec = alt.Chart | alt.LayerChart | alt.FacetChart | alt.VConcatChart
Row = dict[str, str | float]


def svg(spec: Spec, says: str) -> str:
    """The plot as an SVG element that scales, with a `<title>` on every mark that has something to say.

    `says` is what a screen reader hears. Nothing is fetched: data come with the specification, fonts are the reader's.
    """
    drawn = vl_convert.vegalite_to_svg(spec.to_dict(), config=_LOOK, allowed_base_urls=[])
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(drawn)
    for parent in root.iter():
        for child in list(parent):
            label = child.attrib.pop("aria-label", "")
            child.attrib.pop("aria-roledescription", None)
            if child.attrib.pop("role", "") == "graphics-symbol" and "role-axis" not in child.get("class", ""):
                ElementTree.SubElement(child, f"{{{_SVG}}}title").text = label
    root.set("role", "img")
    root.set("aria-label", printable(says))
    return ElementTree.tostring(root, encoding="unicode")


def printable(text: str) -> str:
    """Text without the characters that no XML or HTML can hold."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def clean(texts: Sequence[str]) -> list[str]:
    """Each text `printable`: names in a scale must be those in the data."""
    return [printable(text) for text in texts]


def dots(rows: list[Row], order: Sequence[str], series: Sequence[str]) -> Spec:
    """A row for each of `order`: a point for each series, its interval [low, high], and its figure at the right.

    `rows` hold "row", "run", "value", "low", "high", "figure" and "says"; values lie in [0, 1].
    """
    extent = min(_LABEL, 7.5 * max(map(len, order)) + 6)  # also where the reader's font is wider than the one here
    base = alt.Chart(data(rows)).encode(
        y=alt.Y(
            "row:N", sort=clean(order), axis=alt.Axis(title=None, labelLimit=_LABEL, minExtent=extent, ticks=False)
        ),
        yOffset=alt.YOffset("run:N", sort=clean(series)),
        color=colour(series),
        description="says:N",
    )
    value = alt.X("value:Q", scale=unit(), axis=alt.Axis(title=None, values=TICKS, format=".1f"))
    interval = base.mark_rule(strokeWidth=1.6, opacity=0.65).encode(x=alt.X("low:Q", scale=unit()), x2="high:Q")
    mean = base.mark_point(filled=True, opacity=1, size=52).encode(x=value, shape=shape(series))
    figure = base.mark_text(align="left", dx=10, fontSize=11, aria=False).encode(x=alt.value(WIDTH), text="figure:N")
    height = len(order) * (8 + 14 * len(series))
    return alt.layer(interval, mean, figure).properties(width=WIDTH, height=height)


def histogram(name: str, seconds: Sequence[float], marks: Mapping[str, float], series: Sequence[str]) -> Spec:
    """How often each of `seconds` occurs, with a dashed rule at each of `marks`, in the colour of the series `name`."""
    step = (max(seconds) or 1.0) / _BARS
    counts = [0] * _BARS
    for value in seconds:
        counts[min(int(value / step), _BARS - 1)] += 1
    bars: list[Row] = []
    for place, count in enumerate(counts):
        low, high = place * step, (place + 1) * step
        says = f"{name}: {count} questions in {low:.3g} to {high:.3g} s"
        if count:
            bars.append({"run": name, "from": low, "to": high, "count": count, "says": says})
    rules: list[Row] = [
        {"at": value, "name": f"{label}  ", "says": f"{name}: {label} is {value:.3g} s", "place": 4 + 12 * i}
        for i, (label, value) in enumerate(marks.items())
    ]
    top = alt.Scale(domain=[0, max(counts) * 1.3], nice=False)  # room for the names of the rules
    drawn = (
        alt.Chart(data(bars))
        .mark_rect(opacity=0.75)
        .encode(
            x=alt.X("from:Q", axis=alt.Axis(title="seconds", tickCount=6)),
            x2="to:Q",
            y=alt.Y("count:Q", scale=top, axis=alt.Axis(title="questions", tickCount=4)),
            y2=alt.datum(0),
            color=colour(series),
            description="says:N",
        )
    )
    at = alt.Chart(data(rules)).encode(x="at:Q", description="says:N")
    lines = at.mark_rule(stroke=_INK, strokeWidth=1, strokeDash=[4, 2])
    labels = at.mark_text(align="right", baseline="top", fill=_INK, aria=False).encode(
        text="name:N", y=alt.Y("place:Q", scale=None)
    )
    layers: Spec = alt.layer(drawn, lines, labels).resolve_scale(y="independent")
    return layers.properties(width=FULL_WIDTH, height=130)


def data(rows: Sequence[Row]) -> alt.InlineData:
    """Rows as the data of a chart."""
    return alt.InlineData(
        values=[{k: printable(v) if isinstance(v, str) else v for k, v in row.items()} for row in rows]
    )


def colour(series: Sequence[str]) -> alt.Color:
    """The field "run" as colour."""
    scale = alt.Scale(domain=clean(series), range=[f"var(--run-{place % COLOURS + 1})" for place in range(len(series))])
    return alt.Color("run:N", scale=scale, legend=None)


def shape(series: Sequence[str]) -> alt.Shape:
    """The field "run" as shape: series differ by more than colour."""
    scale = alt.Scale(domain=clean(series), range=[_SHAPES[place % len(_SHAPES)] for place in range(len(series))])
    return alt.Shape("run:N", scale=scale, legend=None)


def unit() -> alt.Scale:
    """From 0 to 1."""
    return alt.Scale(domain=[0, 1])

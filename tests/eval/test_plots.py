"""What plots show: the values in their specifications, and why one is left out."""

from typing import Any
from xml.etree import ElementTree

import pytest
from runs import a_record, a_run, an_answer, failed, ranked, refused, right, wrong

from eval.drawing import COLOURS, svg
from eval.plots import (
    Plot,
    calibration_plot,
    group_plot,
    latency_plot,
    metric_plots,
    plots_of,
    rank_plot,
    risk_plot,
)

UNANSWERABLE: dict[str, Any] = {"type": "unanswerable", "answerable": False, "answers": [], "evidence": [], "gold": []}


def _rows(plot: Plot) -> list[dict[str, Any]]:
    """All rows of data in a plot's specification, in order."""
    assert plot.spec is not None
    return [row for rows in plot.spec.to_dict()["datasets"].values() for row in rows]


def test_metrics_stand_by_family_with_their_intervals() -> None:
    """Each run's mean and interval; counts that are no shares (words) are not among them."""
    a = a_run("a", a_record("1", right()), a_record("2", wrong()))
    b = a_run("b", a_record("1", right()), a_record("2", right()))
    plots = {plot.title: plot for plot in metric_plots([a, b])}
    assert list(plots) == ["Finding", "Finding, as MultiHop-RAG scores it", "Answering", "Refusing", "Citing"]
    rows = {(row["row"], row["run"]): row for row in _rows(plots["Answering"])}
    assert (rows["right", "a"]["value"], rows["right", "b"]["value"]) == (0.5, 1.0)
    assert (rows["right", "a"]["low"], rows["right", "a"]["high"]) == (0.0, 1.0)
    assert rows["right", "b"]["says"] == "b, right: 1.000 [1.000, 1.000], n = 2"
    assert not any(row["row"] == "words" for plot in plots.values() for row in _rows(plot))


def test_groups_take_the_first_metric_they_have() -> None:
    """Unanswerable questions have no share answered rightly, so theirs is the share refused."""
    run = a_run("a", a_record("1", right()), a_record("2", refused(rightly=True), **UNANSWERABLE))
    plot = group_plot([run], "by_type", "type of question", ("right", "refused"))
    assert plot.title == "right or refused, by type of question"
    assert {row["row"]: row["value"] for row in _rows(plot)} == {"numeric": 1.0, "unanswerable": 1.0}
    nothing = group_plot([a_run("a", a_record("1", ranked("tram")))], "by_type", "type", ("right", "refused"))
    assert nothing.spec is None and "no question of these runs counts" in nothing.says


def test_ranks_of_gold_passages_and_those_not_found() -> None:
    """A share for each rank or span of ranks; what was not found has its own bar, and all bars make 1."""
    ranks = [1, 1, 7, None]
    run = a_run("a", *(a_record(str(n), right(evidence_ranks=[rank])) for n, rank in enumerate(ranks)))
    shares = {row["bin"]: row["share"] for row in _rows(rank_plot([run]))}
    assert (shares["1"], shares["6–10"], shares["not found"]) == (0.5, 0.25, 0.25)
    assert sum(shares.values()) == 1


def test_ranks_of_articles_where_no_passage_is_gold() -> None:
    """Without gold quotations the rank is that of the gold article; without either the plot is left out."""
    run = a_run("a", a_record("1", ranked("park", "tram"), evidence=[]))
    plot = rank_plot([run])
    assert {row["bin"]: row["share"] for row in _rows(plot)}["2"] == 1
    assert "gold article" in plot.says
    assert rank_plot([a_run("a", a_record("1", ranked("tram"), evidence=[], gold=[]))]).spec is None


def test_seconds_leave_out_what_was_not_timed() -> None:
    """Failures and drafts from the cache do not count; the percentiles are said in words too."""
    timed = [right(seconds=float(seconds)) for seconds in (1, 2, 3)]
    replies = [*timed, right(seconds=99.0, cached=True), failed()]
    plot = latency_plot([a_run("a", *(a_record(str(n), reply) for n, reply in enumerate(replies)))])
    rows = _rows(plot)
    assert sum(row["count"] for row in rows if "count" in row) == 3
    assert next(row["at"] for row in rows if "at" in row) == 2.0
    assert "a: p50 2 s, p95 2.9 s, p99 2.98 s, n = 3" in plot.says
    cached = latency_plot([a_run("a", a_record("1", right(cached=True)))])
    assert cached.spec is None and "In these runs that is every question." in cached.says


def test_risk_and_calibration_are_those_of_the_metrics() -> None:
    """The curve ends at full coverage with the share of wrong answers; bins hold the counts."""
    records = [
        *(a_record(f"r{n}", right(answer=an_answer(confidence=0.9))) for n in range(3)),
        a_record("w", wrong()),
    ]
    run = a_run("a", *records)
    last = _rows(risk_plot([run]))[-1]
    assert (last["coverage"], last["risk"]) == (1.0, 0.25)
    bins = [row for row in _rows(calibration_plot([run])) if "n" in row]
    assert {(row["confidence"], row["right"], row["n"]) for row in bins} == {(0.9, 1.0, 3), (0.8, 0.0, 1)}
    for plot in (risk_plot, calibration_plot):
        left_out = plot([a_run("a", a_record("1", ranked("tram")))])
        assert left_out.spec is None and left_out.says.startswith("Left out: no answer")


def test_drawings_scale_are_named_and_fetch_nothing() -> None:
    """Every mark has its title, the whole a name; colours come from the page; nothing refers elsewhere."""
    run = a_run("a", a_record("1", right()), a_record("2", wrong()))
    for plot in plots_of([run]):
        assert plot.spec is not None, plot
        root = ElementTree.fromstring(svg(plot.spec, f"{plot.title}. {plot.says}"))
        assert root.get("role") == "img" and (root.get("aria-label") or "").startswith(plot.title)
        assert root.get("viewBox")
        assert any(one.tag.endswith("title") and one.text for one in root.iter())
        attributes = [(name, value) for one in root.iter() for name, value in one.attrib.items()]
        assert not [name for name, _ in attributes if "href" in name or name.startswith("on") or name == "style"]
        assert "var(--run-1)" in {value for _, value in attributes}


def test_hostile_names_stay_text_in_drawings() -> None:
    """Markup, control characters and lone surrogates in types and names neither break nor become elements."""
    name = "<script>alert(1)</script>\x00\ud800'\"&"
    run = a_run(name, a_record("1", right(), type=name, lang=name))
    for plot in plots_of([run]):
        if plot.spec is not None:
            root = ElementTree.fromstring(svg(plot.spec, plot.says))
            assert not [one for one in root.iter() if one.tag.endswith("script")]


@pytest.mark.parametrize("count", [1, COLOURS + 1])
def test_any_number_of_runs_is_drawn(count: int) -> None:
    """More runs than colours begin anew with the first colour."""
    runs = [a_run(f"run-{n}", a_record("1", right())) for n in range(count)]
    for plot in metric_plots(runs):
        assert plot.spec is not None
        assert f"run-{count - 1}" in svg(plot.spec, plot.says)

"""Repetitions go, what differs in a figure stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shelf import retrieved

from rag.selection import without_repetitions
from rag.types import Retrieved

REPORT = "On Monday the ministry opened 12 new schools in Kostanay for 900 pupils, the press office said."


def texts(found: list[Retrieved]) -> list[str]:
    """What is left."""
    return [one.passage.text for one in found]


def articles(*reports: str) -> list[Retrieved]:
    """One passage an article, best first."""
    return [item for n, report in enumerate(reports) for item in retrieved(f"Story {n}", report)]


@pytest.mark.parametrize(
    "copy",
    [
        REPORT,
        REPORT.upper(),
        REPORT.replace(",", " –").replace(".", "!"),
        "The ministry opened 12 new schools in Kostanay for 900 pupils, the press office said.",
    ],
)
def test_a_copy_goes(copy: str) -> None:
    """A passage that only repeats a better one is left out, whatever its letters and marks."""
    assert texts(without_repetitions(articles(REPORT, "Rain fell on Sunday.", copy))) == [
        REPORT,
        "Rain fell on Sunday.",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [("12", "13"), ("900", "950"), ("Kostanay", "Pavlodar"), ("900 pupils", "900 pupils on 3 March 2026")],
)
def test_what_differs_in_a_fact_stays(old: str, new: str) -> None:
    """Two reports that differ in one number, name or date are both read."""
    both = articles(REPORT, REPORT.replace(old, new))
    assert without_repetitions(both) == both


def test_a_passage_that_adds_something_stays() -> None:
    """The longer of two passages is no copy of the shorter; the other way round it is."""
    longer = (
        f"{REPORT} Another five will be finished by the end of August, and the roads leading to them are being mended."
    )
    assert texts(without_repetitions(articles(REPORT, longer))) == [REPORT, longer]
    assert texts(without_repetitions(articles(longer, REPORT))) == [longer]


some_passage = st.lists(st.sampled_from(["mayor", "opened", "12", "schools", "Astana", "2026"]), min_size=1, max_size=6)


@settings(deadline=None)
@given(st.lists(some_passage.map(" ".join), max_size=6))
def test_selecting_twice_changes_nothing(reports: list[str]) -> None:
    """What is left is a part of what was found, in its order, led by the best, and needs no second look."""
    found = articles(*reports)
    left = without_repetitions(found)
    assert [one for one in found if one in left] == left
    assert left[:1] == found[:1]
    assert without_repetitions(left) == left

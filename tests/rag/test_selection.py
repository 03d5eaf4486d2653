"""Repetitions go, what differs in a figure stays, and neighbours become one passage of the source."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shelf import retrieved

from rag.selection import join_neighbours, without_repetitions
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


LINES = ("The road was opened.", "It is 208 km long.", "Work went on for two years.", "It cost 5 billion tenge.")
STORY = retrieved("A road", *LINES)
SOURCE = "\n".join(("A road", *LINES))


def source(_sha256: str) -> str:
    """The text that the story's offsets count in."""
    return SOURCE


@pytest.mark.parametrize("order", list(permutations((0, 1, 2))))
def test_neighbours_become_one(order: tuple[int, ...]) -> None:
    """Three passages in a row are one, in whichever order they were found, with the best one's id and score."""
    (whole,) = join_neighbours([STORY[n] for n in order], source)
    assert whole.passage.text == "\n".join(LINES[:3])
    assert (whole.passage.passage_id, whole.score) == (STORY[order[0]].passage.passage_id, STORY[order[0]].score)


def test_others_keep_their_places() -> None:
    """Passages with something between them, and those of other articles, are left as they are."""
    other = retrieved("Another story", "A bridge was closed.")
    found = [STORY[0], *other, STORY[2]]
    assert join_neighbours(found, source) == found
    assert texts(join_neighbours([STORY[3], *other, STORY[2]], source)) == [
        "\n".join(LINES[2:]),
        "A bridge was closed.",
    ]


@settings(deadline=None)
@given(st.lists(st.sampled_from(STORY), unique=True))
def test_joined_text_is_the_source_s(found: list[Retrieved]) -> None:
    """A passage's text is the source at its span, nothing is lost, and no two neighbours are left."""
    joined = join_neighbours(found, source)
    for one in joined:
        assert one.passage.text == SOURCE[one.passage.span.start : one.passage.span.end]
    assert all(any(one.passage.text in whole.passage.text for whole in joined) for one in found)
    assert join_neighbours(joined, source) == joined

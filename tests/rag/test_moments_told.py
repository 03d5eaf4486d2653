"""Times that a story counts from its own day, spelled out for whoever reads it on another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.facts import facts_in, stated_in
from rag.moments import spelled_out

DAY = "2026-03-03T10:20"


@pytest.mark.parametrize(
    ("language", "text", "spelled"),
    [
        ("en", "GDP grew by 6% last year.", "GDP grew by 6% last year (2025)."),
        ("en", "For 10 months of this year", "For 10 months of this year (2026)"),
        ("en", "Next year a bridge, next month a road", "Next year (2027) a bridge, next month (April 2026) a road"),
        ("en", "He left yesterday.", "He left yesterday (2 March 2026)."),
        ("en", "Last month it snowed.", "Last month (February 2026) it snowed."),
        ("ru", "В прошлом году и вчера", "В прошлом году (2025) и вчера (2 марта 2026)"),
        ("ru", "в следующем году", "в следующем году (2027)"),
        ("kk", "Биыл және былтыр", "Биыл (2026) және былтыр (2025)"),
        ("de", "a visitor wrote: yesterday", "a visitor wrote: yesterday (2 März 2026)"),
        ("tlh", "yesterday", "yesterday (2 March 2026)"),
    ],
)
def test_what_counts_from_the_story_gets_its_date(language: str, text: str, spelled: str) -> None:
    """In the article's language, and in English where the calendar's names are not known in it."""
    assert spelled_out(text, DAY, language) == spelled


@pytest.mark.parametrize(
    "text",
    [
        "On Tuesday he spoke.",  # before the story, or after it
        "Last week, and in the past two months, and two years ago.",  # no day, month or year
        "It reached 5% this year (2026).",
        "The outlet Kazakhstan Today wrote so.",
        "Last but not least.",
        "In 2024 it was built.",
    ],
)
def test_what_has_no_one_date_is_left_alone(text: str) -> None:
    """Weekdays, stretches, times that are spelled out already, and what only looks like a time."""
    assert spelled_out(text, DAY, "en") == text


def test_a_story_without_a_day_is_left_alone() -> None:
    """Nothing says what its "last year" counts from."""
    assert spelled_out("Last year it grew.", None, "en") == "Last year it grew."


def test_a_figure_of_last_year_is_stated_for_that_year_alone() -> None:
    """So that a draft may say the year of the question, and no other."""
    stated = stated_in(spelled_out("GDP grew by 6% last year.", DAY, "en"))
    assert not len(stated.missing(facts_in("It grew in 2025.")))
    assert len(stated.missing(facts_in("It grew in 2024.")))


_WORDS = st.sampled_from(
    ["last year", "this month", "вчера", "биыл", "today", "\u0301", "ﬁ", "1", " ", ", ", "x", "(2025)"]
)


@given(st.lists(_WORDS).map(" ".join), st.sampled_from([DAY, "1850-01-01", "2099-12-31", "2024-12-31", None]))
def test_nothing_is_taken_away(text: str, day: str | None) -> None:
    """Only brackets are added, and spelling out twice adds nothing."""
    once = spelled_out(text, day, "en")
    rest = iter(once)
    assert all(letter in rest for letter in text)
    assert spelled_out(once, day, "en") == once

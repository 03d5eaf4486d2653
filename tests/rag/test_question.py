"""Reading a question: trimmed, checked, its language told, its dates made plain; errors name the field at fault."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import InputError
from rag.question import LONGEST, check_filters, read_question
from rag.types import Filters


@pytest.mark.parametrize(
    "text", ["How long is the road?", "  How long is the road?\n", "\t\u00a0How long is the road? \r\n"]
)
def test_blanks_around_it_go(text: str) -> None:
    """Blanks before and after a question are no part of it."""
    assert read_question(text).text == "How long is the road?"


@pytest.mark.parametrize("text", ["", " ", "\n\t\r\n", "\u00a0\u2003", "\u200b", "\ufeff \u2060"])
def test_blank(text: str) -> None:
    """A question of nothing that can be seen is refused."""
    with pytest.raises(InputError, match="empty") as refused:
        read_question(text)
    assert refused.value.field == "question"


def test_two_thousand_characters() -> None:
    """2,000 characters after trimming are a question, in any script; one more is not."""
    for letter in ("a", "я", "🙂"):
        assert len(read_question("  " + letter * LONGEST + "  ").text) == LONGEST == 2_000
        with pytest.raises(InputError, match="2,001 characters; 2,000") as refused:
            read_question(letter * (LONGEST + 1))
        assert refused.value.field == "question"


@pytest.mark.parametrize("stray", ["\0", "\x01", "\x1b", "\x7f", "\x85", "\x9f", "\ud800", "\udfff"])
def test_characters_that_are_no_text(stray: str) -> None:
    """Control characters and lone surrogates are refused and named."""
    with pytest.raises(InputError, match=f"U\\+{ord(stray):04X}") as refused:
        read_question(f"How long{stray} is it?")
    assert refused.value.field == "question"
    str(refused.value).encode()


@pytest.mark.parametrize(
    "text", ["one\ttwo", "one\ntwo", "one\r\ntwo", "кто\u00a0это", "مرحبا\u200f", "👩\u200d🚀 who?"]
)
def test_characters_that_are_text(text: str) -> None:
    """Tabs, newlines, no-break spaces, direction marks and joiners belong to texts."""
    assert read_question(text).text == text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How long is the road to the airport?", "en"),
        ("Какой длины дорога в аэропорт?", "ru"),
        ("Әуежайға баратын жол қанша шақырым?", "kk"),
        ("42?", "en"),
        ("???", "en"),
    ],
)
def test_language(text: str, language: str) -> None:
    """A question's language is told; where nothing tells it, it is English."""
    assert read_question(text).language == language


def test_filters_come_along() -> None:
    """Filters are kept as given, and none is none."""
    filters = Filters("2026-03-01", "2026-03-02", ("a.txt",), ("QazNews",), ("ru",))
    assert read_question("Who?", filters).filters == filters
    assert read_question("Who?").filters == Filters()


@pytest.mark.parametrize("day", ["2026-03-01", "0001-01-01", "9999-12-31", "2024-02-29"])
def test_dates(day: str) -> None:
    """An ISO date is a date, alone or as both ends of one day."""
    assert check_filters(Filters(date_from=day)).date_from == day
    assert check_filters(Filters(day, day)) == Filters(day, day)


def test_dates_in_other_iso_forms_become_plain() -> None:
    """What ISO 8601 also calls a date is compared as the plain date it means."""
    assert check_filters(Filters("20260301", "2026-W10-2")) == Filters("2026-03-01", "2026-03-03")


@pytest.mark.parametrize(
    "day",
    ["", "yesterday", "2026-02-30", "2026-13-01", "01.03.2026", "2026-03", "2026-03-01T10:00", "10000-01-01", "\ud800"],
)
@pytest.mark.parametrize("field", ["date_from", "date_to"])
def test_no_dates(day: str, field: str) -> None:
    """What is no date is refused, by the name of its field and with the form that is meant."""
    with pytest.raises(InputError, match="YYYY-MM-DD") as refused:
        read_question("Who?", Filters(**{field: day}))  # type: ignore[arg-type]
    assert refused.value.field == f"filters.{field}"
    str(refused.value).encode()


def test_reversed_dates() -> None:
    """A range that ends before it begins is refused, not silently empty."""
    with pytest.raises(InputError, match="2026-03-02 is after date_to 2026-03-01") as refused:
        read_question("Who?", Filters("2026-03-02", "2026-03-01"))
    assert refused.value.field == "filters.date_from"


def test_times_count_from_now() -> None:
    """Words and days without a year are read from the given time on, and not without one."""
    question = read_question("What was said yesterday, and on 3 March?", now="2026-03-10T00:30+05:00")
    assert [(one.phrase, one.start) for one in question.periods] == [
        ("yesterday", "2026-03-09"),
        ("3 March", "2026-03-03"),
    ]
    assert question.now == "2026-03-10T00:30+05:00" and not question.latest
    assert read_question("What was said yesterday?").periods == ()
    assert read_question("What is the latest?").latest


@pytest.mark.parametrize("now", ["", "noon", "2026-02-30T10:00", "2026-03-10T25:00"])
def test_no_time(now: str) -> None:
    """A `now` that is no time is refused by its name."""
    with pytest.raises(InputError, match="date-time") as refused:
        read_question("Who?", now=now)
    assert refused.value.field == "now"


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is typed is a trimmed question or an InputError about it; reading twice changes nothing."""
    try:
        question = read_question(text)
    except InputError as refused:
        assert refused.field == "question"
    else:
        assert question.text == text.strip() != ""
        assert read_question(question.text) == question
        assert len(question.language) == 2

"""The times that a question names, in English, Russian and Kazakh: "early March", "с 3 по 5 марта", "өткен аптада".

Knows words and the calendar, no articles: what a time is worth to a passage is `rag.timeliness`. Days of the calendar
are read as they are in passages (`rag.facts`), days counted from today by dateparser, the words around them here.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from rag.facts import normal
from rag.moments.named import FIRST_YEAR, LAST_YEAR, Days, months_and_years, named_days, with_year
from rag.moments.relations import Relation, relation_of
from rag.moments.relative import counted
from rag.moments.stories import asks_latest, binds_story
from rag.moments.told import spelled_out
from rag.types import Period, Span

__all__ = ["spelled_out", "times_in"]

_AND = re.compile(r",? (?:and|or|и|или|және|мен|to|по|до)(?: (?:in|on|в|до|on the))? | ?- ?|, ", re.IGNORECASE)
_MOST = 8  # times of one question; who names more asks for no time
_REACH = 40  # characters before a time in which "between" may stand
_BETWEEN = re.compile(r"\b(?:between|from|с|со|между)\s*$", re.IGNORECASE)
_TO = re.compile(r" (?:and|to|till|until|through|по|до|и) | ?- ?", re.IGNORECASE)
_KAZAKH_FROM = re.compile(r"[дтн][ае]н(?: бастап)?$", re.IGNORECASE)
_KAZAKH_TO = re.compile(r" ?(?:аралығында\w*|дейін\w*)", re.IGNORECASE)


def times_in(text: str, today: date | None) -> tuple[tuple[Period, ...], bool]:
    """The times that `text` names, in its order, and whether it asks for the newest.

    Without `today`, only times that need none are read; of more than eight, the first eight.

    A day or month without a year is the latest such one that is not after `today`. Years from 1900 to 2099.
    """
    text = normal(text)
    if today is not None and not FIRST_YEAR < today.year < LAST_YEAR:
        today = None
    found = _one_year(text, _all_days(text, today))
    periods, rest = [], text
    for days, span, relation in _related(text, found):
        start, end = _bounds(days, relation)
        rest = rest[: span.start] + " " * (span.end - span.start) + rest[span.end :]
        phrase = text[span.start : span.end].strip()
        use: Literal["filter", "prefer"] = "filter" if binds_story(text, span) else "prefer"
        periods.append(Period(phrase, _iso(start), _iso(end), use))
    return tuple(dict.fromkeys(periods))[:_MOST], asks_latest(rest)


def _all_days(text: str, today: date | None) -> list[Days]:
    """What every reader finds, in the order of the text; what one has read the next does not see."""
    found: list[Days] = []
    for reader in (named_days, months_and_years, counted):
        new = list(reader(text, today))
        found += new
        for days in new:
            text = text[: days.at.start] + "\n" * (days.at.end - days.at.start) + text[days.at.end :]
    return sorted(found, key=lambda days: days.at)


def _one_year(text: str, found: list[Days]) -> list[Days]:
    """Days joined by "and" or "to" share the year that only the last of them says: in January and February 2026."""
    for index in range(len(found) - 2, -1, -1):
        one, following = found[index], found[index + 1]
        joined = _AND.fullmatch(text, one.at.end, following.at.start)
        if joined and one.year_guessed and not following.year_guessed:
            found[index] = with_year(one, following.first.year)
    return found


def _related(text: str, found: list[Days]) -> Iterator[tuple[Days, Span, Relation]]:
    """Each time with the words that say how it bounds what is asked, two joined to a range being one."""
    index = 0
    while index < len(found):
        days = found[index]
        following = found[index + 1] if index + 1 < len(found) else None
        joined = _range(text, days, following) if following else None
        if joined:
            yield joined
            index += 2
        else:
            yield days, *_relation(text, days)
            index += 1


def _relation(text: str, days: Days) -> tuple[Span, Relation]:
    """The words around a time, and what they say; "between" and "from" belong to a range such as 3 to 5 March."""
    opening = _BETWEEN.search(text, max(0, days.at.start - _REACH), days.at.start) if days.ranged else None
    if opening:
        return Span(opening.start(), days.at.end), Relation.DURING
    return relation_of(text, days.at)


def _range(text: str, one: Days, other: Days) -> tuple[Days, Span, Relation] | None:
    between = text[one.at.end : other.at.start]
    opening = _BETWEEN.search(text, max(0, one.at.start - _REACH), one.at.start)
    tail = _KAZAKH_TO.match(text, other.at.end)
    kazakh = (
        tail and not between.strip(" -") and (_KAZAKH_FROM.search(text, one.at.start, one.at.end) or "-" in between)
    )
    if not (opening and _TO.fullmatch(between)) and not kazakh and between != "-":
        return None
    if one.first > other.last:
        if not one.year_guessed:
            return None
        one = with_year(one, other.first.year) if one.first.year != other.first.year else one
        one = with_year(one, other.first.year - 1) if one.first > other.last else one
        if one.first > other.last:  # a 29 February that the year lacks
            return None
    start = opening.start() if opening else one.at.start
    end = tail.end() if tail and kazakh else other.at.end
    return Days(one.at, one.first, other.last), Span(start, end), Relation.DURING


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _bounds(days: Days, relation: Relation) -> tuple[date | None, date | None]:
    if relation is Relation.SINCE:
        return days.first, None
    if relation is Relation.AFTER:
        return days.last + timedelta(days=1), None
    if relation is Relation.BEFORE:
        return None, days.first - timedelta(days=1)
    if relation is Relation.BY:
        return None, days.last
    return days.first, days.last

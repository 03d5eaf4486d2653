"""How well passages fit the times that a question names: filters, and what is added to a score. Pure.

Knows the days on which stories came out and the days that they state; no vectors and no words.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from rag.facts import Date, dates_in, normal
from rag.types import Article, Filters, Passage, Period, Question

_CAME_OUT: Final = 0.04  # added where the article came out on the one day that is named; see eval/README.md
_STATED: Final = 0.02  # added where the passage states that day
_LATEST: Final = 0.02  # added to the newest where the newest is asked for
MOST: Final = _CAME_OUT + _STATED + _LATEST
_JUST_AFTER = 0.5  # share of it for a story that came out soon after
_SOON = 0.25  # of a period's length, within which its story may come out after it
_LEAST_SOON = 2  # days
_HALF_LIFE = 30.0  # days in which a story gets half as new
_LONGEST_STATED = 31  # days; a passage that names some day of a year says little about the year
_BOUND = 0.5  # of what stating a day adds, where the day only bounds the period
_OPEN = 3650  # days that a period without an end counts as


def filters_in_force(question: Question) -> Filters:
    """The filters given, narrowed by those read from the question's words. A range may end up empty."""
    filters = question.filters
    for period in question.periods:
        if period.use == "filter":
            start = max(filter(None, (filters.date_from, period.start)), default=None)
            end = min(filter(None, (filters.date_to, period.end)), default=None)
            filters = replace(filters, date_from=start, date_to=end)
    return filters


def asks_time(question: Question) -> bool:
    """Whether anything is added to any score."""
    return question.latest or any(one.use == "prefer" for one in question.periods)


def timeliness(question: Question, found: Sequence[tuple[Passage, Article]]) -> list[float]:
    """What the times of `question` add to the score of each passage in `found`, from 0 to MOST.

    The finer a period the more: one day counts whole, a month two fifths, a year less than a third.
    """
    wanted = [one for one in question.periods if one.use == "prefer"]
    short = any(map(_short, wanted))
    days = [_came_out(article) for _, article in found]
    newest = max((day for day in days if day), default=None)
    added = []
    for (passage, _), day in zip(found, days, strict=True):
        stated = dates_in(normal(passage.text))[0] if short else ()
        fit = max((_worth(one, day, stated) for one in wanted), default=0.0)
        fresh = 0.5 ** ((newest - day).days / _HALF_LIFE) if question.latest and newest and day else 0.0
        added.append(fit + _LATEST * fresh)
    return added


def _worth(period: Period, day: date | None, stated: Sequence[Date]) -> float:
    said = _STATED * _states(period, stated) * (_weight(period) if period.start and period.end else _BOUND)
    return said + _CAME_OUT * _fit(period, day) * _weight(period)


def _fit(period: Period, day: date | None) -> float:
    """1 for a story of the period, less for one soon after it, else 0. A period without a start fits none better."""
    if day is None or period.start is None:
        return 0.0
    if day < date.fromisoformat(period.start):
        return 0.0
    if period.end is None:
        return 1.0
    late = (day - date.fromisoformat(period.end)).days
    if late <= 0:
        return 1.0
    return _JUST_AFTER if late <= max(_LEAST_SOON, _SOON * _length(period)) else 0.0


def _states(period: Period, stated: Sequence[Date]) -> bool:
    """Whether some day of a short period, or the day that bounds an open one, is among `stated`."""
    if not _short(period):
        return False
    first = date.fromisoformat(period.start or period.end or "")
    last = date.fromisoformat(period.end or period.start or "")
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return any(Date(day.day, day.month, day.year).same_as(one) for day in days for one in stated)


def _short(period: Period) -> bool:
    return period.start is None or period.end is None or _length(period) <= _LONGEST_STATED


def _length(period: Period) -> int:
    if period.start is None or period.end is None:
        return _OPEN
    return (date.fromisoformat(period.end) - date.fromisoformat(period.start)).days + 1


def _weight(period: Period) -> float:
    """1 for a day, 0.3 for a week, 0.16 for a month, 0.08 for a year, 0.05 for no end."""
    return (1 + math.log10(_length(period))) ** -2


def _came_out(article: Article) -> date | None:
    return date.fromisoformat(article.published_at[:10]) if article.published_at else None

"""What a story counts from the day it came out -> the same with the dates beside it: last year (2025).

A question names the year, the story says "last year"; a small model and a check of dates must be told that they are
one. Knows words and the calendar. Weekdays and weeks are left alone: a story's Tuesday may lie before it or ahead.
"""

import re
from datetime import date

from rag.facts import normal
from rag.moments.named import FIRST_YEAR, LAST_YEAR, Days
from rag.moments.relative import counted
from rag.types import Span

_COUNTED = re.compile(  # one of these stands in every time that is spelled out here; most sentences hold none
    r"\b(?:this|last|next|current|previous|coming|yesterday|today|tomorrow|год\w*|месяц\w*|вчера\w*|сегодня\w*|завтра\w*"
    r"|жыл\w*|ай\w*|биыл\w*|былтыр\w*|бүгін\w*|кеше\w*|ертең\w*)",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"\b(?:(?:next|coming)|(?:следующ|будущ)(?:ем|его|ий|ему)|келесі|келер) (?:(?P<year>year|год\w*|жыл\w*)"
    r"|(?P<month>month|месяц\w*|ай\w*))(?!\w)",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"(?:day|сред[уы]|пятниц[уы]|суббот[уы]|ник\w?|четверг\w?|воскресень[ея]|сенбі\w*|жұма\w*)$", re.I
)
_A_DAY = re.compile(r"(?:yester|to)day$", re.IGNORECASE)
_A_YEAR, _A_MONTH = (365, 366), (28, 29, 30, 31)  # days


def spelled_out(text: str, published_at: str | None, language: str) -> str:
    """`text` with the day, month or year behind each time that counts from its story's: yesterday (2 March 2026).

    `published_at`: an ISO date or None, which leaves the text as it is. Not for quoting.
    """
    if published_at is None or not _COUNTED.search(text):
        return text
    day = date.fromisoformat(published_at[:10])
    if not FIRST_YEAR < day.year < LAST_YEAR or len(normal(text)) != len(text):
        return text
    out, end = [], 0
    for span, when in _told(normal(text), day, language):
        if span.start >= end and not text[span.end :].lstrip().startswith((when, f"({when}")):
            out += [text[end : span.end], f" ({when})"]
            end = span.end
    return "".join([*out, text[end:]])


def _told(text: str, day: date, language: str) -> list[tuple[Span, str]]:
    """Where a time stands, and how it is called by the calendar, in the order of the text."""
    found = [(one.at, named) for one in counted(text, day) if (named := _named(text, one, language))]
    for match in _NEXT.finditer(text):
        month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
        named = str(day.year + 1) if match["year"] else _month(date(*month, 1), language)
        found.append((Span(*match.span()), named))
    return sorted(found)


def _named(text: str, days: Days, language: str) -> str | None:
    said, before = text[days.at.start : days.at.end], text[: days.at.start].rstrip()
    if said[0].isupper() and before[-1:].isalnum():
        return None  # a newspaper's name
    length = (days.last - days.first).days + 1
    if length == 1 and (_A_DAY.search(said) or not _WEEKDAY.search(said)):
        from babel.dates import format_date

        return format_date(days.first, "d MMMM y", locale=_locale(language))
    if days.first.day != 1:
        return None  # a stretch that counts back from today is nothing that has a name
    if length in _A_MONTH:
        return _month(days.first, language)
    return str(days.first.year) if length in _A_YEAR and days.first.month == 1 else None


def _month(first: date, language: str) -> str:
    from babel.dates import format_date

    return format_date(first, "LLLL y", locale=_locale(language))


def _locale(language: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(language))
    except (UnknownLocaleError, ValueError):
        return "en"

"""Days and months in a text, in many notations. Knows no other figures and no names."""

import re
from dataclasses import dataclass

from rag.types import Span

_MONTHS = (
    ("january", "jan", "янв", "қаңтар"), ("february", "feb", "фев", "ақпан"), ("march", "mar", "мар", "наурыз"),
    ("april", "apr", "апр", "сәуір"), ("may", "мая", "май", "мае", "маю", "маем", "мамыр"),
    ("june", "jun", "июн", "маусым"),
    ("july", "jul", "июл", "шілде"), ("august", "aug", "авг", "тамыз"), ("september", "sep", "сен", "қыркүйе"),
    ("october", "oct", "окт", "қазан"), ("november", "nov", "ноя", "қараша"), ("december", "dec", "дек", "желтоқсан"),
)  # fmt: skip
MONTH_WORD = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
    r"|янва\w+|февра\w+|март\w*|апрел\w+|мая|май|июн\w+|июл\w+|август\w*|сентябр\w+|октябр\w+|ноябр\w+|декабр\w+"
    r"|қаңтар\w*|ақпан\w*|наурыз\w*|сәуір\w*|мамыр\w*|маусым\w*|шілде\w*|тамыз\w*|қыркүйе[кг]\w*|қазан\w*|қараша\w*"
    r"|желтоқсан\w*)"
)
_TH = r"(?:st|nd|rd|th)?"
_DATE = re.compile(
    r"\b(?P<y1>\d{4})-(?P<m1>\d{2})-(?P<d1>\d{2})(?!\d)"
    r"|\b(?P<d2>\d{1,2})\.(?P<m2>\d{1,2})\.(?P<y2>\d{4})\b"
    rf"|\b(?:(?P<y5>\d{{4}}) (?:жыл\w*|ж\.) ?)?(?:(?P<e3>\d{{1,2}}){_TH}(?:-| - | and | to | и | по | до ))?"
    rf"(?P<d3>\d{{1,2}}){_TH}[ -](?:of )?(?P<m3>{MONTH_WORD})\b(?:,? (?P<y3>\d{{4}})\b)?"
    rf"|\b(?P<m4>{MONTH_WORD})\.? (?P<d4>\d{{1,2}}){_TH}\b(?:-(?P<e4>\d{{1,2}})\b)?(?:,? (?P<y4>\d{{4}})\b)?",
    re.IGNORECASE,
)
_A_MONTH = re.compile(rf"\b{MONTH_WORD}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Date:
    """A day; the year is None where the text leaves it out."""

    day: int
    month: int
    year: int | None

    def same_as(self, other: "Date") -> bool:
        """Whether the two name one day, as far as both say the year."""
        same_year = self.year is None or other.year is None or self.year == other.year
        return (self.day, self.month) == (other.day, other.month) and same_year


def dates_in(text: str) -> tuple[tuple[Date, ...], str]:
    """The days that `text` names, and the text without them."""
    dates: list[Date] = []
    rest, end = [], 0
    for span, days in date_spans(text):
        dates += days
        rest.append(text[end : span.start])
        end = span.end
    return tuple(dict.fromkeys(dates)), " ".join([*rest, text[end:]])


def date_spans(text: str) -> list[tuple[Span, tuple[Date, ...]]]:
    """Where `text` names days, and which: of "3-5 March" the third and the fifth."""
    found = []
    for match in _DATE.finditer(text):
        parts = match.groupdict()
        month = month_number(next(parts[f"m{n}"] for n in range(1, 5) if parts[f"m{n}"]))
        year = next((int(parts[f"y{n}"]) for n in range(1, 6) if parts[f"y{n}"]), None)
        days = [int(parts[name]) for name in ("d1", "d2", "e3", "d3", "d4", "e4") if parts[name]]
        if month and all(1 <= day <= 31 for day in days):
            found.append((Span(*match.span()), tuple(Date(day, month, year) for day in days)))
    return found


def months_in(text: str) -> frozenset[str]:
    """English names of the months that `text` names by a word."""
    numbers = (month_number(word) for word in _A_MONTH.findall(text))
    return frozenset(month_name(number) for number in numbers if number)


def month_name(number: int) -> str:
    """January for 1, in lower case."""
    return _MONTHS[number - 1][0]


def month_number(word: str) -> int | None:
    """1 for January, in any form and language it is written in here; also for "1" and "01". None for no month."""
    if word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else None
    lower = word.lower()
    return next((n for n, starts in enumerate(_MONTHS, start=1) if lower.startswith(starts)), None)

"""Times that a calendar names: days, months, quarters, years and parts of them, in English, Russian and Kazakh.

A day or month without a year needs to know today; everything else stands for itself.
"""

import calendar
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rag.facts import Date, date_spans, month_number, numbers_in
from rag.types import Span

FIRST_YEAR, LAST_YEAR = 1900, 2099
_YEAR = r"(?:19|20)\d\d(?!\d|[.,]\d|%| ?%)"
_ENGLISH = r"january|february|march|april|may|june|july|august|september|october|november|december"
_SHORT = r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?"
_RUSSIAN = (
    r"(?:январ|феврал|апрел|июн|июл|сентябр|октябр|ноябр|декабр)(?:[ьяею]|[её]м)|(?:март|август)(?:а|е|у|ом)?"
    r"|ма(?:[йяею]|ем)"
)
_KAZAKH = (
    r"(?:қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйе[кг]|қазан|қараша|желтоқсан)"
    r"(?:(?:[ыі])?(?:[дт][аеы]н?|н[дн][ае]н?|[дтн][ыі][ңн]|[ғгқк][ае])|\w*(?= ай))"
)
_KAZAKH_AFTER_YEAR = r"(?:қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйе[кг]|қазан|қараша|желтоқсан)\w*"
_PARTS = (  # a share of a month or a year, as words before it and, in Kazakh, after it
    ((0, 1 / 4), r"(?:the )?first days of|первы[ех] (?:дни|днях|числах)", r"(?:алғашқы|бірінші) күндер\w*"),
    ((1 / 2, 1), r"(?:the )?second half of|втор(?:ая|ой|ую) половин\w", r"екінші жарты\w*"),
    ((0, 1 / 2), r"(?:the )?first half of|перв(?:ая|ой|ую) половин\w", r"(?:бірінші|алғашқы) жарты\w*"),
    ((0, 1 / 3), r"early(?: in)?|(?:the )?(?:start|beginning) of|начал\w", r"бас(?:ында\w*|ы)"),
    ((1 / 3, 2 / 3), r"mid|(?:the )?middle of|середин\w", r"орта(?:сында\w*|сы)"),
    ((2 / 3, 1), r"late(?: in)?|(?:the )?(?:end|last days) of|кон(?:це|ец|ца|цу)|последни[ех] (?:дни|днях|числах)",
     r"(?:соң|аяғ)(?:ында\w*|ына\w*|ы)"),
)  # fmt: skip
_ORDINALS = (
    r"first|1st|q1|перв\w+|1-\w+|i|бірінші", r"second|2nd|q2|втор\w+|2-\w+|ii|екінші",
    r"third|3rd|q3|трет\w+|3-\w+|iii|үшінші", r"fourth|4th|q4|четв[её]рт\w+|4-\w+|iv|төртінші",
)  # fmt: skip
_BEFORE = "|".join(f"(?P<b{n}>{before})" for n, (_, before, _) in enumerate(_PARTS))
_AFTER = "|".join(f"(?P<a{n}>{after})" for n, (_, _, after) in enumerate(_PARTS))
_QUARTERS = "|".join(f"(?P<q{n}>{words})" for n, words in enumerate(_ORDINALS))
_KAZAKH_QUARTERS = "|".join(f"(?P<k{n}>{words})" for n, words in enumerate(_ORDINALS))
_YEAR_WORD = r"(?:-?(?:го|м|й|ом))? ?(?:года?|годах?|году|годом|гг?\b\.?|жыл\w*|ж\b\.?)"
_MONTH = re.compile(
    rf"\b(?:(?:{_BEFORE})[ -])?"
    rf"(?:(?P<y1>{_YEAR}) (?:жыл\w*|ж\.) ?(?P<m1>{_KAZAKH_AFTER_YEAR})"
    rf"|(?P<m2>{_ENGLISH}|{_SHORT}|{_RUSSIAN}|{_KAZAKH_AFTER_YEAR}),? (?:of )?(?P<y2>{_YEAR})(?:{_YEAR_WORD})?"
    rf"|(?P<m3>{_ENGLISH}|{_SHORT}|{_RUSSIAN}|{_KAZAKH}))(?!\w)(?: ай\w*)?(?: (?:{_AFTER})(?!\w))?",
    re.IGNORECASE,
)
_WHOLE_YEAR = re.compile(
    rf"\b(?:(?:{_BEFORE})[ -]|(?:(?:the )?(?:{_QUARTERS})(?:[ -](?:quarter|квартал\w?))?(?: of)? )"
    r"|(?P<half>перв\w+|втор\w+) полугоди\w+ "
    r"|(?:(?:the )?first|за(?: первые)?|первые) (?P<n1>[\w-]+) (?:months of|месяц\w*) )?"
    rf"(?P<year>{_YEAR})(?P<word>{_YEAR_WORD})?(?!\w)"
    rf"(?: (?:(?:{_AFTER})|(?:{_KAZAKH_QUARTERS}) тоқсан\w*|(?:алғашқы|бірінші) (?P<n2>\w+) ай\w*)(?!\w))?",
    re.IGNORECASE,
)
_LEAD = 24  # characters before a month or year that say whether it is one
_LEADS_MONTH = re.compile(
    r"\b(?:in|during|since|until|till|by|before|after|from|for|of|and|between|last|this|through|throughout) $", re.I
)
_LEADS_MAY = re.compile(r"\b(?:in|during|since|until|till|by|before|after|of|last|this|through|throughout) $", re.I)
_LEADS_YEAR = re.compile(
    r"\b(?:in|of|during|for|since|until|till|by|before|after|from|to|and|between|than|year|end|в|за|на|к|с|до|после|и)"
    r" $|^\W*$|[(,:-] ?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `first` to `last` that a text names at `at`; `year_guessed` where it leaves the year out.

    `ranged`: the text names both ends.
    """

    at: Span
    first: date
    last: date
    year_guessed: bool = False
    ranged: bool = False


def named_days(text: str, today: date | None) -> Iterator[Days]:
    """Days and short ranges of days: 3 March 2026, 03.03.2026, 3-5 марта, 2026 жылғы 3 наурызда."""
    for span, dates in date_spans(text):
        resolved = [day for one in dates if (day := _day(one, today))]
        if resolved:
            end = span.end + len((re.match(rf"{_YEAR_WORD}(?!\w)", text[span.end :], re.I) or [""])[0])
            yield Days(Span(span.start, end), min(resolved), max(resolved), dates[-1].year is None, len(dates) > 1)


def months_and_years(text: str, today: date | None) -> Iterator[Days]:
    """Months, years, and parts of them: early March, Q1 2026, в конце 2025 года, 2026 жылдың алғашқы екі айында."""
    rest = text
    for match in _MONTH.finditer(text):
        month = month_number(match["m1"] or match["m2"] or match["m3"].rstrip("."))
        stated = match["y1"] or match["y2"]
        if month is None or not (stated or _is_month(text, match)):
            continue
        year = int(stated) if stated else _latest_year(date(2000, month, 1), today)
        if year is not None:
            yield _part(match, Days(Span(*match.span()), *_month(year, month), not stated))
            rest = rest[: match.start()] + "\n" * len(match.group()) + rest[match.end() :]
    for match in _WHOLE_YEAR.finditer(rest):
        if _is_year(rest, match):
            yield _part_of_year(match)


def with_year(days: Days, year: int) -> Days:
    """The same days of another year; unchanged where that year lacks them."""
    try:
        first, last = days.first.replace(year=year), days.last.replace(year=year + days.last.year - days.first.year)
    except ValueError:
        return days
    return replace(days, first=first, last=last)


def _day(named: Date, today: date | None) -> date | None:
    """The day of the calendar; without a year, the latest not after `today`. None for 30 February."""
    if named.year is not None:
        return _real(named.year, named.month, named.day)
    if today is None:
        return None
    years = range(today.year, today.year - 9, -1)  # a leap day may be eight years back
    days = (_real(year, named.month, named.day) for year in years)
    return next((day for day in days if day and day <= today), None)


def _real(year: int, month: int, day: int) -> date | None:
    known = FIRST_YEAR <= year <= LAST_YEAR and 1 <= day <= calendar.monthrange(year, month)[1]
    return date(year, month, day) if known else None


def _latest_year(begun: date, today: date | None) -> int | None:
    if today is None:
        return None
    return today.year - ((begun.month, begun.day) > (today.month, today.day))


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _is_month(text: str, match: re.Match[str]) -> bool:
    """Whether a month's name without a year is one: "may" and "march" are verbs, "маусым" a season."""
    name = match["m3"].lower()
    parted = any(match[f"b{n}"] or match[f"a{n}"] for n in range(len(_PARTS)))
    if not name.isascii() and not name.startswith(("маусым", "қазан")):
        return True
    if name.isascii():
        return parted or bool((_LEADS_MAY if name == "may" else _LEADS_MONTH).search(text, *_lead(match)))
    return parted or " ай" in match.group()


def _is_year(text: str, match: re.Match[str]) -> bool:
    """Whether four digits are a year: said to be one, led by a preposition, or at an end of the question."""
    whole = match.group() != match["year"]
    if whole:
        return True
    round_number = match["year"].endswith("00")
    ends = not re.search(r"\w", text[match.end() :])
    return not round_number and (ends or bool(_LEADS_YEAR.search(text, *_lead(match))))


def _lead(match: re.Match[str]) -> tuple[int, int]:
    """Where the word before a match stands."""
    return max(0, match.start() - _LEAD), match.start()


def _part(match: re.Match[str], days: Days) -> Days:
    """The share of `days` that the words of `match` name, or all of them."""
    for n, ((low, high), _, _) in enumerate(_PARTS):
        if match[f"b{n}"] or match[f"a{n}"]:
            count = (days.last - days.first).days + 1
            first = days.first + timedelta(days=math.floor(low * count))
            return replace(days, first=first, last=days.first + timedelta(days=math.ceil(high * count) - 1))
    return days


def _part_of_year(match: re.Match[str]) -> Days:
    year = int(match["year"])
    span = Span(*match.span())
    for n in range(len(_ORDINALS)):
        if match[f"q{n}"] or match[f"k{n}"]:
            return Days(span, date(year, 3 * n + 1, 1), _month(year, 3 * n + 3)[1])
    if match["half"]:
        second = match["half"].lower().startswith("втор")
        return Days(span, date(year, 7 if second else 1, 1), date(year, 12, 31) if second else date(year, 6, 30))
    count = next((value for one in numbers_in(match["n1"] or match["n2"] or "") for value in one.values), 0.0)
    if 1 <= count <= 12 and count == int(count):
        return Days(span, date(year, 1, 1), _month(year, int(count))[1])
    return _part(match, Days(span, date(year, 1, 1), date(year, 12, 31)))

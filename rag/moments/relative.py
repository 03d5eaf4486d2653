"""Times counted from today: yesterday, во вторник, үш күн бұрын, last week, за последние две недели.

Single days and "so long ago" are dateparser's to read, which is imported only once a question holds such words; weeks,
months and years by the calendar are read here.
"""

import functools
import re
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from rag.facts import numbers_in
from rag.moments.named import FIRST_YEAR, LAST_YEAR, Days
from rag.types import Span

_PARSING = threading.Lock()  # dateparser loads its languages into shared dictionaries on first use
_WORDS = (  # in which language, the words, what dateparser is given for them (None: what was matched)
    ("en", re.compile(r"\b(?:day before yesterday|yesterday|today|tomorrow)\b", re.I), None),
    ("ru", re.compile(r"\b(?:позавчера|вчера|сегодня|завтра)\b", re.I), None),
    ("ru", re.compile(r"\bвчерашн\w+", re.I), "вчера"),
    ("ru", re.compile(r"\bсегодняшн\w+", re.I), "сегодня"),
    ("kk", re.compile(r"\b(?P<said>бүгін|кеше|ертең)(?:гі\w*)?\b", re.I), None),
    (
        "en",
        re.compile(
            r"\b(?:on|last|since|until|till|by|before|after|from|this|past) "
            r"(?P<said>(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b(?!s)(?!,? \n)",
            re.I,
        ),
        None,
    ),
    (
        "ru",
        re.compile(
            r"\b(?:в|во|с|со|до|после|к|ко) (?:(?:прошл|минувш|эт)\w+ )?(?:(?P<said>понедельник|вторник|четверг)[ау]?"
            r"|(?P<stem>сред|пятниц|суббот)[уы]|(?P<sunday>воскресень)[ея])\b(?!,? \n)",
            re.I,
        ),
        None,
    ),
    (
        "kk",
        re.compile(
            r"\b(?P<said>дүйсенбі|сейсенбі|сәрсенбі|бейсенбі|жұма|сенбі|жексенбі)"
            r"(?:[дт][ае]н?|[гғ][еа]| күні\w*)(?!\w)(?!,? \n)",
            re.I,
        ),
        None,
    ),
    ("en", re.compile(r"\b(?:[\w-]+) (?P<unit>day|week|month|year)s? ago\b", re.I), None),
    (
        "ru",
        re.compile(
            r"\b(?:(?:\d{1,3}|дв[ае]|три|четыре|пять|шесть|семь|восемь|девять|десять) )?"
            r"(?:(?P<day>день|дня|дней)|(?P<week>недел\w+)|(?P<month>месяц\w*)|(?P<year>год|года|лет)) назад\b",
            re.I,
        ),
        None,
    ),
    (
        "kk",
        re.compile(r"\b(?P<count>\w+) (?:(?P<day>күн)|(?P<week>апта)|(?P<month>ай)|(?P<year>жыл)) бұрын\b", re.I),
        None,
    ),
)
_UNITS = (
    r"(?:(?P<week>week|недел\w+|апта\w*)|(?P<month>month|месяц\w*|ай(?:да\w*|дың|ы\w*)?)|(?P<year>year|год\w*|жыл\w*))"
)
_LAST = re.compile(rf"\b(?:last|previous|(?:прошл|минувш|предыдущ)\w+|өткен|былтырғы) {_UNITS}(?!\w)", re.I)
_THIS = re.compile(
    rf"\b(?:this|the current|(?:эт|текущ|нынешн)(?:ой|ом|ого|от|у|а|ая|ий|ем|ей|его|ую)|осы|биылғы) {_UNITS}(?!\w)",
    re.I,
)
_PAST = re.compile(rf"\b(?:past|последн(?:юю|ей|ий|его|яя|ем)|соңғы(?: бір)?) {_UNITS}(?!\w)", re.I)
_YEAR_IN_A_WORD = re.compile(r"\b(?:(?P<this>биыл\w*)|(?P<last>былтыр\w*))", re.I)
_WINDOW = re.compile(
    r"\b(?:last|past|previous|последни[ех]|соңғы) (?P<count>[\w-]{1,20}) "
    r"(?:(?P<day>days?|день|дня|дней|күн\w*)|(?P<week>weeks?|недел\w+|апта\w*)|(?P<month>months?|месяц\w*|ай\w*)"
    r"|(?P<year>years?|года?|лет|жыл\w*))(?!\w)",
    re.I,
)  # fmt: skip
_SPREAD = {"week": 3, "month": 15, "year": 182}  # days either side of "two weeks ago", which is no exact day


def counted(text: str, today: date | None) -> Iterator[Days]:
    """The times in `text` that count from `today`; none without it."""
    if today is None:
        return
    yield from _windows(text, today)
    yield from _by_the_calendar(text, today)
    for language, words, given in _WORDS:
        for match in words.finditer(text):
            day = _parsed(given or _plain(match), language, today)
            if day is not None:
                spread = timedelta(days=_SPREAD.get(_unit(match), 0))
                yield Days(_without_lead(match), day - spread, day + spread)


def _windows(text: str, today: date) -> Iterator[Days]:
    for match in _WINDOW.finditer(text):
        count = _count(match["count"])
        first = count and _parsed(f"{count} {_unit(match)}s ago", "en", today)
        if first:
            yield Days(Span(*match.span()), first, today)


def _by_the_calendar(text: str, today: date) -> Iterator[Days]:
    for words, back in ((_LAST, 1), (_THIS, 0)):
        for match in words.finditer(text):
            yield Days(Span(*match.span()), *_whole(_unit(match), today, back))
    for match in _PAST.finditer(text):
        days = {"week": 7, "month": 31, "year": 366}[_unit(match)]
        yield Days(Span(*match.span()), today - timedelta(days=days), today)
    for match in _YEAR_IN_A_WORD.finditer(text):
        yield Days(Span(*match.span()), *_whole("year", today, 1 if match["last"] else 0))


def _whole(unit: str, today: date, back: int) -> tuple[date, date]:
    """The week, month or year by the calendar that `today` is in, or the one before it."""
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return monday, monday + timedelta(days=6)
    if unit == "year":
        return date(today.year - back, 1, 1), date(today.year - back, 12, 31)
    first = today.replace(day=1)
    if back:
        first = (first - timedelta(days=1)).replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@functools.lru_cache(maxsize=256)  # a question says "yesterday" as often as it likes
def _parsed(words: str, language: str, today: date) -> date | None:
    """The day that dateparser reads in `words`, looking back from `today`; None where it reads none."""
    from dateparser.date import DateDataParser

    noon = datetime(today.year, today.month, today.day, 12)
    with _PARSING:
        try:
            parser = DateDataParser(languages=[language], settings={"RELATIVE_BASE": noon, "PREFER_DATES_FROM": "past"})
            found = parser.get_date_data(words).date_obj
        except OverflowError:
            return None
    return found.date() if found is not None and FIRST_YEAR < found.year < LAST_YEAR else None


def _plain(match: re.Match[str]) -> str:
    """The matched words as dateparser knows them: no Kazakh case endings or number words, a Russian day as in "в …"."""
    parts = match.groupdict()
    if parts.get("count"):
        return f"{_count(parts['count'])} {parts[_unit(match)]} бұрын"
    if parts.get("stem"):
        return f"{parts['stem']}у"
    return parts.get("said") or (f"{parts['sunday']}е" if parts.get("sunday") else match.group())


def _unit(match: re.Match[str]) -> str:
    parts = match.groupdict()
    return parts.get("unit") or next((unit for unit in ("day", "week", "month", "year") if parts.get(unit)), "day")


def _count(words: str) -> int:
    """The whole number that `words` say; 0 where they say none, or one beyond a thousand."""
    values = [value for one in numbers_in(words) for value in one.values if value == int(value) and value < 1000]
    return int(values[0]) if len(values) == 1 else 0


def _without_lead(match: re.Match[str]) -> Span:
    """Where the day itself stands: "since Tuesday" leaves "since" to be read as a relation."""
    lead = re.match(r"(?:on|since|until|till|by|before|after|from|в|во|с|со|до|после|к|ко) ", match.group(), re.I)
    return Span(match.start() + (lead.end() if lead else 0), match.end())

"""Numbers and dates in a text, in digits or words, comparable across notations. Knows nothing of names.

What is read here is meant to be compared with what is read from another text, not to be right about every text:
where a figure has two readings both are kept.
"""

import re
from dataclasses import dataclass
from itertools import zip_longest

from rag.types import Span

_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "mln": 1e6, "billion": 1e9, "bln": 1e9, "bn": 1e9,
    "trillion": 1e12, "trln": 1e12,
    "тысяч": 1e3, "тыс": 1e3, "миллион": 1e6, "млн": 1e6, "миллиард": 1e9, "млрд": 1e9, "триллион": 1e12, "трлн": 1e12,
    "мың": 1e3,
}  # fmt: skip
_UNITS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "два": 2, "две": 2, "двух": 2, "двумя": 2, "три": 3, "трёх": 3, "трех": 3, "тремя": 3, "четыре": 4, "четырёх": 4,
    "четырех": 4, "пять": 5, "пяти": 5, "шесть": 6, "шести": 6, "семь": 7, "семи": 7, "восемь": 8, "восьми": 8,
    "девять": 9, "девяти": 9,
    "екі": 2, "үш": 3, "төрт": 4, "бес": 5, "алты": 6, "жеті": 7, "сегіз": 8, "тоғыз": 9,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "двадцать": 20, "двадцати": 20, "тридцать": 30, "тридцати": 30, "сорок": 40, "пятьдесят": 50, "шестьдесят": 60,
    "семьдесят": 70, "восемьдесят": 80, "девяносто": 90,
    "жиырма": 20, "отыз": 30, "қырық": 40, "елу": 50,
}  # fmt: skip
_COUNTS = _UNITS | _TENS | {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "десять": 10, "десяти": 10, "одиннадцать": 11, "двенадцать": 12, "двенадцати": 12, "пятнадцать": 15, "сто": 100,
    "двести": 200, "триста": 300, "пятьсот": 500,
}  # fmt: skip  # Kazakh "он", ten, is Russian for "he", and "one" is rarely a count
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
_CURRENCIES = {
    "$": "usd", "dollar": "usd", "usd": "usd", "доллар": "usd", "€": "eur", "euro": "eur", "eur": "eur", "евро": "eur",
    "₸": "kzt", "tenge": "kzt", "kzt": "kzt", "тенге": "kzt", "теңге": "kzt", "₽": "rub", "rouble": "rub",
    "ruble": "rub", "rub": "rub", "рубл": "rub", "£": "gbp", "gbp": "gbp", "yuan": "cny", "cny": "cny", "юан": "cny",
}  # fmt: skip
_GROUPED = r"(?!0)\d{1,3}(?P<mark>[,. ])\d{3}(?:(?P=mark)\d{3})*(?!\d)(?:[.,]\d+)?"
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?:(?P<sign>[$€₸₽£])\s?)?(?<!\w)(?<!\d\.)(?P<digits>{_GROUPED}|\d+(?:[.,]\d+)?)"
    rf"(?:\s?-?(?P<scale>{_SCALE})\w*)?(?P<percent>[\s-]?(?:%|per ?cent\b|процент\w*|пайыз\w*))?"
    rf"(?:\s?(?:us\s?)?(?P<currency>[$€₸₽£]|(?:{'|'.join(filter(str.isalpha, _CURRENCIES))})"
    r"(?=(?:s|[а-яё]{1,3})?\b)))?"
)
_IN_WORDS = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})[- ](?P<unit>{'|'.join(_UNITS)})|(?P<count>{'|'.join(_COUNTS)})"
    rf"|(?:(?P<half>half an?)|an?|one|один|одна|одну|бір)(?=[ -](?:{_SCALE})))\b"
)
_RANGES = ("-", " - ", " to ", " до ")


@dataclass(frozen=True, slots=True)
class Number:
    """A figure. `values`: its possible readings (3,141 may be 3141 or 3.141), scale words multiplied in."""

    values: frozenset[float]
    percent: bool
    currency: str = ""  # ISO 4217 in small letters, where one is written beside it

    def same_as(self, other: "Number") -> bool:
        """Whether the two may stand for one figure: a shared reading, both per cent or neither, no two currencies."""
        one_currency = not self.currency or not other.currency or self.currency == other.currency
        return self.percent == other.percent and one_currency and not self.values.isdisjoint(other.values)


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


def numbers_in(text: str) -> tuple[Number, ...]:
    """The figures of `text`, those in words too. A range shares its per cent sign and its scale word."""
    text = _IN_WORDS.sub(_in_digits, text.lower())
    found = []
    matches = list(_NUMBER.finditer(text))
    for match, following in zip_longest(matches, matches[1:]):
        scale, percent = match["scale"], match["percent"]
        between = text[match.end() : following.start()] if following and not (scale or percent) else ""
        if following and between in _RANGES:
            percent = following["percent"]
            scale = following["scale"] if between == "-" else None
        values = frozenset(round(value * _SCALES.get(scale, 1.0), 6) for value in _readings(match["digits"]))
        currency = _CURRENCIES.get(match["sign"] or match["currency"] or "", "")
        found.append(Number(values, bool(percent), currency))
    return tuple(dict.fromkeys(found))


def _in_digits(match: re.Match[str]) -> str:
    if match["half"]:
        return "0.5"
    if match["tens"]:
        number = _TENS[match["tens"]] + _UNITS[match["unit"]]
    else:
        number = _COUNTS[match["count"]] if match["count"] else 1
    apart = ";" if re.match(r" \d", match.string[match.end() :][:2]) else ""  # "two 300-bed wards" are not 2300
    return f"{number}{apart}"


def _readings(digits: str) -> set[float]:
    """The values a run of digits may stand for: a comma or point before three digits is read both ways.

    But for a number that ends in 0, which nobody writes as a decimal: 85,000 is not 85.
    """
    grouped = re.fullmatch(_GROUPED, digits)
    if not grouped:
        return {float(digits.replace(",", "."))}
    whole, decimals = digits, ""
    for point in ",.":
        if point != grouped["mark"] and point in digits:
            whole, decimals = digits.rsplit(point, 1)
    readings = {float(f"{re.sub(r'[,. ]', '', whole)}.{decimals or 0}")}
    if re.fullmatch(r"\d+[.,]\d{3}", digits) and not digits.endswith("0"):
        readings.add(float(digits.replace(",", ".")))
    return readings


def month_number(word: str) -> int | None:
    """1 for January, in any form and language it is written in here; also for "1" and "01". None for no month."""
    if word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else None
    lower = word.lower()
    return next((n for n, starts in enumerate(_MONTHS, start=1) if lower.startswith(starts)), None)

"""Numbers in a text, in digits or words, comparable across notations. Knows nothing of dates and names.

What is read here is meant to be compared with what is read from another text, not to be right about every text:
where a figure has two readings both are kept.
"""

import re
from dataclasses import dataclass

from rag.facts.bounds import Bound, bound_after, bound_before
from rag.facts.units import VAGUE, counted, generic
from rag.facts.words import Tongue, kin, tongue

_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "mln": 1e6, "billion": 1e9, "bln": 1e9, "bn": 1e9,
    "trillion": 1e12, "trln": 1e12,
    "тысяч": 1e3, "тыс": 1e3, "миллион": 1e6, "млн": 1e6, "миллиард": 1e9, "млрд": 1e9, "триллион": 1e12, "трлн": 1e12,
    "мың": 1e3, "жүз": 1e2,
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
_CURRENCIES = {
    "$": "usd", "dollar": "usd", "usd": "usd", "доллар": "usd", "€": "eur", "euro": "eur", "eur": "eur", "евро": "eur",
    "₸": "kzt", "tenge": "kzt", "kzt": "kzt", "тенге": "kzt", "теңге": "kzt", "₽": "rub", "rouble": "rub",
    "ruble": "rub", "rub": "rub", "рубл": "rub", "тг": "kzt", "£": "gbp", "gbp": "gbp", "yuan": "cny",
    "cny": "cny", "юан": "cny",
}  # fmt: skip
_GROUPED = r"(?!0)\d{1,3}(?P<mark>[,. ])\d{3}(?:(?P=mark)\d{3})*(?!\d)(?:[.,]\d+)?"
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?:(?P<sign>[$€₸₽£])\s?)?(?<!\w)(?<!\d\.)(?P<digits>{_GROUPED}|\d+(?:[.,]\d+)?)"
    rf"(?:\s?-?(?P<scale>{_SCALE})\w*)?(?P<percent>[\s-]?(?:%|per ?cent\b|процент(?!н\w+ пункт)\w*|пайыз(?!дық т)\w*))?"
    rf"(?:\s?(?:us\s?)?(?P<currency>[$€₸₽£]|(?:{'|'.join(filter(str.isalpha, _CURRENCIES))})"
    r"(?=(?:s|[а-яёәғқңөұүһі]{1,5})?\b)))?"
)
_IN_WORDS = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})[- ](?P<unit>{'|'.join(_UNITS)})|(?P<count>{'|'.join(_COUNTS)})"
    rf"|(?:(?P<half>half an?)|an?|one|один|одна|одну|бір)(?=[ -](?:{_SCALE})))\b"
)
_RANGES = ("-", " - ", " to ", " до ")
_LABEL = re.compile(
    r"(?:\b(?:no|number|route|bus|flight|line|article|page|room|school|house|street|chapter|item|clause|paragraph"
    r"|маршрут\w*|автобус\w*|рейс\w*|дом\w*|школ\w*|стать\w*|пункт\w*|ул|кабинет\w*)\.?|[№#])\s?\Z"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A figure. `values`: its possible readings (3,141 may be 3141 or 3.141), scale words multiplied in."""

    values: frozenset[float]
    percent: bool
    currency: str = ""  # ISO 4217 in small letters, where one is written beside it
    unit: str = ""  # a code of `rag.facts.units`, where one is written beside it
    bound: Bound = ""
    nouns: tuple[str, ...] = ()  # plain words, of which one names what is counted
    language: Tongue = ""  # of the nouns

    def same_as(self, other: "Number") -> bool:
        """Whether the two may stand for one figure.

        That is: a shared reading, both per cent or neither, no two currencies, units or opposite bounds. A unit or a
        bound that only one of them has parts them not. What else they count is for `Stated` to compare.
        """
        if self.percent != other.percent or self.values.isdisjoint(other.values):
            return False
        kind, other_kind = self.currency or self.unit, other.currency or other.unit
        one_kind = not kind or not other_kind or kind == other_kind
        return one_kind and {self.bound, other.bound} != {"over", "under"}

    def counts_like(self, other: "Number") -> bool:
        """Whether the two may count one thing, as far as both say in one language what they count."""
        if not self.nouns or not other.nouns or not self.language or self.language != other.language:
            return True
        if self.unit in VAGUE or other.unit in VAGUE or (self.unit and self.unit == other.unit):
            return True
        if generic(self.nouns[0]) or generic(other.nouns[0]):
            return True
        return any(kin(one, another) for one in self.nouns for another in other.nouns)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number where it stands in `written(text)`."""

    number: Number
    start: int  # of the currency sign or the digits
    end: int  # of the digits, the scale word and the currency or the per cent sign
    digits: str
    scale: str


def written(text: str) -> str:
    """`text` as its figures are read: lower-case, counts in digits."""
    return _IN_WORDS.sub(_in_digits, text.lower())


def numbers_in(text: str) -> tuple[Number, ...]:
    """The figures of `text`, those in words too."""
    text = written(text)
    return tuple(dict.fromkeys(figure.number for figure in figures_in(text)))


def figures_in(text: str) -> list[Figure]:
    """The figures of `text`, which `written` gave, in order. A range shares its per cent sign, scale and unit."""
    found: list[Figure] = []
    language: Tongue | None = None
    following: re.Match[str] | None = None
    next_number: Number | None = None
    for match in reversed(list(_NUMBER.finditer(text))):
        if language is None:
            language = tongue(text)
        scale, percent = match["scale"], match["percent"]
        between = text[match.end() : following.start()] if following and not (scale or percent) else ""
        in_range = between in _RANGES and next_number is not None
        if following and in_range:
            percent = following["percent"]
            scale = following["scale"] if between == "-" else None
        values = frozenset(round(value * _SCALES.get(scale, 1.0), 6) for value in _readings(match["digits"]))
        currency = _CURRENCIES.get(match["sign"] or match["currency"] or "", "")
        unit, nouns = ("", ()) if percent else counted(text[match.end() : match.end() + 60], language)
        if currency:
            unit, nouns = "", (currency,)
        elif next_number is not None and in_range:
            unit, nouns = next_number.unit, next_number.nouns
        elif not unit and (_is_year(match["digits"]) or _is_label(text, match.start())):
            nouns = ()
        bound = bound_before(text, match.start())[0] or bound_after(text, match.end())[0]
        number = Number(values, bool(percent), currency, unit, bound, nouns, language if nouns else "")
        found.append(Figure(number, match.start(), match.end(), match["digits"], match["scale"] or ""))
        following, next_number = match, number
    return found[::-1]


def _is_year(digits: str) -> bool:
    return len(digits) == 4 and digits[:2] in ("19", "20", "21")


def _is_label(text: str, start: int) -> bool:
    """Whether a number names a thing rather than counts it: route 14, No. 14, дом 14."""
    return _LABEL.search(text, max(0, start - 20), start) is not None


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

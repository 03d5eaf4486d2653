"""Names, numbers and dates of a sentence, comparable across spellings, scripts and notations.

Purely words and figures: knows no models, no passages and nothing of what a sentence means. A fact is *stated* by a
text if the text holds it in some spelling: 1,300 and 1.3 thousand, Madiev and Мадиев, 03.03.2026 and March 3.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anyascii import anyascii
from rapidfuzz.distance import Indel

_SPELLING = 0.85  # least similarity of two transliterated names that count as one; Omarov and Umarov have less
_SHORTEST_STEM = 4  # letters; Iran and Iranian, East and Eastern
_SHORTEST_FUZZY = 5  # letters; shorter names must be the same

_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "mln": 1e6, "billion": 1e9, "bln": 1e9, "trillion": 1e12,
    "тысяч": 1e3, "тыс": 1e3, "миллион": 1e6, "млн": 1e6, "миллиард": 1e9, "млрд": 1e9, "триллион": 1e12, "трлн": 1e12,
    "мың": 1e3,
}  # fmt: skip
_COUNTS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "два": 2, "две": 2, "двух": 2, "три": 3, "трёх": 3, "трех": 3, "четыре": 4, "четырёх": 4, "четырех": 4, "пять": 5,
    "пяти": 5, "шесть": 6, "шести": 6, "семь": 7, "восемь": 8, "девять": 9, "десять": 10, "десяти": 10, "двадцать": 20,
    "екі": 2, "үш": 3, "төрт": 4, "бес": 5, "алты": 6, "жеті": 7, "сегіз": 8, "тоғыз": 9, "он": 10,
}  # fmt: skip
_MONTHS = (
    ("jan", "янв", "қаңтар"), ("feb", "фев", "ақпан"), ("mar", "мар", "наурыз"), ("apr", "апр", "сәуір"),
    ("may", "мая", "мамыр", "май"), ("jun", "июн", "маусым"), ("jul", "июл", "шілде"), ("aug", "авг", "тамыз"),
    ("sep", "сен", "қыркүйек"), ("oct", "окт", "қазан"), ("nov", "ноя", "қараша"), ("dec", "дек", "желтоқсан"),
)  # fmt: skip
_MONTH_WORD = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
    r"|янва\w+|февра\w+|март\w*|апрел\w+|мая|май|июн\w+|июл\w+|август\w*|сентябр\w+|октябр\w+|ноябр\w+|декабр\w+"
    r"|қаңтар\w*|ақпан\w*|наурыз\w*|сәуір\w*|мамыр\w*|маусым\w*|шілде\w*|тамыз\w*|қыркүйек\w*|қазан\w*|қараша\w*"
    r"|желтоқсан\w*)"
)
_DATE = re.compile(
    r"\b(?P<y1>\d{4})-(?P<m1>\d{2})-(?P<d1>\d{2})\b"
    r"|\b(?P<d2>\d{1,2})\.(?P<m2>\d{1,2})\.(?P<y2>\d{4})\b"
    rf"|\b(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of )?(?P<m3>{_MONTH_WORD})\b(?:,? (?P<y3>\d{{4}})\b)?"
    rf"|\b(?P<m4>{_MONTH_WORD})\.? (?P<d4>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<y4>\d{{4}})\b)?",
    re.IGNORECASE,
)
_CURRENCIES = {
    "$": "usd", "dollar": "usd", "usd": "usd", "доллар": "usd", "€": "eur", "euro": "eur", "eur": "eur", "евро": "eur",
    "₸": "kzt", "tenge": "kzt", "kzt": "kzt", "тенге": "kzt", "теңге": "kzt", "₽": "rub", "rouble": "rub",
    "ruble": "rub", "rub": "rub", "рубл": "rub", "£": "gbp", "gbp": "gbp", "yuan": "cny", "cny": "cny", "юан": "cny",
}  # fmt: skip
_DIGITS = r"\d{1,3}(?:[,. ]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_NUMBER = re.compile(
    rf"(?:(?P<sign>[$€₸₽£])\s?)?(?<![\w.])(?P<digits>{_DIGITS})"
    rf"(?:\s?-?(?P<scale>{'|'.join(sorted(_SCALES, key=len, reverse=True))})\w*)?"
    r"(?P<percent>\s?(?:%|per ?cent\b|процент\w*|пайыз\w*))?"
    rf"(?:\s?(?:US\s?)?(?P<currency>[$€₸₽£]|(?:{'|'.join(filter(str.isalpha, _CURRENCIES))})"
    r"(?=(?:s|[а-яё]{1,3})?\b)))?",
    re.IGNORECASE,
)
_OPENERS = frozenset({
    "a", "an", "the", "this", "that", "these", "those", "in", "on", "at", "by", "of", "for", "from", "to", "with",
    "as", "and", "but", "if", "it", "its", "he", "she", "they", "we", "i", "his", "her", "their", "who", "whom",
    "whose", "what", "which", "when", "where", "why", "how", "is", "are", "was", "were", "do", "does", "did", "has",
    "have", "had", "can", "will", "would", "should", "кто", "что", "какой", "какая", "какие", "каких", "когда", "где",
    "как", "сколько", "почему", "чем", "кем", "в", "на", "по", "из", "за", "о", "об", "с", "и", "а", "но", "к", "это",
})  # fmt: skip  # words that open a sentence with a capital and are no names, also when a name follows
_CAPITALISED = re.compile(r"[^\W\d_a-z][\w-]*(?: (?:of |and )?[^\W\d_a-z][\w-]*){1,8}")  # a run of capitalised words
_WORD = re.compile(r"[^\W_]+(?:[’'‘`-][^\W_]+)*")
_APOSTROPHES = re.compile(r"[’'‘`]s?\b")


@dataclass(frozen=True, slots=True)
class Number:
    """A figure. `values`: its possible readings (1,300 may be 1300 or 1.3), scale words multiplied in."""

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


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a sentence can be checked without understanding it. `names` are transliterated words, lower-case."""

    names: tuple[str, ...]
    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]

    def __len__(self) -> int:
        return len(self.names) + len(self.numbers) + len(self.dates)


@dataclass(frozen=True, slots=True)
class Stated:
    """Everything a quotation states, ready to be compared: all of its words transliterated, numbers and dates."""

    words: frozenset[str]
    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]

    def missing(self, facts: Facts) -> Facts:
        """The part of `facts` that is not stated here."""
        return Facts(
            tuple(name for name in facts.names if not self.has_name(name)),
            tuple(number for number in facts.numbers if not any(map(number.same_as, self.numbers))),
            tuple(date for date in facts.dates if not any(map(date.same_as, self.dates))),
        )

    def has_name(self, name: str) -> bool:
        """Whether some word here is a spelling of `name`."""
        return name in self.words or any(same_name(name, word) for word in self.words)


def facts_in(sentence: str, common: Iterable[str] = (), *, first_word: bool = False) -> Facts:
    """The names, numbers and dates of `sentence`.

    A name is a capitalised word, but not the sentence's first word unless a capitalised word follows it or
    `first_word` says that it may be one. `common`: words (as `plain_words` gives them) known to be written in lower
    case, which are therefore no names.
    """
    text = _normal(sentence)
    without_dates = _DATE.sub(" ", text)
    known = set(common)
    return Facts(_names(without_dates, known, first_word), _numbers(without_dates), _dates(text))


def stated_in(text: str) -> Stated:
    """What `text` states."""
    normal = _normal(text)
    words = frozenset(part for word in _WORD.findall(normal) for part in (_plain(word), *map(_plain, word.split("-"))))
    dates = _dates(normal)
    # A day or a year said alone ("the 3rd", "in 2026") is stated by a full date too, so its figures count as numbers.
    return Stated((words | _initials(normal)) - {""}, _numbers(normal), dates)


def plain_words(text: str, *, lower_case_only: bool = False) -> list[str]:
    """The words of `text`, transliterated and lower-case; on request only those written without a capital."""
    words = _WORD.findall(_normal(text))
    return [_plain(word) for word in words if not (lower_case_only and word[0].isupper())]


def same_name(one: str, other: str) -> bool:
    """Whether two transliterated lower-case words may be one name: case endings, -ev/-yev, q/k and the like."""
    if one == other or _people_and_country(one, other):
        return True
    if min(len(one), len(other)) < _SHORTEST_FUZZY or one[0] not in _near_initials(other[0]):
        return False
    return Indel.normalized_similarity(_sound(one), _sound(other), score_cutoff=_SPELLING) > 0


def _people_and_country(one: str, other: str) -> bool:
    """Kazakh, Kazakhs and Kazakhstan, Bulgaria and Bulgarian: one begins with the other, plural aside."""
    shorter, longer = sorted((one.removesuffix("s"), other.removesuffix("s")), key=len)
    return len(shorter) >= _SHORTEST_STEM and longer.startswith(shorter)


def merge(stated: Sequence[Stated]) -> Stated:
    """What several quotations state together."""
    return Stated(
        frozenset().union(*(one.words for one in stated)),
        tuple(number for one in stated for number in one.numbers),
        tuple(date for one in stated for date in one.dates),
    )


def _normal(text: str) -> str:
    """NFKC, one kind of hyphen and space, no zero-width characters."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[\u2010-\u2015\u2212]", "-", text)
    return re.sub(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]", "", text)


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", anyascii(_APOSTROPHES.sub("", word)).lower())


def _sound(word: str) -> str:
    """Folds what transliterations disagree on: y/i/j, q/k, kh/h, doubled letters."""
    for one, other in (("kh", "h"), ("zh", "j"), ("ts", "c"), ("q", "k"), ("x", "ks"), ("y", "i"), ("j", "i")):
        word = word.replace(one, other)
    return re.sub(r"(.)\1+", r"\1", word.replace("ie", "e"))


def _near_initials(letter: str) -> str:
    return next((group for group in ("kqcx", "yjiegz", "wv", "uow", "hkx", "fph") if letter in group), "") + letter


def _names(text: str, known: set[str], first_word: bool) -> tuple[str, ...]:
    words = list(_WORD.finditer(text))
    names = []
    for position, match in enumerate(words):
        word = match.group()
        capital = word[0].isupper() or any(letter.isupper() for letter in word[1:])
        follower = words[position + 1].group() if position + 1 < len(words) else ""
        plain_opening = position == 0 and word[1:] == word[1:].lower()
        if not capital or (plain_opening and (word.lower() in _OPENERS or not (first_word or follower[:1].isupper()))):
            continue
        plain = _plain(word)
        if len(plain) > 1 and plain not in known and not plain.isdigit():
            names.append(plain)
    return tuple(dict.fromkeys(names))


def _initials(text: str) -> frozenset[str]:
    """Initials of names of several capitalised words, "of" aside: United Arab Emirates gives uae."""
    found: set[str] = set()
    for run in _CAPITALISED.finditer(text):
        initials = "".join(_plain(word)[:1] for word in _WORD.findall(run.group()) if word not in ("of", "and"))
        found.add(initials)
        found.update(initials[start:end] for end in range(3, len(initials) + 1) for start in range(end - 2))
    return frozenset(found)


def _numbers(text: str) -> tuple[Number, ...]:
    found = []
    for match in _NUMBER.finditer(text):
        scale = _SCALES[match["scale"].lower()] if match["scale"] else 1.0
        values = frozenset(round(value * scale, 6) for value in _readings(match["digits"]))
        currency = _CURRENCIES.get((match["sign"] or match["currency"] or "").lower(), "")
        found.append(Number(values, bool(match["percent"]), currency))
    words = [word.lower() for word in _WORD.findall(text)]
    found += [Number(frozenset({float(_COUNTS[word])}), False) for word in words if word in _COUNTS]
    return tuple(dict.fromkeys(found))


def _readings(digits: str) -> set[float]:
    """The values a run of digits may stand for: a comma or point before three digits is read both ways."""
    grouped = re.fullmatch(r"(\d{1,3}(?:[,. ]\d{3})+)(?:[.,](\d+))?", digits)
    readings = set()
    if grouped:
        whole = re.sub(r"\D", "", grouped[1])
        readings.add(float(f"{whole}.{grouped[2] or 0}"))
    if re.fullmatch(r"\d+(?:[.,]\d+)?", digits):
        readings.add(float(digits.replace(",", ".")))
    return readings


def _dates(text: str) -> tuple[Date, ...]:
    dates = []
    for match in _DATE.finditer(text):
        day, month, year = (
            next((match[f"{part}{n}"] for n in range(1, 5) if match[f"{part}{n}"]), None) for part in "dmy"
        )
        number = _month(month or "")
        if number and 1 <= int(day or 0) <= 31:
            dates.append(Date(int(day or 0), number, int(year) if year else None))
    return tuple(dict.fromkeys(dates))


def _month(word: str) -> int | None:
    if word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else None
    lower = word.lower()
    return next((n for n, starts in enumerate(_MONTHS, start=1) if lower.startswith(starts)), None)

"""What a number counts: a unit of a closed table in three languages, or the noun beside it.

Knows words, no values. The noun is found without a parser, so it is only good for telling that a text does not speak
of such a thing at all.
"""

import functools
import re

from rag.facts.words import Tongue, plain

VAGUE = frozenset({"person", "times"})  # units that any noun may stand for: 506 people are 506 passengers
_EXACT = {
    "km": "km", "kms": "km", "км": "km", "шқ": "km", "m": "m", "м": "m", "cm": "cm", "см": "cm", "mm": "mm", "мм": "mm",
    "km2": "km2", "км2": "km2", "m2": "m2", "м2": "m2", "m3": "m3", "м3": "m3", "kg": "kg", "кг": "kg", "т": "t",
    "га": "ha", "ha": "ha", "гг": "year", "г": "year", "year": "year", "лет": "year", "ч": "h", "мин": "min",
    "mw": "mw", "мвт": "mw", "kw": "kw", "квт": "kw", "gw": "gw", "гвт": "gw", "kwh": "kwh", "mwh": "mwh",
    "people": "person", "person": "person", "persons": "person", "людей": "person", "люди": "person",
    "чел": "person", "лиц": "person", "кісі": "person", "дня": "day", "дней": "day", "день": "day", "дни": "day",
    "дням": "day", "сутки": "day", "суток": "day", "ай": "month", "айда": "month", "айға": "month", "айлық": "month",
    "айдан": "month", "айдың": "month", "feet": "ft", "foot": "ft", "l": "l", "л": "l", "раз": "times", "раза": "times",
    "time": "times", "times": "times", "есе": "times", "рет": "times", "c": "degree", "пп": "pp", "gb": "gb",
    "гб": "gb", "tb": "tb", "тб": "tb",
}  # fmt: skip
_STEMS = {  # with at most five letters behind them
    "kilomet": "km", "километр": "km", "километров": "km", "шақырым": "km", "meter": "m", "metre": "m", "метр": "m",
    "centimet": "cm", "сантиметр": "cm", "millimet": "mm", "миллиметр": "mm", "kilogram": "kg", "килограм": "kg",
    "ton": "t", "tonne": "t", "тонн": "t", "hectare": "ha", "гектар": "ha", "litre": "l", "liter": "l", "литр": "l",
    "barrel": "bbl", "баррел": "bbl", "second": "s", "секунд": "s", "minute": "min", "минут": "min", "hour": "h",
    "часов": "h", "час": "h", "сағат": "h", "day": "day", "дневн": "day", "күн": "day", "week": "week",
    "недел": "week", "апта": "week", "month": "month", "месяц": "month", "месяч": "month", "year": "year",
    "год": "year", "летн": "year", "жыл": "year", "жас": "year", "человек": "person", "адам": "person",
    "megawatt": "mw", "мегаватт": "mw", "kilowatt": "kw", "киловатт": "kw", "gigawatt": "gw", "гигаватт": "gw",
    "degree": "degree", "градус": "degree", "кубометр": "m3", "mile": "mile", "миль": "mile", "мили": "mile",
    "gigabyte": "gb", "гигабайт": "gb", "terabyte": "tb", "терабайт": "tb",
}  # fmt: skip
_ENDING = re.compile(r"(?:re|er|e)?s?|[а-яёәғқңөұүһі]{0,5}")
_SQUARE = re.compile(r"(?:square|sq|квадратн\w*|кв|шаршы)\Z")
_CUBIC = re.compile(r"(?:cubic|cu|кубическ\w*|куб|текше)\Z")
_FOLLOWING = re.compile(r"(?P<glued>-?)(?P<word>[^\W\d_][^\W_]*)|(?P<degree>\s?°\s?[cс]?\b)|\.?\s+(?=[^\W\d_])")
_SMALL_WORDS = (
    "a an the this that these those of in on at by for from to with as and or but per than is are was were be "
    "been has have had will would can could may must not no it its he she they we who which when where while "
    "after before during since until last next ago more less each every into over under about also including such "
    "due в во на и с со по из для не что от за к ко о об у при как это или был была было были будет будут его их "
    "чем под после до года году но а также және мен пен бен үшін туралы бойынша дейін кейін бар жоқ бұл осы"
)
_SMALL = frozenset(_SMALL_WORDS.split())  # words behind which no longer stands what a number counts
_BESIDE_WORDS = "astam asa artyk kop zhuyk tayau deyin kem az emes"
_BESIDE = frozenset(_BESIDE_WORDS.split())  # Kazakh "more than" and the like
_BEFORE_UNITS_WORDS = (
    "full whole calendar working business consecutive metric additional more extra new жұмыс күнтізбелік"
)
_BEFORE_UNITS = frozenset(_BEFORE_UNITS_WORDS.split())  # words between a number and its unit
_IRREGULAR_WORDS = "men women children police staff personnel media aircraft sheep fish teeth lives"
_IRREGULAR = frozenset(_IRREGULAR_WORDS.split())
_GENERIC = re.compile(  # nouns that stand for any other
    r"(?:case|unit|item|thing|object|piece|point|other|place|facilit|sluchay|sluchae|edini|obekt|shtuk|mest"
    r"|zhaghday|nysan|dana|oryn)"
)
_ADJECTIVE = re.compile(r"\w+(?:ых|их|ые|ие|ый|ий|ая|яя|ое|ее|ого|его|ой|ей|ому|ыми|ими|ую)\Z")
_VERB = re.compile(r"\w+(?:ает|яет|ует|дит|жит|тся|лся|лась|лось|лись|ают|яют|уют|али|или|ала|ила)\Z")


@functools.lru_cache(maxsize=20_000)
def unit_of(word: str) -> str:
    """The code of a lower-case `word` that names a unit, in any form; an empty string for any other word."""
    if word in _EXACT:
        return _EXACT[word]
    for end in range(len(word), max(1, len(word) - 6), -1):
        code = _STEMS.get(word[:end])
        if code and _ENDING.fullmatch(word, end):
            return code
    return ""


def counted(after: str, language: Tongue) -> tuple[str, tuple[str, ...]]:
    """The unit code and the plain words that may name what a number counts. `after`: lower-case text behind it."""
    words = _words_behind(after)
    if not words:
        return "", ()
    first, second = words[0], words[1] if len(words) > 1 else ""
    if second and (_SQUARE.match(first) or _CUBIC.match(first)) and unit_of(second) in ("km", "m"):
        return unit_of(second) + ("2" if _SQUARE.match(first) else "3"), ()
    if second and (first.startswith(("процентн", "percentage")) or first == "пайыздық"):
        return "pp", ()
    unit = first if unit_of(first) else second if first in _BEFORE_UNITS or _ADJECTIVE.match(first) else ""
    code = unit_of(unit)
    return (code, (plain(unit),)) if code else ("", _nouns(words, language))


def generic(noun: str) -> bool:
    """Whether a plain word may stand for any other noun: cases, units, objects."""
    return _GENERIC.match(noun) is not None


def _words_behind(after: str) -> list[str]:
    """At most five words up to a small word or a sign, endings written behind figures left out."""
    words: list[str] = []
    at = 0
    while len(words) < 5:
        match = _FOLLOWING.match(after, at)
        if match is None:
            break
        at = match.end()
        word = match["word"]
        if match["degree"]:
            return words or ["degrees"]
        if word is None:
            continue
        if match.start() == 0:  # written together with the figure: 14km, 21st, 14-day, 500-ден
            if unit_of(word) or (match["glued"] and len(word) > 5):
                words.append(word)
            elif not match["glued"] and word.isascii():
                break
            continue
        if word in _SMALL:
            break
        if plain(word) not in _BESIDE:
            words.append(word)
    return words


def _nouns(words: list[str], language: Tongue) -> tuple[str, ...]:
    if language == "en":
        for place, word in enumerate(words):
            plural = len(word) > 3 and word[-1] == "s" and word[-2] not in "sui"
            if plural or word in _IRREGULAR:
                return tuple(map(plain, words[place : place + 2]))
        return ()
    if language == "ru":
        noun = next((word for word in words if not _ADJECTIVE.match(word)), "")
        return (plain(noun),) if len(noun) > 2 and not _VERB.match(noun) else ()
    return tuple(map(plain, words[:3])) if language == "kk" else ()

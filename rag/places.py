"""Countries and cities of the world by their names in English, Russian and Kazakh: India, Индия and Үндістан are one.

Names that sound alike (Кения, Kenya) are found by their sound anyway; others are in no text but by translation. The
names are CLDR's, which Babel carries: all countries, and the cities that time zones are called after. Knows no index.
"""

import functools
import re

from rag.facts import normal

_LANGUAGES = ("en", "ru", "kk")
_SHORTEST = 4  # letters of a name that may have an ending
_NO_CITIES = ("Antarctica/", "Etc/")  # stations called Vostok and Casey
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_ADJECTIVE = re.compile(r"(?:ая|ий|ый|ое|ие|ые)$")  # Саудовская, as every ending of it gives way to another
_VOWEL = re.compile(r"[аеёиоуыэюяйь]$")  # of a Russian name, which gives way too
_ENDING = re.compile(
    r"['’]s|"
    # Russian cases
    r"[аеёиоуыэюяйь]|ой|ою|ей|ею|ом|ем|ам|ами|ах|ов|ым|им|ую|ого|ому|ых|их|"
    # Kazakh plural and cases, then "of" and "who is from"
    r"[аяыиіь]?(?:[лдт][ае]р)?(?:[нд]?[дт][ае](?:[ғг][ыі])?|[ғгқк][ае]|[ндт][ыі]ң?|[ндт][ае]н|[мбп]ен|[лдт][ыі][қк])?"
)


def names_elsewhere(text: str) -> tuple[str, ...]:
    """What the places that `text` names are called in the other languages, in the order of the text."""
    said = [match.group() for match in _WORD.finditer(normal(text))]
    found: list[str] = []
    for start, word in enumerate(said):
        if word.isupper() and word.casefold() in _abbreviations():
            found += _abbreviations()[word.casefold()]
        for name, others in _by_opening().get(_opening(word), ()):
            if start + len(name) <= len(said) and all(map(_is_form, said[start:], name)):
                found += others
    known = text.casefold()
    return tuple(dict.fromkeys(other for other in found if other.casefold() not in known))


def _is_form(word: str, name: str) -> bool:
    """Whether `word` is `name` in some case."""
    word = word.casefold()
    if word == name or len(name) < _SHORTEST:
        return word == name
    stems = {name, *(() if name.isascii() else (_VOWEL.sub("", name), _ADJECTIVE.sub("", name)))}
    return any(word.startswith(stem) and _ENDING.fullmatch(word, len(stem)) for stem in stems)


def _opening(word: str) -> str:
    return word.casefold()[: _SHORTEST - 1]


@functools.cache
def _by_opening() -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    """(the words of a name, its place's other names) by the first letters."""
    names: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for place in _places():
        for name in place:
            words = tuple(word.casefold() for word in _WORD.findall(name))
            others = tuple(other for other in place if other != name)
            if words and others:
                names.setdefault(_opening(words[0]), []).append((words, others))
    return names


@functools.cache
def _abbreviations() -> dict[str, tuple[str, ...]]:
    """All names of a place by the initials of those that have several words: АҚШ, UAE."""
    found: dict[str, tuple[str, ...]] = {}
    for place in _places():
        for name in place:
            initials = "".join(word[0] for word in _WORD.findall(name) if word[0].isupper())
            if len(initials) > 1:
                found.setdefault(initials.casefold(), place)
    return found


@functools.cache
def _places() -> tuple[tuple[str, ...], ...]:
    """The names of each place, one a language, equal ones once."""
    from babel import Locale

    names: dict[str, list[str]] = {}  # by the code of a country or a time zone
    for language in _LANGUAGES:
        locale = Locale(language)
        countries = {str(code): str(name) for code, name in locale.territories.items()}
        cities = {str(zone): str(known["city"]) for zone, known in locale.time_zones.items() if "city" in known}
        for code, name in {**countries, **cities}.items():
            names.setdefault(code, []).append(name)
    for zone, known in names.items():  # English names a city only where the zone does not
        if "/" in zone and not any(map(str.isascii, known)):
            known.append(zone.rpartition("/")[2].replace("_", " "))
    places = (known for code, known in names.items() if not code.isdigit() and not code.startswith(_NO_CITIES))
    return tuple(tuple(dict.fromkeys(known)) for known in places)

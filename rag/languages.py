"""Text -> its language as ISO 639-1. Script and telling letters decide where they can, trigrams (lingua) elsewhere.

Knows nothing of articles. lingua runs in its low-accuracy mode: about 50 MB of memory instead of 390, and what it
lacks for short texts is made up here: a query of names and keywords tells no language by its trigrams (names of
people and places look Turkish or German to them), so short Latin text counts as English unless it clearly is not.
"""

import functools
import re
import unicodedata
from collections import Counter

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

_SAMPLE = 2_000  # characters that suffice
_SHORT = 80  # letters up to which a text counts as a query
_MIXED = 160  # letters up to which a text in two scripts is judged by its plain words, not by its letters
_SURE = 0.6  # confidence from which short Latin text is taken for another language than English
_LETTERS_A_SIGN = 3  # an ideograph or a Korean syllable weighs as much as three letters
_DEFAULT = "en"

_LATIN = (
    Language.ENGLISH, Language.GERMAN, Language.FRENCH, Language.SPANISH, Language.ITALIAN, Language.PORTUGUESE,
    Language.TURKISH, Language.VIETNAMESE, Language.DUTCH, Language.POLISH, Language.ROMANIAN,
)  # fmt: skip
_CYRILLIC = (Language.RUSSIAN, Language.KAZAKH, Language.UKRAINIAN, Language.BULGARIAN)
_ARABIC = (Language.ARABIC, Language.PERSIAN)

_ONE_LANGUAGE_SCRIPTS = {
    "HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "zh", "DEVANAGARI": "hi", "GREEK": "el",
    "HEBREW": "he", "THAI": "th", "GEORGIAN": "ka", "ARMENIAN": "hy", "BENGALI": "bn", "TAMIL": "ta",
}  # fmt: skip
_KAZAKH = frozenset("әғқңөұүһ")  # і is Ukrainian and Belarusian too
_UKRAINIAN = frozenset("їєґ")
_WORD = re.compile(r"[^\W\d_]+")
_RUSSIAN = (
    "что кто где когда как какой какая какие какое почему сколько зачем такое такой и в во на с со по о об для из от "
    "у к за это был была было были"
)
_ENGLISH = (
    "the of and is are was were what who whom whose which when where why how does did do has have had will would can "
    "could should to for from with by about between many much any tell list name give show say said"
)
_KAZAKH_PLAIN = "деген неше туралы болды болып болған арасында кезінде бойынша керек емес"  # without telling letters
_KAZAKH_WORDS = frozenset(_KAZAKH_PLAIN.split())
_RUSSIAN_WORDS, _ENGLISH_WORDS = frozenset(_RUSSIAN.split()), frozenset(_ENGLISH.split())


def detect_language(text: str) -> str:
    """The language most of `text` is in, ISO 639-1; 'en' when nothing can be told."""
    sample = text[:_SAMPLE]
    letters = Counter(_script(char) for char in sample if char.isalpha())
    for script in ("CJK", "HANGUL"):
        letters[script] *= _LETTERS_A_SIGN
    if not letters.total():
        return _DEFAULT
    if letters["HIRAGANA"] + letters["KATAKANA"] > 0.1 * letters.total():
        return "ja"  # Japanese may be mostly ideographs
    script = letters.most_common(1)[0][0]
    if script in ("LATIN", "CYRILLIC") and letters["LATIN"] and letters["CYRILLIC"] and letters.total() <= _MIXED:
        script = _script_of_plain_words(sample) or script
    if script == "LATIN":
        return _of_latin(sample)
    if script == "CYRILLIC":
        return _of_cyrillic(sample)
    if script == "ARABIC":
        return _told(sample, _ARABIC) or "ar"
    return _ONE_LANGUAGE_SCRIPTS.get(script, _DEFAULT)


def _script_of_plain_words(text: str) -> str | None:
    """The script of most words that are no names: those in lower case, and the first one. None if undecided."""
    words = _WORD.findall(text)
    plain = Counter(_script(word[0]) for place, word in enumerate(words) if place == 0 or word.islower())
    return None if plain["LATIN"] == plain["CYRILLIC"] else plain.most_common(1)[0][0]


def _of_cyrillic(text: str) -> str:
    words = [word for word in (w.lower() for w in _WORD.findall(text)) if _script(word[0]) == "CYRILLIC"]
    kazakh = sum(1 for word in words if word in _KAZAKH_WORDS or not _KAZAKH.isdisjoint(word))
    ukrainian = sum(1 for word in words if not _UKRAINIAN.isdisjoint(word))
    russian = sum(1 for word in words if word in _RUSSIAN_WORDS)
    # A Kazakh name in a Russian sentence does not make it Kazakh; in Kazakh two words in three have such letters.
    if kazakh and kazakh > russian and kazakh >= 0.25 * len(words):
        return "kk"
    if ukrainian and ukrainian >= 0.05 * len(words) and not kazakh:
        return "uk"
    if any("і" in word for word in words) and not russian:
        return _told(text, (Language.KAZAKH, Language.UKRAINIAN)) or "kk"
    if russian or len(words) < 4:
        return "ru"
    return _told(text, _CYRILLIC) or "ru"


def _of_latin(text: str) -> str:
    words = _WORD.findall(text)
    if sum(map(len, words)) > _SHORT:
        return _told(text, _LATIN) or _DEFAULT
    # Names say nothing: judge by the words in lower case, and the first one unless it begins a name of two words.
    plain = [word.lower() for word in words[1:] if word.islower()]
    if len(words) == 1 or (len(words) > 1 and words[1].islower()):
        plain.insert(0, words[0].lower())
    if any(word in _ENGLISH_WORDS for word in plain):
        return _DEFAULT
    foreign_letters = any(not char.isascii() for word in plain for char in word)
    if len(plain) < 3 and not foreign_letters:
        return _DEFAULT
    return _told(" ".join(plain), _LATIN, at_least=0.0 if foreign_letters else _SURE) or _DEFAULT


def _told(text: str, among: tuple[Language, ...], at_least: float = 0.0) -> str | None:
    best = _detector(among).compute_language_confidence_values(text)[0]
    return best.language.iso_code_639_1.name.lower() if best.value > at_least else None


@functools.cache
def _detector(among: tuple[Language, ...]) -> LanguageDetector:
    return LanguageDetectorBuilder.from_languages(*among).with_low_accuracy_mode().build()


@functools.lru_cache(maxsize=4096)
def _script(char: str) -> str:
    return unicodedata.name(char, "?").split(" ", 1)[0].split("-", 1)[0]

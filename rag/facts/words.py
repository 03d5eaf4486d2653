"""Words as they are compared: one Unicode form, one alphabet, lower-case. Knows no names and no numbers."""

import functools
import re
import unicodedata
from typing import Literal

from anyascii import anyascii

Tongue = Literal["en", "ru", "kk", ""]  # "" where a text is too short, or of another language, to tell

WORD = re.compile(r"[^\W_]+(?:[’'‘`-][^\W_]+)*")
_APOSTROPHES = re.compile(r"[’'‘`]s?\b")
_HYPHENS = re.compile(r"[\u2010-\u2015\u2212]")
# Zero-width signs, and the marks that no composed letter took in: a stress mark parts no word.
_INVISIBLE = re.compile(r"[\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
_LETTERS = re.compile(r"[^\W\d_]+")
_SEAM = re.compile(r"[a-zA-Z][а-яёА-ЯЁіІһҺ]|[а-яёА-ЯЁіІһҺ][a-zA-Z]")  # of two alphabets in one word
_LATIN, _CYRILLIC = "ABCEHKMOPTXYaceopxyihs", "АВСЕНКМОРТХУасеорхуіһѕ"  # pairs that look alike
_TO_CYRILLIC, _TO_LATIN = str.maketrans(_LATIN, _CYRILLIC), str.maketrans(_CYRILLIC, _LATIN)
_CYRILLIC_LETTER = re.compile("[а-яё]", re.IGNORECASE)
_KAZAKH_LETTER = re.compile("[әғқңөұүһі]", re.IGNORECASE)
_KAZAKH_WORD = re.compile(
    r"\b(?:мен|пен|астам|жылы|жылда|болды|деп|бойынша|туралы|дейін|емес|\w{3,}(?:йды|мады|бады|лды))\b", re.IGNORECASE
)
_RUSSIAN_WORD = re.compile(
    r"\b(?:в|во|на|и|с|со|по|из|для|не|что|от|за|к|о|об|у|при|как|это|или|более|около|до|он|она|они|бы(?:л[аио]?|ть)"
    r"|будет|будут|его|их|был|чем|под|после|году?)\b",
    re.IGNORECASE,
)
_ENGLISH_WORD = re.compile(
    r"\b(?:the|of|in|to|an?|is|are|was|were|and|by|for|on|at|it|has|have|had|will|with|from|than|that|this|not|be|been"
    r"|there|as|up|about|over|per)\b",
    re.IGNORECASE,
)


def normal(text: str) -> str:
    """NFKC, one kind of hyphen and space, no zero-width characters, no letters of a foreign alphabet inside a word."""
    if text.isascii():
        return text
    text = _INVISIBLE.sub("", _HYPHENS.sub("-", unicodedata.normalize("NFKC", text)))
    return _LETTERS.sub(_in_one_alphabet, text) if _SEAM.search(text) else text


@functools.lru_cache(maxsize=100_000)
def plain(word: str) -> str:
    """A word transliterated into lower-case Latin letters and digits, without apostrophes and an English genitive."""
    return re.sub(r"[^a-z0-9]", "", anyascii(_APOSTROPHES.sub("", word)).lower())


def tongue(text: str) -> Tongue:
    """The language of a sentence by its small words and letters; an empty string where they do not tell."""
    if not text.isascii():
        if _KAZAKH_LETTER.search(text):
            return "kk"
        if _RUSSIAN_WORD.search(text):
            return "ru"
        if _KAZAKH_WORD.search(text):
            return "kk"
    return "en" if _ENGLISH_WORD.search(text) else ""


def common_tongue(one: str, other: str) -> Tongue:
    """The language of both texts; one that does not tell has the other's if they share an alphabet."""
    told, other_told = tongue(one), tongue(other)
    if told and other_told:
        return told if told == other_told else ""
    one_alphabet = bool(_CYRILLIC_LETTER.search(one)) == bool(_CYRILLIC_LETTER.search(other))
    return (told or other_told) if one_alphabet else ""


@functools.lru_cache(maxsize=100_000)
def kin(one: str, other: str) -> bool:
    """Whether two plain words are probably forms of one: they begin alike and only endings differ.

    Errs on the side of yes: it serves to tell that a text does *not* speak of something.
    """
    if one == other:
        return True
    shorter, longer = sorted((one.removesuffix("s"), other.removesuffix("s")), key=len)
    if shorter == longer:
        return True
    shared = next((n for n, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    return shared >= 3 and shared >= len(shorter) - 3 and shared * 2 > len(longer)


def _in_one_alphabet(match: re.Match[str]) -> str:
    """A word of two alphabets in the one it has more letters of, where the others look like letters of that one."""
    word = match.group()
    latin = sum(letter.isascii() for letter in word)
    folded = word.translate(_TO_CYRILLIC if latin * 2 <= len(word) else _TO_LATIN)
    return folded if folded.isascii() or not any(letter.isascii() for letter in folded) else word

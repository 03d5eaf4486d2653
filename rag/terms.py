"""A text -> the terms that stand for it in the word index: stems, pieces of words, sounds. Knows no index.

One way serves every language, so that neither a question's language nor a passage's need be told:

- stems: English and Russian words by Snowball (each leaves the other's alphabet alone); of what is left of a Cyrillic
  word the first letters, for Kazakh puts its endings one behind the other: мектеп, мектептерінде;
- pieces: five letters of a Cyrillic word at a time, which endings and slips of the finger leave mostly alone;
- sounds: how a word would begin in the other alphabet, so that Токаев finds Tokayev and Qazaqstan finds Қазақстан.

Diacritics and the letters that Kazakh adds to the Russian alphabet are folded first: whoever has no Kazakh keyboard
types казакстан.
"""

import functools
import re
import unicodedata
from dataclasses import dataclass

import tantivy

from rag.facts import plain, sound

_LONGEST_WORD = 64  # bytes; longer "words" are noise, and a hostile one must not fill the dictionary
_STEM = 5  # letters of a Cyrillic word
_PIECE = 5  # letters, the mark at either end of a word among them
_EDGE = "_"  # stands before and behind a word that is cut in pieces, and in no word
_SOUND = 5  # letters
_SHORTEST_SOUND = 3  # letters of a word in the other alphabet; shorter ones sound like too many others
_KAZAKH = str.maketrans("әғқңөұүһіё", "агкноуухие")
_MARKS = re.compile(r"(?<!и)[\u0300-\u036f]|(?<=и)[\u0300-\u0305\u0307-\u036f]")  # but й is a letter of its own
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_LATIN = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a text, in the order of its words. `sounds` are as they stand in a text, see `sounded`."""

    stems: tuple[str, ...]
    pieces: tuple[str, ...]  # of Cyrillic words
    sounds: tuple[str, ...]  # an alphabet's letter, then the sound: lkazak of a word in Latin letters

    @property
    def sounded(self) -> tuple[str, ...]:
        """The sounds to look for: those of the same words written in the other alphabet."""
        return tuple(("c" if sound[0] == "l" else "l") + sound[1:] for sound in self.sounds)


def terms_of(text: str) -> Terms:
    """The terms of a passage or a question."""
    words, stemmed = (analyzer.analyze(_folded(text)) for analyzer in _analyzers())
    stems: list[str] = []
    pieces: list[str] = []
    sounds: list[str] = []
    for word, stem in zip(words, stemmed, strict=True):
        cyrillic = _CYRILLIC.search(word) is not None
        short = stem[:_STEM] if cyrillic else stem
        stems.append(short)
        if cyrillic:
            pieces += _pieces(word)
        if heard := _sound_of(word):
            sounds.append(heard)
    return Terms(tuple(stems), tuple(pieces), tuple(sounds))


@functools.cache
def _analyzers() -> tuple[tantivy.TextAnalyzer, tantivy.TextAnalyzer]:
    """Words as they are written, and the same words stemmed."""
    keep_short = tantivy.Filter.remove_long(_LONGEST_WORD)
    english, russian = tantivy.Filter.stemmer("english"), tantivy.Filter.stemmer("russian")
    plain_words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(keep_short)
    stems = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(keep_short).filter(english).filter(russian)
    return plain_words.build(), stems.build()


def _folded(text: str) -> str:
    """Lower-case, without accents, in the letters that a Russian keyboard has."""
    bare = _MARKS.sub("", unicodedata.normalize("NFD", text.lower()))
    return unicodedata.normalize("NFC", bare).translate(_KAZAKH)


def _pieces(word: str) -> list[str]:
    whole = f"{_EDGE}{word}{_EDGE}"
    return [whole[start : start + _PIECE] for start in range(max(1, len(whole) - _PIECE + 1))]


@functools.lru_cache(maxsize=100_000)
def _sound_of(word: str) -> str | None:
    """How a word begins, whichever alphabet it is in; None of numbers, short words and further alphabets."""
    alphabet = "c" if _CYRILLIC.search(word) else "l" if _LATIN.match(word) else None
    latin = plain(word)
    if alphabet is None or len(latin) < _SHORTEST_SOUND or latin.isdigit():
        return None
    return alphabet + sound(latin).replace("h", "k")[:_SOUND]  # Kazakhstan is Qazaqstan

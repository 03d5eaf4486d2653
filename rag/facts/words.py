"""Words as they are compared: one Unicode form, one alphabet, lower-case. Knows no names and no numbers."""

import re
import unicodedata

from anyascii import anyascii

WORD = re.compile(r"[^\W_]+(?:[’'‘`-][^\W_]+)*")
_APOSTROPHES = re.compile(r"[’'‘`]s?\b")


def normal(text: str) -> str:
    """NFKC, one kind of hyphen and space, no zero-width characters."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[\u2010-\u2015\u2212]", "-", text)
    return re.sub(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]", "", text)


def plain(word: str) -> str:
    """A word transliterated into lower-case Latin letters and digits, without apostrophes and an English genitive."""
    return re.sub(r"[^a-z0-9]", "", anyascii(_APOSTROPHES.sub("", word)).lower())

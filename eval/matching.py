"""When two pieces of text say the same number, name or phrase. Knows no questions, no answers and no scores.

On purpose not what verification in `rag` uses: a judge that shares the defendant's blind spots sees nothing.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from difflib import SequenceMatcher

from anyascii import anyascii
from rapidfuzz.distance import LCSseq

_HYPHENS = re.compile(r"[\u2010-\u2015\u2212\ufe63\uff0d]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200d\u2060\ufeff]")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "«": '"', "»": '"', "„": '"'})
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?:,\d{3})+|(?: \d{3})+)(?![\d]|[.,]\d{3})")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_FIGURES = re.compile(r"\d+(?:\.\d+)*")
_SCALES = {
    "thousand": 10**3, "тыс": 10**3, "мың": 10**3, "million": 10**6, "mln": 10**6, "млн": 10**6, "миллион": 10**6,
    "billion": 10**9, "bln": 10**9, "млрд": 10**9, "миллиард": 10**9, "trillion": 10**12, "trln": 10**12,
    "трлн": 10**12, "триллион": 10**12,
}  # fmt: skip
_SCALE = re.compile(rf"[ -]?({'|'.join(_SCALES)})")
_NUMBER_WORDS = {
    word: Decimal(value)
    for value, words in enumerate(
        ("one один одна бір", "two два две екі", "three три үш", "four четыре төрт", "five пять бес",
         "six шесть алты", "seven семь жеті", "eight восемь сегіз", "nine девять тоғыз", "ten десять он",
         "eleven одиннадцать", "twelve двенадцать"),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_SENTENCE_END = re.compile(r"[.!?:;…•\n]\W*$")
_QUOTED = 0.9  # of a quotation's words
_SAME_SCRIPT, _OTHER_SCRIPT = 0.85, 0.7  # likeness of two spellings of a name, in one script and across two


def fold(text: str) -> str:
    """NFKC, case-folded, with one kind of space, hyphen and quotation mark, thousands joined, decimal points."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold().translate(_QUOTES)
    text = re.sub(r"\s+", " ", _HYPHENS.sub("-", text))
    text = _THOUSANDS.sub(lambda match: match[1] + re.sub(r"[, ]", "", match[2]), text)
    return _DECIMAL_COMMA.sub(".", text)


def contains(text: str, phrase: str) -> bool:
    """Whether `phrase` stands in `text` after folding: from the start of a word, and to the end of a number.

    A word may go on ("Mustabekov" is in "Mustabekov's"), a number may not ("208" is not in "2,080" or "208.5").
    """
    phrase = fold(phrase).strip()
    start = r"(?<![\w])(?<!\d[.])" if phrase[:1].isalnum() else ""
    end = r"(?![\d]|[.]\d)" if phrase[-1:].isdigit() else ""
    return re.search(start + re.escape(phrase) + end, fold(text)) is not None


def stands_in(text: str, quote: str) -> bool:
    """Whether a quotation stands in a text: folded, or nine tenths of its words in their order and close together.

    So a quotation counts that a cut or a headline in between took a word from; close is within half as many words
    again. A blank quotation stands nowhere.
    """
    if not (words := fold(quote).split()):
        return False
    if " ".join(words) in (folded := fold(text)):
        return True
    read, step, reach = folded.split(), max(1, len(words) // 4), len(words) * 3 // 2 + 1
    return any(
        LCSseq.similarity(words, read[start : start + reach]) >= _QUOTED * len(words)
        for start in range(0, len(read), step)
    )


def numbers(text: str) -> set[Decimal]:
    """The numbers in a text in digits, multiplied by a "thousand", "млн" or the like that follows."""
    folded = fold(text)
    found: set[Decimal] = set()
    for match in _FIGURES.finditer(folded):
        parts = match[0].split(".")
        if len(parts) > 2:  # a date or a version
            found.update(Decimal(part) for part in parts)
            continue
        scale = _SCALE.match(folded, match.end())
        found.add(Decimal(match[0]) * (_SCALES[scale[1]] if scale else 1))
    return found


def number_words(text: str) -> set[Decimal]:
    """The numbers up to twelve written as words in English, Russian or Kazakh."""
    return {_NUMBER_WORDS[word] for word in _WORD.findall(fold(text)) if word in _NUMBER_WORDS}


def names(text: str) -> list[str]:
    """Capitalised words of two letters or more that do not open a sentence, in order, without a possessive 's."""
    found = []
    for match in _WORD.finditer(text):
        word = re.sub(r"['’]s$", "", match[0])
        opens = not text[: match.start()].strip() or _SENTENCE_END.search(text[: match.start()])
        if len(word) > 1 and word[0].isupper() and not opens:
            found.append(word)
    return found


def is_known_name(name: str, texts: Iterable[str]) -> bool:
    """Whether some word of the texts is this name: in another case, script, spelling or with another ending."""
    folded = _spelling(name)
    return any(
        _same_name(folded, _spelling(word), name.isascii() == word.isascii())
        for text in texts
        for word in _WORD.findall(text)
    )


def _spelling(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", anyascii(re.sub(r"['’]s$", "", word)).casefold())


def _same_name(a: str, b: str, same_script: bool) -> bool:
    if not a or not b:
        return False
    shorter, longer = sorted((a, b), key=len)
    if shorter == longer or (len(shorter) >= 4 and longer.startswith(shorter)):
        return True
    if len(shorter) < 4 or (shorter[0] != longer[0] and same_script):
        return False
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= (_SAME_SCRIPT if same_script else _OTHER_SCRIPT)

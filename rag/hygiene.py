"""Text that a stranger wrote -> what may go into a prompt, what may be quoted, and what a draft may not add. Pure.

An article may hold anything: characters that nobody sees, words of ten thousand letters, labels that look like turns of
a conversation or like a prompt's own, markup, orders. What is quoted is never changed here: a sentence may be quoted as
it stands, or not at all. Knows no model, no prompt and no question.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rag.facts import Stated, plain_words
from rag.orders import is_order
from rag.sentences import split_sentences

LONGEST_WORD = 100  # letters; no language that parts words has longer ones
_WORDS_ALIKE = 6  # words in a row that a sentence shares with a prompt only where it repeats it
_TELLING = 4  # letters from which on a word tells what a sentence is about
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that are drawn as nothing
_JOINERS = "\u200c\u200d"  # part of the spelling of Persian and Hindi, and of emoji
_OVERRIDES = re.compile("[\u202d\u202e]")  # show letters in another order than they stand
_SPACED = r"[0-9A-Za-z\u00c0-\u052f]"  # letters of scripts that part words by spaces
_LONG = re.compile(rf"{_SPACED}{{{LONGEST_WORD},}}")
_MARKER = re.compile(
    r"<\|[^|<>\n]{0,40}\|>|\[/?INST\]|<</?SYS>>|</?s>|<\|?/?(?:system|assistant|user)\|?>", re.IGNORECASE
)
_ROLE = (
    r"(?:system|assistant|user|human|ai|bot|developer|instructions?|response|система|ассистент|помощник|пользователь|человек|бот|жүйе|көмекші|"
    r"пайдаланушы)"
)
_SOURCE = r"(?:sources?|источники?|дереккөз\w{0,3})"
_ASKING = r"(?:questions?|answers?|excerpts?|text|instructions?|response|prompt|вопрос|ответ|сұрақ|жауап)"
_TURN = re.compile(rf"^[\s#>*_\[\]\d]*{_ROLE}[*_]*\s*[:：]", re.IGNORECASE)
_CREDIT = re.compile(
    rf"^[\s#>*_]*(?:[\[(【]\d[^\])】]{{0,20}}[\])】]\s*)*[\[(【]?{_SOURCE}[*_]*\s*(?:[:：]|\d+[\])】])", re.IGNORECASE
)
_LABEL = re.compile(rf"^([\s#>*_]*(?:{_ROLE}|{_SOURCE}|{_ASKING})(?: \d+)?[*_]*)\s*[:：]", re.IGNORECASE | re.MULTILINE)
_HEADING = re.compile(r"^(?:#{1,6}[ \t]+|[=\-]{3,}[ \t]*$|`{3,}\w*[ \t]*$)", re.MULTILINE)
_ACTIVE = re.compile(
    r"</?(?:script|iframe|object|embed|style|form|svg)\b|<\w+[^<>]{0,200}\bon\w+\s*=|!\[[^\]\n]{0,200}\]\(|"
    r"\]\(\s*(?:javascript|data|vbscript):|^\s*[{\[]\s*\"[^\"\n]{1,60}\"\s*[:,\]]",
    re.IGNORECASE,
)
_ADDED = re.compile(
    r"\b(?:https?|ftp|javascript|data|mailto):\S+|\bwww\.\S+|!?\[[^\]\n]{0,200}\]\([^)\n]*\)?|</?\w+[^<>\n]{0,200}>|`+|<\|[^|\n]*\|>|"
    r"(?!\(\d{4}\))[\[(【]\s*\d+(?:\s*[,;–-]\s*\d+)*\s*[\])】]|【[^】\n]*】?|\*\*|^#{1,6}\s|[{\[]\s*\"|\"\s*:|[{}]|\w+\(\)|[\w-]+\[\d+\]",
)


def for_prompt(text: str) -> str:
    """What a model may read of `text`: its quotable sentences, visible, without what looks like a part of the prompt.

    Not for quoting. A line of ordinary sentences stays as it is. May be empty.
    """
    lines = (_for_prompt(line) for line in re.split(r"[\n\r\u2028\u2029]", text))
    return "\n".join(line for line in lines if line)


def ordinary_part(question: str) -> str:
    """A question without the orders to the machine around it; the whole of it where nothing else would be left."""
    seen = _MARKER.sub(" ", visible(question))
    sentences = [seen[span.start : span.end] for span in split_sentences(seen)]
    kept = [one for one in sentences if not is_order(one) and _has_word(one)]
    asked = " ".join(kept if kept else sentences)
    return _LABEL.sub(r"\1 –", asked) or question


@lru_cache(maxsize=10_000)
def is_quotable(sentence: str) -> bool:
    """Whether a sentence of an article may prove anything: it has words, and is no order, turn, credit or machinery."""
    seen = visible(sentence)
    return not (
        not _has_word(seen)
        or _OVERRIDES.search(sentence)
        or _LONG.search(seen)
        or _MARKER.search(seen)
        or _TURN.match(seen)
        or _CREDIT.match(seen)
        or _ACTIVE.search(seen)
        or is_order(sentence)
    )


def visible(text: str) -> str:
    """The text without characters that are not seen; what stands for a space is one. Newlines and tabs stay.

    A joiner stays between letters of scripts that are spelt with it, and in emoji.
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(_seen(text, at, letter) for at, letter in enumerate(text))


def adds_markup(sentence: str, quoted: Sequence[str]) -> bool:
    """Whether a drafted sentence brings an address, markup, code or a marker that none of its quotations holds."""
    return any(not any(found[0] in quote for quote in quoted) for found in _ADDED.finditer(sentence))


def repeats_prompt(sentence: str, prompts: Iterable[str]) -> bool:
    """Whether six words in a row of `sentence`, or all it has if it has four or five, stand in an instruction."""
    words = plain_words(sentence)
    size = min(_WORDS_ALIKE, len(words))
    if size < _TELLING:
        return False
    runs = {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}
    for prompt in prompts:
        told = plain_words(prompt)
        if any(tuple(told[at : at + size]) in runs for at in range(len(told) - size + 1)):
            return True
    return False


def share_founded(sentence: str, stated: Stated, asked: Stated) -> float:
    """Share of the sentence's longer words that its quotations or the question hold in some spelling; 1 without any.

    Only to be compared within one language: a translation shares few words with what it translates.
    """
    words = {word for word in plain_words(sentence) if len(word) >= _TELLING}
    return sum(stated.has_name(word) or asked.has_name(word) for word in words) / len(words) if words else 1.0


def _for_prompt(line: str) -> str:
    sentences = [line[span.start : span.end] for span in split_sentences(line)]
    kept = [one for one in sentences if is_quotable(one)]
    said = line if len(kept) == len(sentences) else " ".join(kept)
    return _LABEL.sub(r"\1 –", _HEADING.sub("", visible(said))).strip()


def _seen(text: str, at: int, letter: str) -> str:
    if letter in "\n\t":
        return letter
    if letter in _JOINERS:
        around = text[max(0, at - 1) : at] + text[at + 1 : at + 2]
        return "" if not around or any(ord(one) < 0x590 or one in _JOINERS for one in around) else letter
    category = unicodedata.category(letter)
    if category in ("Cf", "Cs", "Co", "Cn") or 0xE0100 <= ord(letter) <= 0xE01EF:
        return ""
    if letter in "\u2028\u2029\r\x0b\x0c\x85":
        return "\n"
    return " " if category in ("Zs", "Cc") or letter in _FILLERS else letter


def _has_word(text: str) -> bool:
    return any(letter.isalnum() and letter not in _FILLERS for letter in text)

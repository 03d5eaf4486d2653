"""A sentence -> the short answers that it could give: amounts, days, names, lists of names, as they stand in it.

Chosen by rule and not by the model: a small one copies badly and asks "who" of every sentence. Knows no question.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from eval.matching import contains
from rag.facts.dates import MONTH_WORD

Kind = Literal["amount", "list", "name", "day"]

_UPPER = "A-ZÀ-ÖØ-ÞА-ЯЁӘҒҚҢӨҰҮҺІ"
_WORD = rf"[{_UPPER}](?:[\w’'-]*\w)?"
_NAME = rf"{_WORD}(?: (?:of |for |and the |of the |al-|de )?{_WORD})*"
_SCALE = r"(?:thousand|million|billion|trillion|mln|bln|тыс\.?|млн|млрд|трлн|тысяч\w*|миллион\w*|миллиард\w*|мың)"
_UNIT = r"(?!(?:of|and|in|to|on|at|by|for|from|or|with|as|than|и|в|на|по|до|за|с|и|мен|және)\b)[^\W\d_]{2,}"
_DAY = re.compile(
    rf"\b(?:\d{{1,2}} {MONTH_WORD}(?: \d{{4}})?|{MONTH_WORD} \d{{1,2}}(?:, \d{{4}})?)(?![\w])", re.IGNORECASE
)
_AMOUNT = re.compile(
    rf"(?<![\w.,:-])(?:[$€₸₽£] ?)?\d+(?:[., \u00a0]\d{{3}})*(?:[.,]\d+)?(?![\w:-])"
    rf"(?:%| per ?cent\b| процент\w*| пайыз\w*)?(?: {_SCALE})?(?: {_UNIT})?"
)
_ITEM = rf"{_WORD}(?: {_WORD})?"  # longer ones hold an "of" or an "and" of their own
_LIST = re.compile(rf"{_ITEM}(?:, {_ITEM})+,? (?:and|и|және) {_ITEM}")
_RUN = re.compile(rf"(?<!\w){_NAME}")
_VAGUE = re.compile(r"(?:19|20)\d\d(?: .*)?|\d")  # a year, or one digit of nothing in particular
_RANGE = re.compile(r"(?:from|between|от|с) $")  # before its first half


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """A piece of a sentence that could be asked for."""

    text: str
    kind: Kind


def short_answers(sentence: str) -> list[ShortAnswer]:
    """What could be asked for, amounts first; nothing is in two of them. A year is no amount,
    nor is the first half of a range."""
    found: list[ShortAnswer] = []
    taken: list[tuple[int, int]] = []
    for kind, match in _matches(sentence):
        is_free = not any(match.start() < end and start < match.end() for start, end in taken)
        if is_free and contains(sentence, match[0]):  # else the checks would not find it either
            found.append(ShortAnswer(match[0], kind))
            taken.append(match.span())
    order: tuple[Kind, ...] = ("amount", "list", "name", "day")
    return sorted(found, key=lambda one: order.index(one.kind))


def _matches(sentence: str) -> Iterator[tuple[Kind, re.Match[str]]]:
    """Longer kinds first, so that a day is no amount and a list no row of names."""
    for match in _DAY.finditer(sentence):
        yield "day", match
    for match in _AMOUNT.finditer(sentence):
        if not _VAGUE.fullmatch(match[0]) and not _RANGE.search(sentence[: match.start()]):
            yield "amount", match
    for match in _LIST.finditer(sentence):
        if match.start():
            yield "list", match
    for match in _RUN.finditer(sentence):
        if match.start() and " " in match[0]:  # a single word may be anything, and the first one is capitalised anyway
            yield "name", match

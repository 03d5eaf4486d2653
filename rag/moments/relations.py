"""How a time bounds what is asked: since it, after it, before it, by it, or during it.

Knows the words before a time in English and Russian and those after it in Kazakh; no calendar.
"""

import re
from enum import Enum, auto

from rag.types import Span


class Relation(Enum):
    """SINCE and BY include the time, AFTER and BEFORE don't."""

    DURING = auto()
    SINCE = auto()
    AFTER = auto()
    BEFORE = auto()
    BY = auto()


_BEFORE_IT = (
    (Relation.SINCE, re.compile(r"\b(?:since|starting(?: from)?|начиная с|со?)(?: the)? $", re.IGNORECASE)),
    (Relation.AFTER, re.compile(r"\b(?:after|после)(?: the)? $", re.IGNORECASE)),
    (Relation.BEFORE, re.compile(r"\b(?:before|prior to|earlier than|раньше|ранее)(?: the)? $", re.IGNORECASE)),
    (
        Relation.BY,
        re.compile(r"\b(?:by|until|till|up to|(?:no|not) later than|не позднее|до|ко?)(?: the)? $", re.IGNORECASE),
    ),
    (Relation.DURING, re.compile(r"\b(?:as of|as at|по состоянию на)(?: the)? $", re.IGNORECASE)),
)
_REACH = 40  # characters before a time in which the words that bound it stand
_FROM = re.compile(r"\bfrom $", re.IGNORECASE)
_ONWARDS = re.compile(r" (?:on|onwards?|and later)\b(?! (?:the|a)\b)", re.IGNORECASE)
_ABLATIVE = re.compile(r"[дтн][ае]н$", re.IGNORECASE)
_AFTER_IT = (  # Kazakh; the first two after a time in the ablative
    (Relation.SINCE, re.compile(r" (?:бастап|бері)(?!\w)", re.IGNORECASE)),
    (Relation.AFTER, re.compile(r" (?:кейін|соң)(?!\w)", re.IGNORECASE)),
    (Relation.BY, re.compile(r" дейін\w*", re.IGNORECASE)),
    (Relation.BEFORE, re.compile(r" бұрын(?!\w)", re.IGNORECASE)),
)
_NEEDS_ABLATIVE = (Relation.SINCE, Relation.AFTER)


def relation_of(text: str, at: Span) -> tuple[Span, Relation]:
    """Where the time `at` and the words that bound it stand together, and the relation that they state."""
    reach = max(0, at.start - _REACH)
    onwards = _ONWARDS.match(text, at.end)
    if onwards and (lead := _FROM.search(text, reach, at.start)):
        return Span(lead.start(), onwards.end()), Relation.SINCE
    for relation, words in _BEFORE_IT:
        if lead := words.search(text, reach, at.start):
            return Span(lead.start(), at.end), relation
    for relation, words in _AFTER_IT:
        if relation in _NEEDS_ABLATIVE and not _ABLATIVE.search(text, at.start, at.end):
            continue
        if tail := words.match(text, at.end):
            return Span(at.start, tail.end()), relation
    return at, Relation.DURING

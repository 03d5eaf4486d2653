"""Passages found -> those worth reading: repetitions left out. Pure; knows no model, no index.

News is copied: the same report stands in several articles, and what a second copy says is read for nothing. Two reports
whose figures differ are not copies, however alike their words: which is right is for the reader to see.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.facts import Facts, Stated, facts_in, plain_words, stated_in
from rag.types import Retrieved

_SHINGLE = 3  # words in a row that are compared
_REPEATED = 0.8  # share of a passage's shingles found in a better one from which on it is a copy
_Shingles = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Read:
    """What a passage says, ready to be compared."""

    shingles: _Shingles
    facts: Facts
    stated: Stated


def without_repetitions(found: Sequence[Retrieved]) -> list[Retrieved]:
    """The passages that say something beside those before them, in their order.

    A passage is left out if four fifths of its three-word runs stand in one earlier passage, whose text also states
    each of its names, numbers and dates. A longer passage that repeats an earlier one and adds to it stays.
    """
    kept: list[Retrieved] = []
    read: list[_Read] = []
    for item in found:
        text = item.passage.text
        common = plain_words(text, lower_case_only=True)
        one = _Read(_shingles(text), facts_in(text, common), stated_in(text))
        if not any(_repeats(one, earlier) for earlier in read):
            kept.append(item)
            read.append(one)
    return kept


def _shingles(text: str) -> _Shingles:
    words = [word for word in plain_words(text) if word]
    size = min(_SHINGLE, len(words))
    return (
        frozenset(tuple(words[start : start + size]) for start in range(len(words) - size + 1))
        if words
        else frozenset()
    )


def _repeats(one: _Read, earlier: _Read) -> bool:
    if not one.shingles:
        return False
    shared = len(one.shingles & earlier.shingles) / len(one.shingles)
    return shared >= _REPEATED and not len(earlier.stated.missing(one.facts))

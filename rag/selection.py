"""Passages found -> those worth reading: repetitions left out, neighbours put together. Pure; knows no model, no index.

News is copied: the same report stands in several articles, and what a second copy says is read for nothing. Two reports
whose figures differ are not copies, however alike their words: which is right is for the reader to see.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.facts import Facts, Stated, facts_in, plain_words, stated_in
from rag.types import Retrieved, Span

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


def join_neighbours(found: Sequence[Retrieved], source_text: Callable[[str], str]) -> list[Retrieved]:
    """Passages of one article between which nothing but blanks stands, as one passage in the better one's place.

    `source_text` gives the text of a source by its sha256. A joined passage is still the source text at its span and
    bears the better one's id, score and ranks; it is meant to be read, not to be looked up by that id.
    """
    joined = list(found)
    place = 0
    while place < len(joined):
        follower = next((n for n in range(place + 1, len(joined)) if _adjoin(joined[place], joined[n], source_text)), 0)
        if follower:
            joined[place] = _one(joined[place], joined.pop(follower), source_text)
        else:
            place += 1
    return joined


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


def _adjoin(one: Retrieved, other: Retrieved, source_text: Callable[[str], str]) -> bool:
    """Whether the two follow one another inside one piece of one article."""
    if one.article.article_id != other.article.article_id:
        return False
    first, second = sorted((one.passage.span, other.passage.span))
    within = any(piece.start <= first.start and second.end <= piece.end for piece in one.article.body)
    return within and first.end <= second.start and not _between(one, first, second, source_text).strip()


def _between(item: Retrieved, first: Span, second: Span, source_text: Callable[[str], str]) -> str:
    return source_text(item.article.source_sha256)[first.end : second.start]


def _one(better: Retrieved, other: Retrieved, source_text: Callable[[str], str]) -> Retrieved:
    spans = better.passage.span, other.passage.span
    whole = Span(min(span.start for span in spans), max(span.end for span in spans))
    text = source_text(better.article.source_sha256)[whole.start : whole.end]
    return replace(better, passage=replace(better.passage, span=whole, text=text))

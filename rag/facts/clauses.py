"""A text cut into clauses, with the words in them that carry meaning. No parser: signs and small words cut.

Knows one language at a time; what is compared across languages is figures alone.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from rag.facts.figures import Figure, figures_in, written
from rag.facts.words import WORD, kin, normal, plain

_CUT = re.compile(
    r"[;:()\[\]«»“”\"]|[.!?…](?=\s|\Z)|,(?!\d)|(?<=[a-z])\s-\s(?=[a-z])"
    r"|\b(?:and|but|while|whereas|although|though|because|which|who|whereby|after which|и|а|но|однако|хотя|тогда как"
    r"|который|которая|которое|которые|және|ал|бірақ)\b"
)
_STOP = re.compile(r"[.!?…]+(?=\s|\Z)")
_EMPTY_WORDS = (
    "a an the this that these those of in on at by for from to with as or than is are was were be been being am "
    "it its he she they we you i his her their our who whom has have had do does did will would can could may "
    "might shall should must not no nor never there here also only just very so such about over under up more "
    "less least most percent per cent said says according which what when where if into out between during "
    "through year years v vo na i s so po iz dlya ne chto ot za k ko o ob u pri kak eto ili byl byla bylo byli "
    "budet budut ego ih on ona oni byt est li by zhe tak takzhe bolee menee okolo pochti net ni bez zhane men pen "
    "ben ushin turaly boyynsha deyin keyin bar zhok emes bul ol osy da de ta te edi eken"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a sentence without a sign or a conjunction in it. `sentence`: the number of its sentence."""

    text: str  # lower-case, counts in digits
    words: tuple[str, ...]  # plain words that carry meaning, in order, without figures
    figures: tuple[Figure, ...]
    sentence: int

    def shares(self, words: tuple[str, ...]) -> int:
        """How many of `words` stand in this clause in some form."""
        return sum(any(kin(word, own) for own in self.words) for word in words)


@dataclass(frozen=True, slots=True)
class Read:
    """A text as `written` gives it, and its clauses."""

    text: str
    clauses: tuple[Clause, ...]

    def sentence_of(self, clause: Clause) -> tuple[Clause, ...]:
        """All clauses of the sentence that `clause` stands in."""
        return tuple(one for one in self.clauses if one.sentence == clause.sentence)


def clauses_in(text: str) -> Read:
    """The clauses of `text` in order; empty ones are left out, no figure is."""
    whole = written(normal(text))
    figures = figures_in(whole)
    inside = [range(figure.start, figure.end) for figure in figures]
    cuts = [m.span() for m in _CUT.finditer(whole) if not any(m.start() in span for span in inside)]
    stops = [m.start() for m in _STOP.finditer(whole)]
    edges = [(0, 0), *cuts, (len(whole), len(whole))]
    clauses = []
    for (_, start), (end, _) in pairwise(edges):
        part = whole[start:end]
        own = tuple(figure for figure in figures if start <= figure.start < end)
        if own or part.strip():
            words = tuple(filter(_carries_meaning, map(plain, WORD.findall(part))))
            clauses.append(Clause(part, words, own, sum(stop < end for stop in stops)))
    return Read(whole, tuple(clauses))


def _carries_meaning(word: str) -> bool:
    return (
        len(word) > 1
        and word not in _EMPTY
        and not word[0].isdigit()
        and not word.startswith(("protsent", "percent", "payyz"))
    )

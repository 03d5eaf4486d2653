"""Whether a sentence ties figures together that its quotation keeps apart. Closed rules, no parser, one language.

"Crime fell 4 percent, or 1,300 cases" is fused from "Crime fell 8 percent, or 1,300 cases; fraud fell 4 percent".
What it can't tell it lets pass.
"""

import re
from itertools import pairwise

from rag.facts.clauses import Clause, Read, clauses_in
from rag.facts.figures import Figure, Number, figures_in, written
from rag.facts.words import common_tongue, kin, normal

_TIE = re.compile(  # between two figures of which one says the other again
    r"(?:\s?%|[^\d.,;:()]{0,30}?)\s?(?:,?\s+or\s+|,?\s*\(\s*|,?\s+(?:that is|i\.e\.),?\s+|,?\s+или\s+|,\s+то есть\s+"
    r"|,?\s+яғни\s+|,?\s+немесе\s+)(?:about |some |nearly |by |на |около )?\Z"
)


def fused(sentence: str, quotation: str) -> bool:
    """Whether `sentence` ties a figure to another, or to a subject, that `quotation` ties to a different figure.

    False across languages, and for a text and itself.
    """
    said, quoted = clauses_in(sentence), clauses_in(quotation)
    if not common_tongue(said.text, quoted.text):
        return False
    return _tied_otherwise(_ties(sentence), _ties(quotation)) or any(
        _misplaced(figure.number, clause, said, quoted) for clause in said.clauses for figure in clause.figures
    )


def _ties(text: str) -> list[tuple[Number, Number]]:
    """Figures that stand beside each other as "X or Y", "X (Y)", "X, that is Y"."""
    whole = written(normal(text))
    return [
        (one.number, other.number)
        for one, other in pairwise(figures_in(whole))
        if _TIE.match(whole, one.end, other.start)
    ]


def _tied_otherwise(said: list[tuple[Number, Number]], quoted: list[tuple[Number, Number]]) -> bool:
    """Whether a figure is tied to one of the same kind as in the quotation, but of another value."""
    for pair in said:
        if any(_same_pair(pair, other) for other in quoted):
            continue
        for other in quoted:
            for mine, theirs in ((0, 0), (0, 1), (1, 0), (1, 1)):
                partner, their_partner = pair[1 - mine], other[1 - theirs]
                if pair[mine].same_as(other[theirs]) and _same_kind(partner, their_partner):
                    return True
    return False


def _same_pair(one: tuple[Number, Number], other: tuple[Number, Number]) -> bool:
    return any(one[0].same_as(first) and one[1].same_as(second) for first, second in (other, other[::-1]))


def _same_kind(one: Number, other: Number) -> bool:
    """Whether the one might have been mistaken for the other: both per cent, one currency, one unit, one noun."""
    if one.values & other.values or one.percent != other.percent or one.currency != other.currency:
        return False
    if one.percent or one.currency:
        return True
    nouns = not one.nouns or not other.nouns or any(kin(a, b) for a in one.nouns for b in other.nouns)
    return one.unit == other.unit and nouns


def _misplaced(number: Number, clause: Clause, said: Read, quoted: Read) -> bool:
    """Whether the words that `clause` has beside `number` stand, in the quotation, beside another figure of its kind.

    So they do if each clause of the quotation with this figure lacks a word of the sentence and has a subject of its
    own, while a clause with the other figure, which the sentence leaves out, has all of its words.
    """
    words = clause.words
    homes = [one for one in quoted.clauses if any(number.same_as(other.number) for other in one.figures)]
    if not homes or len(words) < 2 or any(_at_home(words, home, quoted) for home in homes):
        return False
    stated = [figure.number for one in said.clauses for figure in one.figures]
    for other in quoted.clauses:
        if other in homes or other.shares(words) < len(words):
            continue
        if any(_taken_for(figure, number, stated) for figure in other.figures):
            return True
    return False


def _at_home(words: tuple[str, ...], home: Clause, quoted: Read) -> bool:
    """Whether `words` fit a clause: none is missing in it, or what it has beside them is no subject of its own."""
    if home.shares(words) == len(words):
        return True
    around = [one for one in quoted.sentence_of(home) if one is not home and not one.figures]
    if around and home.shares(words) + max(one.shares(words) for one in around) >= len(words):
        return True  # the subject stands in a clause before
    own = [word for word in home.words if not any(kin(word, said) for said in words)]
    return not own


def _taken_for(figure: Figure, number: Number, stated: list[Number]) -> bool:
    return _same_kind(figure.number, number) and not any(figure.number.same_as(one) for one in stated)

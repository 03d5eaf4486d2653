"""Whether what is cited proves what is said. Knows citations by number and a judge's word, no texts.

The judge is whoever answers `Supports`; `eval/judges.py` has two. ALCE's metrics (Gao et al. 2023, arXiv:2305.14627,
section 4) are those of its evaluation script, with one addition: a judge may be unable to tell.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.metrics.undefined import Undefined

Supports = Callable[[frozenset[int]], bool | None]  # do these citations together state the sentence? None: can't tell


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence as its citations see it: their numbers, and the judge's word on any set of them."""

    citations: frozenset[int]
    supports: Supports


@dataclass(frozen=True, slots=True)
class Alce:
    """An answer's citations in ALCE's sense, shares in [0, 1]; None where the judge could tell of nothing.

    `undecided` counts the sentences and citations that were left out because the judge could not tell.
    """

    supported: float | None  # citation recall
    needed: float | None  # citation precision
    undecided: int


def alce(sentences: Sequence[CitedSentence]) -> Alce:
    """Citation recall and precision of one answer.

    recall = share of the sentences that their citations together support; one without citations is not supported.
    precision = share of the citations, over all sentences, that are precise: the sentence is supported, and the
    citation is not irrelevant. Irrelevant is one that alone does not support it while the others without it do.
    An answer that cites nothing has precision 0, as in ALCE's script.

    Where the judge can't tell (None), truth is of three values: a sentence or citation is undecided if its value
    depends on what the judge can't tell, and is left out of the mean, numerator and denominator. A set supporting or
    not supporting says nothing of another set: the judge is asked, each set once, and only where the value
    depends on it. Raises Undefined for an answer without sentences.
    """
    if not sentences:
        raise Undefined("citation recall and precision of an answer without sentences are undefined")
    supported: list[bool | None] = []
    needed: list[bool | None] = []
    for sentence in sentences:
        whole = sentence.supports(sentence.citations) if sentence.citations else False
        supported.append(whole)
        needed += [_is_needed(one, sentence, whole) for one in sorted(sentence.citations)]
    return Alce(
        supported=_decided_share(supported),
        needed=_decided_share(needed) if needed else 0.0,
        undecided=sum(value is None for value in supported + needed),
    )


def _is_needed(one: int, sentence: CitedSentence, whole: bool | None) -> bool | None:
    """whole and (alone or not rest), each of true, false and unknown (Kleene 1952, section 64)."""
    others = sentence.citations - {one}
    if not whole or not others:  # a sentence that nothing is known to support; a sole citation, needed if it supports
        return whole
    alone = sentence.supports(frozenset({one}))
    if alone:
        return True
    rest = sentence.supports(others)
    if rest is False:
        return True
    return False if alone is False and rest else None


def _decided_share(values: Sequence[bool | None]) -> float | None:
    decided = [value for value in values if value is not None]
    return sum(decided) / len(decided) if decided else None

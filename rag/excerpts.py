"""Weighed sentences -> the few that a prompt shows. A short prompt is the speed, and what can't matter only misleads.

Knows sentences and the embedder's count of tokens; no model's answer.
"""

from collections.abc import Iterator, Sequence

from rag.asked import asks_for_list
from rag.evidence import Evidence
from rag.grounding import items_introduced
from rag.types import Embedder
from rag.weighing import Weighed

EXCERPT_TOKENS = 220  # of sentences in a prompt, by the embedder's count
LISTED_TOKENS = 330  # where several things are asked for, which stand in several sentences
_FIRST = 4  # worthiest sentences, before what stands around the best one
_LISTED = 2  # of them whose whole passages are read for a list
_AROUND = (1, -1, 2)  # of it, in its passage: what a sentence goes on with more often explains it than what precedes


def choose_excerpts(question: str, weighed: Sequence[Weighed], embedder: Embedder) -> list[Evidence]:
    """The sentences that fit a prompt together: the worthiest, the best one's neighbours, then as many as fit.

    Where several things are asked for, the whole passages of the two best come first. A line that introduces a list
    brings it along. Always holds the first; each sentence once.
    """
    listed = asks_for_list(question)
    order = list({id(one): one for one in (_by_passage(weighed) if listed else _in_order(weighed))}.values())
    sizes = embedder.count_tokens([one.text for one in order])
    chosen: list[Evidence] = []
    said: set[str] = set()
    left = LISTED_TOKENS if listed else EXCERPT_TOKENS
    for one, size in zip(order, sizes, strict=True):
        if (not chosen or size <= left) and one.text not in said:
            chosen.append(one)
            said.add(one.text)
            left -= size
    return chosen


def _in_order(weighed: Sequence[Weighed]) -> Iterator[Evidence]:
    evidence = [one.evidence for one in weighed]
    for one in evidence[:_FIRST]:
        yield one
        yield from items_introduced(one, _of_passage(one, evidence))
    if evidence:
        passage = _of_passage(evidence[0], evidence)
        at = passage.index(evidence[0])
        yield from (passage[at + step] for step in _AROUND if 0 <= at + step < len(passage))
    yield from evidence[_FIRST:]


def _by_passage(weighed: Sequence[Weighed]) -> Iterator[Evidence]:
    """The best sentence, then what stands around it and around the second, nearest first; then the others."""
    evidence = [one.evidence for one in weighed]
    for one in evidence[:_LISTED]:
        passage = _of_passage(one, evidence)
        at = passage.index(one)
        yield from sorted(passage, key=lambda other: abs(passage.index(other) - at))
    yield from evidence


def _of_passage(one: Evidence, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentences of the passage of `one`, in their order."""
    return sorted((other for other in evidence if other.item is one.item), key=lambda other: other.span)

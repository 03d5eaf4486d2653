"""Which sentences answer a question: near it, from a passage found for it, of the kind asked for, and, by the language
model's own yes or no, stating the answer.

Knows sentences one at a time and asks one next-token question about each; writes nothing and refuses nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.asked import lacks_answer
from rag.drafting import stated_prompt
from rag.evidence import Evidence
from rag.grounding import Vector
from rag.types import Generator, StopCheck

JUDGED = 6  # sentences that the model is asked about at most, best first: a third of a second each
ENOUGH = 3  # from which on it is asked of no more, once it is sure of one
_STATES = 1.0  # log-odds of a yes that is sure; a lower bar put a gold sentence first less often
_FOUND = 0.6  # worth of the passage's score beside the sentence's cosine; with the next two fitted on the dev half
_SURE = 0.06  # of the log-odds of the model's yes
_LACKING = 0.2  # of holding no amount, time, money or person where one is asked for
_FLOOR = 1e-4  # no probability of one step is surer
_DRAFTED = 1.0  # of the cosine of the sentence and a draft
_UNASKED = -4.0  # log-odds of what the model was not asked about, where it was asked about better ones


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """A sentence with its worth as an answer; `sure`: the model's probability that it states it, None if not asked."""

    evidence: Evidence
    worth: float
    sure: float | None


def weigh(question: str, evidence: Sequence[Evidence], generator: Generator | None, stop: StopCheck) -> list[Weighed]:
    """The sentences of `evidence`, worthiest first; without a generator, by nearness and kind alone.

    A sentence that asks something is no answer, but where there is nothing else. Raises EngineFailed, and Cancelled
    once `stop()` is true.
    """
    telling = [one for one in evidence if not one.text.endswith("?")] or evidence
    ranked = sorted(telling, key=lambda one: -_worth(question, one))
    if generator is None:
        return [Weighed(one, _worth(question, one), None) for one in ranked]
    judged: list[Weighed] = []
    for one in ranked[:JUDGED]:
        if len(judged) >= ENOUGH and any(log_odds(other.sure) >= _STATES for other in judged):
            break
        sure = generator.yes_probability(stated_prompt(question, [one.alone]), stop=stop)
        judged.append(Weighed(one, _worth(question, one) + _SURE * log_odds(sure), sure))
    others = [Weighed(one, _worth(question, one) + _SURE * _UNASKED, None) for one in ranked[len(judged) :]]
    return sorted([*judged, *others], key=lambda one: -one.worth)


def nearest(weighed: Sequence[Weighed], drafted: Sequence[Vector]) -> Weighed:
    """The worthiest sentence; near a draft that could not be proved, which still says what kind of one to look for.

    `weighed` must not be empty; `drafted`: vectors of the draft's sentences, each (dim,), may be.
    """
    if not drafted:
        return weighed[0]
    near = [float(max(one.evidence.vector @ vector for vector in drafted)) for one in weighed]
    return max(zip(weighed, near, strict=True), key=lambda pair: pair[0].worth + _DRAFTED * pair[1])[0]


def log_odds(probability: float | None) -> float:
    """ln(p / (1 - p)), bounded; 0 where an engine can't tell."""
    if probability is None:
        return 0.0
    within = min(max(probability, _FLOOR), 1 - _FLOOR)
    return math.log(within / (1 - within))


def _worth(question: str, one: Evidence) -> float:
    return one.relevance + _FOUND * one.item.score - _LACKING * lacks_answer(question, one.text)

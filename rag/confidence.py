"""How likely an answer is right, from signals that do not depend on a model's mood; and when to refuse.

Knows the question, the proofs and the model's yes or no; nothing of how the answer was found. One logistic
regression, one threshold: both were fitted on the dev split of `eval/questions/seeds.jsonl`, see `eval/README.md`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.asked import lacks_answer
from rag.facts import facts_in, plain_words, stated_in
from rag.grounding import Proof
from rag.types import AbstainReason

_UNASKED = 1.0  # log-odds that stand for a verdict no model was asked for: a quotation speaks for itself


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for an answer. Shares and probabilities in [0, 1]."""

    stated: float | None  # the model's own "the text states this answer"; None where no model was asked
    contained: float | None  # the model's own "the text contains the answer", the answer unseen
    relevance: float  # best cosine of question and quotation
    unmet: float  # share of the question's names and figures that the quoted passages do not state
    wanting: bool  # a quantity, a time or a person was asked for, and the answer holds none that is new

    @classmethod
    def of(cls, question: str, proofs: Sequence[Proof], stated: float | None, contained: float | None) -> "Signals":
        """Read the signals off an answer; `proofs` must not be empty."""
        quotes = [one for proof in proofs for one in proof.quotes]
        around = {one.item.passage.passage_id: one.item for one in quotes}
        context = " ".join(
            f"{item.article.title}. {item.article.published_at or ''} {item.passage.text}" for item in around.values()
        )
        asked = facts_in(question, plain_words(context, lower_case_only=True))
        unmet = len(stated_in(context).missing(asked)) / max(1, len(asked))
        said = " ".join(proof.text for proof in proofs)
        return cls(stated, contained, max(one.relevance for one in quotes), unmet, lacks_answer(question, said))


def confidence(signals: Signals | None) -> float:
    """The probability that the answer is right; 0 without one."""
    if signals is None:
        return 0.0
    z = -1.5 + _logit(signals.stated) + _logit(signals.contained) - 2.0 * signals.unmet - 2.0 * signals.wanting
    return 1 / (1 + math.exp(-z))


def refusal_reason(signals: Signals | None, found: bool) -> AbstainReason | None:
    """Why not to answer, or None. `found`: whether retrieval gave anything."""
    if not found:
        return "no_results"
    if signals is None or confidence(signals) < 0.3:
        return "not_supported"
    return None


def _logit(probability: float | None) -> float:
    if probability is None:
        return _UNASKED
    within = min(max(probability, 1e-3), 1 - 1e-3)
    return math.log(within / (1 - within))

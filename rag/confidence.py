"""How likely an answer is right, from what can be said of it afterwards; and when to refuse.

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

REFUSED_BELOW = 0.385  # chosen on dev: it refuses all but one unanswerable question there, and of the right answers one
_JUDGED = (-1.3, 0.6, 1.4, -0.4, -1.0)  # bias, log-odds of stated and contained, unmet, wanting (too rare to be fitted)
_UNJUDGED = (1.0, -1.6, -2.0)  # bias, unmet, wanting: a quotation speaks for itself, if of what was asked
_HARDLY = 0.25  # the model's "contained" under which passages that share no word with a question are off its subject
_TELLING = 5  # letters from which on a word tells a subject


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for an answer. Shares and probabilities in [0, 1]."""

    stated: float | None  # the model's own "the text states this answer"; None where no model was asked
    contained: float | None  # the model's own "the text contains the answer", the answer unseen
    shared: float  # share of the question's longer words that stand in the quoted passages, in any spelling
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
        stands = stated_in(context)
        asked = facts_in(question, plain_words(context, lower_case_only=True))
        unmet = len(stands.missing(asked)) / max(1, len(asked))
        telling = {word for word in plain_words(question) if len(word) >= _TELLING}
        shared = sum(map(stands.has_name, telling)) / max(1, len(telling))
        said = " ".join(proof.text for proof in proofs)
        return cls(stated, contained, shared, unmet, lacks_answer(question, said))


def confidence(signals: Signals | None) -> float:
    """The probability that the answer is right; 0 without one."""
    if signals is None:
        return 0.0
    if signals.stated is None or signals.contained is None:
        bias, unmet, wanting = _UNJUDGED
        z = bias
    else:
        bias, stated, contained, unmet, wanting = _JUDGED
        z = bias + stated * _logit(signals.stated) + contained * _logit(signals.contained)
    z += unmet * signals.unmet + wanting * signals.wanting
    return 1 / (1 + math.exp(-z))


def refusal_reason(signals: Signals | None, found: bool) -> AbstainReason | None:
    """Why not to answer, or None. `found`: whether retrieval gave anything."""
    if not found:
        return "no_results"
    if signals is None:
        return "not_supported"
    if confidence(signals) >= REFUSED_BELOW:
        return None
    off_topic = signals.shared == 0 and (signals.contained or 0.0) < _HARDLY
    return "low_relevance" if off_topic else "not_supported"


def _logit(probability: float) -> float:
    within = min(max(probability, 1e-3), 1 - 1e-3)
    return math.log(within / (1 - within))

"""How likely an answer is right, from what can be said of it afterwards; and when to refuse.

Knows the question, the proofs and the model's yes or no; nothing of how the answer was found. One logistic
regression, one threshold: both were fitted on the dev split of `eval/questions/seeds.jsonl`, see `eval/README.md`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.asked import lacks_answer
from rag.facts import facts_in, plain_words, stated_in
from rag.grounding import Proof, log_odds
from rag.types import AbstainReason
from rag.weighing import Weighed

REFUSED_BELOW = 0.5
_JUDGED = (-1.0, 1.0, 0.3, -0.4, -1.0)  # bias, log-odds of stated and supported, unmet, wanting
_UNJUDGED = (1.0, -1.6, -2.0)  # bias, unmet, wanting: a quotation speaks for itself, if of what was asked
_HARDLY = 0.25  # the model's "stated" under which sentences that share no word with a question are off its subject
_TELLING = 5  # letters from which on a word tells a subject


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for an answer. Shares and probabilities in [0, 1]; None where no model was asked.

    stated: the model's own "the quotation states the answer", of the surest quotation. best: the same of the surest
    sentence of all. supported: its "the quotation says what the sentence says", of the least supported sentence; 1
    where all are quotations. shared: share of the question's longer words that stand in the quoted passages, in any
    spelling. unmet: share of the question's names and figures that these do not state. wanting: a quantity, a time or
    a person was asked for, and the answer holds none that is new.
    """

    stated: float | None
    best: float | None
    supported: float | None
    shared: float
    unmet: float
    wanting: bool

    @classmethod
    def of(cls, question: str, proofs: Sequence[Proof], weighed: Sequence[Weighed]) -> "Signals":
        """Read the signals off an answer; `proofs` must not be empty."""
        quotes = {id(one): one for proof in proofs for one in proof.quotes}
        around = {one.item.passage.passage_id: one.item for one in quotes.values()}
        context = " ".join(
            f"{item.article.title}. {item.article.published_at or ''} {item.passage.text}" for item in around.values()
        )
        stands = stated_in(context)
        asked = facts_in(question, plain_words(context, lower_case_only=True))
        telling = {word for word in plain_words(question) if len(word) >= _TELLING}
        sure = [one.sure for one in weighed if one.sure is not None]
        judged = [proof.said for proof in proofs if proof.said is not None]
        return cls(
            stated=max(
                (one.sure for one in weighed if one.sure is not None and id(one.evidence) in quotes), default=None
            )
            if sure
            else None,
            best=max(sure, default=None),
            supported=min(judged, default=1.0) if sure else None,
            shared=sum(map(stands.has_name, telling)) / max(1, len(telling)),
            unmet=len(stands.missing(asked)) / max(1, len(asked)),
            wanting=lacks_answer(question, " ".join(proof.text for proof in proofs)),
        )


def confidence(signals: Signals | None) -> float:
    """The probability that the answer is right; 0 without one."""
    if signals is None:
        return 0.0
    if signals.best is None:
        bias, unmet, wanting = _UNJUDGED
        z = bias
    else:
        bias, stated, supported, unmet, wanting = _JUDGED
        z = bias + stated * log_odds(signals.stated) + supported * log_odds(signals.supported)
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
    off_topic = signals.shared == 0 and (signals.best or 0.0) < _HARDLY
    return "low_relevance" if off_topic else "not_supported"

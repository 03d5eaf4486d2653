"""How likely an answer is right, from what can be said of it afterwards; and when to refuse.

Knows the question, the proofs and the model's yes or no; nothing of how the answer was found. One logistic
regression, one threshold: both were fitted on the dev split of `eval/questions/seeds.jsonl` and on SQuAD 2.0
questions, see `eval/README.md`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.asked import lacks_answer
from rag.facts import facts_in, plain_words, stated_in
from rag.grounding import Proof
from rag.types import AbstainReason
from rag.weighing import Weighed, log_odds

REFUSED_BELOW = 0.36  # from there on a further refusal of what no article answers costs four right answers
_JUDGED = (-1.35, 0.6, 0.83, -0.55, -0.66)
# bias, log-odds of sure and supported, failed, wanting
_UNJUDGED = (1.0, -1.6, -2.0)  # bias, unmet, wanting: a quotation speaks for itself, if of what was asked
_SUPPORT = (-0.12, 0.97)  # bias, log-odds of supported: fitted on the drafts of the dev half
_HARDLY = 0.25  # the model's "supported" under which sentences that share no word with a question are off its subject
_TELLING = 5  # letters from which on a word tells a subject


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for an answer. Shares and probabilities in [0, 1].

    supported: the model's word that the quotations state what was said, None where none was asked, or the engine can't
    tell. sure: its word that one sentence alone states the answer, of the sentence it is surest of, quoted or not: what
    the best says of the question tells more than what a half of a list does. failed: a draft was made and nothing of it
    could be proved. shared: share of the question's longer words that stand in the quoted passages, in any spelling.
    unmet: share of the question's names and figures that these do not state. wanting: a quantity, a time, a person or a
    named thing was asked for, and the answer holds none that is new.
    """

    supported: float | None
    sure: float | None
    failed: bool
    shared: float
    unmet: float
    wanting: bool

    @classmethod
    def of(
        cls,
        question: str,
        proofs: Sequence[Proof],
        weighed: Sequence[Weighed],
        supported: float | None,
        *,
        failed: bool,
    ) -> "Signals":
        """Read the signals off an answer; `proofs` must not be empty."""
        around = {one.item.passage.passage_id: one.item for proof in proofs for one in proof.quotes}
        context = " ".join(
            f"{item.article.title}. {item.article.published_at or ''} {item.passage.text}" for item in around.values()
        )
        stands = stated_in(context)
        asked = facts_in(question, plain_words(context, lower_case_only=True))
        telling = {word for word in plain_words(question) if len(word) >= _TELLING}
        return cls(
            supported=supported,
            sure=max((one.sure for one in weighed if one.sure is not None), default=None),
            failed=failed,
            shared=sum(map(stands.has_name, telling)) / max(1, len(telling)),
            unmet=len(stands.missing(asked)) / max(1, len(asked)),
            wanting=lacks_answer(question, " ".join(proof.text for proof in proofs)),
        )


def confidence(signals: Signals | None) -> float:
    """The probability that the answer is right; 0 without one."""
    if signals is None:
        return 0.0
    if signals.supported is None:
        bias, unmet, wanting = _UNJUDGED
        return _sigmoid(bias + unmet * signals.unmet + wanting * signals.wanting)
    bias, *weights = _JUDGED
    values = (
        log_odds(signals.sure),
        log_odds(signals.supported),
        signals.failed,
        signals.wanting,
    )
    return _sigmoid(bias + sum(weight * value for weight, value in zip(weights, values, strict=True)))


def support(proof: Proof, signals: Signals | None) -> float:
    """How surely its quotations support a sentence, in [0, 1]; its nearness, bounded, where no model was asked.

    A quotation supports itself. The model's probability is stretched as fits the dev half's drafts.
    """
    if proof.verbatim:
        return 1.0
    if signals is None or signals.supported is None:
        return min(max(proof.nearness, 0.0), 1.0)  # a cosine may be a rounding beyond 1, or below 0
    bias, slope = _SUPPORT
    return _sigmoid(bias + slope * log_odds(signals.supported))


def refusal_reason(signals: Signals | None, found: bool) -> AbstainReason | None:
    """Why not to answer, or None. `found`: whether retrieval gave anything."""
    if not found:
        return "no_results"
    if signals is None:
        return "not_supported"
    if confidence(signals) >= REFUSED_BELOW:
        return None
    off_topic = signals.shared == 0 and (signals.supported or 0.0) < _HARDLY
    return "low_relevance" if off_topic else "not_supported"


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-min(max(z, -500.0), 500.0)))

"""Which of a question's gold insights an answer states, and how well it cites them. Knows no gold answers and no means.

The judge is always the one that counts words, whoever judges the rest of a run: two runs then compare, and nothing
has to be asked of a model forty times a question. It is strict: every number and name of an insight must be there, and
half of its words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from eval.judges import WordsJudge
from eval.metrics.insights import citation_f1, coverage
from eval.sets import Insight


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer with its quotations and the articles that they lie in."""

    text: str
    quotes: tuple[str, ...]
    articles: frozenset[str]


def insights_met(insights: Sequence[Insight], said: Sequence[Sentence]) -> tuple[float | None, float | None]:
    """Coverage, and the mean citation F1 of the insights that are stated; each None where it is undefined.

    An insight is stated by the first sentence that, read with its quotations, states all of it, else by the whole
    answer; cited for it is what that sentence, or the whole answer, cites. What the judge can't tell of, as in another
    language, is left out. `docs` of the insights are ids of articles.
    """
    told = [(insight, _stating(insight.text, said)) for insight in insights]
    decided = [(insight, stating) for insight, (known, stating) in told if known]
    if not decided:
        return None, None
    cited = [citation_f1(stating.articles, insight.docs) for insight, stating in decided if stating is not None]
    return coverage([stating is not None for _, stating in decided]), sum(cited) / len(cited) if cited else None


def _stating(insight: str, said: Sequence[Sentence]) -> tuple[bool, Sentence | None]:
    """Whether the judge can tell, and what states the insight; None: nothing does."""
    whole = Sentence(
        "",
        tuple(text for one in said for text in (one.text, *one.quotes)),
        frozenset(article for one in said for article in one.articles),
    )
    verdict: bool | None = False
    for one in (*said, whole):
        verdict = _judge().supports(insight, [one.text, *one.quotes])
        if verdict:
            return True, one
    return verdict is not None, None  # of the whole answer: it holds what any sentence does


@cache
def _judge() -> WordsJudge:
    return WordsJudge()

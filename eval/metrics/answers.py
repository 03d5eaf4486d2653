"""How near an answer's words are to gold answers. Knows strings alone, no facts and no meaning.

Normalisation, exact match and token F1 are SQuAD's (Rajpurkar et al. 2016, section 6.1, and the evaluation script of
SQuAD 2.0); on ASCII text they give the same values. Made for spans of a few words: a right full sentence has a low F1
and no exact match, so they compare systems of one kind and say little of a single answer.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from eval.metrics.undefined import Undefined

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")  # Latin letters: the Cyrillic "а" (and, but) stays
_ASCII_PUNCTUATION = frozenset(string.punctuation)
_STRESS = "\N{COMBINING ACUTE ACCENT}"  # what NFKC leaves of it stands over Cyrillic vowels in dictionaries
_YO = str.maketrans("ё", "е")


def normalise(text: str) -> str:
    """SQuAD's order: lower case, no punctuation, no English articles, single spaces.

    Beyond ASCII: NFKC and case-folding; punctuation is all that Unicode calls so («», „“, —, …) and ASCII's symbols;
    invisible signs (soft hyphen, zero-width space) and stress marks go; ё is е, as Russian print has it. Other
    letters of Russian and Kazakh stay as they are; no other language's articles are known.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_YO)
    bare = "".join(sign for sign in folded if not _is_dropped(sign))
    return " ".join(_ARTICLES.sub(" ", bare).split())


def exact_match(said: str, gold: Sequence[str]) -> float:
    """1 if the normalised answer is one of the normalised gold answers, else 0.

    For a question without an answer SQuAD 2.0's gold is [""]. Raises Undefined where there is no gold at all.
    """
    return _best(lambda one: float(normalise(said) == normalise(one)), gold)


def token_f1(said: str, gold: Sequence[str]) -> float:
    """The best F1 over the gold answers, in [0, 1]: harmonic mean of the shares of common words.

    precision = common / words said, recall = common / words of gold, each word as often as both have it;
    F1 = 2 common / (said + gold). Two empty texts have 1, one 0, as in SQuAD 2.0. Raises Undefined without gold.
    """
    words = Counter(normalise(said).split())
    return _best(lambda one: _f1(words, Counter(normalise(one).split())), gold)


def _f1(said: Counter[str], gold: Counter[str]) -> float:
    if not said or not gold:
        return float(said == gold)
    return 2 * (said & gold).total() / (said.total() + gold.total())


def _best(score: Callable[[str], float], gold: Sequence[str]) -> float:
    if not gold:
        raise Undefined("likeness to gold answers is undefined: there are none")
    return max(map(score, gold))


def _is_dropped(sign: str) -> bool:
    category = unicodedata.category(sign)
    return sign in _ASCII_PUNCTUATION or sign == _STRESS or category == "Cf" or category.startswith("P")

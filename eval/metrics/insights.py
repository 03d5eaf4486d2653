"""An answer that should state many things, as Summary of a Haystack scores it (Laban et al. 2024, arXiv:2407.01370).

Knows for each gold insight whether it is stated and which ids are cited and gold; no texts and no judge. The formulas
are those of its `utils_eval.py`, without half coverage: an insight is stated or not. There a language model says which,
and a mean is over the insights of all questions; here whoever calls does, and means are over one question's. So no
figure compares with a published one.
"""

from collections.abc import Collection, Sequence

from eval.metrics.undefined import Undefined


def coverage(stated: Sequence[bool]) -> float:
    """Stated insights / insights, in [0, 1]. Raises Undefined of none."""
    if not stated:
        raise Undefined("coverage of no insights is undefined")
    return sum(stated) / len(stated)


def citation_f1(cited: Collection[str], gold: Collection[str]) -> float:
    """Of one stated insight: harmonic mean of precision and recall of the ids cited for it, in [0, 1].

    P = |cited ∩ gold| / |cited|, R = |cited ∩ gold| / |gold|, F1 = 2PR / (P + R) = 2 |cited ∩ gold| / (|cited| +
    |gold|), each id once; 0 where nothing is cited. Raises Undefined without gold.
    """
    if not gold:
        raise Undefined("citation F1 of an insight without gold documents is undefined")
    return 2 * len(set(cited) & set(gold)) / (len(set(cited)) + len(set(gold)))

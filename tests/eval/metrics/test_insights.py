"""Coverage and citation F1 of insights, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.insights import citation_f1, coverage
from eval.metrics.undefined import Undefined

IDS = st.lists(st.sampled_from("abcdef"))


def test_coverage_is_the_share_that_is_stated() -> None:
    """One of four."""
    assert coverage([True, False, False, False]) == 0.25
    with pytest.raises(Undefined):
        coverage([])


def test_citations_of_an_insight_are_held_against_its_documents() -> None:
    """P 1/2 and R 1/4; nothing right; nothing cited; an id cited twice counts once."""
    assert citation_f1(["a", "x"], ["a", "b", "c", "d"]) == pytest.approx(1 / 3)  # 2 · 1/2 · 1/4 / (1/2 + 1/4)
    assert citation_f1(["x"], ["a"]) == 0.0
    assert citation_f1([], ["a"]) == 0.0
    assert citation_f1(["a", "a"], ["a"]) == 1.0
    with pytest.raises(Undefined):
        citation_f1(["a"], [])


@given(IDS, IDS.filter(bool))
def test_f1_is_the_harmonic_mean(cited: list[str], gold: list[str]) -> None:
    """Of precision and recall as sets, 0 where both are."""
    both = len(set(cited) & set(gold))
    precision, recall = both / len(set(cited)) if cited else 0.0, both / len(set(gold))
    expected = 2 * precision * recall / (precision + recall) if both else 0.0
    assert citation_f1(cited, gold) == pytest.approx(expected)

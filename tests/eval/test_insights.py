"""Which insights an answer states, and what it cites for them."""

import pytest

from eval.insights import Sentence, insights_met
from eval.sets import Insight

TRAM = Insight("The tram line in Almaty is 14 kilometres long.", ("a", "b", "c"))
FARE = Insight("A ride on the tram costs 120 tenge.", ("a",))
DEPOT = Insight("The depot was built by Nurlan Sadyrov.", ("d",))
LONG = Sentence(
    "The line in Almaty has 14 kilometres.", ("The tram line in Almaty is 14 kilometres long.",), frozenset("ax")
)
CHEAP = Sentence("A tram ride costs 120 tenge.", (), frozenset("a"))


def test_insights_are_counted_and_their_citations_scored() -> None:
    """Two of three are stated: 2 · 1 / (2 + 3) and 2 · 1 / (1 + 1) of citations, whose mean is .7."""
    covered, f1 = insights_met([TRAM, FARE, DEPOT], [LONG, CHEAP])
    assert covered == pytest.approx(2 / 3)
    assert f1 == pytest.approx((2 / 5 + 1) / 2)


def test_a_number_that_is_missing_is_an_insight_missing() -> None:
    """Half of the words will not do; nothing stated has no citations."""
    without = Sentence("A tram ride costs some tenge.", (), frozenset("a"))
    assert insights_met([FARE], [without]) == (0.0, None)
    assert insights_met([FARE], []) == (0.0, None)


def test_an_insight_may_be_spread_over_sentences() -> None:
    """Then all that the answer cites is cited for it."""
    both = Insight("The tram line has 14 kilometres and a ride costs 120 tenge.", ("a", "x"))
    assert insights_met([both], [LONG, CHEAP]) == (1.0, 1.0)


def test_what_the_judge_can_not_tell_is_left_out() -> None:
    """An answer in another language that has every number and name: of the fare nothing is known."""
    russian = Sentence("Проезд в трамвае стоит 120 тенге.", (), frozenset("a"))
    assert insights_met([FARE], [russian]) == (None, None)
    assert insights_met([FARE, TRAM], [russian]) == (0.0, None)  # 14 is missing in any language

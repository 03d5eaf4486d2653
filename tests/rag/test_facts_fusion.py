"""Figures that a sentence ties together and its quotation does not."""

import pytest

from rag.facts import fused

CRIME = "The recorded crime fell by 8 percent, or 1,300 crimes, while fraud in the city fell by 4 percent."
ROADS = "The road to Aksu is 60 km long, and the canal of the district is 40 km long."
THEFT = "Преступность в городе снизилась на 8 процентов, а мошенничество на 4 процента."


@pytest.mark.parametrize(
    ("sentence", "quotation"),
    [
        ("Crime fell 4 percent or 1,300 crimes.", CRIME),
        ("Crime fell by 4 percent (1,300 crimes) in the city.", CRIME),
        ("The recorded crime fell by 4 percent.", CRIME),
        ("The road to Aksu is 40 km long.", ROADS),
        ("Преступность в городе снизилась на 4 процента.", THEFT),
        (
            "Преступность снизилась на 4 процента, или 1300 дел.",
            "Она снизилась на 8 процентов, или 1300 дел, кражи на 4.",
        ),
    ],
)
def test_figures_from_two_places(sentence: str, quotation: str) -> None:
    """One figure's subject with another's value is told from what the quotation says."""
    assert fused(sentence, quotation)


@pytest.mark.parametrize(
    ("sentence", "quotation"),
    [
        ("Crime fell by 8 percent or 1,300 crimes.", CRIME),
        ("Crime fell by 1,300 crimes (8 percent).", CRIME),
        ("Fraud in the city fell by 4 percent.", CRIME),
        ("Crime fell by 8 percent, fraud by 4 percent.", CRIME),
        ("The road to Aksu is 60 km long.", ROADS),
        ("The canal is 40 km long.", ROADS),
        ("Мошенничество в городе снизилось на 4 процента.", THEFT),
        ("Fires decreased from 81 to 49.", "The fires decreased by 39 percent, from 81 to 49 cases."),
        ("Crime fell by 4 percent.", "Преступность снизилась на 8 процентов, мошенничество на 4 процента."),
        ("It fell.", CRIME),
        ("", ""),
    ],
)
def test_figures_in_their_place(sentence: str, quotation: str) -> None:
    """What the quotation ties together may be said together; across languages nothing is told."""
    assert not fused(sentence, quotation)

"""SQuAD's comparison of answers, in three alphabets."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.answers import exact_match, normalise, token_f1
from eval.metrics.undefined import Undefined

TEXTS = st.text(max_size=40)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Khan-Shatyr, in an Astana!", "khanshatyr in astana"),
        ("«Қазақстан темір жолы» — ұлттық компания…", "қазақстан темір жолы ұлттық компания"),
        ("Всё, что он сказал; а потом „ушёл“.", "все что он сказал а потом ушел"),  # the Cyrillic "а" is no article
        ("за\u0301мок", "замок"),  # a stress mark
        ("Ал\u00adматы", "алматы"),  # a soft hyphen
        ("йод и Ёлка", "йод и елка"),  # й keeps its breve
        ("$1.5 (a)", "15"),  # as SQuAD has it
        ("ＡＩ", "ai"),  # full width
        ("", ""),
    ],
)
def test_normalised_is_what_is_compared(text: str, normal: str) -> None:
    """Case, punctuation, English articles and spaces do not count, whatever the alphabet."""
    assert normalise(text) == normal


def test_exact_match_is_with_any_gold_answer() -> None:
    """The best of several gold answers counts."""
    assert exact_match("the Almaty.", ["Astana", "Almaty"]) == 1.0
    assert exact_match("in Almaty", ["Astana", "Almaty"]) == 0.0


def test_token_f1_is_of_the_nearest_gold_answer() -> None:
    """Words common to both, twice, over all words of both."""
    # said: aidar smagulov in astana; gold: aidar smagulov -> 2 common: 2 * 2 / (4 + 2)
    assert token_f1("Aidar Smagulov, in Astana", ["Arman Zhukenov", "Aidar Smagulov"]) == pytest.approx(2 / 3)
    assert token_f1("no no no", ["no"]) == 0.5  # one common: 2 * 1 / (3 + 1)
    assert token_f1("да", ["нет"]) == 0.0


def test_no_answer_is_an_empty_gold() -> None:
    """SQuAD 2.0: silence is right there, and anything said is wrong."""
    assert (exact_match("", [""]), token_f1("", [""])) == (1.0, 1.0)
    assert (exact_match("Almaty", [""]), token_f1("Almaty", [""])) == (0.0, 0.0)
    for metric in (exact_match, token_f1):
        with pytest.raises(Undefined, match="there are none"):
            metric("Almaty", [])


@given(st.text(st.sampled_from(string.printable), max_size=40))
def test_on_ascii_the_steps_are_squads(text: str) -> None:
    """Lower case, then no punctuation, then no articles, then single spaces."""
    bare = "".join(sign for sign in text.lower() if sign not in string.punctuation)
    assert normalise(text) == " ".join(re.sub(r"\b(a|an|the)\b", " ", bare).split())


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
def test_likeness_stays_in_bounds(said: str, gold: list[str]) -> None:
    """In [0, 1], a match is a full likeness, and another gold answer never lowers either."""
    assert 0.0 <= exact_match(said, gold) <= token_f1(said, gold) <= 1.0
    assert token_f1(said, gold[:1]) <= token_f1(said, gold) == token_f1(said, gold[::-1])
    assert token_f1(said, [said]) == exact_match(said, [said]) == 1.0


@given(TEXTS, TEXTS)
def test_token_f1_is_symmetric(one: str, other: str) -> None:
    """It does not matter which text is gold."""
    assert token_f1(one, [other]) == token_f1(other, [one])

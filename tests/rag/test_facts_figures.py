"""Numbers and dates: the same across notations, and different where they differ."""

import pytest

from rag.facts import facts_in, stated_in


def states(text: str, sentence: str) -> bool:
    """Whether `text` states every fact of `sentence`, which has some."""
    facts = facts_in(sentence)
    assert len(facts)
    return not len(stated_in(text).missing(facts))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,300", "1300"),
        ("1 300", "1300"),
        ("1\u00a0300", "1,300"),
        ("1\u202f300", "1300"),
        ("1.3 thousand", "1,300"),
        ("1.75 million", "1,750,000"),
        ("1,75 млн", "1 750 000"),
        ("9,3 млрд", "9.3 billion"),
        ("9.3bn", "9,3 миллиарда"),
        ("21 thousand", "21,000"),
        ("21 тысяча", "21,000"),
        ("85 мың", "85,000"),
        ("1,300,000.50", "1 300 000,50"),
        ("8%", "8 percent"),
        ("8 per cent", "8 процентов"),
        ("8-percent", "8 пайыз"),
        ("five percent", "5%"),
        ("two", "2"),
        ("двух", "two"),
        ("үш", "3"),
        ("twenty-five", "25"),
        ("двадцать пять", "25"),
        ("a hundred", "100"),
        ("one million", "1,000,000"),
        ("two thousand", "2,000"),
        ("half a million", "500,000"),
        ("2-3 million", "2 million to 3 million"),
        ("10–15%", "from 10 percent to 15 percent"),
        ("3.141", "3,141"),
        ("0.125", "0,125"),
        ("p.5", "5"),
        ("21st", "21"),
        ("$5 million", "5 million dollars"),
        ("120 тенге", "120 tenge"),
        ("120 tenge", "120"),
        ("٣", "3"),
    ],
)
def test_one_figure_in_two_notations(one: str, other: str) -> None:
    """Separators, scale words, words for counts and per cent signs make no other figure."""
    assert states(f"it was {one} then", f"it was {other} then")
    assert states(f"it was {other} then", f"it was {one} then")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("8", "8%"),
        ("8%", "8"),
        ("85", "85,000"),
        ("85,000", "85"),
        ("1.3", "1,300"),
        ("1.3 million", "1.3 billion"),
        ("2", "2 million"),
        ("two", "two million"),
        ("7", "seventeen"),
        ("0.125", "125"),
        ("2,026", "20,260"),
        ("1 300", "300"),
        ("120 tenge", "120 dollars"),
        ("€120", "$120"),
        ("14 kilometres", "15 kilometres"),
        ("he said so", "2"),
        ("он сказал", "10"),
        ("one of them", "1"),
    ],
)
def test_two_figures(text: str, sentence: str) -> None:
    """Another scale, a missing per cent, another currency or part of a number is another figure."""
    assert not states(f"it was {text} then", f"it was {sentence} then")


@pytest.mark.parametrize("text", ["он сказал", "one of them said", "a man came", "about an hour", "v. x2"])
def test_words_that_are_no_counts(text: str) -> None:
    """The Russian pronoun that is the Kazakh ten, "one", and articles are no figures."""
    assert facts_in(text).numbers == ()


DAYS = (
    "03.03.2026", "3.3.2026", "2026-03-03", "2026-03-03T10:00", "3 March 2026", "3 March, 2026", "March 3, 2026",
    "3rd of March, 2026", "Mar. 3, 2026", "3 марта 2026 года", "2026 жылғы 3 наурыз", "March 3", "3 марта",
    "3 наурызда", "the 3rd of March", "2-3 March", "March 3–5", "3 and 4 March", "со 2 по 3 марта",
)  # fmt: skip


@pytest.mark.parametrize("one", DAYS)
def test_one_day_in_many_forms(one: str) -> None:
    """Every way to write a day is the day, with or without its year."""
    assert any((date.day, date.month) == (3, 3) for date in facts_in(f"on {one} it was").dates)
    assert states(f"it was on {one} there", "it was on 3 March")
    if "2026" in one:
        assert states(f"it was on {one} there", "it was on 03.03.2026")
        assert states(f"it was on {one} there", "it was in 2026")
        assert states(f"it was on {one} there", "it was in March 2026")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("on 3 March 2026", "on 3 March 2025"),
        ("on 3 March", "on 4 March"),
        ("on 3 March", "on 3 April"),
        ("on 3 March", "in 2026"),
        ("03.04.2026", "04.03.2026"),
        ("in March 2026", "on 3 March 2026"),
        ("on 3 March", "in April"),
    ],
)
def test_two_days(text: str, sentence: str) -> None:
    """Another day, month or year is another date, and what a text leaves out it does not state."""
    assert not states(f"it was {text} then", f"it was {sentence} then")


@pytest.mark.parametrize("text", ["45.45.2026", "00.03.2026", "2026-13-01", "32 March"])
def test_what_is_no_day(text: str) -> None:
    """What can't be a day is no date, and its figures are not lost."""
    facts = facts_in(f"on {text} it was")
    assert facts.dates == ()
    assert facts.numbers != ()

"""When texts say the same number, name or phrase."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.matching import contains, fold, is_known_name, names, number_words, numbers, stands_in


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("The road is 208\u00a0km long.", "208 km"),
        ("1 333 students", "1,333"),
        ("1\u202f333 students", "1333"),
        ("выделено 9,3 млрд тенге", "9.3"),
        ("Mustabekov's post", "mustabekov"),
        ("воздушно\u2011капельным путём", "воздушно-капельн"),
        ("the ‘Crossroads of Peace’", "Crossroads of Peace"),
        ("It fell 8%.", "8%"),
        ("in 400,000 households", "400,000"),
    ],
)
def test_a_phrase_is_found_in_any_spelling_of_its_signs(text: str, phrase: str) -> None:
    """Spaces, hyphens, case, thousands separators and decimal commas make no difference."""
    assert contains(text, phrase)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("12,080 km", "208"),
        ("208.5 km", "208"),
        ("2,080 km", "208"),
        ("4.26 percent", "26"),
        ("Romania", "Oman"),
        ("flight KC2202", "220"),
        ("38%", "8%"),
    ],
)
def test_a_phrase_is_not_found_inside_another_number_or_word(text: str, phrase: str) -> None:
    """A number ends where it ends, and nothing begins in the middle of a word."""
    assert not contains(text, phrase)


def test_numbers_are_read_with_their_scale() -> None:
    """2.6 thousand and 2,600 are one number; млрд and billion one scale; a time is two numbers."""
    assert numbers("2.6 thousand") == numbers("2,600") == {Decimal(2600)}
    assert numbers("9,3 млрд тенге") == numbers("9.3 billion tenge") == {Decimal("9.3") * 10**9}
    assert numbers("at 09:28, 5-6 satellites") == {Decimal(9), Decimal(28), Decimal(5), Decimal(6)}
    assert numbers("on 03.03.2026.") == {Decimal("3"), Decimal("2026")}
    assert number_words("Three more, две and алты") == {Decimal(3), Decimal(2), Decimal(6)}


def test_names_are_capitalised_words_inside_sentences() -> None:
    """Openings of sentences are left out, possessives cut off, initials' dots no matter."""
    assert names("The head of Kazakhtelecom is Bagdat Musin. He met Tokayev's team.") == [
        "Kazakhtelecom", "Bagdat", "Musin", "Tokayev",
    ]  # fmt: skip
    assert names("nothing here") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Мусина", "Chairman Bagdat Musin"),
        ("Мустабеков", "Askar Mustabekov was named"),
        ("Madiev", "Zhaslan Madiyev"),
        ("Kazakhstani", "Kazakhstan"),
        ("Астане", "in Astana"),
        ("ICAO", "ICAO audit"),
    ],
)
def test_a_name_is_known_in_other_spellings(name: str, text: str) -> None:
    """Scripts, transliterations and endings differ, the name is the same."""
    assert is_known_name(name, [text])


@pytest.mark.parametrize(
    ("name", "text"), [("Umarov", "Omarov"), ("Groizard", "Danat Mussayev"), ("Oman", "Romania"), ("Sadenov", "")]
)
def test_another_name_is_not_known(name: str, text: str) -> None:
    """A name that only resembles one in the text is another."""
    assert not is_known_name(name, [text])


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    """Folding is idempotent up to signs that unfold further, and a text holds itself."""
    assert fold(fold(fold(text))) == fold(fold(text))


@given(st.integers(0, 10**9))
def test_a_number_is_found_however_its_thousands_are_set(value: int) -> None:
    """Commas and spaces between thousands are read away."""
    for written in (f"{value}", f"{value:,}", f"{value:,}".replace(",", " "), f"{value:,}".replace(",", "\u00a0")):
        assert numbers(f"about {written} tenge") == {Decimal(value)}
        assert contains(f"about {written} tenge", str(value))


QUOTE = "The new tram line in Almaty is 14 kilometres long and cost 90 million tenge."  # 15 words


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        (f"Trams\n{QUOTE.replace(' ', chr(10))}\nHow long?", True),
        (QUOTE.upper(), True),
        (QUOTE.replace("tram ", ""), True),  # 14 of 15 words
        (QUOTE.replace("is 14", "is (4 March) 14"), True),
        (QUOTE.removeprefix("The new tram "), False),  # 12 of 15
        (" It rained and rained. ".join(QUOTE.split()), False),  # in order, and all over the place
        (" ".join(reversed(QUOTE.split())), False),
        ("", False),
    ],
)
def test_a_quotation_stands_in_a_text(text: str, stands: bool) -> None:
    """Nine tenths of its words, in order and close together, whatever stands around."""
    assert stands_in(text, QUOTE) is stands
    assert stands_in(f"{'It rained. ' * 40}{text}{' The sun shone.' * 40}", QUOTE) is stands


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=30), st.text("xyz ", max_size=60))
def test_a_whole_quotation_always_stands(words: list[str], around: str) -> None:
    """And a blank one never."""
    assert stands_in(f"{around} {' '.join(words)} {around}", " ".join(words))
    assert not stands_in(around, " ")

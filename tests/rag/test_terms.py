"""Terms: one word's forms, spellings and alphabets meet in some kind of term, and different words in none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.terms import terms_of


def stem(word: str) -> str:
    """The one stem of one word."""
    (only,) = terms_of(word).stems
    return only


@pytest.mark.parametrize(
    "forms",
    [
        "мектеп мектебі мектептер мектептерінде мектебінен",
        "Қазақстан Қазақстанның Қазақстанда қазақстандық Казахстан",
        "теңге теңгеге теңгеден теңгенің тенге",
        "банк банктің банкте банки",  # a Russian loan, in both languages
        "дорога дороги дорогами дорог",
        "road roads ROADS",
    ],
)
def test_forms_of_one_word_share_a_beginning(forms: str) -> None:
    """Whatever the ending, a word and its forms have a term in common: their stem or a piece."""
    first, *others = forms.split()
    of_first = {*terms_of(first).stems, *terms_of(first).pieces}
    assert all(of_first & {*terms_of(other).stems, *terms_of(other).pieces} for other in others)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Қазақстан халқы", "казакстан халкы"),
        ("Өскемен", "оскемен"),
        ("Үкімет", "укимет"),
        ("әңгіме", "ангиме"),
        ("Орёл", "орел"),
        ("Şymkent", "symkent"),
        ("Café", "CAFE"),
        ("ҚАЗАҚСТАН", "қазақстан"),
        ("Қ\u0430заќстан", "казакстан"),
    ],
)
def test_letters_that_a_keyboard_lacks(one: str, other: str) -> None:
    """A word typed without its accents or in Russian letters is the same word."""
    assert terms_of(one) == terms_of(other)


def test_short_i_is_a_letter() -> None:
    """The mark over a Russian й is no accent: майка is not маика, however it is encoded."""
    assert stem("майка") != stem("маика")
    assert terms_of("майка") == terms_of("маи\u0306ка")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Токаев", "Tokayev"),
        ("Тоқаевтың", "Tokayev"),
        ("Qazaqstan", "Қазақстанда"),
        ("Kazakhstan", "Казахстане"),
        ("Astana", "Астанаға"),
        ("Бектенов", "Bektenov"),
        ("Жанкура", "Zhankura"),
    ],
)
def test_names_in_the_other_alphabet(one: str, other: str) -> None:
    """A name looked for in one alphabet is found in the other, in both directions."""
    assert set(terms_of(one).sounded) == set(terms_of(other).sounds)
    assert set(terms_of(other).sounded) == set(terms_of(one).sounds)


@pytest.mark.parametrize(("one", "other"), [("Токаев", "Sultan"), ("Алматы", "Astana"), ("Мусин", "Madiyev")])
def test_other_names_sound_unlike(one: str, other: str) -> None:
    """Two names do not meet for being names."""
    assert not set(terms_of(one).sounded) & set(terms_of(other).sounds)


def test_in_one_alphabet_sounds_do_not_count() -> None:
    """A word is not found by its sound where it may be found by its letters: it would count twice."""
    for word in ("Tokayev", "Тоқаев", "road", "дорога"):
        assert not set(terms_of(word).sounded) & set(terms_of(word).sounds)


@pytest.mark.parametrize("text", ["", "  \n", "?!", "👍", "x" * 65, "я" * 33, "\0\x1b"])
def test_no_terms(text: str) -> None:
    """Blank text, punctuation and endless words have no terms."""
    terms = terms_of(text)
    assert terms.stems == terms.pieces == terms.sounds == ()


@pytest.mark.parametrize("text", ["2026", "1,300", "A 5", "北京", "한국", "बराक"])
def test_what_has_no_sound(text: str) -> None:
    """Numbers, short words and further alphabets are words, and sound like nothing."""
    terms = terms_of(text)
    assert terms.stems
    assert terms.pieces == terms.sounds == ()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_text(text: str) -> None:
    """Whatever is read, terms are words without blanks, and case says nothing."""
    terms = terms_of(text)
    for term in (*terms.stems, *terms.pieces, *terms.sounds):
        assert term and not any(letter.isspace() for letter in term)
    assert len(terms.sounded) == len(terms.sounds) <= len(terms.stems)

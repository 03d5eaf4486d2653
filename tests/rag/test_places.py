"""Places by their names in other languages, in whatever case a question has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.places import names_elsewhere


@pytest.mark.parametrize(
    ("text", "elsewhere"),
    [
        ("Who is the ambassador to India?", {"Индия", "Үндістан"}),
        ("үндістандағы елшіміз кім?", {"India", "Индия"}),
        ("Кто посол в Индии?", {"India", "Үндістан"}),
        ("Қытаймен сауда", {"China", "Китай"}),
        ("в Саудовской Аравии", {"Saudi Arabia", "Сауд Арабиясы"}),
        ("Australia’s exports", {"Австралия", "Аустралия"}),
        ("Венада кездесті", {"Vienna"}),
        ("АҚШ сенаты", {"United States", "Соединенные Штаты"}),
        ("trade with the UAE", {"United Arab Emirates", "ОАЭ", "Біріккен Араб Әмірліктері"}),
    ],
)
def test_what_a_place_is_called_elsewhere(text: str, elsewhere: set[str]) -> None:
    """Whatever the case, the ending and the language it is asked in."""
    assert elsewhere <= set(names_elsewhere(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Tell us how many came.",  # no country
        "7 наурыздағы мереке",  # a month, not Nauru
        "Восток и Запад",  # no station in Antarctica
        "индийский чай",  # what comes from a place is not looked for
        "Сколько нигерийцев приехало?",
        "chadless",
    ],
)
def test_what_is_no_place(text: str) -> None:
    """A wrong place would lead away."""
    assert names_elsewhere(text) == ()


@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    """Nothing is named twice, and nothing that the text has already."""
    found = names_elsewhere(text)
    assert len(set(found)) == len(found)
    assert not [name for name in found if name.casefold() in text.casefold()]

"""The facts of a sentence, and what of them a text states; whatever the text."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.facts import Facts, contradicts, facts_in, fused, merge, plain_words, stated_in, with_qualifiers

DAYS = (
    "03.03.2026", "3.3.2026", "2026-03-03", "2026-03-03T10:00", "3 March 2026", "3 March, 2026", "March 3, 2026",
    "3rd of March, 2026", "Mar. 3, 2026", "3 марта 2026 года", "2026 жылғы 3 наурыз", "March 3", "3 марта",
    "3 наурызда", "the 3rd of March", "2-3 March", "March 3–5", "3 and 4 March", "со 2 по 3 марта",
)  # fmt: skip


PIECES = st.sampled_from(
    [*DAYS, "1,300", "8%", "10-15%", "2,026.50", "1 300 000", "two", "a hundred", "million", "тысяч", "$", "tenge", "№",
     "Nur-Sultan", "O’Neill’s", "Тоқаев", "UAE", "of", "and", "May", "march", "мая", "to", "до", "по", "3", "12",
     "2026", "жылғы", "300", ",", ".", "-", "–", " ", "'", "’", ":", "%", "İ", "ı", "ſ", "½", "²", "٣", "x",
     "X", "\u200b"]
)  # fmt: skip
TEXTS = st.text(max_size=80) | st.lists(PIECES, max_size=12).map("".join) | st.lists(PIECES, max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("Trams run to the airport.", ()),
        ("The mayor of Almaty spoke.", ("almaty",)),
        ("Mayor Satybaldy spoke.", ("mayor", "satybaldy")),
        ("In Almaty it rained.", ("almaty",)),
        ("NATO met.", ("nato",)),
        ("The trade of Kazakhstan–India grew.", ("kazakhstan", "india")),
        ("He left Nur-Sultan.", ("nursultan",)),
        ("It was said by Ch.Omarov today.", ("ch", "omarov")),
        ("Он приехал в Астану с Ержаном.", ("astanu", "erzhanom")),
        ("", ()),
        ("...", ()),
    ],
)
def test_names_of_a_sentence(sentence: str, names: tuple[str, ...]) -> None:
    """Capitalised words are names, a sentence's first word only where another capitalised word follows."""
    assert facts_in(sentence).names == names


def test_common_words_are_no_names() -> None:
    """A word known to be written in lower case is no name, however it is written here."""
    assert facts_in("In Almaty the Ministry spoke", {"ministry"}).names == ("almaty",)
    assert plain_words("The Ministry of a city", lower_case_only=True) == ["of", "a", "city"]


def test_a_first_word_that_may_be_a_name() -> None:
    """On request the first word counts too, unless it is a word that opens sentences."""
    assert facts_in("Almaty has trams.", first_word=True).names == ("almaty",)
    assert facts_in("The trams run.", first_word=True).names == ()


def test_missing_names_what_lacks() -> None:
    """What is not stated is told apart, fact by fact; nothing lacks of nothing."""
    stated = stated_in("Almaty has 11 stops since 4 March.")
    missing = stated.missing(facts_in("The line in Almaty and Astana has 11 or 12 stops since 4 March or 5 April."))
    assert missing.names == ("astana",)
    assert [number.values for number in missing.numbers] == [frozenset({12.0})]
    assert [(date.day, date.month) for date in missing.dates] == [(5, 4)]
    assert len(missing) == 3
    assert len(stated_in("").missing(Facts((), (), ()))) == 0


def test_merged_quotations() -> None:
    """Two quotations together state what each of them does."""
    sentence = "The line in Almaty has 11 stops, that in Astana 12."
    parts = [stated_in("Almaty: 11"), stated_in("Astana: 12")]
    assert all(len(part.missing(facts_in(sentence))) for part in parts)
    assert not len(merge(parts).missing(facts_in(sentence)))
    assert merge([]).words == frozenset()


@settings(deadline=None, max_examples=600)
@given(TEXTS)
@example("12.03.03.2026")
@example("abc-3 March’Def")
@example("1,300 500")
@example("5 mıllıon, 5 MİLLİON, 5 миллиᲂнов")
@example("1 3 March 300")
@example("9" * 400)
@example("3-3 March-3")
@example("٠ 300")
def test_every_text_states_its_own_facts(text: str) -> None:
    """No fact is read from a sentence that is not read from the same sentence as a quotation."""
    missing = stated_in(text).missing(facts_in(text, first_word=True))
    assert missing == Facts((), (), ())
    assert not len(stated_in(text).missing(facts_in(text)))


@settings(deadline=None, max_examples=300)
@given(TEXTS, TEXTS)
def test_more_quotations_state_no_less(text: str, more: str) -> None:
    """What one quotation states is stated by it and another together."""
    together = merge([stated_in(more), stated_in(text)])
    assert not len(together.missing(facts_in(text)))


SAID = (
    "exports fell rose by 8 percent % not no без не емес болмады жоқ үшін и and , . ; or ( ) более 500 up to 14 "
    "stops km в 2029 in Tокаев open closed before after the 1.75 million тонн жылы дейін – 610 over"
)
WORDS = st.sampled_from(SAID.split())
CLAIMS = TEXTS | st.lists(WORDS, max_size=14).map(" ".join)


@settings(deadline=None, max_examples=300)
@given(CLAIMS, CLAIMS)
@example("9" * 400, "İ ½ 5 MİLLİON")
def test_no_text_is_at_odds_with_itself(text: str, other: str) -> None:
    """It contradicts nothing, fuses nothing and lacks no qualifier of its own; and no pair of texts fails."""
    assert not contradicts(text, text)
    assert not fused(text, text)
    assert with_qualifiers(text, [text]) == text
    assert isinstance(contradicts(text, other), bool)
    assert isinstance(fused(text, other), bool)
    assert isinstance(with_qualifiers(text, [other]), str)

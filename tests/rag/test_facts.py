"""Names, numbers and dates: the same across spellings, scripts and notations, and different where they differ."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.facts import Facts, facts_in, merge, plain_words, same_name, stated_in


def plain(word: str) -> str:
    """One word as names are compared."""
    return plain_words(word)[0]


def states(text: str, sentence: str) -> bool:
    """Whether `text` states every fact of `sentence`, which has some."""
    facts = facts_in(sentence)
    assert len(facts)
    return not len(stated_in(text).missing(facts))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Musin", "Mussin"),
        ("Madiev", "Madiyev"),
        ("Madiyev", "Мадиев"),
        ("Тоқаев", "Токаев"),
        ("Tokayev", "Токаев"),
        ("Tokayev", "Тоқаев"),
        ("Tokayev", "Токаевым"),
        ("Tokayev", "Тоқаевтың"),
        ("Nazarbayev", "Назарбаева"),
        ("Kyzylorda", "Кызылорды"),
        ("Kyzylorda", "Қызылорда"),
        ("Zhezkazgan", "Жезказган"),
        ("Zhezkazgan", "Жезқазған"),
        ("Zhambyl", "Jambyl"),
        ("Alikhan", "Әлихан"),
        ("Yerzhan", "Ержан"),
        ("Yerlan", "Erlan"),
        ("Yuri", "Юрий"),
        ("Tsoy", "Цой"),
        ("Alexander", "Александр"),
        ("Sergey", "Sergei"),
        ("Qatar", "Katar"),
        ("Khamzin", "Хамзина"),
        ("Muhammad", "Mukhammed"),
        ("Öskemen", "Өскемен"),
        ("Almaty", "Алматыда"),
        ("Astana", "Астане"),
        ("Shymkent", "Шымкентте"),
        ("Azerbaijan", "Азербайджан"),
        ("Azerbaijan", "Әзербайжан"),
        ("Kazakhstan", "Қазақстанның"),
        ("Kazakhstan", "Казахстане"),
        ("O’Neill", "O'Neill"),
        ("Kazakhstan’s", "Kazakhstan"),
        ("Al\u00adma\u00adty", "Almaty"),
        ("Ａｌｍａｔｙ", "Almaty"),
    ],
)
def test_one_name_in_two_spellings(one: str, other: str) -> None:
    """Transliterations, doubled letters, case endings and soft signs make no other name."""
    assert same_name(plain(one), plain(other))
    assert same_name(plain(other), plain(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Omarov", "Umarov"),
        ("Omarova", "Umarova"),
        ("Almaty", "Aktau"),
        ("Tokayev", "Tokarev"),
        ("Akhmetov", "Akhmedov"),
        ("Sadykov", "Sadyrov"),
        ("Serik", "Serikov"),
        ("Karim", "Karimov"),
        ("Sarsen", "Sarsenov"),
        ("Madiev", "Makiev"),
        ("Musin", "Mukhin"),
        ("Astana", "Atyrau"),
        ("Kazakhstan", "Kyrgyzstan"),
        ("Austria", "Australia"),
        ("Niger", "Nigeria"),
        ("India", "Indiana"),
        ("Iran", "Iraq"),
        ("Mali", "Malta"),
        ("Slovakia", "Slovenia"),
        ("Serbia", "Siberia"),
        ("Islam", "Islamabad"),
        ("March", "Marchenko"),
        ("Kim", "Kin"),
        ("Lee", "Li"),
        ("Qazaq", "Казань"),
    ],
)
def test_two_names(one: str, other: str) -> None:
    """A consonant, a first vowel or a longer name makes another one."""
    assert not same_name(plain(one), plain(other))
    assert not same_name(plain(other), plain(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kazakh", "Kazakhstan"),
        ("Kazakhs", "Kazakhstan"),
        ("Uzbek", "Uzbekistan"),
        ("Bulgarian", "Bulgaria"),
        ("Russians", "Russia"),
        ("Chinese", "China"),
        ("Iranian", "Iran"),
        ("Italian", "Italy"),
        ("Turkish", "Turkey"),
        ("Eastern", "East"),
        ("Asian", "Asia"),
        ("Departments", "department"),
        ("National", "nation"),
        ("Universities", "university"),
        ("казахстанский", "Kazakhstan"),
        ("алматинской", "Almaty"),
    ],
)
def test_people_and_places(one: str, other: str) -> None:
    """A country's people and its adjective stand for the country."""
    assert same_name(plain(one), plain(other))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("The United Arab Emirates signed.", "He named the UAE twice."),
        ("The Organization of Turkic States met.", "Then the OTS met."),
        ("The ministers of the Shanghai Cooperation Organization and others", "Ministers of the SCO"),
    ],
)
def test_acronyms(text: str, sentence: str) -> None:
    """Initials stand for a name of several capitalised words."""
    assert states(text, sentence)


def test_initials_of_other_names() -> None:
    """Initials that no name in the text has are not stated."""
    assert not states("The United Arab Emirates signed.", "He named the USA twice.")


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


PIECES = st.sampled_from(
    [*DAYS, "1,300", "8%", "10-15%", "2,026.50", "1 300 000", "two", "a hundred", "million", "тысяч", "$", "tenge", "№",
     "Nur-Sultan", "O’Neill’s", "Тоқаев", "UAE", "of", "and", "May", "march", "мая", "to", "до", "по", "3", "12",
     "2026", "жылғы", "300", ",", ".", "-", "–", " ", "'", "’", ":", "%", "İ", "ı", "ſ", "½", "²", "٣", "x",
     "X", "\u200b"]
)  # fmt: skip
TEXTS = st.text(max_size=80) | st.lists(PIECES, max_size=12).map("".join) | st.lists(PIECES, max_size=12).map(" ".join)


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


@settings(deadline=None, max_examples=300)
@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12), st.text("aeiounovski", max_size=5))
def test_same_name_is_mutual(name: str, ending: str) -> None:
    """A name is itself, and whether two are one does not depend on which comes first."""
    assert same_name(name, name)
    assert same_name(name, name + ending) == same_name(name + ending, name)

"""Sentences and list items: a table of hard cases, and what holds for every text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.sentences import MAX_SENTENCE, split_sentences


def split(text: str) -> list[str]:
    """The units of a text as strings."""
    return [text[span.start : span.end] for span in split_sentences(text)]


@pytest.mark.parametrize(
    "units",
    [
        ["It rained.", "It stopped!", "Why?", "Nobody knows..."],
        ["Ambassador B. Sadykov met K. K. Tokayev.", "Ch.Omarov and W.Ruto came too."],
        ["H.E. Azamat Y. met Dr. Bina George of No. 153.", "Mr. Ruto spoke."],
        ["The U.S. President came.", "He left the U.S.", "The visit was short."],
        ["GDP grew by 6.5 percent.", "62,589 houses were visited at 10.30 a.m. on Monday."],
        ["primeminister.kz reports that alem.ai has been launched.", "eGov: 91% of services are online."],
        ["See https://www.example.kz/News.Html?Lang=En.Kz for more.", "Then ask."],
        ["AlemGPT, GovTech, QazTech, eGov, PepsiCo and OrtaBilim were named.", "LinkedIn and YouTube were not."],
        ["It will be done by May 1.", "Article 32 of the draft says so."],
        ["Vol. 3, p. 5 and approx. 400 pages, vs. 300 before.", "Jan. 5 was cold."],
        ["Inc. and Ltd. are endings, e.g. of Acme Inc. in Texas.", "They differ."],
        ["В 2025 г. открыли школу им. Абая на ул. Сатпаева.", "Она стоит 5 тыс. тенге."],
        ["Он живёт в г. Астане с 2020 г.", "Она приехала в 2021 г.", "В мае они уехали."],
        ["А. С. Пушкин и К. К. Токаев.", "И. И. Иванов родился в 1965 г. в Алматы.", "В 2025 г. Астана выросла."],
        ["Ол 1965 ж. Алматыда туды.", "Ол 2024 ж. келді.", "Бұл Ә. Әлиевтің сөзі."],
        ["“The road will change,” he said.", "“It is ready.”", "The end."],
        ['This is the "punitive mentality."', "The relationship changed."],
        ['New stations will be built next year," the minister said.', "He left."],
        ['"Why now?" Tokayev asked.', '"Because we must!" he said.', '"Fine."'],
        ["He said: «Дорога готова».", "Потом он ушёл."],
        ["Really?!", "Yes… perhaps.", "No."],
        ["今天下雨。", "明天不下雨！", "为什么？"],
        ["आज बारिश हुई।", "कल नहीं होगी।"],
        ["ماذا حدث؟", "لا نعرف."],
        ["It is the highest value, - said Kairat S.", "– The right will remain.", "It is law, – he said."],
        ["The flights (see below) are free.", "(They were not.)", "[Sic.]"],
        ["It was called `` the city . ''", "It grew ."],
        ["Smith v. Jones was decided.", "Yahoo! said so.", "So did Node.js and the .NET team."],
    ],
)
def test_sentences_of_one_line(units: list[str]) -> None:
    """Units joined by a blank are found again, none parted and none joined."""
    assert split(" ".join(units)) == units


@pytest.mark.parametrize(
    "units",
    [
        ["energy sector.", "The Ambassador met Joan Groizard.", "During the talks they agreed."],
        ["dated December 29, 2015.", "Basic Principles of Official Ethics", "The Ethical Code establishes rules."],
        ["Off-duty Conduct and Reputation", "The Code says:", "• refrain;", "• be polite.", "Off it goes."],
        ["brought to the contest", "We invite all."],
        ["Violating Ethical Standards", "Violating the requirements is bad."],
        ["the contest takes place that day.", "🔹 Participants: up to 30 years old", "🔹 The contest has stages:",
         "1️⃣ Self-introduction – poem", "2️⃣ Talent (up to 3 minutes)", "3️⃣ Q&A"],
        ["return to Pavlodar.", '"My son was there.', 'They helped," shared the resident.', '"Our staff help."'],
        ['He said "we are ready."', "The end came."],
        ["вызывая осложнения.", "Наибольшему риску подвержены дети.", "В целях защиты привейтесь."],
        ["participate actively!", "Source of joy."],
        ["the Outer Space (STSC COPUOS).", "During the session they met."],
        ["growth was 17.8%.", "Another sector fell."],
        ["The UN ESCAP.", "The meeting ended in Haiti.", "Additionally, it rained."],
        ["рост составил 5%.", "За год выросло всё."],
    ],
)  # fmt: skip
def test_glued_sentences(units: list[str]) -> None:
    """Units whose blanks were lost with the markup are parted all the same."""
    assert split("".join(units)) == units


@pytest.mark.parametrize(
    "units",
    [
        ["Flights were operated from Medina:", "- Flight KC2202 arrived;", "- Flight KC2208 landed. It was late."],
        ["The rules:", "1. Be polite. Always.", "2) Be brief.", "10. Be gone."],
        ["• one. Two.", "– three", "— four", "* five", "· six"],
        ["Heading", "A paragraph begins here. ".strip(), "Another one."],
        ["а) первое. Второе;", "б) третье."],
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\n\n", " \n\t"])
def test_lines(units: list[str], newline: str) -> None:
    """A line is never joined to the next one that begins anew; a list line is one unit."""
    assert split(newline.join(units)) == units


def test_line_that_goes_on() -> None:
    """A wrapped line that goes on in lower case is one sentence with the next, newline included."""
    text = "The delegation of the republic took part in the session\nof the committee on Monday. It was long."
    assert split(text) == [text[: text.index(" It")], "It was long."]


def test_direct_speech_behind_a_dash_is_no_list_item() -> None:
    """A paragraph of speech that opens with a dash is parted into its sentences."""
    assert split("– The right will remain. It is law, – he said.") == [
        "– The right will remain.",
        "It is law, – he said.",
    ]


def test_long_sentences_are_cut_at_signs() -> None:
    """A sentence above the limit is cut after a semicolon, else a comma, else a blank, else anywhere."""
    assert split("a" * 1500) == ["a" * 600, "a" * 600, "a" * 300]
    words = "word " * 300
    assert all(unit.endswith("word") for unit in split(words))
    listed = ("first thing, second thing; " * 60).strip()
    assert all(unit.endswith(";") for unit in split(listed))


TEXTS = st.lists(
    st.sampled_from(
        ["Dr. ", "B. ", "It rained.", "The", "end", " ", "\n", "- ", "• ", "1️⃣", "🔹", '"', "“", "”", "«", "»", "(", ")",
         "?", "!", "...", "…", "。", "۔", "؟", ":", ";", ",", "6.5", "г. ", "https://a.Example/B.C ", "–",
         "eGov", "A", "é", "Ә", "\r\n", "1. "]
    )
    | st.text(max_size=8),
    max_size=60,
).map("".join)  # fmt: skip


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_units_cover_the_text(text: str) -> None:
    """Units are trimmed, ordered, apart, at most the limit long, and miss no character but blanks."""
    spans = split_sentences(text)
    at = 0
    for span in spans:
        unit = text[span.start : span.end]
        assert at <= span.start < span.end
        assert unit == unit.strip()
        assert len(unit) <= MAX_SENTENCE
        assert not text[at : span.start].strip()
        at = span.end
    assert not text[at:].strip()


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_units_of_one_sentence_stay(text: str) -> None:
    """Splitting what came out of splitting gives at most as many characters, all of them inside."""
    for unit in split(text):
        again = split(unit)
        assert "".join("".join(again).split()) == "".join(unit.split())


@pytest.mark.parametrize(
    "pattern", [".", "a. ", "x", '."a', "• ", " ", "- a, - b. ", "Aa", "1️⃣", "a.B", '"', "\n", "(."]
)
def test_monotonous_text_is_split(pattern: str) -> None:
    """Long repetitions of one pattern, which defeat careless patterns, come back whole."""
    text = pattern * (100_000 // len(pattern))
    assert sum(len("".join(unit.split())) for unit in split(text)) == len("".join(text.split()))

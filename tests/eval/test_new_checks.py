"""What is found in a drafted question without a model: faults, its type, what an answer must hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.matching import contains
from eval.new_answers import short_answers
from eval.new_checks import alternatives, faults_of, guess_type, must_include

QUOTE = "The new tram line in Almaty is 14 kilometres long."
ARTICLE = f"Almaty opens a tram line to the airport\n{QUOTE} Mayor D. Satybaldy rode in it on March 3."


@pytest.mark.parametrize(
    ("question", "answer", "fault"),
    [
        ("How long is the new tram line in Almaty?", "14 kilometres", None),
        ("How long is the new tram line in Almaty?", "14 kilometres | 14", None),
        ("How long is the new tram line in Almaty", "14 kilometres", "question mark"),
        ("How long is it? Where is Almaty?", "14 kilometres", "question mark"),
        ("How long is the new tram line in Almaty?", "14 miles", "not in the quotation"),
        ("How long is the new tram line in Almaty?", "4 kilometres", "not in the quotation"),
        ("Is the tram line in Almaty 14 kilometres long?", "14 kilometres", "holds its answer"),
        ("What is new, the line in Almaty?", "new tram line", None),
        ("What tram line is new in Almaty?", "new tram line", "holds its answer"),
        ("What is mentioned of Almaty in the article?", "14 kilometres", "without the text"),
        ("How long is it in Almaty?", "14 kilometres", "without the text"),
        ("How long is the line?", "14 kilometres", "names nothing"),
        ("How long is the new tram line in Karaganda?", "14 kilometres", "the article does not"),
        ("How long is the new tram line in Almaty from 2031?", "14 kilometres", "the article does not"),
        ("Какова длина линии в Алматы?", "14 kilometres", "language"),
        ("how long is Almaty's new tram line again?", "14 kilometres", None),
        ("How wide is the road in Almaty, then?", "14 kilometres", None),  # nonsense is for a person to see
        ("How old is the oldest tram in Almaty?", "14 kilometres", "asked already"),
        ("How long is the new tram line in Almaty?", QUOTE + QUOTE, "long"),
        ("How long " + "and long " * 40 + "is the line in Almaty?", "14 kilometres", "question is long"),
    ],
)
def test_faults_are_named(question: str, answer: str, fault: str | None) -> None:
    """One reason a fault; without one the draft goes to a person."""
    told = faults_of(question, answer, QUOTE, "en", ARTICLE, ["In Almaty, how old is the oldest tram?"])
    assert told == [] if fault is None else any(fault in one for one in told), told


@pytest.mark.parametrize(
    ("question", "answer", "kind", "demanded"),
    [
        ("How long is it?", "14 kilometres", "numeric", [["14"]]),
        ("What does it cost?", "$1,300 million | $1.3 billion", "numeric", [["1,300", "1.3"]]),
        ("How many?", "from 6 to 12 tons", "numeric", [["from 6 to 12 tons"]]),
        ("How many?", "ten", "numeric", [["ten"]]),
        ("Who?", "Liina Saar | Saar", "factoid", [["Liina Saar", "Saar"]]),
        ("Where?", "Ghent, Liège and Namur", "list", [["Ghent"], ["Liège"], ["Namur"]]),
        ("Где?", "Алматы, Астана и Шымкент", "list", [["Алматы"], ["Астана"], ["Шымкент"]]),
        ("Which?", "Ministry of Trade and Integration", "factoid", [["Ministry of Trade and Integration"]]),
        ("Who came on 3 March 2026?", "Liina Saar", "date_bound", [["Liina Saar"]]),
    ],
)
def test_the_type_says_what_an_answer_must_hold(
    question: str, answer: str, kind: str, demanded: list[list[str]]
) -> None:
    """A figure without its unit, each thing of a list, otherwise the answer in one of its wordings."""
    assert guess_type(question, answer) == kind
    assert must_include(answer, kind) == demanded


@given(
    st.text(st.sampled_from("ab A1,;.|и "), min_size=1, max_size=30), st.sampled_from(["list", "numeric", "factoid"])
)
def test_an_answer_holds_what_it_must(answer: str, kind: str) -> None:
    """Whatever is typed: no group is empty unless the answer is, and the answer's first wording meets each group."""
    wordings = alternatives(answer)
    for group in must_include(answer, kind):
        assert bool(group) == bool(wordings)
        assert all(part.strip() for part in group)
    if kind == "list" and len(wordings) == 1:
        assert all(part in answer for group in must_include(answer, kind) for part in group)


def test_short_answers_stand_in_their_sentence() -> None:
    """Amounts with their unit, lists, names of several words and days, each piece once, as they stand."""
    sentence = (
        "On 3 March 2026 the Ministry of Trade and the Asian Bank gave Omsk, Tomsk and Tara 1.5 million tenge "
        "and 12.5% more."
    )
    assert [(one.text, one.kind) for one in short_answers(sentence)] == [
        ("1.5 million tenge", "amount"),
        ("12.5% more", "amount"),
        ("Omsk, Tomsk and Tara", "list"),
        ("Ministry of Trade and the Asian Bank", "name"),
        ("3 March 2026", "day"),
    ]
    assert short_answers("Nobody in Omsk knows, since 2024.") == []


@given(st.text(st.sampled_from("Aab Яя1.,% -$"), max_size=60))
def test_no_short_answer_is_made_up(sentence: str) -> None:
    """Each is a piece of the sentence that the checks find in it."""
    for one in short_answers(sentence):
        assert one.text in sentence
        assert contains(sentence, one.text)

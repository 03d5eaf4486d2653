"""Drafting: prompts as their files have them, and drafts stripped to bare sentences."""

from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shelf import retrieved

from rag.drafting import (
    answer_prompt,
    clean_draft,
    is_drafted,
    is_spoken,
    load_prompt,
    premise_prompt,
    stated_prompt,
    supported_prompt,
)
from rag.types import Prompt

GOLDEN = Path(__file__).parent / "golden"
QUESTION = "How long is the tram line in Almaty?"
TRAM = retrieved("Almaty opens a tram line", "The line is 14 kilometres long.", "The fare is 120 tenge.")
WHEAT = retrieved("Ministry names the price of wheat", "Wheat costs 85,000 tenge.", published_at=None)
FOUND = [TRAM[1], WHEAT[0], TRAM[0]]
PROMPTS = {
    "answer": answer_prompt(QUESTION, "en", FOUND),
    "stated": stated_prompt(QUESTION, FOUND),
    "supported": supported_prompt(QUESTION, "It is 14 kilometres long.", FOUND),
    "premise": premise_prompt(QUESTION, FOUND),
}
PLACEHOLDERS = {
    "answer": ({"language"}, {"excerpts", "question"}),
    "stated": (set(), {"text", "question"}),
    "supported": (set(), {"text", "question", "answer"}),
    "premise": (set(), {"text", "question"}),
}


def placeholders(template: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_every_prompt_file_is_held_here() -> None:
    """A prompt without a golden rendering would change unseen."""
    names = {Path(str(file)).stem for file in (files("rag") / "prompts").iterdir() if str(file).endswith(".txt")}
    assert names == set(PROMPTS) == set(PLACEHOLDERS)


@pytest.mark.parametrize("name", PROMPTS)
def test_placeholders_are_pinned(name: str) -> None:
    """The holes of each part, no more and no fewer."""
    system, user = load_prompt(name)
    assert (placeholders(system), placeholders(user)) == PLACEHOLDERS[name]


@pytest.mark.parametrize("name", PROMPTS)
def test_rendering_is_pinned(name: str) -> None:
    """Letter by letter what the model reads. After a change on purpose: delete the golden file, run, read, commit."""
    golden = GOLDEN / f"prompt_{name}.txt"
    rendered = f"{PROMPTS[name].system}\n=====\n{PROMPTS[name].user}\n"
    if not golden.exists():
        golden.write_text(rendered, encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and is written anew; read it, then run again")
    assert rendered == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PROMPTS)
def test_no_way_out_is_offered(name: str) -> None:
    """A small model that may say "not found" says it of what it can read."""
    text = f"{PROMPTS[name].system} {PROMPTS[name].user}".lower()
    assert not [phrase for phrase in ("not found", "don't know", "do not know", "cannot", "unknown") if phrase in text]


def test_passages_of_one_article_stand_under_one_title() -> None:
    """In reading order, whichever was found first; articles in the order of their best passage."""
    user = PROMPTS["answer"].user
    assert user.count("Almaty opens a tram line (2026-03-04)") == 1
    places = [user.index(text) for text in ("Almaty opens", "14 kilometres", "120 tenge", "Ministry", "85,000")]
    assert places == sorted(places)


def test_an_article_without_a_date_has_a_bare_title() -> None:
    """No empty brackets."""
    assert "Ministry names the price of wheat\n" in PROMPTS["answer"].user


@pytest.mark.parametrize(("language", "named"), [("en", "English"), ("ru", "Russian"), ("kk", "Kazakh")])
def test_the_language_is_named(language: str, named: str) -> None:
    """The system's part says in which language to answer."""
    assert named in answer_prompt(QUESTION, language, FOUND).system


def test_a_language_without_a_name() -> None:
    """Is described, not left as a hole."""
    assert "{" not in answer_prompt(QUESTION, "xx", FOUND).system


@pytest.mark.parametrize("hostile", ["{x}", "{0}", "{excerpts!r}", "}{", "{{}}", "%s \\n $1"])
def test_braces_are_text(hostile: str) -> None:
    """Braces in a question, a title, a passage or an answer stand in the prompt as they are."""
    found = retrieved(f"Title {hostile}", f"Passage {hostile} here.")
    prompts: list[Prompt] = [
        answer_prompt(f"What is {hostile}?", "en", found),
        supported_prompt(f"What is {hostile}?", f"It is {hostile}.", found),
        stated_prompt(f"What is {hostile}?", found),
        premise_prompt(f"What is {hostile}?", found),
    ]
    for prompt in prompts:
        for text in (f"What is {hostile}?", f"Title {hostile}", f"Passage {hostile} here."):
            assert text in prompt.user
    assert f"It is {hostile}." in prompts[1].user


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_question_and_passage_can_be_asked(question: str, passage: str) -> None:
    """Whatever they hold, the prompt is built and the system's part is untouched."""
    prompt = answer_prompt(question, "en", retrieved("Title", passage))
    assert prompt.system == PROMPTS["answer"].system
    assert "Question:" in prompt.user and prompt.user.endswith("Answer:")


@given(
    st.lists(
        st.sampled_from(["the", "line", "is", "14", "kilometres", "long", "and", "has", "stops"]),
        min_size=1,
        max_size=30,
    )
)
def test_ordinary_words_stand_whole(words: list[str]) -> None:
    """A plain passage and a plain question are not changed."""
    text = " ".join(words).capitalize()
    prompt = answer_prompt(f"{text}?", "en", retrieved("Title", f"{text}."))
    assert f"{text}?" in prompt.user and f"{text}." in prompt.user


def test_verdicts_are_asked_on_the_quoted_sentences_alone() -> None:
    """What was said stands in the one that is about it, and what was not quoted in none."""
    assert "It is 14 kilometres long." in PROMPTS["supported"].user
    assert not any("It is 14 kilometres long." in PROMPTS[name].user for name in ("stated", "premise"))
    assert "Wheat" not in supported_prompt(QUESTION, "It is 14 kilometres long.", TRAM).user


@pytest.mark.parametrize(
    ("asked", "read", "drafted"),
    [("en", "en", True), ("ru", "ru", True), ("ru", "en", False), ("en", "ru", False), ("kk", "kk", False)],
)
def test_the_model_drafts_in_the_text_s_own_language(asked: str, read: str, drafted: bool) -> None:
    """It translates badly, and some languages it does not write at all."""
    assert is_drafted(asked, read) == drafted


@pytest.mark.parametrize(
    ("said", "language", "spoken"),
    [
        ("The line is 14 kilometres long.", "en", True),
        ("Линия длиной 14 километров.", "ru", True),
        ("Систему eGov AI запустят в Алматы.", "ru", True),
        ("Конференция пройдёт в Yerevanе.", "ru", False),
        ("Каират Анарbayев", "ru", False),
        ("Он благодарил за personal помощь.", "ru", False),
        ("Желі 14 шақырым.", "kk", False),
    ],
)
def test_half_translated_words_are_not_shown(said: str, language: str, spoken: bool) -> None:
    """Plain words are in the question's alphabet, and no word is in two."""
    assert is_spoken(said, language) == spoken


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        pytest.param("It is 14 km long.", ["It is 14 km long."], id="as it is"),
        pytest.param("It is 14 km long [1].", ["It is 14 km long."], id="marker before the stop"),
        pytest.param("It is 14 km long. [1]", ["It is 14 km long."], id="marker after the stop"),
        pytest.param("It is 14 km long [1][2].", ["It is 14 km long."], id="two markers"),
        pytest.param("It is 14 km long [1, 2].", ["It is 14 km long."], id="markers in one bracket"),
        pytest.param("It is 14 km long [1-3].", ["It is 14 km long."], id="a range of markers"),
        pytest.param("It is 14 km long (2).", ["It is 14 km long."], id="round marker"),
        pytest.param("It grew last year (2025) (2).", ["It grew last year (2025)."], id="a year is no marker"),
        pytest.param("It is 14 km long 【1】.", ["It is 14 km long."], id="lenticular marker"),
        pytest.param("It is 14 km long [Source 2].", ["It is 14 km long."], id="named marker"),
        pytest.param("It is 14 km long [excerpt 2].", ["It is 14 km long."], id="excerpt marker"),
        pytest.param("It is 14 km long [3", ["It is 14 km long"], id="marker broken off"),
        pytest.param("It is 14 km long [1, 3.", ["It is 14 km long."], id="markers broken off"),
        pytest.param("It is 14 km long (3\nIt has stops.", ["It is 14 km long", "It has stops."], id="broken line"),
        pytest.param("It is [3 14 km long. It has stops.", ["It has stops."], id="marker that never closes"),
        pytest.param("It is long (14 km).", ["It is long (14 km)."], id="brackets that are no marker"),
        pytest.param("[3]", [], id="bare marker"),
        pytest.param("[1] [2]", [], id="bare markers"),
        pytest.param("", [], id="empty"),
        pytest.param(" \n\t ", [], id="blank"),
        pytest.param("...", [], id="stops"),
        pytest.param("—", [], id="a dash"),
        pytest.param("Answer: It is 14 km long.", ["It is 14 km long."], id="English label"),
        pytest.param("Ответ: Длина 14 км.", ["Длина 14 км."], id="Russian label"),
        pytest.param("Жауап: Ұзындығы 14 км.", ["Ұзындығы 14 км."], id="Kazakh label"),
        pytest.param("According to the excerpts, it is 14 km long.", ["It is 14 km long."], id="according to"),
        pytest.param(
            "Based on the provided text, it is 14 km.", ["Based on the provided text, it is 14 km."], id="kept"
        ),
        pytest.param("Based on the text, it is 14 km long.", ["It is 14 km long."], id="based on"),
        pytest.param("- It is long.\n- It is new.", ["It is long.", "It is new."], id="dashes"),
        pytest.param("• It is long.\n• It is new.", ["It is long.", "It is new."], id="bullets"),
        pytest.param("* It is long.", ["It is long."], id="asterisk"),
        pytest.param("It is long. It is new.", ["It is long.", "It is new."], id="two sentences"),
        pytest.param("it is long", ["It is long"], id="small letter"),
        pytest.param("14 km", ["14 km"], id="a bare figure"),
        pytest.param("142", [], id="a bare number"),
        pytest.param("D. Satybaldy", ["D. Satybaldy"], id="a bare name"),
        pytest.param("No.", ["No."], id="no"),
        pytest.param("How long is the line?", [], id="a question"),
        pytest.param("How long is it? It is 14 km long.", ["It is 14 km long."], id="a question and its answer"),
        pytest.param("the " * 60, [], id="a word in a loop"),
        pytest.param("so it is " * 30, [], id="a phrase in a loop"),
        pytest.param("NOT FOUND", [], id="a way out that nobody offered"),
        pytest.param("Not found.", [], id="the same, as a sentence"),
        pytest.param("The excerpts do not mention the length.", [], id="about the excerpts"),
        pytest.param("The text doesn't specify who opened it.", [], id="about the text"),
        pytest.param("The missing man was not found.", ["The missing man was not found."], id="news of not finding"),
        pytest.param("It is\x00 14\x1b km long.", ["It is 14 km long."], id="control characters"),
        pytest.param("\ufeffIt is\u200b long.", ["It is long."], id="invisible characters"),
    ],
)
def test_clean_draft(text: str, sentences: list[str]) -> None:
    """One habit of a small model at a time."""
    assert clean_draft(text) == sentences


@given(st.text(max_size=300))
def test_any_draft_is_cleaned(text: str) -> None:
    """Bare sentences of at least two letters or digits, trimmed, printable, no questions."""
    for sentence in clean_draft(text):
        assert sentence == sentence.strip() and sentence.isprintable() and not sentence.endswith("?")
        assert sum(map(str.isalnum, sentence)) > 1


@given(st.lists(st.sampled_from(["The line is 14 km long", "[1]", "(2)", "[3, 4]", ".", " ", "Almaty"]), max_size=20))
def test_no_marker_survives(parts: list[str]) -> None:
    """Wherever a model puts its markers."""
    assert not any(set("[]()") & set(sentence) for sentence in clean_draft("".join(parts)))

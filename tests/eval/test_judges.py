"""What the judges say of a sentence and its quotations, and how they are named."""

import pytest
from fakes import ScriptedGenerator
from hypothesis import given
from hypothesis import strategies as st

from eval.judges import Judge, ModelJudge, WordsJudge
from rag.errors import Cancelled
from rag.types import Prompt

WORDS = WordsJudge()
DECREE = "President Tokayev signed a decree on schools in Astana on March 3."
SCHOOLS = "This year the ministry built five new schools in Almaty, the minister said."


@pytest.mark.parametrize(
    ("sentence", "quotes"),
    [
        (DECREE, [DECREE]),
        ("Tokayev signed the decree in Astana.", [DECREE]),  # names, signed, decree: all there
        ("5 schools were built in Almaty.", [SCHOOLS]),  # five is 5, built and schools by stem
        ("Министерство построило пять школ.", ["В этом году министерством построено 5 новых школ."]),
        ("Қалада жаңа мектептер салынды.", ["Биыл қаламызда бес жаңа мектеп салынған."]),  # by the front of the word
        ("2,600 people came.", ["2.6 thousand people came to the event."]),
        ("Tokayev built schools.", [DECREE, SCHOOLS]),  # what one quotation lacks the other holds
        ("42.", ["The answer was 42."]),
    ],
)
def test_words_that_are_quoted_support(sentence: str, quotes: list[str]) -> None:
    """Numbers and names in any spelling, and half of the words by stem, whatever their order."""
    assert WORDS.supports(sentence, quotes) is True


@pytest.mark.parametrize(
    ("sentence", "quotes"),
    [
        ("Tokayev signed a decree on schools in Astana on March 4.", [DECREE]),  # another number
        ("On March 3 the decree was signed by Madiyev in Astana.", [DECREE]),  # another name
        ("Nurlan Sadyrov signed a decree in Astana.", [DECREE]),  # also as the first words
        ("The minister resigned after lengthy talks.", [SCHOOLS]),  # one word of five
        ("Министерство закрыло больницы и уволило врачей.", ["В этом году министерство построило 5 новых школ."]),
        ("Tokayev signed a decree.", []),
        ("Tokayev signed a decree.", [" "]),
    ],
)
def test_words_that_are_not_quoted_do_not(sentence: str, quotes: list[str]) -> None:
    """A number or a name that no quotation holds, fewer than half of the words, no quotation at all."""
    assert WORDS.supports(sentence, quotes) is False


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("По словам министра, Токаев подписал указ в Астане 3 марта.", None),  # nothing speaks against it
        ("Указ подписал Токаев, а поддержали США.", None),  # an abbreviation is another one in another language
        ("Токаев подписал указ в Астане 4 марта.", False),
        ("По словам министра, Мадиев подписал указ.", False),
        ("Президент Тоқаев Астанада жарлыққа қол қойды.", None),
    ],
)
def test_over_another_language_words_tell_no_or_nothing(sentence: str, said: bool | None) -> None:
    """Numbers and names are compared across scripts, other words can't be."""
    assert WORDS.supports(sentence, [DECREE]) is said


def test_where_nothing_can_be_counted_words_tell_nothing() -> None:
    """A sentence of plain words, and one in a language that has no spaces."""
    assert WORDS.supports("It was so.", ["It was so."]) is None
    assert WORDS.supports("新しい学校が建設された。", ["新しい学校が建設された。"]) is None


def test_words_see_no_negation() -> None:
    """A stated limit: who reads the figures must know it."""
    assert WORDS.supports("Tokayev never signed the decree in Astana.", [DECREE]) is True


def test_the_share_of_words_is_in_the_name() -> None:
    """A stricter judge says no where the usual one says yes, and is named otherwise."""
    strict = WordsJudge(least_share=1.0)
    assert strict.supports("Tokayev eagerly signed the decree.", [DECREE]) is False
    assert WORDS.supports("Tokayev eagerly signed the decree.", [DECREE]) is True
    assert WORDS.name == "words (no model): every number and name and 50% of all words are in the quotations"
    assert "100%" in strict.name
    for share in (0.0, 1.1):
        with pytest.raises(ValueError, match=r"in \(0, 1\]"):
            WordsJudge(share)


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=3))
def test_words_judge_any_text_whatever_the_order(sentence: str, quotes: list[str]) -> None:
    """No text is too odd, no order of quotations matters."""
    assert WORDS.supports(sentence, quotes) is WORDS.supports(sentence, quotes[::-1])


def test_a_model_is_shown_sentence_and_quotations_alone() -> None:
    """One yes or no a sentence; a curly bracket in a text is only a character."""
    generator = ScriptedGenerator([], yes=0.9)
    judge: Judge = ModelJudge(generator, is_under_test=False)
    assert judge.supports("Five {new} schools.", [SCHOOLS, DECREE]) is True
    (prompt,) = generator.asked
    assert prompt.user.startswith(f"Text: {SCHOOLS}\n{DECREE}\n\nSentence: Five {{new}} schools.\n")
    assert "yes or no only" in prompt.system
    assert generator.prompts == []


def test_a_model_says_yes_from_one_half_on() -> None:
    """Or can't tell, where its engine gives no probabilities."""
    said = iter([0.5, 0.49, None])
    judge = ModelJudge(ScriptedGenerator([], yes=lambda _: next(said)), is_under_test=False)
    assert [judge.supports("S.", ["Q."]) for _ in range(3)] == [True, False, None]


def test_a_model_is_not_asked_about_no_quotations() -> None:
    """Nothing supports no sentence."""
    generator = ScriptedGenerator([], yes=1.0)
    assert ModelJudge(generator, is_under_test=False).supports("S.", ["", " "]) is False
    assert generator.asked == []


def test_a_model_that_judges_itself_says_so() -> None:
    """In its name, which stands in the run."""
    generator = ScriptedGenerator([])
    assert ModelJudge(generator, is_under_test=True).name == "model scripted (the model under test judges itself)"
    assert ModelJudge(generator, is_under_test=False).name == "model scripted (not the model under test)"


def test_a_judgement_can_be_stopped() -> None:
    """A run that is cancelled need not wait for the rest."""
    judge = ModelJudge(ScriptedGenerator([], yes=1.0), is_under_test=True, stop=lambda: True)
    with pytest.raises(Cancelled):
        judge.supports("S.", ["Q."])


def test_the_prompt_names_its_placeholders() -> None:
    """The file has two parts; every other bracket would break the formatting."""
    seen: list[Prompt] = []

    def yes(prompt: Prompt) -> float:
        seen.append(prompt)
        return 1.0

    ModelJudge(ScriptedGenerator([], yes=yes), is_under_test=True).supports("SENTENCE", ["QUOTE"])
    assert "SENTENCE" in seen[0].user
    assert "QUOTE" in seen[0].user
    assert not set("{}=") & set(seen[0].system + seen[0].user)

"""Weighing: the model is asked about a few sentences, and its word moves them; without it, nearness and kind decide."""

from fakes import ScriptedGenerator, YesScript
from hypothesis import given, settings
from hypothesis import strategies as st
from shelf import EMBEDDER, evidence_of, retrieved

from rag.types import Prompt
from rag.weighing import ENOUGH, JUDGED, Weighed, log_odds, nearest, weigh

QUESTION = "How long is the tram line in Almaty?"
TRAM = retrieved(
    "Trams",
    "The new tram line in Almaty is 14 kilometres long. It has 11 stops and was built in three years.",
    "How long is the tram line in Almaty? Mayor D. Satybaldy opened it. The fare is 120 tenge.",
)
MORE = retrieved("More", " ".join(f"Stop number {n} is open." for n in range(10)))
EVIDENCE = evidence_of(QUESTION, [*TRAM, *MORE])
BEST = "The new tram line in Almaty is 14 kilometres long."


def weighed(yes: YesScript = None, question: str = QUESTION) -> tuple[list[Weighed], ScriptedGenerator]:
    """What came of weighing, and the generator that was asked."""
    generator = ScriptedGenerator("", yes)
    return weigh(question, EVIDENCE, generator, lambda: False), generator


def test_without_a_model() -> None:
    """The nearest sentence of the kind asked for comes first, and nothing is asked."""
    ranked = weigh(QUESTION, EVIDENCE, None, lambda: False)
    assert ranked[0].evidence.text == BEST
    assert all(one.sure is None for one in ranked)
    assert [one.worth for one in ranked] == sorted((one.worth for one in ranked), reverse=True)


def test_a_sentence_that_asks_is_no_answer() -> None:
    """Though it is the question itself; alone it may be all there is."""
    assert not any(one.evidence.text.endswith("?") for one in weigh(QUESTION, EVIDENCE, None, lambda: False))
    asking = [one for one in EVIDENCE if one.text.endswith("?")]
    assert len(asking) == 1 and len(weigh(QUESTION, asking, None, lambda: False)) == 1


def test_the_model_is_asked_of_the_best_few() -> None:
    """One question a sentence, the sentence alone under its title; the others are not asked about."""
    ranked, generator = weighed(0.5)
    assert len(generator.asked) == JUDGED < len(ranked)
    assert sum(one.sure == 0.5 for one in ranked) == JUDGED
    assert sum(BEST in prompt.user for prompt in generator.asked) == 1
    assert not any("11 stops" in prompt.user and BEST in prompt.user for prompt in generator.asked)


def test_no_more_questions_once_it_is_sure() -> None:
    """A few are asked about in any case, so that a first yes can be outdone; a sure one there ends the asking."""
    _, generator = weighed(0.9)
    assert len(generator.asked) == ENOUGH

    def late(prompt: Prompt) -> float:
        return 0.9 if len(generator.asked) > ENOUGH else 0.4

    generator = ScriptedGenerator("", late)
    ranked = weigh(QUESTION, EVIDENCE, generator, lambda: False)
    assert len(generator.asked) == ENOUGH + 1 < JUDGED
    assert sum(one.sure == 0.9 for one in ranked) == 1


def test_the_model_s_word_moves_a_sentence() -> None:
    """What it says yes to comes before what is nearer to the question."""

    def yes(prompt: Prompt) -> float:
        return 0.999 if "120 tenge" in prompt.user else 0.001

    assert weigh(QUESTION, EVIDENCE[:5], ScriptedGenerator("", yes), lambda: False)[0].evidence.text.startswith(
        "The fare"
    )


def test_an_engine_that_can_t_tell_changes_no_order_among_those_asked() -> None:
    """None is neither yes nor no."""
    ranked, _ = weighed(None)
    plain = weigh(QUESTION, EVIDENCE, None, lambda: False)
    assert [one.evidence for one in ranked] == [one.evidence for one in plain]


def test_a_draft_that_failed_points_the_way() -> None:
    """A draft with a wrong figure still says what kind of sentence to quote; without one the worthiest is taken."""
    ranked = weigh("What does it cost to ride?", evidence_of("What does it cost to ride?", TRAM), None, lambda: False)
    draft = EMBEDDER.embed_passages(["The fare is 300 tenge."])
    assert nearest(ranked, list(draft)).evidence.text == "The fare is 120 tenge."
    assert nearest(ranked, []) is ranked[0]


def test_nothing_to_weigh() -> None:
    """No evidence, no order."""
    assert weigh(QUESTION, [], ScriptedGenerator("", 0.9), lambda: False) == []


@settings(deadline=None)
@given(st.lists(st.none() | st.floats(0, 1), min_size=JUDGED, max_size=JUDGED), st.integers(0, len(EVIDENCE)))
def test_whatever_the_model_says(script: list[float | None], count: int) -> None:
    """Any verdicts on any number of sentences: each telling one once, worthiest first, few asked about."""
    verdicts = iter(script)  # a seventh question would find no verdict
    generator = ScriptedGenerator("", lambda prompt: next(verdicts))
    evidence = EVIDENCE[:count]
    ranked = weigh(QUESTION, evidence, generator, lambda: False)
    telling = [one for one in evidence if not one.text.endswith("?")] or evidence
    assert {id(one.evidence) for one in ranked} == {id(one) for one in telling} and len(ranked) == len(telling)
    assert [one.worth for one in ranked] == sorted((one.worth for one in ranked), reverse=True)
    asked = len(generator.asked)
    assert min(ENOUGH, len(telling)) <= asked <= min(JUDGED, len(telling))
    said = [one.sure for one in ranked if one.sure is not None]
    assert sorted(said) == sorted(one for one in script[:asked] if one is not None)


@given(st.floats(0, 1), st.floats(0, 1))
def test_log_odds_rise_and_are_bounded(one: float, other: float) -> None:
    """Monotonic, finite, and 0 where nothing is known."""
    low, high = sorted((one, other))
    assert -10 < log_odds(low) <= log_odds(high) < 10
    assert log_odds(None) == log_odds(0.5) == 0

"""Excerpts: few sentences, the worthiest first, what stands around the best, never more than a short prompt holds."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from shelf import EMBEDDER, evidence_of, retrieved

from rag.asked import asks_for_list
from rag.evidence import Evidence
from rag.excerpts import EXCERPT_TOKENS, LISTED_TOKENS, choose_excerpts
from rag.weighing import Weighed

QUESTION = "How long is the tram line in Almaty?"


def ranked(evidence: Sequence[Evidence]) -> list[Weighed]:
    """The sentences in this order of worth."""
    return [Weighed(one, -float(place), None) for place, one in enumerate(evidence)]


def texts(chosen: Sequence[Evidence]) -> list[str]:
    """What they say."""
    return [one.text for one in chosen]


def sized(*words: int) -> list[Evidence]:
    """One-sentence passages of so many words, which are the embedder's tokens here, no two of one text."""
    return [
        evidence_of(QUESTION, retrieved(f"T{n}", " ".join([f"w{n}", *["w"] * (count - 1)])))[0]
        for n, count in enumerate(words)
    ]


def test_the_worthiest_fit_the_budget() -> None:
    """As many as fit; a shorter one may fit where a longer one did not."""
    evidence = sized(EXCERPT_TOKENS // 2, EXCERPT_TOKENS // 3, EXCERPT_TOKENS, EXCERPT_TOKENS // 10)
    assert choose_excerpts(QUESTION, ranked(evidence), EMBEDDER) == [evidence[0], evidence[1], evidence[3]]


def test_the_worthiest_is_always_read() -> None:
    """Even where it alone is above the budget; then nothing else fits."""
    evidence = sized(EXCERPT_TOKENS + 1, 10)
    assert choose_excerpts(QUESTION, ranked(evidence), EMBEDDER) == evidence[:1]
    assert choose_excerpts(QUESTION, [], EMBEDDER) == []


def test_what_stands_around_the_best_comes_before_lesser_sentences() -> None:
    """The sentence after it, the one before it, then the next but one, ahead of the sixth in worth."""
    around = evidence_of(
        QUESTION, retrieved("A", "One is here. Two is here. Three is here. Four is here. Five is here.")
    )
    others = [evidence_of(QUESTION, retrieved(f"B{n}", f"Other number {n}."))[0] for n in range(6)]
    order = [around[1], *others, around[0], around[2], around[3], around[4]]
    chosen = texts(choose_excerpts(QUESTION, ranked(order), EMBEDDER))
    assert chosen[:4] == ["Two is here.", "Other number 0.", "Other number 1.", "Other number 2."]
    assert chosen[4:7] == ["Three is here.", "One is here.", "Four is here."]


def test_a_list_comes_with_the_line_that_introduces_it() -> None:
    """In its order, whatever each item is worth."""
    works = evidence_of(QUESTION, retrieved("W", "The works include:\n- a runway;\n- a new apron;\n- lighting."))
    other = evidence_of(QUESTION, retrieved("O", "The mayor is pleased."))
    chosen = texts(choose_excerpts(QUESTION, ranked([works[0], *other, *reversed(works[1:])]), EMBEDDER))
    assert chosen[:4] == ["The works include:", "- a runway;", "- a new apron;", "- lighting."]


def test_where_several_things_are_asked_for_whole_passages_are_read() -> None:
    """Those of the two best sentences, nearest first, before anything else."""
    around = evidence_of(
        QUESTION, retrieved("A", "One is here. Two is here. Three is here. Four is here. Five is here.")
    )
    others = [evidence_of(QUESTION, retrieved(f"B{n}", f"Other number {n}."))[0] for n in range(6)]
    order = ranked([around[1], *others, *around[2:], around[0]])
    chosen = texts(choose_excerpts("Which things are here?", order, EMBEDDER))
    assert chosen[:2] == ["Two is here.", "One is here."] and set(chosen[:5]) == set(texts(around))
    assert chosen[5] == "Other number 0."


def test_the_same_words_stand_once() -> None:
    """Two articles that copy a sentence give it once."""
    one, other = (evidence_of(QUESTION, retrieved(title, "The line is open."))[0] for title in ("A", "B"))
    assert choose_excerpts(QUESTION, ranked([one, other]), EMBEDDER) == [one]


@settings(deadline=None)
@given(st.lists(st.integers(1, 120), min_size=1, max_size=10))
def test_any_sizes(sizes: list[int]) -> None:
    """The budget is kept, the first is in, nothing twice."""
    evidence = sized(*sizes)
    chosen = choose_excerpts(QUESTION, ranked(evidence), EMBEDDER)
    assert chosen[0] is evidence[0] and len({id(one) for one in chosen}) == len(chosen)
    total = sum(len(one.text.split()) for one in chosen)
    assert total <= EXCERPT_TOKENS or len(chosen) == 1


MIXED = evidence_of(
    QUESTION,
    [
        *retrieved("W", "The works include:\n- a runway;\n- a new apron;\n- lighting.\nThe mayor is pleased."),
        *retrieved("A", "The line is open. It has 11 stops. The fare is 120 tenge.", "The mayor is pleased."),
        *retrieved("B", f"The line is open. {'So many words are said here ' * 20}indeed."),
    ],
)


@settings(deadline=None)
@given(st.permutations(MIXED), st.sampled_from([QUESTION, "Which stops are open?"]))
def test_any_order_of_worth(order: list[Evidence], question: str) -> None:
    """Lists, copies and neighbours, whatever each is worth: first the worthiest, no words twice, within the budget."""
    chosen = choose_excerpts(question, ranked(order), EMBEDDER)
    assert chosen[0] is order[0]
    assert len(set(texts(chosen))) == len(chosen) and {id(one) for one in chosen} <= {id(one) for one in order}
    budget = LISTED_TOKENS if asks_for_list(question) else EXCERPT_TOKENS
    assert sum(EMBEDDER.count_tokens(texts(chosen))) <= budget

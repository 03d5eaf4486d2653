"""Proofs: every name, number and date has a quotation that states it, by as few quotations as that takes."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shelf import EMBEDDER, evidence_of, retrieved

from rag.evidence import Evidence
from rag.facts import facts_in, plain_words, with_qualifiers
from rag.grounding import (
    MOST_LISTED,
    MOST_QUOTES,
    MOST_SENTENCES,
    MOST_WORDS,
    Proof,
    items_introduced,
    prove,
    quotations,
    verbatim,
    within_length,
)

QUESTION = "How long is the tram line in Almaty?"
TRAM = retrieved(
    "Trams",
    "The new tram line in Almaty is 14 kilometres long. It has 11 stops and was built in three years.",
    "Mayor D. Satybaldy opened it on 3 March 2026. The fare is 120 tenge.",
)
CRIME = retrieved("Crime", "Crime fell by 8 percent or 1,300 crimes in two months.")
WORKS = retrieved(
    "Airport",
    "The works at the airport of Pavlodar include:\n- a runway of 60 metres;\n- a new apron.\nThey end in 2027.",
    "The mayor is pleased.",
)
EVIDENCE = evidence_of(QUESTION, [*TRAM, *CRIME, *WORKS])


def proof_of(sentence: str, evidence: list[Evidence] = EVIDENCE, question: str = QUESTION) -> Proof | None:
    """The sentence, proved as a draft would be."""
    return prove(sentence, EMBEDDER.embed_passages([sentence])[0], evidence, question)


def quoted(proof: Proof | None) -> list[str]:
    """What a proof quotes; it must be one."""
    assert proof is not None
    return [one.text for one in proof.quotes]


def quoted_proofs(*texts: str) -> list[Proof]:
    """Proofs that are quotations of one passage each."""
    evidence = [evidence_of(QUESTION, retrieved("T", text))[0] for text in texts]
    return [Proof(one.text, (one,), 1.0) for one in evidence]


@pytest.mark.parametrize(
    "sentence",
    [
        "The tram line is 14 kilometres long.",
        "The line in Almaty is 14.0 km.",
        "The fare is ₸120.",
        "Билет стоит 120 тенге.",
        "It is 120 a ride.",
        "Длина линии в Алматы 14 километров.",
        "It was opened by mayor Satybaldy on March 3.",
        "Её открыл мэр Сатыбалды 03.03.2026.",
        "Crime fell by 8%.",
        "There were 1300 fewer crimes.",
        "It was built in 3 years.",
    ],
)
def test_a_stated_sentence_is_proved(sentence: str) -> None:
    """In other words, notations and scripts, the facts being the same, one quotation is enough."""
    assert len(quoted(proof_of(sentence))) == 1


@pytest.mark.parametrize(
    ("sentence", "amiss"),
    [
        ("The tram line is 41 kilometres long.", "another number"),
        ("The tram line in Astana is 14 kilometres long.", "another town"),
        ("Mayor Dosayev opened the tram line.", "another name"),
        ("It was opened on 4 March 2026.", "another day"),
        ("It was opened on 3 March 2025.", "another year"),
        ("Crime fell by 8 crimes.", "a share turned into a count"),
        ("Crime fell by 1,300 percent.", "a count turned into a share"),
        ("Crime fell by 1.3 million crimes.", "another scale"),
        ("The fare is 120 dollars.", "another currency"),
        ("The fare is $120.", "another currency, before the figure"),
        ("The line of 14 kilometres cost 5 billion tenge.", "one fact of two"),
    ],
)
def test_a_sentence_with_a_fact_that_nothing_states_is_not_proved(sentence: str, amiss: str) -> None:
    """One name, number or date without a quotation is enough to drop it."""
    assert proof_of(sentence) is None, amiss


def test_a_fact_taken_from_the_question_needs_a_quotation_too() -> None:
    """A figure of one town is not proved for the town that was asked about."""
    assert proof_of("The tram line in Taraz is 14 kilometres long.", question="How long is the line in Taraz?") is None


def test_without_evidence_nothing_is_proved() -> None:
    """No passages, no proof, not even of a sentence that states nothing."""
    assert proof_of("It is long.", []) is None


def test_the_question_said_again_is_no_answer() -> None:
    """An echo proves nothing, whatever its stops and capitals."""
    assert proof_of("how long is the tram line in Almaty") is None


@pytest.mark.parametrize(
    "sentence",
    [
        "The tram line in Almaty is long.",
        "How long the tram line in Almaty is.",
    ],
)
def test_an_echo_is_no_answer(sentence: str) -> None:
    """What says hardly a word beside the question's proves nothing, however true."""
    assert proof_of(sentence) is None


def test_one_new_word_is_an_answer_where_a_quotation_has_it() -> None:
    """The question said again with what was asked for; the quotation is the one that says it, not the nearest."""
    question = "Where, along with toys, are oscillating steam engines used?"
    texts = (
        "An oscillating steam engine is one in which the cylinder moves.",
        "These engines are used in toys and models.",
    )
    evidence = evidence_of(question, retrieved("Engines", *texts))
    proof = proof_of("Oscillating steam engines are used in toys and models.", evidence, question)
    assert proof is not None and proof.quotes[0].text == texts[1]
    assert proof_of("Oscillating steam engines are used in toys and ships.", evidence, question) is None


def test_the_opposite_is_not_proved() -> None:
    """All its figures stand in the quotation, which says that they fell."""
    evidence = evidence_of("What of crime?", CRIME)
    assert proof_of("Crime rose by 8 percent in two months.", evidence, "What of crime?") is None
    assert proof_of("Crime fell by 8 percent in two months.", evidence, "What of crime?") is not None


def test_what_qualifies_a_figure_is_put_back() -> None:
    """A draft that drops "up to" says more than its quotation."""
    evidence = evidence_of("How many jobs?", retrieved("Jobs", "The plant brings up to 610 additional jobs."))
    proof = proof_of("The plant brings 610 additional jobs.", evidence, "How many jobs?")
    assert proof is not None and proof.text == "The plant brings up to 610 additional jobs."


def test_two_quotations_where_one_does_not_do() -> None:
    """Facts of two sentences: both are quoted, and nothing else."""
    proof = proof_of("The line of 14 kilometres in Almaty has 11 stops.")
    assert sorted(quoted(proof)) == [
        "It has 11 stops and was built in three years.",
        "The new tram line in Almaty is 14 kilometres long.",
    ]


def test_one_quotation_where_one_does() -> None:
    """A sentence that states everything is quoted alone, though another is nearer and states nothing."""
    evidence = evidence_of(
        QUESTION, [*retrieved("A", "The library has many seats."), *retrieved("B", "В библиотеке 200 мест.")]
    )
    assert quoted(proof_of("The library has 200 seats.", evidence)) == ["В библиотеке 200 мест."]


def test_the_same_article_is_preferred() -> None:
    """Of two articles that state what is lacking equally well, the one quoted already is quoted again."""
    other = retrieved("Other", "Its 11 stops have roofs.")
    own = retrieved("Own", "The line is 14 kilometres long.", "Its 11 stops have roofs.")
    evidence = evidence_of(QUESTION, [*other, *own])
    proof = proof_of("The line is 14 kilometres long with 11 stops.", evidence)
    assert proof is not None and {one.article_id for one in proof.quotes} == {own[0].article.article_id}


def test_another_article_is_quoted_only_for_what_is_new() -> None:
    """What the question brought is not proved by whatever story happens to name it; a new fact may be."""
    tram = retrieved("Tram", "The line is 14 kilometres long.")
    other = retrieved("Other", "Almaty is large and has 11 stops.")
    evidence = evidence_of(QUESTION, [*tram, *other])
    assert proof_of("The line in Almaty is 14 kilometres long.", evidence) is None
    assert len(quoted(proof_of("The line is 14 kilometres long with 11 stops.", evidence))) == 2


@pytest.mark.parametrize("towns", [("Aktau", "Taraz", "Oral"), ("Aktau", "Taraz", "Oral", "Semey")])
def test_a_sentence_pieced_together_from_many_places_is_not_proved(towns: tuple[str, ...]) -> None:
    """Up to three quotations from different passages; what needs more is no one's statement."""
    evidence = evidence_of(QUESTION, [item for town in towns for item in retrieved(town, f"A fair opened in {town}.")])
    proof = proof_of(f"They opened in {', '.join(towns)}.", evidence)
    assert (proof is not None) == (len(towns) <= MOST_QUOTES)


def test_a_list_is_quoted_item_by_item() -> None:
    """Items of one passage may prove a sentence together, more than three of them."""
    towns = ("Aktau", "Taraz", "Oral", "Semey", "Kostanay")
    passage = "\n".join(("Bypasses are planned:", *(f"- a road around {town};" for town in towns)))
    proof = proof_of(f"Bypasses are planned around {', '.join(towns)}.", evidence_of(QUESTION, retrieved("R", passage)))
    assert len(quoted(proof)) == len(towns)


def test_a_list_of_too_many_items_is_not_proved() -> None:
    """No sentence carries more quotations than an answer lists items."""
    named = "Aktau Taraz Oral Semey Kostanay Ridder Balkhash Ekibastuz Rudny Atyrau Zhezkazgan Kulsary Turkistan"
    towns = named.split()
    passage = "\n".join(f"- a road around {town};" for town in towns)
    assert len(towns) > MOST_LISTED
    assert proof_of(f"Around {', '.join(towns)}.", evidence_of(QUESTION, retrieved("R", passage))) is None


def test_nearness_and_verbatim() -> None:
    """A quotation is as near to itself as can be, and known as one."""
    proof = proof_of("The fare is 120 tenge.")
    assert proof is not None and proof.verbatim and proof.nearness == pytest.approx(1.0, abs=1e-5)
    loose = proof_of("A ride is 120 tenge.")
    assert loose is not None and not loose.verbatim and loose.nearness < 1


DRAFTED = (
    "the tram line in Almaty Astana is 14 41 kilometres 8 percent crimes fell 1,300 Mayor Satybaldy on 3 March 2026 "
    "Pavlodar apron , . : The 2027 тенге Мэр Алматы [1] 60-metre three"
)


@settings(deadline=None)
@given(st.lists(st.sampled_from(DRAFTED.split()), min_size=1, max_size=14).map(" ".join))
def test_quotations_state_every_fact(sentence: str) -> None:
    """Whatever is drafted: a proof's quotations state all of its facts, and proving again gives the same."""
    proof = proof_of(sentence)
    again = proof_of(sentence)
    if proof is None or again is None:
        assert proof is again
        return
    assert (proof.text, proof.quotes, proof.nearness) == (again.text, again.quotes, again.nearness)
    common = [w for text in (QUESTION, *(e.text for e in EVIDENCE)) for w in plain_words(text, lower_case_only=True)]
    left = facts_in(sentence, common)
    for one in proof.quotes:
        left = one.stated.missing(left)
    assert not len(left)
    assert proof.text == with_qualifiers(sentence, [one.text for one in proof.quotes])
    assert len(set(map(id, proof.quotes))) == len(proof.quotes)


def test_the_items_that_a_line_introduces() -> None:
    """Marked items up to the first line that is none, and not those of another passage."""
    line = next(one for one in EVIDENCE if one.text.endswith(":"))
    assert [one.text for one in items_introduced(line, EVIDENCE)] == ["- a runway of 60 metres;", "- a new apron."]


def test_items_that_only_semicolons_mark() -> None:
    """The list ends with the first item that has none."""
    passage = (
        "Flights came:\nFlight KC1 carried 142 people;\nFlight KC2 carried 99;\nFlight KC3 was empty.\nAll landed."
    )
    line, *rest = evidence_of(QUESTION, retrieved("Flights", passage))
    assert items_introduced(line, [line, *rest]) == rest[:3]


def test_a_line_that_introduces_nothing() -> None:
    """Without a colon there is no list; with one and nothing behind it, neither."""
    assert items_introduced(EVIDENCE[0], EVIDENCE) == []
    last = evidence_of(QUESTION, retrieved("T", "The works include:"))
    assert items_introduced(last[0], last) == []


def test_an_introducing_line_brings_its_list() -> None:
    """The line and its items, in order."""
    question = "What do the works at the airport of Pavlodar include?"
    evidence = evidence_of(question, WORKS)
    expected = ["The works at the airport of Pavlodar include:", "- a runway of 60 metres;", "- a new apron."]
    assert [one.text for one in quotations(evidence[0], evidence)] == expected


def test_more_of_the_same_article() -> None:
    """Without a list, up to two more of its sentences that are about as near follow; none that is farther off."""
    near = [replace(one, relevance=0.5) for one in EVIDENCE[:4]]
    other = [replace(one, relevance=0.5) for one in evidence_of(QUESTION, CRIME)]
    shown = [one.quotes[0].text for one in quotations(near[0], [near[0], *other, *near[1:]])]
    assert shown == [one.text for one in EVIDENCE[:MOST_SENTENCES]]
    far = [near[0], *(replace(one, relevance=0.4) for one in near[1:])]
    assert len(quotations(far[0], far)) == 1


def test_quotations_instead_of_sentences() -> None:
    """Each quotation once, in the order of first use, each its own proof."""
    proofs = [proof_of("The line has 11 stops."), proof_of("The fare is 120 tenge."), proof_of("There are 11 stops.")]
    shown = verbatim([proof for proof in proofs if proof])
    assert [one.text for one in shown] == ["It has 11 stops and was built in three years.", "The fare is 120 tenge."]
    assert all(one.verbatim and one.nearness == 1 for one in shown)


def test_three_sentences_at_most() -> None:
    """Of ten short ones the first three."""
    proofs = quoted_proofs(*(f"Stop {n} is open." for n in range(10)))
    assert within_length(proofs, QUESTION) == proofs[:MOST_SENTENCES]


@given(st.lists(st.integers(1, 70), max_size=8))
def test_sixty_words_at_most(lengths: list[int]) -> None:
    """The first sentences that fit together; the first one always."""
    proofs = [Proof(" ".join(["word"] * length), EVIDENCE[:1], 0.9) for length in lengths]  # type: ignore[arg-type]
    kept = within_length(proofs, QUESTION)
    assert kept == proofs[: len(kept)]
    assert len(kept) <= MOST_SENTENCES and bool(kept) == bool(proofs)
    assert len(kept) < 2 or sum(len(proof.text.split()) for proof in kept) <= MOST_WORDS


def test_a_list_is_kept_whole() -> None:
    """An introducing line and its items are no three sentences, but twelve items are enough."""
    passage = "\n".join(
        ("Bypasses are planned:", *(f"- road number {n} around a town far from here;" for n in range(20)))
    )
    evidence = evidence_of("Which bypasses are planned?", retrieved("R", passage))
    proofs = quotations(evidence[0], evidence)
    assert len(proofs) == 21
    assert within_length(proofs, QUESTION) == proofs[: 1 + MOST_LISTED]


def test_a_colon_alone_makes_no_list() -> None:
    """Sentences of other passages behind a line with a colon are counted as sentences."""
    proofs = quoted_proofs("The works include:", *(f"Stop {n} is open." for n in range(10)))
    assert within_length(proofs, QUESTION) == proofs[:MOST_SENTENCES]


def test_what_was_asked_for_as_a_list_stays_whole() -> None:
    """Several things were asked for: the sentences that name them are not cut to three, only to a list's length."""
    proofs = quoted_proofs(*(f"Stop {n} is open." for n in range(20)))
    assert within_length(proofs, "Which stops are open?") == proofs[: 1 + MOST_LISTED]


def test_a_time_that_the_question_brought_is_left_out() -> None:
    """The day a story came out stands in its citation; the sentence does not claim it without a quotation."""
    sentence = "Crime fell by 8 percent on 4 March 2026."
    vector = EMBEDDER.embed_passages([sentence])[0]
    dated, undated = "How much did crime fall on 4 March 2026?", "How much did crime fall?"
    proof = prove(sentence, vector, evidence_of(dated, CRIME), dated)
    assert proof is not None
    assert proof.text == "Crime fell by 8 percent."
    assert prove(sentence, vector, evidence_of(undated, CRIME), undated) is None

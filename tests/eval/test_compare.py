"""Two runs compared: what is shared, what differs by more than chance, what flipped, and what makes it doubtful."""

import pytest
from runs import a_record, a_run, failed, ranked, refused, right, wrong

from eval.compare import Comparison, Tendency, compare
from rag.errors import InputError


def _difference(comparison: Comparison, name: str) -> tuple[float, float, float, Tendency]:
    one = next(one for one in comparison.differences if one.metric.name == name)
    return one.a, one.b, one.difference.value, one.tendency


def test_only_shared_questions_count() -> None:
    """Questions of one run only are counted and left out; order does not matter."""
    a = a_run("a", a_record("1", right()), a_record("2", wrong()), a_record("3", right()))
    b = a_run("b", a_record("4", wrong()), a_record("2", right()), a_record("1", right()))
    found = compare(a, b)
    assert (found.shared, found.only_a, found.only_b) == (2, 1, 1)
    assert _difference(found, "right")[:3] == (0.5, 1.0, 0.5)  # b - a over questions 1 and 2


def test_a_clear_difference_has_a_tendency() -> None:
    """All questions gained: better; false refusals all gained: worse; longer answers: neither."""
    ids = [str(number) for number in range(12)]
    a = a_run("a", *(a_record(one, wrong("It is 11 km.")) for one in ids))
    b = a_run("b", *(a_record(one, right()) for one in ids))
    found = compare(a, b)
    assert _difference(found, "right") == (0.0, 1.0, 1.0, "better")
    assert _difference(found, "wrong_number") == (1.0, 0.0, -1.0, "better")
    assert _difference(found, "words") == (4.0, 5.0, 1.0, "unclear")
    assert _difference(compare(b, a), "right")[3] == "worse"
    refusing = a_run("c", *(a_record(one, refused()) for one in ids))
    assert _difference(compare(b, refusing), "false_refusal")[3] == "worse"


def test_a_difference_within_chance_is_unclear() -> None:
    """One question gained and one lost: the interval holds 0."""
    a = a_run("a", a_record("1", right()), a_record("2", wrong()), a_record("3", right()))
    b = a_run("b", a_record("1", wrong()), a_record("2", right()), a_record("3", right()))
    found = next(one for one in compare(a, b).differences if one.metric.name == "right")
    assert found.tendency == "unclear"
    assert found.difference.low < 0 < found.difference.high


def test_metrics_that_count_other_questions_keep_their_own_means() -> None:
    """Precision of refusals is over what each run refused: the difference is that of the two means."""
    unanswerable = {"answerable": False, "answers": [], "must_include": [], "evidence": [], "gold": []}
    questions = [a_record("1"), a_record("2"), a_record("3", **unanswerable), a_record("4", **unanswerable)]
    ids = [one.id for one in questions]

    def replies(*refusing: str) -> list[object]:
        return [
            a_record(one.id, refused(rightly=not one.answerable) if one.id in refusing else wrong(), **(
                {} if one.answerable else unanswerable
            ))
            for one in questions
        ]  # fmt: skip

    found = compare(a_run("a", *replies(*ids)), a_run("b", *replies("3", "4")))
    one = next(one for one in found.differences if one.metric.name == "refusal_precision")
    assert (one.a, one.n_a, one.b, one.n_b) == (0.5, 4, 1.0, 2)
    assert one.difference.value == 0.5


def test_flipped_questions_are_shown_gained_first() -> None:
    """Right in one run and not in the other, also where one failed; both replies are at hand."""
    a = a_run("a", a_record("1", right()), a_record("2", wrong()), a_record("3", failed()), a_record("4", wrong()))
    b = a_run("b", a_record("1", wrong()), a_record("2", right()), a_record("3", right()), a_record("4", refused()))
    found = compare(a, b)
    assert [(flip.a.id, flip.gained) for flip in found.flips] == [("2", True), ("3", True), ("1", False)]
    assert found.flips[0].a.reply.answer != found.flips[0].b.reply.answer


def test_rankings_flip_too() -> None:
    """Where only retrieval was asked, right is gold ranked first; a question without gold can't flip."""
    a = a_run("a", a_record("1", ranked("tram", "park")), a_record("2", ranked("park"), gold=[]))
    b = a_run("b", a_record("1", ranked("park", "tram")), a_record("2", ranked("tram"), gold=[]))
    assert [(flip.a.id, flip.gained) for flip in compare(a, b).flips] == [("1", False)]


def test_nothing_in_common_is_refused() -> None:
    """The message names both runs and both sets."""
    other = a_run("b", a_record("9"), set={"name": "buses", "sha256": "cd" * 32})
    with pytest.raises(InputError, match=r"runs a and b have no question in common \(sets trams and buses\)"):
        compare(a_run("a", a_record("1")), other)


def test_what_makes_a_comparison_doubtful_is_said() -> None:
    """Other checksum, other question, other gold, a run that is not complete."""
    a = a_run("a", *(a_record(str(number)) for number in range(8)))
    assert compare(a, a).warnings == ()
    b = a_run(
        "b",
        *(a_record(str(number), question="How long?", answers=["15 km"]) for number in range(8)),
        set={"name": "trams", "sha256": "cd" * 32},
        complete=False,
    )
    forbidding = a_run("a", *(a_record(str(number), must_not_include=["11"]) for number in range(8)))
    assert [one.split(":")[0] for one in compare(a, forbidding).warnings] == ["the gold differs"]
    sets, texts, golds, complete = compare(a, b).warnings
    assert "different checksums" in sets
    assert "different questions: 0, 1, 2, 3, 4 and 3 more" in texts
    assert "gold differs" in golds
    assert complete == "b is not complete"


def test_a_question_asked_in_two_languages_is_one_question() -> None:
    """Paired by id whatever the text and its language; the fields are told, once, and nothing else is doubtful."""
    asked = {"question": "Какой длины линия?", "lang": "ru"}
    a = a_run("ru", *(a_record(str(n), wrong(), **asked) for n in range(12)))
    b = a_run("en", *(a_record(str(n), right()) for n in range(12)), options={"question_field": "question_en"})
    found = compare(a, b)
    assert found.shared == 12 and len(found.flips) == 12
    assert _difference(found, "right") == (0.0, 1.0, 1.0, "better")
    assert found.warnings == ("ru asks the field 'question', en 'question_en': 12 questions read otherwise",)


def test_the_balance_of_two_runs_is_compared() -> None:
    """Both refuse the unanswerable; of twelve answerable the first answers none rightly, the second all."""
    unanswerable = {"answerable": False, "answers": [], "must_include": [], "evidence": [], "gold": []}
    refusing = [a_record(f"u{n}", refused(rightly=True), **unanswerable) for n in range(12)]
    a = a_run("a", *refusing, *(a_record(str(n), wrong()) for n in range(12)))
    b = a_run("b", *refusing, *(a_record(str(n), right()) for n in range(12)))
    assert _difference(compare(a, b), "balanced") == (0.5, 1.0, 0.5, "better")
    one = next(one for one in compare(a, b).differences if one.metric.name == "balanced")
    assert (one.n_a, one.n_b) == (24, 24)
    names = [one.metric.name for one in compare(a_run("c", a_record("1")), a_run("d", a_record("1"))).differences]
    assert "balanced" not in names and "refusal_f1" not in names

"""Halves and samples of a set, and where a question stands."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from eval.sets import Item, QuestionSet, select, split_of

ITEMS = [Item(f"q{n}", "?", "en", "t", False, (), (), (), (), split_of(f"q{n}"), n) for n in range(40)]


def test_samples_nest() -> None:
    """A smaller sample is part of a larger one, in the set's own order."""
    small, large = select(ITEMS, sample=5), select(ITEMS, sample=12)
    assert set(small) < set(large)
    assert [item.line for item in large] == sorted(item.line for item in large)
    assert len(select(ITEMS, "dev")) + len(select(ITEMS, "test")) == 40
    assert select(ITEMS, "dev", 1000) == select(ITEMS, "dev")


def test_a_sample_of_a_half_is_the_half_of_a_sample() -> None:
    """The choice depends on the id alone, so what is in a half's sample is in a larger one of the whole set."""
    assert set(select(ITEMS, "test", 3)) <= set(select(ITEMS, "all", 40))


def test_a_place_is_in_the_file_that_holds_the_questions() -> None:
    """For a set in a folder lines count in its file of questions."""
    alone = QuestionSet("a", Path("a.jsonl"), "", tuple(ITEMS))
    assert alone.place(ITEMS[7]) == "a.jsonl:7"
    in_folder = QuestionSet("b", Path("b"), "", tuple(ITEMS), file=Path("b/questions.jsonl"))
    assert in_folder.place(ITEMS[7]) == f"{Path('b/questions.jsonl')}:7"


@given(st.text(min_size=1))
def test_a_question_is_in_one_split_for_ever(question_id: str) -> None:
    """The split depends on the id alone."""
    assert split_of(question_id) == split_of(question_id)
    assert split_of(question_id) in ("dev", "test")


def test_a_sample_has_both_halves_in_it() -> None:
    """What chooses the sample is not what chooses the half."""
    many = [replace(ITEMS[0], id=f"q{n}", split=split_of(f"q{n}")) for n in range(400)]
    dev = sum(item.split == "dev" for item in select(many, sample=100))
    assert 30 < dev < 70

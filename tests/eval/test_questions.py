"""The shipped set is sound: its quotations are the seeds' own words, its answers stand in them."""

from collections import Counter
from pathlib import Path

import pytest

from eval.matching import contains
from eval.readers import find_set, read_set
from eval.sets import Item

SEEDS = Path(__file__).parents[2] / "seeds"
ITEMS = read_set(find_set("seeds")).items
ANSWERABLE = [item for item in ITEMS if item.answerable]


def test_every_type_and_split_is_there() -> None:
    """Counts by type, all five seed files, both halves of a size."""
    counts = Counter(item.type for item in ITEMS)
    least = {
        "factoid": 25, "numeric": 25, "list": 14, "two_articles": 12, "date_bound": 12, "russian": 14, "kazakh": 4,
        "unanswerable": 26,
    }  # fmt: skip
    assert set(counts) == set(least)
    assert all(counts[kind] >= number for kind, number in least.items())
    assert {evidence.file for item in ITEMS for evidence in item.evidence} == {p.name for p in SEEDS.glob("*.txt")}
    assert min(Counter(item.split for item in ITEMS).values()) > len(ITEMS) / 3


def test_questions_are_asked_once() -> None:
    """No question stands twice, in whatever case."""
    assert len({item.question.casefold() for item in ITEMS}) == len(ITEMS)


@pytest.mark.parametrize("item", ANSWERABLE, ids=lambda item: item.id)
def test_quotations_are_verbatim_and_hold_the_answer(item: Item) -> None:
    """Each quotation is in its file; for a question in the source's language each required fact is in a quotation."""
    for evidence in item.evidence:
        assert evidence.file is not None
        assert evidence.quote in (SEEDS / evidence.file).read_bytes().decode("utf-8-sig")
    if item.lang == "en":
        quoted = " ".join(evidence.quote for evidence in item.evidence)
        for group in item.must_include:
            assert any(contains(quoted, phrase) for phrase in group), group


@pytest.mark.parametrize("item", [i for i in ITEMS if not i.answerable], ids=lambda item: item.id)
def test_the_unanswerable_have_no_gold(item: Item) -> None:
    """Nothing says what a right answer would be."""
    assert not (item.answers or item.must_include or item.evidence or item.gold_docs)

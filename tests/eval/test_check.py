"""What a check finds in a set that can be read."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.check import check, check_set
from eval.gold import GenerationShelf
from eval.readers import read_set
from eval.sets import Document, Evidence, Item, QuestionSet
from rag.answer import Library

SAMPLES = Path(__file__).parent / "samples"
TRAM = Item(
    id="tram",
    question="How long is the tram line?",
    lang="en",
    type="numeric",
    answerable=True,
    answers=("14 km",),
    must_include=(("14",),),
    gold_docs=(),
    evidence=(Evidence("almaty.txt", "The new tram line in Almaty is 14 kilometres long."),),
    split="dev",
    line=1,
)
REFUSED = replace(
    TRAM, id="no", question="Who paid?", answerable=False, answers=(), must_include=(), evidence=(), line=2
)


def faults(library: Library, *items: Item) -> list[str]:
    """What a check of these questions finds in the small index."""
    return check_set(QuestionSet("mine", Path("mine.jsonl"), "", items), GenerationShelf(library.generation))


def test_a_sound_set_has_no_faults(library: Library) -> None:
    """Neither one of the user's own nor the public ones among the samples."""
    assert faults(library, TRAM, REFUSED) == []
    assert check_set(read_set(SAMPLES / "lighthouse.json"), None) == []
    assert check_set(read_set(SAMPLES / "orchard"), None) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"gold_docs": ("0123456789abcdef",)}, "gold article '0123456789abcdef' is not in generation"),
        ({"evidence": (Evidence("almaty.txt", "15 kilometres"),)}, "no article of almaty.txt in generation"),
        ({"evidence": TRAM.evidence * 2}, "the same quotation twice in evidence"),
        ({"answers": ()}, "must_include without answers"),
        ({"answers": ("fourteen",)}, "none of the answers holds what must_include demands"),
        ({"must_include": (("14", "fourteen"), ("11", "eleven"))}, "must_include: 11 / eleven: not in the evidence"),
        ({"must_include": (), "answers": ("15", "fifteen")}, "answers: 15 / fifteen: not in the evidence"),
        ({"must_not_include": ("14 km", "14")}, "must_not_include: 14: stands in answers, must_include, evidence"),
    ],
)
def test_a_faulty_question_is_named(library: Library, change: dict[str, Any], fault: str) -> None:
    """With its place; the sound one beside it is not."""
    found = faults(library, REFUSED, replace(TRAM, **{"line": 5} | change))
    assert any(line.startswith(f"mine.jsonl:5: {fault}") for line in found), found
    assert not any(line.startswith("mine.jsonl:2") for line in found)


def test_answers_are_sought_only_where_they_must_be_found(library: Library) -> None:
    """Not long ones, not a yes or no, not across languages."""
    free = replace(TRAM, must_include=())
    assert faults(library, replace(free, answers=("It runs for a good many kilometres, more than ten of them.",))) == []
    assert faults(library, replace(free, answers=("Yes", "it does"))) == []
    assert faults(library, replace(free, lang="ru", answers=("пятнадцать",))) == []
    russian = Evidence("north/petropavl.txt", "В фондах библиотеки 35 000 книг.")
    assert faults(library, replace(free, evidence=(russian,), answers=("thirty thousand",))) == []


def test_gold_by_id_is_searched_where_nothing_is_quoted(library: Library) -> None:
    """The whole article counts then."""
    shelf = GenerationShelf(library.generation)
    gold = next(article.article_id for article in shelf.articles() if article.file == "almaty.txt")
    by_id = replace(TRAM, evidence=(), gold_docs=(gold,), must_include=(("9999",),), answers=("9999",))
    assert faults(library, by_id) == ["mine.jsonl:1: must_include: 9999: not in the gold texts"]


def test_what_is_not_answerable_has_no_gold(library: Library) -> None:
    """Each field that is filled is named."""
    told = faults(library, replace(REFUSED, answers=("14",), evidence=TRAM.evidence))
    assert told == ["mine.jsonl:2: not answerable, yet it has answers, evidence"]


def test_a_question_is_asked_once(library: Library) -> None:
    """In whatever case and spacing; of another haystack it is another question."""
    again = replace(TRAM, id="again", question="how long  is the TRAM line?", line=9)
    assert faults(library, TRAM, again) == ["mine.jsonl:9: the same question as 'tram' in line 1"]
    same_line = replace(again, line=1)
    assert faults(library, TRAM, same_line) == ["mine.jsonl:1: the same question as 'tram' in line 1"]
    assert faults(library, TRAM, replace(again, haystack="north")) == []


def test_a_set_with_documents_is_held_against_them() -> None:
    """Without an index: by its quotations, else by its gold documents, title included."""
    document = Document("a", "Trams of 14 towns", "The tram is red.")
    named = replace(TRAM, evidence=(), gold_docs=("a",))
    quoted = replace(named, id="2", question="Again?", evidence=(Evidence(None, "The tram is red."),), line=2)
    told = check_set(
        QuestionSet("public", Path("public"), "", (named, quoted), (document,), Path("public/q.jsonl")), None
    )
    assert told == [f"{Path('public/q.jsonl')}:2: must_include: 14: not in the evidence"]


def test_a_set_of_ones_own_needs_an_index() -> None:
    """Its gold can't be looked up elsewhere."""
    with pytest.raises(ValueError, match="checked against the index"):
        check_set(QuestionSet("mine", Path("mine.jsonl"), "", (TRAM,)), None)


def test_the_report_counts(library: Library) -> None:
    """Faults first, then what the set holds."""
    twice = QuestionSet("mine", Path("mine.jsonl"), "", (TRAM, replace(TRAM, id="2", line=2), REFUSED))
    lines = check(twice, GenerationShelf(library.generation)).report().splitlines()
    assert lines[0].startswith("mine.jsonl:2: the same question")
    assert lines[1:] == ["mine: 3 questions (3 dev, 0 test), no documents of its own; numeric 3", "1 fault"]
    assert check(read_set(SAMPLES / "lighthouse.json"), None).report().endswith("unanswerable 3\nno fault found")

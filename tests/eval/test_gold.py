"""Where gold is found: in a generation or on any other shelf."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from eval.gold import GenerationShelf, GoldFinder, ShelfArticle, gold_articles
from eval.sets import Evidence, Item, QuestionSet
from rag.answer import Library
from rag.errors import InputError

TEXT = "One fish. Two fish. Red fish. Blue fish."


class Fishes:
    """A shelf of two sources: four sentences, each an article; and one of them again in a file of its own."""

    where = "the fishmonger's"

    def __init__(self) -> None:
        self.read: list[str] = []

    def articles(self) -> Sequence[ShelfArticle]:
        """Four articles of one text, in no order, and one of another."""
        spans = {"two": (10, 19), "one": (0, 9), "blue": (30, 40), "red": (20, 29)}
        held = [ShelfArticle(name, "fish.txt", (), "s1", *span) for name, span in spans.items()]
        held[0] = ShelfArticle("two", "fish.txt", ("pair.txt",), "s1", 10, 19)
        return [*held, ShelfArticle("cod", "cod.txt", (), "s2", 0, 5)]

    def source_text(self, sha256: str) -> str:
        """The text, and a note that it was read."""
        self.read.append(sha256)
        return {"s1": TEXT, "s2": "A fish"}[sha256]


def item(*evidence: Evidence, gold: Sequence[str] = (), line: int = 1) -> Item:
    """A question with this gold."""
    return Item(f"q{line}", "?", "en", "t", True, ("x",), (), tuple(gold), evidence, "dev", line)


def questions(*items: Item) -> QuestionSet:
    """A set of these questions."""
    return QuestionSet("set", Path("set.jsonl"), "", items)


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        (Evidence("fish.txt", "Red"), {"red"}),
        (Evidence("fish.txt", "fish"), {"one", "two", "red", "blue"}),
        (Evidence(None, "fish"), {"one", "two", "red", "blue", "cod"}),
        (Evidence("pair.txt", "fish"), {"two"}),
        (Evidence("fish.txt", "fish. Red fish"), {"two", "red"}),
        (Evidence("fish.txt", TEXT), {"one", "two", "red", "blue"}),
        (Evidence("cod.txt", "Red"), set()),
        (Evidence("none.txt", "Red"), set()),
        (Evidence(None, "s"), {"one", "two", "red", "blue", "cod"}),
        (Evidence("fish.txt", " Two"), {"two"}),
    ],
)
def test_a_quotation_is_in_the_articles_it_overlaps(evidence: Evidence, found: set[str]) -> None:
    """Every occurrence counts; where a file is named, only articles that stand in it."""
    assert GoldFinder(Fishes()).holders(evidence) == found


def test_gold_is_what_is_named_and_what_is_quoted() -> None:
    """Ids and quotations together; a text is read once, however many questions there are."""
    shelf = Fishes()
    items = [item(Evidence("fish.txt", "Red"), gold=["cod"], line=line) for line in range(1, 40)]
    assert gold_articles(questions(*items), shelf)["q39"] == {"red", "cod"}
    assert sorted(shelf.read) == ["s1", "s2"]


def test_gold_that_is_gone_is_named() -> None:
    """Each fault with its line, and where was looked."""
    faulty = questions(item(gold=["eel"], line=3), item(Evidence("fish.txt", "Green fish" * 9), line=4))
    with pytest.raises(InputError) as caught:
        gold_articles(faulty, Fishes())
    first, second = str(caught.value).splitlines()
    assert first == "set.jsonl:3: gold article 'eel' is not in the fishmonger's"
    assert second.startswith("set.jsonl:4: no article of fish.txt in the fishmonger's holds the quotation 'Green fish")
    assert second.endswith("…'")


def test_a_generation_is_a_shelf(library: Library) -> None:
    """Gold by id, by file and quotation, by quotation alone, in a really built index."""
    shelf = GenerationShelf(library.generation)
    tram = Evidence("almaty.txt", "The fare is 120 tenge.")
    (tram_id,) = GoldFinder(shelf).holders(tram)
    found = gold_articles(questions(item(tram), item(Evidence(None, tram.quote), gold=[tram_id], line=2)), shelf)
    assert found == {"q1": {tram_id}, "q2": {tram_id}}
    assert "The fare is 120 tenge." in GoldFinder(shelf).text_of(tram_id)
    with pytest.raises(InputError, match=rf"set\.jsonl:1: .* generation {library.generation.id}"):
        gold_articles(questions(item(gold=["0" * 16])), shelf)

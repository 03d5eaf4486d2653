"""The shipped set is sound: its quotations are the seeds' own words, its answers stand in them."""

from collections import Counter
from pathlib import Path

import pytest

from eval.matching import contains
from eval.readers import find_set, read_set
from eval.sets import Item, split_of
from rag.articles import read_articles
from rag.sources import read_seed

SEEDS = Path(__file__).parents[2] / "seeds"
ITEMS = read_set(find_set("seeds")).items
ANSWERABLE = [item for item in ITEMS if item.answerable]


def test_every_type_and_language_is_there() -> None:
    """At least 25 questions of each type, and of each language, in the half that nothing is tuned on."""
    test = [item for item in ITEMS if item.split == "test"]
    types, languages = Counter(item.type for item in test), Counter(item.lang for item in test)
    assert set(types) == {"factoid", "numeric", "list", "two_articles", "date_bound", "unanswerable"}
    assert set(languages) == {"en", "ru", "kk"}
    assert min(*types.values(), *languages.values()) >= 25
    assert all(item.split == split_of(item.id) for item in ITEMS)


def test_every_article_is_asked_about() -> None:
    """Gold lies in each article of each seed file, and a question of two articles has its gold in two."""
    articles = [(path.name, a, s.text) for path in sorted(SEEDS.glob("*.txt"))
                for s in [read_seed(SEEDS, path.name).sources[0]] for a in read_articles(s).articles]  # fmt: skip
    gold = {
        item.id: {
            article.article_id
            for file, article, text in articles
            for evidence in item.evidence
            if evidence.file == file and evidence.quote in text[article.span.start : article.span.end]
        }
        for item in ANSWERABLE
    }
    assert set().union(*gold.values()) == {article.article_id for _, article, _ in articles}
    assert all(gold.values())
    assert all(len(gold[item.id]) >= 2 for item in ANSWERABLE if item.type == "two_articles")


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

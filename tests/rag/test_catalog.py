"""The catalog: what was written is read back, filters mean what they say, and no input is read as SQL."""

import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from catalogs import write_catalog

from rag.catalog import Catalog
from rag.errors import IndexDamaged, NotFound
from rag.types import Article, Filters, Passage, Source, Span

SHA = "a" * 64


def article(article_id: str, published_at: str | None = None, **values: object) -> Article:
    """An article of one line."""
    plain = Article(
        article_id=article_id,
        title=f"Title of {article_id}",
        published_at=published_at,
        language="en",
        outlet=None,
        url=None,
        file="one.txt",
        source_sha256=SHA,
        span=Span(0, 30),
        body=(Span(10, 20), Span(22, 30)),
    )
    return replace(plain, **values)  # type: ignore[arg-type]


ARTICLES = (
    article("undated", title="Скидка 100% на Ёлки", language="ru"),
    article("early", "2026-03-01", outlet="QazNews"),
    article("noon", "2026-03-02T12:12", outlet="qaznews", also_in=("copy.txt", "north/two.txt")),
    article("late", "2026-03-02T23:59", file="two.txt", outlet="Степь Daily"),
    article("last", "2026-03-03", file="two.txt", language="kk", url="https://example.org/a"),
)
TEXTS = {
    "undated": ("В АЛМАТЫ открыли мост.", "Цена упала на 5_000."),
    "early": ("The mayor's bridge is 14 kilometres long.",),
    "noon": ("A straße was built; it's 50% done.",),
    "late": ("Nothing of note.",),
    "last": ("Көпір ашылды.", "The end."),
}
PASSAGES = tuple(
    Passage(f"{name}-{n}", name, Span(n, n + len(text)), text)
    for name, texts in TEXTS.items()
    for n, text in enumerate(texts)
)


def write(path: Path, articles: Sequence[Article] = ARTICLES, passages: Sequence[Passage] = PASSAGES) -> None:
    """A catalog of these articles over one source."""
    keys = [f"key-{row}".encode() for row in range(len(passages))]
    write_catalog(path, [Source("one.txt", SHA, "текст\r\nof the source")], articles, passages, keys)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """A catalog of five articles, seven passages."""
    write(tmp_path / "catalog.sqlite")
    catalog = Catalog(tmp_path / "catalog.sqlite")
    yield catalog
    catalog.close()


def ids(catalog: Catalog, q: str | None = None, **filters: object) -> list[str]:
    """Ids of the articles that pass; what passages pass must be theirs."""
    chosen = Filters(**filters)  # type: ignore[arg-type]
    total, found = catalog.articles(chosen, q, 1000, 0)
    assert total == len(found)
    rows = catalog.rows_passing(chosen)
    if q is None and rows is not None:
        assert {owner.article_id for _, owner in catalog.at_rows(rows.tolist())} == {a.article_id for a in found}
    return [one.article_id for one in found]


def test_round_trip(catalog: Catalog) -> None:
    """Articles, passages, texts and keys come back equal."""
    for one in ARTICLES:
        assert catalog.article(one.article_id) == one
        assert tuple(catalog.passages_of(one.article_id)) == tuple(
            p for p in PASSAGES if p.article_id == one.article_id
        )
    for passage in PASSAGES:
        assert catalog.passage(passage.passage_id) == passage
    assert catalog.source_text(SHA) == "текст\r\nof the source"
    assert catalog.content_keys(np.array([6, 0])) == [b"key-6", b"key-0"]
    assert catalog.rows_of_keys([b"key-3", b"none"]) == {b"key-3": 3}
    assert catalog.rows().tolist() == list(range(len(PASSAGES)))
    assert catalog.tombstones().tolist() == []
    assert len(catalog) == len(PASSAGES)


def test_rows_come_in_the_order_asked_for(catalog: Catalog) -> None:
    """Passages are returned in the order of the rows, each with its own article."""
    pairs = catalog.at_rows([4, 0, 2])
    assert [passage for passage, _ in pairs] == [PASSAGES[4], PASSAGES[0], PASSAGES[2]]
    assert all(passage.article_id == owner.article_id for passage, owner in pairs)
    assert catalog.at_rows([]) == []


def test_newest_first(catalog: Catalog) -> None:
    """Articles come newest first, those without a date last."""
    assert ids(catalog) == ["last", "late", "noon", "early", "undated"]


def test_pages(catalog: Catalog) -> None:
    """Pages of any size join to the whole list; beyond its end there is nothing, and the total stays."""
    whole = ids(catalog)
    for size in (1, 2, 3, 5, 100):
        pages = [catalog.articles(Filters(), None, size, offset) for offset in range(0, 5, size)]
        assert [one.article_id for _, page in pages for one in page] == whole
        assert {total for total, _ in pages} == {5}
    assert catalog.articles(Filters(), None, 10, 5) == (5, [])
    assert catalog.articles(Filters(), None, 0, 0) == (5, [])


def test_nothing_filtered_is_no_choice_of_rows(catalog: Catalog) -> None:
    """Without filters every row passes, said by None; filters that nothing passes give no row."""
    assert catalog.rows_passing(Filters()) is None
    none = catalog.rows_passing(Filters(files=("nowhere.txt",)))
    assert none is not None
    assert none.tolist() == []


@pytest.mark.parametrize(
    ("date_from", "date_to", "passing"),
    [
        ("2026-03-02", None, ["last", "late", "noon"]),
        (None, "2026-03-02", ["late", "noon", "early"]),
        ("2026-03-02", "2026-03-02", ["late", "noon"]),
        (None, "2026-02-28", []),
        ("2026-03-04", None, []),
        ("0001-01-01", "9999-12-31", ["last", "late", "noon", "early"]),
    ],
)
def test_dates(catalog: Catalog, date_from: str | None, date_to: str | None, passing: list[str]) -> None:
    """Both ends include their whole day, and an article without a date passes no date filter."""
    assert ids(catalog, date_from=date_from, date_to=date_to) == passing


def test_files(catalog: Catalog) -> None:
    """An article passes by its own file and by every other file that holds it; names are not patterns."""
    assert ids(catalog, files=("two.txt",)) == ["last", "late"]
    assert ids(catalog, files=("north/two.txt",)) == ["noon"]
    assert ids(catalog, files=("copy.txt", "two.txt")) == ["last", "late", "noon"]
    assert ids(catalog, files=("%",)) == ids(catalog, files=("o",)) == ids(catalog, files=('["copy.txt"]',)) == []


def test_outlets(catalog: Catalog) -> None:
    """Outlets are compared without regard to case, in any script."""
    assert ids(catalog, outlets=("QAZNEWS",)) == ["noon", "early"]
    assert ids(catalog, outlets=("степь daily",)) == ["late"]
    assert ids(catalog, outlets=("Qaz",)) == []


def test_languages(catalog: Catalog) -> None:
    """Any of the languages named passes, in either case."""
    assert ids(catalog, languages=("ru", "kk")) == ["last", "undated"]
    assert ids(catalog, languages=("KK",)) == ["last"]


def test_filters_together(catalog: Catalog) -> None:
    """Every filter must hold."""
    assert ids(catalog, date_from="2026-03-02", outlets=("qaznews",), files=("one.txt",)) == ["noon"]
    assert ids(catalog, "built", date_from="2026-03-03") == []


@pytest.mark.parametrize(
    ("q", "passing"),
    [
        ("алматы", ["undated"]),
        ("ёлки МОСТ", ["undated"]),
        ("көпір", ["last"]),
        ("STRASSE", ["noon"]),
        ("title bridge", ["early"]),
        ("bridge nowhere", []),
        ("%", ["noon", "undated"]),
        ("50%", ["noon"]),
        ("5_000", ["undated"]),
        ("5x000", []),
        ("_", ["undated"]),
        ("*", []),
        ("mayor's", ["early"]),
        ("' OR 1=1 --", []),
        ('"', []),
    ],
)
def test_words(catalog: Catalog, q: str, passing: list[str]) -> None:
    """Every word must stand in title or text, case aside; no character of it has another meaning."""
    assert ids(catalog, q) == passing


@pytest.mark.parametrize("q", [None, "", "  \t "])
def test_no_words(catalog: Catalog, q: str | None) -> None:
    """Blank words narrow nothing."""
    assert len(ids(catalog, q)) == 5


def test_unknown_ids(catalog: Catalog) -> None:
    """An unknown id is NotFound, with the id, the field and a way on; the passages of none are none."""
    with pytest.raises(NotFound, match=r"'nope'.*derek articles") as no_article:
        catalog.article("nope")
    with pytest.raises(NotFound, match=r"'nope'.*/v1/search") as no_passage:
        catalog.passage("nope")
    with pytest.raises(NotFound, match="'nope'") as no_source:
        catalog.source_text("nope")
    assert [e.value.field for e in (no_article, no_passage, no_source)] == ["article_id", "passage_id", "sha256"]
    assert catalog.passages_of("nope") == []
    with pytest.raises(NotFound):
        catalog.article("' OR 1=1 --")


def test_many_threads(catalog: Catalog) -> None:
    """Sixteen threads that ask at once each get their own answers."""

    def look(turn: int) -> bool:
        passage = PASSAGES[turn % len(PASSAGES)]
        wanted = ARTICLES[turn % len(ARTICLES)]
        return (
            catalog.passage(passage.passage_id) == passage
            and catalog.article(wanted.article_id) == wanted
            and catalog.articles(Filters(languages=(wanted.language,)), None, 10, 0)[0] in (1, 3)
            and catalog.at_rows([turn % len(PASSAGES)])[0][0] == passage
        )

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(look, range(400)))


def test_empty_catalog(tmp_path: Path) -> None:
    """A catalog of nothing is written and opened."""
    write_catalog(tmp_path / "catalog.sqlite", [], [], [], [])
    catalog = Catalog(tmp_path / "catalog.sqlite")
    assert catalog.articles(Filters(), "word", 10, 0) == (0, [])
    assert (len(catalog), catalog.rows().tolist(), catalog.stories(), catalog.seeds()) == (0, [], 0, [])
    catalog.close()


def test_a_path_that_looks_like_an_address(tmp_path: Path) -> None:
    """A folder named with what addresses are made of is a folder."""
    folder = tmp_path / "a?mode=rw#100% дерек"
    folder.mkdir()
    write(folder / "catalog.sqlite")
    catalog = Catalog(folder / "catalog.sqlite")
    assert len(catalog) == len(PASSAGES)
    catalog.close()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9])
def test_truncated_file(tmp_path: Path, share: float) -> None:
    """A catalog that ends early is damaged: said when it is opened or at the latest when it is read, never else."""
    path = tmp_path / "catalog.sqlite"
    write(path, passages=[replace(PASSAGES[0], passage_id=f"p{n}", text="long " * 100) for n in range(200)])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(IndexDamaged, match=r"catalog\.sqlite.*derek reindex"):
        read_all(path)


def test_foreign_files(tmp_path: Path) -> None:
    """No file, a text, a folder and somebody else's database are damaged catalogs."""
    (tmp_path / "text").write_text("not a database " * 100)
    (tmp_path / "folder").mkdir()
    other = sqlite3.connect(tmp_path / "other")
    other.execute("CREATE TABLE passages (words TEXT)")
    other.commit()
    other.close()
    for name in ("missing", "text", "folder", "other"):
        with pytest.raises(IndexDamaged, match=name):
            read_all(tmp_path / name)
    assert not (tmp_path / "missing").exists()


def read_all(path: Path) -> None:
    """Read everything a catalog holds."""
    catalog = Catalog(path)
    try:
        _, articles = catalog.articles(Filters(), None, 1000, 0)
        for one in articles:
            catalog.passages_of(one.article_id)
        catalog.content_keys(catalog.rows())
        catalog.at_rows(range(len(catalog)))
        catalog.source_text(SHA)
    finally:
        catalog.close()

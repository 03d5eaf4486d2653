"""The word index: stemmed words in two languages, shares in [0, 1], and queries that are words and nothing else."""

import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import tantivy
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import IndexDamaged
from rag.lexical import WordIndex

TEXTS = (
    "The road to the airport is long.",
    "Two roads were built in the north.",
    "В городе построили новую дорогу.",
    "Дороги области починят к осени.",
    "The price of wheat is 85,000 tenge.",
    "In the city and in the village the weather is the same.",
)


@pytest.fixture
def words(tmp_path: Path) -> WordIndex:
    """An index of TEXTS."""
    return WordIndex.build(TEXTS, tmp_path / "words")


def found(index: WordIndex, query: str, k: int = 10, allowed: Sequence[int] | None = None) -> list[int]:
    """The rows a query finds, checked for what holds for every search."""
    rows, shares = index.search(query, k, None if allowed is None else np.array(allowed, np.int64))
    assert len(rows) == len(shares) == len(set(rows.tolist())) <= k
    assert list(shares) == sorted(shares, reverse=True)
    assert all(0.0 <= share <= 1.0 for share in shares)
    return [int(row) for row in rows]


@pytest.mark.parametrize("query", ["road", "roads", "ROADS", "Road?"])
def test_english_stems(words: WordIndex, query: str) -> None:
    """One English word is found in its other forms."""
    assert sorted(found(words, query)) == [0, 1]


def test_other_words_count_where_they_are_found(words: WordIndex) -> None:
    """And are not missed where they are not; a share stays a share."""
    rows, shares = words.search("жол қайда", 10, also=("road", "nowhere"))
    assert sorted(rows.tolist()) == [0, 1] and 0 < shares[0] <= 1
    assert words.search("road", 10, also=("nowhere",))[1].tolist() == words.search("road", 10)[1].tolist()
    assert words.search("road", 10, also=("airport", "long"))[1][0] > words.search("road", 10)[1][0]


@pytest.mark.parametrize("query", ["дорога", "дороги", "дорог", "ДОРОГАМИ"])
def test_russian_stems(words: WordIndex, query: str) -> None:
    """One Russian word is found in its other forms."""
    assert sorted(found(words, query)) == [2, 3]


def test_round_trip(words: WordIndex, tmp_path: Path) -> None:
    """A loaded index finds what the built one does."""
    loaded = WordIndex.load(tmp_path / "words")
    assert len(loaded) == len(words) == len(TEXTS)
    for query in ("road", "дорога", "price of wheat in the north"):
        assert found(loaded, query) == found(words, query)


def test_rare_words_weigh_more(words: WordIndex) -> None:
    """A text that shares only "in" and "the" scores next to nothing beside one that shares the words that matter."""
    rows, shares = words.search("What is the price of wheat in Kostanay", 10)
    by_row = dict(zip(rows.tolist(), shares.tolist(), strict=True))
    assert rows[0] == 4
    assert by_row[5] < by_row[4] / 2


@pytest.mark.parametrize("step", [1, 2, 3, 30])
@pytest.mark.parametrize("k", [1, 7, 100, 10**9])
def test_few_or_many_allowed(tmp_path: Path, step: int, k: int) -> None:
    """Whether few or many rows are allowed, the best of them are found with the scores they have without a choice."""
    roads = WordIndex.build([f"A road {'is long and ' * (row % 7)}is old" for row in range(300)], tmp_path / "words")
    rows, shares = roads.search("long road", 1_000)
    for first in (0, 1):
        allowed = np.arange(first, 300, step)
        kept = np.isin(rows, allowed)
        found_rows, found_shares = roads.search("long road", k, allowed)
        assert found_shares == pytest.approx(shares[kept][:k])
        assert np.isin(found_rows, allowed).all()
        assert len(found_rows) == min(k, len(allowed))


def test_allowed_rows_that_lie_deep(tmp_path: Path) -> None:
    """Many rows may be allowed, and all of them come after all others."""
    texts = ["The road"] * 100 + ["The road is long and winds through the hills"] * 100
    roads = WordIndex.build(texts, tmp_path / "words")
    assert sorted(found(roads, "road", 10, range(100, 200))) == sorted(range(100, 110))


def test_allowed_rows(words: WordIndex) -> None:
    """Rows that are not allowed are not found, and the choice changes no score."""
    assert found(words, "road", allowed=[1, 4]) == [1]
    assert found(words, "road", allowed=[4]) == []
    assert found(words, "road", allowed=[]) == []
    free = dict(zip(*map(np.ndarray.tolist, words.search("road", 10)), strict=True))
    rows, shares = words.search("road", 10, np.array([1], np.int64))
    assert shares[0] == pytest.approx(free[int(rows[0])])


@pytest.mark.parametrize(("k", "count"), [(-1, 0), (0, 0), (1, 1), (2, 2), (10**6, 2)])
def test_k(words: WordIndex, k: int, count: int) -> None:
    """At most `k` rows are found."""
    rows, _ = words.search("road", k)
    assert len(rows) == count


@pytest.mark.parametrize("query", ["", "   ", "?!", "\0\x01\x1b", "👍", "x" * 10_000, "я" * 10_000])
def test_a_query_of_no_words(words: WordIndex, query: str) -> None:
    """A query without a word that could stand in a text finds nothing."""
    assert found(words, query) == []


def test_empty_index(tmp_path: Path) -> None:
    """An index of nothing is built, loaded and searched like any other."""
    WordIndex.build([], tmp_path / "words")
    loaded = WordIndex.load(tmp_path / "words")
    assert len(loaded) == 0
    assert found(loaded, "road") == []


@pytest.mark.parametrize(
    "query",
    ["road AND (", "a AND (road", "-road", "road^9", '"road', "text:road", "road~2", "ro* OR [road TO", "\x07road\n"],
)
def test_query_syntax_is_plain_words(words: WordIndex, query: str) -> None:
    """What other engines read as operators is punctuation here: the word is found, and nothing breaks."""
    assert {0, 1} <= set(found(words, query))


@pytest.mark.parametrize("query", ["row:3", "row:{1 7}", "*", "text:*", "NOT wheatless"])
def test_no_query_reaches_other_fields(words: WordIndex, query: str) -> None:
    """A query can't ask for rows or for everything."""
    assert found(words, query) == []


def test_a_question_of_two_thousand_words(words: WordIndex) -> None:
    """A very long query is searched; words said again count once."""
    assert found(words, "road " * 2_000) == found(words, "road")
    assert len(found(words, " ".join(f"word{n}" for n in range(2_000)) + " road")) == 2


def test_a_hostile_word_in_a_text(tmp_path: Path) -> None:
    """A word of a megabyte is left out of the index; the rest of its text is found."""
    index = WordIndex.build(["x" * 1_000_000 + " road", "another"], tmp_path / "words")
    assert found(index, "road") == [0]


@pytest.mark.parametrize("how", ["missing", "empty", "half"])
def test_damaged_parts(words: WordIndex, tmp_path: Path, how: str) -> None:
    """A word index one of whose files is missing or ends early is either refused or not needed, never a crash."""
    del words
    for name in sorted(path.name for path in (tmp_path / "words").iterdir() if path.stat().st_size):
        folder = tmp_path / "copy"
        shutil.copytree(tmp_path / "words", folder)
        part = folder / name
        data = part.read_bytes()
        if how == "missing":
            part.unlink()
        else:
            part.write_bytes(data[: len(data) // 2] if how == "half" else b"")
        if name.startswith(".") or (how, part.suffix) == ("missing", ".pos"):  # read by writers and phrases only
            shutil.rmtree(folder)
            continue
        with pytest.raises(IndexDamaged, match="derek reindex"):
            WordIndex.load(folder)
        shutil.rmtree(folder)


def test_foreign_folders(tmp_path: Path) -> None:
    """No folder, an empty one, and somebody else's index are refused."""
    with pytest.raises(IndexDamaged):
        WordIndex.load(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(IndexDamaged):
        WordIndex.load(tmp_path / "empty")
    (tmp_path / "other").mkdir()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("title", stored=True)
    tantivy.Index(builder.build(), str(tmp_path / "other"))
    with pytest.raises(IndexDamaged):
        WordIndex.load(tmp_path / "other")


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("мектептерінде", [0]),  # another form
        ("мектебнде", [0]),  # a letter lost
        ("казакстаннын мектебi", [0]),  # Russian letters, and a Latin one
        ("Qazaqstan", [0]),
        ("Tokayev", [1, 2]),
        ("Токаевпен", [1, 2]),
    ],
)
def test_forms_slips_and_alphabets(tmp_path: Path, query: str, rows: list[int]) -> None:
    """A Kazakh word is found in another form, mistyped and in Russian letters; a name in either alphabet."""
    texts = ["Қазақстан мектебі ашылды", "Президент Тоқаев келді", "President Tokayev arrived", "Ауа райы жылы"]
    assert sorted(found(WordIndex.build(texts, tmp_path / "words"), query)) == rows


def test_the_same_letters_count_for_more(tmp_path: Path) -> None:
    """Of two passages with one name, the one in the question's alphabet comes first."""
    index = WordIndex.build(["Сайран көлі", "Lake Sairan", "Other words"], tmp_path / "words")
    assert found(index, "Sairan") == [1, 0]
    assert found(index, "Сайран") == [0, 1]


VOCABULARY = ["road", "roads", "дорога", "дороги", "the", "in", "12", "x-y"]
some_text = st.lists(st.sampled_from(VOCABULARY), max_size=30).map(" ".join)


@settings(deadline=None, max_examples=25)
@given(st.lists(some_text, max_size=8), some_text | st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_shares_are_shares(texts: list[str], query: str) -> None:
    """Whatever is indexed and asked, shares are numbers in [0, 1], sorted, of distinct rows."""
    with TemporaryDirectory() as folder:
        index = WordIndex.build(texts, Path(folder) / "words")
        rows, shares = index.search(query, 100)
        assert found(index, query, k=100) == rows.tolist()
        assert not any(map(math.isnan, shares))


def test_a_word_said_ten_thousand_times(tmp_path: Path) -> None:
    """However often a text says the query's word, the share stays at most 1."""
    index = WordIndex.build(["road " * 10_000, *("river " for _ in range(50))], tmp_path / "words")
    rows, shares = index.search("road", 5)
    assert rows.tolist() == [0]
    assert 0.3 < shares[0] <= 1.0

"""CSV seed files: columns, delimiters, quoted newlines, and rows that are none."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import SeedError
from rag.formats.tables import LAYOUT, read_table
from rag.limits import Limits
from rag.types import Record

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def read(text: str) -> tuple[str, tuple[Record, ...], tuple[str, ...]]:
    """Text, records and warnings of a table."""
    found = read_table("n.csv", text.encode(), Limits())
    assert (found.layout, found.extracted) == (LAYOUT, True)
    return found.text, found.records or (), found.warnings


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_by_name(mark: str) -> None:
    """In any order and case, whatever parts them; a field may hold newlines, delimiters and quotes."""
    rows = [
        ["ID", "Text", "Title", "date", "OUTLET", "url"],
        ["7", 'First, line;\nsecond\t"quoted" one.', "A title", "04.03.2026", "X", "https://x.example/1"],
    ]
    out = io.StringIO()
    csv.writer(out, delimiter=mark).writerows(rows)
    text, (record,), warnings = read(out.getvalue())
    assert (record.title, record.published_at, record.outlet, record.url) == (
        "A title",
        "2026-03-04",
        "X",
        "https://x.example/1",
    )
    assert text[record.body[0].start : record.body[0].end] == rows[1][1]
    assert (record.line, warnings) == (2, ())


def test_a_bad_row_is_named_by_its_line_and_the_others_are_read() -> None:
    """Too many fields, no text, a wrong date, a stray quote: each costs its own row only."""
    lines = [
        "title,text,date",
        '"two\nlines",good one,',
        "a,b,c,d",
        "a,,",
        "a,b,yesterday",
        'a,"b"c,',
        "z,good two,2026-03-04",
        'a,"never closed,',
        "y,good three,",
    ]
    text, records, warnings = read("\r\n".join(lines))
    assert [text[r.body[0].start : r.body[0].end] for r in records] == ["good one", "good two", "good three"]
    assert [record.line for record in records] == [2, 8, 10]
    assert [warning.split(": ")[0] for warning in warnings] == [f"n.csv:{line}" for line in (4, 5, 6, 7, 9)]


def test_without_a_column_of_text_nothing_is_read() -> None:
    """The message shows what the first row must name."""
    with pytest.raises(SeedError, match=r"n\.csv:1: the first row must name the columns, `text` among them"):
        read("a,b\n1,2\n")
    with pytest.raises(SeedError, match="no row below"):
        read("title,text\n")


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_spans_hold_the_texts(pairs: list[tuple[str, str]]) -> None:
    """Whatever a field holds, the body's span is its text, stripped."""
    out = io.StringIO()
    csv.writer(out).writerows([("title", "text"), ("whole", "whole"), *pairs])
    text, records, _ = read(out.getvalue())
    kept = ["whole", *(text.strip() for _, text in pairs if text.strip())]
    assert [text[r.body[0].start : r.body[0].end] for r in records] == kept

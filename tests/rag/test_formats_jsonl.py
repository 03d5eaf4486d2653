"""JSONL seed files: what a line may say, what is passed over, and that quotations count in the extracted text."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.articles import read_articles
from rag.errors import SeedError
from rag.formats.fields import title_of
from rag.formats.jsonl import LAYOUT, read_jsonl
from rag.limits import Limits
from rag.sources import read_seed

LINE = {"title": "Bridge opened", "text": "The bridge opened.\nIt is 300 m long.", "date": "2026-03-04", "outlet": "X"}


def test_each_line_is_an_article_with_what_it_states(tmp_path: Path) -> None:
    """Title, date, outlet and address come from the record; the body is its text, escapes undone."""
    other = {
        "text": "Ағаш «отырғызылды» \u2028 кеше.",
        "date": "2026-03-05T10:30:00+05:00",
        "url": "https://x.example/1",
    }
    (tmp_path / "news.jsonl").write_text(f"{json.dumps(LINE)}\n\n{json.dumps(other)}\n", encoding="utf-8")
    source = read_seed(tmp_path, "news.jsonl").sources[0]
    parsed = read_articles(source)
    first, second = parsed.articles
    assert (first.title, first.published_at, first.outlet, first.extracted) == (
        "Bridge opened",
        "2026-03-04",
        "X",
        True,
    )
    assert (second.published_at, second.url, second.language) == ("2026-03-05T10:30", "https://x.example/1", "kk")
    assert [source.text[piece.start : piece.end] for a in parsed.articles for piece in a.body] == [
        LINE["text"],
        other["text"],
    ]
    assert (parsed.layout, parsed.warnings) == (LAYOUT, ())


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"text": "no end"', "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"title": "only a title"}', "no text"),
        ('{"text": "  "}', "no text"),
        ('{"text": ["a"]}', "text: not a text"),
        ('{"text": "a", "date": "yesterday"}', "not ISO 8601"),
        (r'{"text": "a\u0000b"}', "NUL"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(line: str, complaint: str) -> None:
    """One line that is no record costs no other."""
    raw = f"{json.dumps(LINE)}\n{line}\n{json.dumps(LINE)}".encode()
    found = read_jsonl("n.jsonl", raw, Limits())
    assert found.records and len(found.records) == 2
    assert [w for w in found.warnings if w.startswith("n.jsonl:2: ") and complaint in w] == list(found.warnings)


def test_a_file_without_a_record_is_refused_with_its_first_fault(tmp_path: Path) -> None:
    """Nothing to index is an error that shows what a line looks like."""
    (tmp_path / "n.jsonl").write_text("plain text\n")
    with pytest.raises(SeedError, match=r'n\.jsonl:1: not JSON .*\{"title": …, "text": …\}'):
        read_seed(tmp_path, "n.jsonl")


def test_the_same_record_twice_is_one_article(tmp_path: Path) -> None:
    """The second one becomes a warning with its line."""
    (tmp_path / "n.jsonl").write_text(f"{json.dumps(LINE)}\n{json.dumps(LINE)}\n")
    parsed = read_articles(read_seed(tmp_path, "n.jsonl").sources[0])
    assert (len(parsed.articles), parsed.warnings) == (1, ("n.jsonl:2: the same article again; read once",))


def test_without_a_title_the_first_words_stand_in() -> None:
    """Cut between words, and told from a title by an ellipsis."""
    assert title_of("", "Short text.") == "Short text."
    assert title_of(" A\n b ", "text") == "A b"
    long = title_of("", "word " * 50)
    assert long.endswith("word …") and len(long) <= 82
    assert len(title_of("", "x" * 500)) <= 82


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=5))
def test_spans_hold_the_texts(pairs: list[tuple[str, str]]) -> None:
    """Whatever Unicode the strings hold, the body's span is the stripped text."""
    lines = [{"title": "whole", "text": "whole"}, *({"title": title, "text": text} for title, text in pairs)]
    found = read_jsonl("n.jsonl", "\n".join(map(json.dumps, lines)).encode(), Limits())
    kept = [text.strip() for title, text in pairs if text.strip() and "\0" not in title.strip() + text.strip()]
    assert [found.text[r.body[0].start : r.body[0].end] for r in found.records or ()] == ["whole", *kept]

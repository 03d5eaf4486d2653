"""All formats at once: whatever bytes a file holds, it is read or refused, and what is read can be quoted."""

import pytest
from documents import docx, paragraph, pdf
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.articles import article_text, read_articles
from rag.errors import SeedError
from rag.formats import READERS
from rag.limits import Limits
from rag.types import Source

SUFFIXES = st.sampled_from(sorted(READERS))
SOUND = {
    ".pdf": pdf("A line of text.\nAnd another."),
    ".docx": docx(paragraph("A title") + paragraph("Text.")),
    ".rss": b"<rss version='2.0'><channel><item><title>T</title><description>A</description></item></channel></rss>",
    ".html": b"<html><head><title>T</title></head><body><article><p>Some text here.</p></article></body></html>",
    ".csv": b"title,text\nT,Some text.\n",
    ".jsonl": b'{"title": "T", "text": "Some text."}',
    ".md": b"# T\n\nSome text.\n",
    ".txt": b"T\nSome text.\n",
}


def check(suffix: str, raw: bytes) -> None:
    """Read; every article has a body that lies in the text, trimmed and in order."""
    try:
        content = READERS[suffix](f"a{suffix}", raw, Limits())
    except SeedError as exc:
        assert f"a{suffix}" in str(exc)
        return
    source = Source("a", "0", content.text, content.records, content.warnings, content.layout, content.extracted)
    for article in read_articles(source).articles:
        assert article_text(article, content.text).strip()
        assert article.title
        assert article.span.start <= article.body[0].start <= article.body[-1].end == article.span.end


@settings(deadline=None)
@given(SUFFIXES, st.binary(max_size=300))
def test_any_bytes(suffix: str, raw: bytes) -> None:
    """Nothing but SeedError is raised."""
    check(suffix, raw)


@settings(deadline=None)
@given(SUFFIXES, st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text(suffix: str, text: str) -> None:
    """The same for what is text, whatever its suffix promises."""
    check(suffix, text.encode())


@settings(deadline=None)
@given(st.sampled_from(sorted(SOUND)), st.data())
def test_a_sound_file_with_damage(suffix: str, data: st.DataObject) -> None:
    """A few bytes of a real file overwritten, or its end cut off."""
    raw = bytearray(SOUND[suffix])
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    check(suffix, bytes(raw[: data.draw(st.integers(0, len(raw)))]))


@pytest.mark.parametrize("suffix", sorted(SOUND))
def test_sound_files_are_read(suffix: str) -> None:
    """What the damage is done to has one article."""
    content = READERS[suffix](f"a{suffix}", SOUND[suffix], Limits())
    assert content.text.strip()
    assert content.records is None or len(content.records) == 1

"""Pages and feeds saved to disk: the story without what surrounds it, nothing fetched, nothing expanded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import SeedError
from rag.formats.feeds import read_feed
from rag.formats.html import read_html
from rag.formats.markup import text_of
from rag.limits import Limits

LIMITS = Limits()
PAGE = """<!doctype html><html><head><meta charset="{charset}"><title>{title} | The Steppe Post</title>
<meta property="og:title" content="{title}"><meta property="og:site_name" content="The Steppe Post">
<meta property="article:published_time" content="2026-03-04T09:30:00+05:00">
<link rel="canonical" href="https://steppe.example/bridge"></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<article><h1>{title}</h1><p>{first}</p><p>{second}</p></article>
<footer>All rights reserved. Subscribe to our newsletter.</footer><script>var x = "tracking";</script></body></html>"""
ENGLISH = {
    "title": "Bridge opens in Semey",
    "first": "A new bridge over the Irtysh was opened in Semey on Wednesday. It is 1,250 metres long.",
    "second": "The governor said it had cost 42 billion tenge and would take 20,000 cars a day.",
}
RUSSIAN = {
    "title": "В Семее открыт мост",
    "first": "Новый мост через Иртыш открыли в Семее в среду. Его длина составляет 1250 метров.",
    "second": "По словам акима, он обошёлся в 42 миллиарда тенге и пропустит 20 тысяч машин в день.",
}
RSS = """<?xml version="1.0" encoding="{charset}"?>{doctype}<rss version="2.0"><channel><title>The Steppe Post</title>
<item><title>Bridge opens</title><link>https://steppe.example/1</link><pubDate>Wed, 04 Mar 2026 09:30:00 +0500</pubDate>
<description>&lt;p&gt;The bridge is &lt;b&gt;1,250 metres&lt;/b&gt; long.&lt;/p&gt;
&lt;p&gt;It opened{extra}.&lt;/p&gt;</description></item>
<item><title>Nothing</title><description></description></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Wire</title><entry><title>Мост открыт</title>
<updated>2026-03-05T10:00:00Z</updated><link href="https://wire.example/2"/><summary>Кратко.</summary>
<content type="html">&lt;p&gt;Мост открыли в среду, он длиной 1250 метров.&lt;/p&gt;</content></entry></feed>"""
BOMB = "<!DOCTYPE rss [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize("story", [ENGLISH, RUSSIAN], ids=["en", "ru"])
@pytest.mark.parametrize("charset", ["utf-8", "windows-1251"])
def test_a_page(story: dict[str, str], charset: str) -> None:
    """Its story, title, day, site and address; menus, footers and scripts are not there. A declared encoding counts."""
    content = read_html("a.html", PAGE.format(charset=charset, **story).encode(charset), LIMITS)
    (record,) = content.records or ()
    assert (record.title, record.outlet, record.url) == (
        story["title"],
        "The Steppe Post",
        "https://steppe.example/bridge",
    )
    assert (record.published_at or "")[:10] == "2026-03-04"
    body = "\n".join(content.text[span.start : span.end] for span in record.body)
    assert body == f"{story['first']}\n{story['second']}"
    assert content.extracted and content.layout == "html" and content.warnings == ()


def test_a_page_without_a_story() -> None:
    """Is refused with a way out, not indexed as its menu."""
    with pytest.raises(SeedError, match=r"a.html: no story in the page; save"):
        read_html("a.html", b"<html><head><title>Home</title></head><body><script>x</script></body></html>", LIMITS)


@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_rss(charset: str) -> None:
    """An article an entry, by the publisher's clock; markup becomes text; an entry without text is told."""
    content = read_feed("a.rss", RSS.format(charset=charset, doctype="", extra="").encode(charset), LIMITS)
    (record,) = content.records or ()
    assert (record.title, record.published_at, record.outlet) == ("Bridge opens", "2026-03-04T09:30", "The Steppe Post")
    assert record.url == "https://steppe.example/1"
    (span,) = record.body
    assert content.text[span.start : span.end] == "The bridge is 1,250 metres long.\nIt opened."
    assert content.warnings == ("a.rss: entry 2 has no text; it is passed over",)


def test_atom() -> None:
    """The whole text goes before the summary."""
    (record,) = read_feed("a.atom", ATOM.encode(), LIMITS).records or ()
    assert (record.title, record.published_at, record.outlet, record.url) == (
        "Мост открыт",
        "2026-03-05T10:00",
        "Wire",
        "https://wire.example/2",
    )


def test_entities_are_not_expanded() -> None:
    """Neither a thousand million laughs nor a file of this machine comes in by an entity."""
    bomb = RSS.format(charset="utf-8", doctype=BOMB + "]>", extra="&j;").encode()
    theft = RSS.format(
        charset="utf-8", doctype='<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>', extra="&x;"
    ).encode()
    for raw in (bomb, theft):
        try:
            text = read_feed("a.xml", raw, LIMITS).text
        except SeedError:
            continue
        assert len(text) < 10 * len(raw) and "root:" not in text


@pytest.mark.parametrize("raw", [b"<opml/>", b"<rss><channel><title>Empty</title></channel></rss>", b"no xml at all"])
def test_no_feed(raw: bytes) -> None:
    """Is named as such."""
    with pytest.raises(SeedError, match=r"a.xml: no RSS or Atom feed"):
        read_feed("a.xml", raw, LIMITS)


@given(st.text())
def test_any_markup_has_a_text(markup: str) -> None:
    """Without NULs, blank lines or outer blanks."""
    lines = text_of(markup).split("\n")
    assert all(line == line.strip(" \t") and "\0" not in line for line in lines)
    assert "" not in lines or lines == [""]

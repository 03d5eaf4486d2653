"""Markdown seed files: quoted as they stand, without headings, code and images; dates; several articles in one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.articles import read_articles
from rag.errors import SeedError
from rag.formats.markdown import LAYOUT, read_markdown
from rag.limits import Limits
from rag.types import Article, Source

PAGE = """---
title: "The bridge: opened"
date: 2026-03-04
url: https://x.example/1
outlet: X
---

# Another heading

First *paragraph* with a [link](https://x.example).

- an item
- another

```sh
rm -rf nothing
```

![a picture](p.png)

## Part two

> Quoted words.

| a | b |
|---|---|
| 1 | 2 |

Last paragraph.
"""


def articles(text: str) -> tuple[list[Article], list[list[str]], tuple[str, ...]]:
    """The articles, the pieces of each, and the warnings."""
    content = read_markdown("a.md", text.encode(), Limits())
    source = Source("a.md", "0", content.text, content.records, content.warnings, content.layout, content.extracted)
    parsed = read_articles(source)
    assert parsed.layout == LAYOUT
    pieces = [[text[piece.start : piece.end] for piece in article.body] for article in parsed.articles]
    return list(parsed.articles), pieces, parsed.warnings


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_what_front_matter_states_and_what_may_be_quoted(newline: str) -> None:
    """Offsets count in the file itself, whatever its newlines."""
    (article,), (pieces,), warnings = articles(PAGE.replace("\n", newline))
    assert (article.title, article.published_at, article.url, article.outlet, article.extracted) == (
        "The bridge: opened",
        "2026-03-04",
        "https://x.example/1",
        "X",
        False,
    )
    assert pieces == [
        f"First *paragraph* with a [link](https://x.example).{newline * 2}- an item{newline}- another",
        "> Quoted words.",
        "Last paragraph.",
    ]
    assert warnings == ()


def test_without_front_matter_the_heading_and_a_date_below_it() -> None:
    """A date on a line of its own is no part of the text."""
    (article,), (pieces,), _ = articles("Мост **открыт**\n===\n\n04.03.2026\n\nТекст новости.\n")
    assert (article.title, article.published_at, pieces) == ("Мост открыт", "2026-03-04", ["Текст новости."])


def test_several_dated_headings_are_several_articles() -> None:
    """But several headings without dates are parts of one."""
    found, pieces, _ = articles(
        "# One 04.03.2026\n\nText one.\n\n## Sub\n\nMore.\n\n# Two\n\n05.03.2026\n\nText two.\n"
    )
    assert [(a.title, a.published_at) for a in found] == [("One", "2026-03-04"), ("Two", "2026-03-05")]
    assert pieces == [["Text one.", "More."], ["Text two."]]
    found, _, _ = articles("# One\n\nText one.\n\n# Two\n\nText two.\n")
    assert [a.title for a in found] == ["One"]


def test_bad_front_matter_is_told() -> None:
    """Broken YAML and a wrong date cost themselves only; a rule at the top is none."""
    (article,), _, (warning,) = articles("---\ntitle: [a\n---\n\n# Title\n\nText.\n")
    assert (article.title, warning.startswith("a.md:1: front matter")) == ("Title", True)
    (article,), _, (warning,) = articles("---\ntitle: A\ndate: yesterday\n---\n\nText.\n")
    assert (article.published_at, "ISO 8601" in warning) == (None, True)
    (article,), (pieces,), _ = articles("---\n\nSome words.\n\n---\n\nText.\n")
    assert pieces == ["Some words.", "Text."]


def test_nothing_to_quote() -> None:
    """Headings and code alone are no article."""
    with pytest.raises(SeedError, match="no paragraph to quote"):
        articles("# Only a heading\n\n```\ncode\n```\n")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip))
def test_any_text_is_kept_and_pieces_lie_in_order(text: str) -> None:
    """The source text is the file's; pieces are not blank, trimmed, and never overlap."""
    try:
        content = read_markdown("a.md", text.encode(), Limits())
    except SeedError as exc:
        assert "no paragraph" in str(exc) or "empty" in str(exc)
        return
    assert content.text == text.removeprefix("\ufeff")
    at = 0
    for record in content.records or ():
        for piece in record.body:
            quoted = content.text[piece.start : piece.end]
            assert piece.start >= at and quoted and quoted == quoted.strip()
            at = piece.end

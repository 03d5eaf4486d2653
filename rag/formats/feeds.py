"""RSS and Atom feeds saved to disk: each entry an article, the feed's title its outlet. Read by feedparser.

Feedparser expands no entities that a file declares and fetches nothing that it is not asked for.
"""

from datetime import datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any

from rag.errors import SeedError
from rag.formats.content import Content, Story, laid_out
from rag.formats.fields import title_of
from rag.formats.foreign import parsing
from rag.formats.markup import declared_encoding, text_of
from rag.formats.text import decode
from rag.limits import Limits

LAYOUT = "feed"


def read_feed(file: str, raw: bytes, limits: Limits) -> Content:
    """A story an entry. An entry without text becomes a warning. Raises SeedError where there is none with text."""
    xml, notes = decode(file, raw, declared_encoding(raw))
    warnings = list(notes)
    with parsing(file, "RSS or Atom", "feedparser"):
        feed = _parsed(xml)
        outlet = text_of(str(feed.feed.get("title", ""))).replace("\n", " ") or None
        stories = []
        for number, entry in enumerate(feed.entries, start=1):
            text = _text(entry)
            if not text:
                warnings.append(f"{file}: entry {number} has no text; it is passed over")
                continue
            title = title_of(text_of(str(entry.get("title", ""))), text)
            stories.append(Story(number, title, text, _date(entry), outlet, str(entry.get("link", "")) or None))
    if not stories:
        why = warnings[-1] if feed.entries else f"{file}: no RSS or Atom feed, or one without entries"
        raise SeedError(f"{why}; nothing to index")
    if feed.bozo and not isinstance(feed.bozo_exception, UnicodeError):
        warnings.append(f"{file}: not sound XML ({feed.bozo_exception}); read as far as it goes")
    return laid_out(LAYOUT, stories, warnings)


def _parsed(xml: str) -> Any:
    import feedparser

    # told the encoding: what the file declares is no longer so
    headers = {"content-type": "application/xml; charset=utf-8"}
    return feedparser.parse(BytesIO(xml.encode()), response_headers=headers)


def _text(entry: Any) -> str:
    """The whole text where the entry has it, else its summary."""
    contents = [str(content.get("value", "")) for content in entry.get("content", [])]
    return max((text_of(markup) for markup in (*contents, str(entry.get("summary", "")))), key=len)


def _date(entry: Any) -> str | None:
    """The time on the publisher's clock; where that can't be read, in UTC as feedparser reads more kinds of dates."""
    for name in ("published", "updated"):
        stated = str(entry.get(name, ""))
        for reading in (parsedate_to_datetime, datetime.fromisoformat):
            try:
                return f"{reading(stated):%Y-%m-%d}" if len(stated) <= 10 else f"{reading(stated):%Y-%m-%dT%H:%M}"
            except (ValueError, TypeError):
                continue
        if (moment := entry.get(f"{name}_parsed")) is not None:
            return f"{datetime(*moment[:5]):%Y-%m-%dT%H:%M}"
    return None

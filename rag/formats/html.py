"""HTML pages saved to disk: the story of a page, without its menus, by trafilatura. One page is one article.

Title, site, address and date are those that the page states in its head; no date is guessed from its words.
"""

from typing import Any

from rag.errors import SeedError
from rag.formats.content import Content, Story, laid_out
from rag.formats.fields import title_of
from rag.formats.foreign import parsing
from rag.formats.markup import declared_encoding
from rag.formats.text import decode
from rag.layouts.outlets import reporting_agency
from rag.limits import Limits

LAYOUT = "html"
_DATE = {"original_date": True, "extensive_search": False}


def read_html(file: str, raw: bytes, limits: Limits) -> Content:
    """The page's story. Raises SeedError where it has none."""
    page, notes = decode(file, raw, declared_encoding(raw))
    with parsing(file, "HTML", "trafilatura"):
        found = _extracted(page)
    text = (found.text or "").strip() if found is not None else ""
    if not text:
        raise SeedError(f"{file}: no story in the page; save the text of the page as .txt, or the whole page anew")
    title = title_of(found.title or "", text)
    text = _without_title(text, title)
    story = Story(1, title, text, found.date, found.sitename or reporting_agency(text), found.url)
    return laid_out(LAYOUT, [story], notes)


def _extracted(page: str) -> Any:
    from trafilatura import bare_extraction  # heavy: not before a page is read

    return bare_extraction(page, include_comments=False, with_metadata=True, date_extraction_params=_DATE)


def _without_title(text: str, title: str) -> str:
    """The text without a first line that repeats the title, unless nothing else would be left."""
    first, _, rest = text.partition("\n")
    return rest.strip() if rest.strip() and " ".join(first.split()) == title else text

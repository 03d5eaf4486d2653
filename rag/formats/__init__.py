"""Formats of seed files, one module each: bytes -> `Content`, a text and the articles that the file states itself.

A new format is a function `(file, raw, limits) -> Content` that raises nothing but SeedError, listed in `READERS`.
"""

from collections.abc import Callable, Mapping

from rag.formats.content import Content
from rag.formats.docx import read_docx
from rag.formats.feeds import read_feed
from rag.formats.html import read_html
from rag.formats.jsonl import read_jsonl
from rag.formats.markdown import read_markdown
from rag.formats.pdf import read_pdf
from rag.formats.tables import read_table
from rag.formats.text import read_text
from rag.limits import Limits

Reader = Callable[[str, bytes, Limits], Content]

READERS: Mapping[str, Reader] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".jsonl": read_jsonl,
    ".csv": read_table,
    ".tsv": read_table,
    ".rss": read_feed,
    ".atom": read_feed,
    ".xml": read_feed,
    ".pdf": read_pdf,
    ".docx": read_docx,
}

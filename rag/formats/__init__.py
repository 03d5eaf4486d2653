"""Formats of seed files, one module each: bytes -> `Content`, a text and the articles that the file states itself.

A new format is a function `(file, raw, limits) -> Content` that raises nothing but SeedError, listed in `READERS`.
"""

from collections.abc import Callable, Mapping

from rag.formats.content import Content
from rag.formats.jsonl import read_jsonl
from rag.formats.text import read_text
from rag.limits import Limits

Reader = Callable[[str, bytes, Limits], Content]

READERS: Mapping[str, Reader] = {
    ".txt": read_text,
    ".jsonl": read_jsonl,
}

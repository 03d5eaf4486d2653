"""Markdown: its own text, quoted as it stands. What is left out are headings, images, code, tables and HTML.

One file is one article, unless it has several top headings and each of them a date: then each opens an article. Title,
date, url and outlet come from front matter, else from the first heading and a date in or below it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import yaml
from markdown_it import MarkdownIt

from rag.errors import SeedError
from rag.formats.content import Content
from rag.formats.fields import date_of, title_of
from rag.formats.text import decode
from rag.layouts.dates import stamp_of_line, trailing_stamp
from rag.layouts.outlets import reporting_agency
from rag.limits import Limits
from rag.types import Record, Span

LAYOUT = "markdown"
_QUOTED = ("paragraph_open", "bullet_list_open", "ordered_list_open", "blockquote_open")
_NEWLINE = re.compile(r"\r\n?|\n")
_FRONT = re.compile(
    r"---[ \t]*(?:\r\n?|\n)(?P<yaml>.{0,65536}?)(?:\r\n?|\n)(?:---|\.\.\.)[ \t]*(?:\r\n?|\n|\Z)", re.DOTALL
)
_IMAGE = re.compile(r"\[?!\[[^\]\n]{0,500}\]\([^)\n]{0,2000}\)(?:\]\([^)\n]{0,2000}\))?")
_LINK = re.compile(r"!?\[([^\]\n]{0,500})\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,200}\])")
_MARKUP = re.compile(r"[*`]+|(?<!\w)_+|_+(?!\w)")


@dataclass(frozen=True, slots=True)
class _Block:
    """A heading, or a run of text that may be quoted: `level` 1-6 of a heading, else 0. `line` counts from 1."""

    line: int
    span: Span
    level: int = 0
    words: str = ""


def read_markdown(file: str, raw: bytes, limits: Limits) -> Content:
    """The file's articles, with spans in the file itself. Raises SeedError where nothing in it can be quoted."""
    text, notes = decode(file, raw)
    warnings = list(notes)
    stated, start = _front_matter(file, text, warnings)
    blocks = _blocks(text, start)
    sections = [blocks] if "title" in stated else _sections(text, blocks)
    records = [record for section in sections if (record := _record(text, section, stated)) is not None]
    if not records:
        raise SeedError(f"{file}: no paragraph to quote, only headings, code, images or tables; nothing to index")
    return Content(text, LAYOUT, tuple(records), tuple(warnings))


def _front_matter(file: str, text: str, warnings: list[str]) -> tuple[Mapping[str, str], int]:
    """What stands between the first two `---`, if that is YAML with names, and where the rest begins."""
    found = _FRONT.match(text)
    if found is None:
        return {}, 0
    try:
        values = yaml.load(found["yaml"], Loader=yaml.BaseLoader)  # all scalars as text, and no objects
    except (yaml.YAMLError, RecursionError, ValueError) as exc:
        warnings.append(
            f"{file}:1: front matter that is no YAML ({' '.join(str(exc).split())[:200]}); it is passed over"
        )
        return {}, found.end()
    if not isinstance(values, dict):
        return {}, 0
    stated = {str(key).lower(): " ".join(value.split()) for key, value in values.items() if isinstance(value, str)}
    try:
        stated["date"] = date_of(stated.get("date", "")) or ""
    except ValueError as exc:
        warnings.append(f"{file}:1: {exc}; read without it")
        stated["date"] = ""
    return {key: value for key, value in stated.items() if value}, found.end()


def _blocks(text: str, start: int) -> list[_Block]:
    """Headings and text from `start` on, in order; text that nothing parts but blank lines is one block."""
    body = text[start:]
    starts = [start, *(start + newline.end() for newline in _NEWLINE.finditer(body)), len(text)]
    above = len(_NEWLINE.findall(text[:start]))
    tokens = MarkdownIt("commonmark").enable("table").disable("inline").parse(body)
    found: list[_Block] = []
    for token, inner in pairwise([*tokens, None]):
        if token is None or token.level or token.map is None or token.nesting < 0:
            continue
        span = _trimmed(text, starts[token.map[0]], starts[min(token.map[1], len(starts) - 1)])
        words = inner.content if inner is not None and inner.type == "inline" else ""
        if token.type == "heading_open":
            found.append(_Block(above + token.map[0] + 1, span, int(token.tag[1]), _plain(words)))
        elif token.type in _QUOTED and (not words or _IMAGE.sub("", words).strip()):
            before = found[-1] if found else None
            if before and not before.level and not text[before.span.end : span.start].strip():
                found[-1] = _Block(before.line, Span(before.span.start, span.end))
            else:
                found.append(_Block(above + token.map[0] + 1, span))
    return found


def _sections(text: str, blocks: Sequence[_Block]) -> list[Sequence[_Block]]:
    """The blocks of each article: parted at the top headings if there are several and each has a date."""
    tops = [at for at, block in enumerate(blocks) if block.level == 1]
    parts = [blocks[at:end] for at, end in pairwise([*tops, len(blocks)])]
    if len(parts) > 1 and all(_dated(text, part)[1] for part in parts):
        return [*([blocks[: tops[0]]] if tops[0] else []), *parts]
    return [blocks]


def _record(text: str, blocks: Sequence[_Block], stated: Mapping[str, str]) -> Record | None:
    heading, published_at, pieces = _dated(text, blocks)
    if not pieces:
        return None
    body = "\n".join(text[piece.start : piece.end] for piece in pieces)
    return Record(
        blocks[0].line,
        stated.get("title") or title_of(heading, _plain(body[:1000])),
        stated.get("date") or published_at,
        stated.get("outlet") or stated.get("publisher") or stated.get("site") or reporting_agency(body),
        stated.get("url") or stated.get("link"),
        blocks[0].span.start,
        pieces,
    )


def _dated(text: str, blocks: Sequence[_Block]) -> tuple[str, str | None, tuple[Span, ...]]:
    """The first heading, the date at its end or on a line of its own below it, and what is left to quote."""
    heading = next((block.words for block in blocks if block.level), "")
    pieces = [block.span for block in blocks if not block.level]
    if (stamped := trailing_stamp(heading)) is not None:
        return heading[: stamped[1]].rstrip(" ,|(–—-"), stamped[0].published_at, tuple(pieces)
    if pieces:
        first = _NEWLINE.split(text[pieces[0].start : pieces[0].end], maxsplit=1)[0]
        stamp = stamp_of_line(_MARKUP.sub("", first).strip())
        if stamp is not None:
            rest = _trimmed(text, pieces[0].start + len(first), pieces[0].end)
            return heading, stamp.published_at, tuple(([rest] if rest.start < rest.end else []) + pieces[1:])
    return heading, None, tuple(pieces)


def _plain(markdown: str) -> str:
    """Words without links and emphasis, for a title."""
    return " ".join(_MARKUP.sub("", _LINK.sub(r"\1", markdown)).split())


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)

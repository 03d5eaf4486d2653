"""The lines of one article's block -> the pieces of it that may be quoted, and the address it was taken from.

Knows nothing of where blocks begin. A piece runs over whole lines as long as nothing between them was cut out.
"""

import re
from collections.abc import Sequence

from rag.layouts.dates import is_link_list, stamp_of_line
from rag.layouts.furniture import (
    has_text,
    is_furniture,
    is_notice,
    is_section_heading,
    looks_like_heading,
    quotable_parts,
    source_url,
)
from rag.layouts.lines import Line, normalised
from rag.types import Span

_QUOTES = "\"'“”«»„‟‘’‚`"
_DASHES = "-‐‑‒–—−"
_HEADINGS = 4  # lines within which a list of links follows the first of its headings
_REPEATS = 2  # times a title may stand again before the body
_NAMING_TITLE = 4  # words from which a title followed by a capital is taken for a repetition, not for a sentence


def quotable_pieces(lines: Sequence[Line], title: str, shared: frozenset[str], source_text: str) -> tuple[Span, ...]:
    """Spans of `source_text` to quote from the block's lines; `shared` are lines (normalised) that are the page's."""
    pieces: list[Span] = []
    going_on = False
    for line in _story(lines, shared):
        parts = [] if _is_cut(line, shared) else quotable_parts(line)
        for part in parts:
            if going_on and part.start == line.start:
                pieces[-1] = Span(pieces[-1].start, part.end)
            else:
                pieces.append(part)
            going_on = False
        going_on = bool(parts) and parts[-1].end == line.end
    return tuple(_without_title(pieces, title, source_text))


def article_url(lines: Sequence[Line]) -> str | None:
    """The first address that a "Source: URL" remark or a bare address line gives."""
    return next((url for line in lines if (url := source_url(line.text)) is not None), None)


def _story(lines: Sequence[Line], shared: frozenset[str]) -> list[Line]:
    """The lines up to where the page's own matter begins: a notice, the heading of other stories, a list of links."""
    story: list[Line] = []
    begun = False
    for index, line in enumerate(lines):
        if is_link_list(line.text) or is_section_heading(line.text):
            if any(is_link_list(later.text) for later in lines[index : index + _HEADINGS]):
                while story and looks_like_heading(story[-1].text):
                    story.pop()  # what stands above a list of links names the list
            break
        story.append(line)
        begun = begun or (has_text(line) and not _is_cut(line, shared))
        if begun and is_notice(line.text):
            break
    while story and (_is_cut(story[-1], shared) or stamp_of_line(story[-1].text)):
        story.pop()
    while story and stamp_of_line(story[0].text):
        story.pop(0)
    return story


def _is_cut(line: Line, shared: frozenset[str]) -> bool:
    return is_furniture(line.text) or (len(line.text) <= 300 and normalised(line.text) in shared)


def _without_title(pieces: list[Span], title: str, source_text: str) -> list[Span]:
    """Cut repetitions of the title from the start of the first piece, unless the body begins with it as a sentence."""
    if not title:
        return pieces
    pattern = _title_pattern(title)
    for _ in range(_REPEATS):
        if not pieces:
            break
        first = pieces[0]
        found = pattern.match(source_text, first.start, first.end)
        if found is None or not _is_repetition(found[0], source_text[found.end() : found.end() + 40], first, found):
            break
        rest = found.end()
        while rest < first.end and (source_text[rest].isspace() or source_text[rest] in ".:!|"):
            rest += 1
        if rest < first.end:
            pieces = [Span(rest, first.end), *pieces[1:]]
        elif len(pieces) > 1:
            pieces = pieces[1:]
        else:
            break  # nothing else to quote
    return pieces


def _is_repetition(copy: str, after: str, piece: Span, found: re.Match[str]) -> bool:
    if found.end() >= piece.end:
        return True
    follower = after.lstrip()
    if not follower or after[0] in "\r\n.!|:" or after.startswith((" |", "\u2028", "\u2029")):
        return True
    if not after[0].isspace():  # glued, as where markup was lost
        return not (after[0].islower() or after[0].isdigit() or after[0] in ",;-–—)'’")
    if not (follower[0].isupper() or follower[0] in _QUOTES):
        return False
    word = follower.split(maxsplit=1)[0]
    return len(copy.split()) >= _NAMING_TITLE or (copy.isupper() and not (word.isupper() and len(word) > 1))


def _title_pattern(title: str) -> re.Pattern[str]:
    def loose(char: str) -> str:
        if char in _QUOTES:
            return f"[{re.escape(_QUOTES)}]"
        return f"[{re.escape(_DASHES)}]" if char in _DASHES else re.escape(char)

    words = [r"".join(map(loose, word)) for word in title.split()]
    return re.compile(rf"[{re.escape(_QUOTES)}]?" + r"\s+".join(words), re.IGNORECASE)

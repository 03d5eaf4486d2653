"""A source text -> its lines, stripped, each with its place in the text; and what a line looks like.

Knows no layout. Newlines may be \\n, \\r\\n or \\r; blanks include no-break and zero-width ones; a crawler's mark
in front of a line is no part of it.
"""

import re
import unicodedata
from dataclasses import dataclass

from rag.layouts.dates import crawl_marker_length, stamp_of_line

_RAW_LINE = re.compile(r"[^\r\n\u2028\u2029]+")
_BLANKS = "\ufeff\u200b\u200c\u200d\u2060\u00ad"  # str.isspace() is false for these
_LIST_MARK = re.compile(r"[-•‣⁃–—*·▪■□●○◦]\s|[•▪●]|\(?\d{1,2}[.)]\s|[a-zа-я]\)\s")
_SENTENCE_END = re.compile(r"[.!?…:;,。！？।؟][\"'”’»)\]]{0,3}$")
_INNER_END = re.compile(r"[^\W\d_]{3}[.!?…][\"”»]?\s+[\"“«]?[^\W\d_]")
_ABBREVIATED_END = re.compile(r"(?:\b[^\W\d_]\.){1,4}$|\b(?:Inc|Ltd|Co|Corp|Jr|Sr|etc)\.$")
MAX_TITLE = 300  # characters; the longest title a news site would set


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its blank ends: `text` is the source text from `start` to `end`; `number` counts from 1."""

    number: int
    start: int
    end: int
    text: str


def split_lines(text: str) -> list[Line]:
    """The lines of `text` that are not blank, in order."""
    lines: list[Line] = []
    number, counted = 1, 0
    for raw in _RAW_LINE.finditer(text):
        number += _newlines(text, counted, raw.start())
        counted = raw.start()
        line = _stripped(number, text, raw.start(), raw.end())
        if line is None:
            continue
        skip = crawl_marker_length(line.text)
        if skip and (not lines or skip == len(line.text) or stamp_of_line(line.text[skip:])):
            line = _stripped(number, text, line.start + skip, line.end)
        if line is not None:
            lines.append(line)
    return lines


def is_list_item(text: str) -> bool:
    """Whether a stripped line begins with a bullet, a dash or a number of a list."""
    return bool(_LIST_MARK.match(text))


def ends_sentence(text: str) -> bool:
    """Whether a stripped line ends like running text: with a full stop, colon, semicolon or comma."""
    return bool(_SENTENCE_END.search(text[-8:]))


def is_paragraph(text: str) -> bool:
    """Whether a line reads as running text rather than as a heading or a link."""
    return not is_list_item(text) and (len(text) > MAX_TITLE or (ends_sentence(text) and len(text) >= 30))


def is_title_like(text: str, *, stops_allowed: bool = False) -> bool:
    """Whether a line could be a headline; `stops_allowed` where other signs leave no doubt."""
    if not 2 <= len(text) <= MAX_TITLE or is_list_item(text) or not any(char.isalpha() for char in text):
        return False
    if stamp_of_line(text):
        return False
    if stops_allowed:
        return True
    if len(_INNER_END.findall(text)) > 1:
        return False  # several sentences
    last = text.rstrip("\"'”’»)]")[-1:]
    return text.endswith("...") or last not in (".", ";", ":", ",") or bool(_ABBREVIATED_END.search(text))


def begins_in_lower_case(text: str) -> bool:
    """Whether a line seems to go on from somewhere: its first word is in lower case and no address ("site.example")."""
    first = text.split(maxsplit=1)[0]
    return first.islower() and first.isalpha() and len(first) > 1


def normalised(text: str) -> str:
    """`text` for comparing: NFKC, case folded, blanks collapsed to single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def clean_title(text: str) -> str:
    """A headline as shown: blanks of all kinds collapsed to single spaces."""
    return " ".join(text.strip(_BLANKS).split())


def _stripped(number: int, text: str, start: int, end: int) -> Line | None:
    while start < end and (text[start].isspace() or text[start] in _BLANKS):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _BLANKS):
        end -= 1
    return Line(number, start, end, text[start:end]) if start < end else None


def _newlines(text: str, start: int, end: int) -> int:
    return text.count("\n", start, end) + text.count("\r", start, end) - text.count("\r\n", start, end)

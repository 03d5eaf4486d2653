"""Lines of a page -> paragraphs, and a document's paragraphs -> its story. For formats made to be printed.

Knows neither PDF nor DOCX. One document is one article.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from rag.formats.content import Story
from rag.formats.fields import title_of
from rag.layouts.dates import stamp_of_line
from rag.layouts.lines import ends_sentence, is_list_item
from rag.layouts.outlets import reporting_agency

_REPEATED = 3  # pages that must begin or end alike before that line is the page's own
_FULL = 0.8  # of a page's width from which on a line that ends a sentence may go on all the same
_SHORT = 0.5  # of it below which a line that ends no sentence is a heading
_TITLE = 200  # characters that a first paragraph may have to be the title
_DATE_WITHIN = 5  # paragraphs from the top in which a date may stand alone
_NO_TITLE = re.compile(
    r"^(?:untitled|microsoft word|document\d*$|без имени)|\.(?:docx?|rtf|pdf|indd|pmd|odt)$", re.IGNORECASE
)
_DIGITS = re.compile(r"\d+")
_BROKEN_WORD = re.compile(r"[^\W\d_]+-$")
_WORD = re.compile(r"[^\W\d_]+")


def paragraphs_of(pages: Sequence[str]) -> list[str]:
    """The paragraphs of pages of set lines: page numbers and running heads left out, lines joined, words made whole."""
    lines = [line for page in _without_heads([_lines(page) for page in pages]) for line in page]
    longest = sorted(map(len, lines))[len(lines) * 9 // 10] if lines else 0
    known = frozenset(re.findall(r"[^\W\d_]+-[^\W\d_]+", " ".join(lines).casefold()))
    paragraphs: list[str] = []
    going_on = False
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        if not line:
            going_on = False
            continue
        if going_on:
            paragraphs[-1] = _joined(paragraphs[-1], line, known)
        else:
            paragraphs.append(line)
        going_on = _goes_on(line, following, longest)
    return paragraphs


def story_of_document(paragraphs: Sequence[str], stated: str) -> Story:
    """The story of paragraphs, of which there is at least one. `stated`: the title as the file states it, or ""."""
    title = "" if _NO_TITLE.search(stated.strip()) else " ".join(stated.split())
    rest = list(paragraphs)
    if len(rest) > 1 and (rest[0] == title or (not title and len(rest[0]) <= _TITLE)):
        title = rest.pop(0)
    stamped = next((at for at, one in enumerate(rest[:_DATE_WITHIN]) if stamp_of_line(one)), None)
    stamp = None
    if stamped is not None and len(rest) > 1:
        stamp = stamp_of_line(rest.pop(stamped))
    text = "\n".join(rest)
    return Story(1, title_of(title, text), text, stamp.published_at if stamp else None, reporting_agency(text))


def _lines(page: str) -> list[str]:
    return [" ".join(line.split()) for line in page.split("\n")]


def _without_heads(pages: list[list[str]]) -> list[list[str]]:
    """The pages without a first or last line that is a number or, but for its numbers, the same on most pages."""
    stripped = ["\n".join(page).strip("\n").split("\n") for page in pages]
    edges = Counter(key for page in stripped for key in {_key(page[0]), _key(page[-1])})

    def is_head(line: str) -> bool:
        count = edges[_key(line)]
        return _key(line) in ("#", "") or (count >= _REPEATED and 2 * count > len(pages))

    for page in stripped:
        if page and is_head(page[-1]):
            page.pop()
        if page and is_head(page[0]):
            page.pop(0)
    return stripped


def _key(line: str) -> str:
    return _DIGITS.sub("#", line).strip(" -–—.")


def _goes_on(line: str, following: str, longest: int) -> bool:
    """Whether the next line belongs to the same paragraph."""
    if not following or is_list_item(following):
        return False
    if ends_sentence(line) and not line.endswith((",", ";")):
        return len(line) >= _FULL * longest
    return len(line) >= _SHORT * longest or following[0].islower()


def _joined(text: str, line: str, known: frozenset[str]) -> str:
    """A paragraph and its next line. A hyphen that parts a word at the line's end goes, unless the word is spelt so."""
    if text.endswith("\u00ad"):
        return text[:-1] + line
    broken, follower = _BROKEN_WORD.search(text[-60:]), _WORD.match(line)
    if broken is None or follower is None or not line[0].islower():
        return f"{text} {line}"
    whole = f"{broken[0]}{follower[0]}".casefold()
    return f"{text}{line}" if whole in known else f"{text[:-1]}{line}"

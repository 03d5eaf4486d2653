"""What a format makes of a file: its text, and the articles that the file itself states. Knows no format."""

from collections.abc import Iterable
from dataclasses import dataclass

from rag.types import Record, Span


@dataclass(frozen=True, slots=True)
class Content:
    """`records` None: a plain text, whose articles are still to be found; `layout` then is None too.

    `extracted`: `text` is not the file's own, so offsets count in it and not in the file.
    """

    text: str
    layout: str | None = None
    records: tuple[Record, ...] | None = None
    warnings: tuple[str, ...] = ()
    extracted: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """An article as a file states it, before its text has a place. `line`: where in the file, from 1."""

    line: int
    title: str  # on one line, never empty
    text: str  # trimmed, never empty
    published_at: str | None = None
    outlet: str | None = None
    url: str | None = None


def laid_out(layout: str, stories: Iterable[Story], warnings: Iterable[str] = ()) -> Content:
    """The stories one below the other as one text, each its title on a line and then its body, a blank line between."""
    parts: list[str] = []
    records: list[Record] = []
    length = 0
    for story in stories:
        start, body = length, length + len(story.title) + 1
        span = Span(body, body + len(story.text))
        records.append(Record(story.line, story.title, story.published_at, story.outlet, story.url, start, (span,)))
        parts.append(f"{story.title}\n{story.text}\n\n")
        length += len(parts[-1])
    return Content("".join(parts), layout, tuple(records), tuple(warnings), extracted=True)

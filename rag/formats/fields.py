"""The fields of a record (title, text, date, outlet, url) -> a story, checked; and a title where there is none.

What JSONL and CSV have in common. Knows no file: what is wrong is a ValueError's message.
"""

from collections.abc import Mapping
from datetime import datetime

from rag.formats.content import Story
from rag.layouts.dates import stamp_of_line

NAMES = ("title", "text", "date", "outlet", "url")
_TITLE_CHARACTERS = 80  # of a text's beginning that stands in for a missing title


def story_of(line: int, values: Mapping[str, object]) -> Story:
    """The story of these fields; only `text` must be there, others are passed over. Raises ValueError."""
    given = {name: values.get(name) or "" for name in NAMES}
    if wrong := [name for name, value in given.items() if not isinstance(value, str)]:
        raise ValueError(f"{', '.join(wrong)}: not a text")
    found = {name: str(value).strip() for name, value in given.items()}
    if not found["text"]:
        raise ValueError("no text")
    if "\0" in found["title"] + found["text"]:
        raise ValueError("a NUL character, so it is not text")
    title = title_of(found["title"], found["text"])
    return Story(line, title, found["text"], date_of(found["date"]), found["outlet"] or None, found["url"] or None)


def title_of(title: str, text: str) -> str:
    """The title on one line; without one, the first words of the text."""
    given = " ".join(title.split())
    if given:
        return given
    words = " ".join(text[: 4 * _TITLE_CHARACTERS].split())
    if len(words) <= _TITLE_CHARACTERS:
        return words
    cut = words.rfind(" ", _TITLE_CHARACTERS // 2, _TITLE_CHARACTERS)
    return words[: cut if cut > 0 else _TITLE_CHARACTERS] + " …"


def date_of(value: str) -> str | None:
    """The date as articles carry it: its day, and where one is given the local time. Raises ValueError."""
    if not value:
        return None
    if (stamp := stamp_of_line(value)) is not None and not stamp.viewed:
        return stamp.published_at
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as exc:
        raise ValueError(f"date {value[:40]!r} is not ISO 8601 (2026-03-04 or 2026-03-04T15:30)") from exc
    return moment.strftime("%Y-%m-%d" if len(value) <= 10 else "%Y-%m-%dT%H:%M")

"""A JSONL seed file -> one text to quote from, and what each line states of its article. Knows no files and no layouts.

A line is `{"title", "text", "date", "outlet", "url"}`, of which only `text` must be there; other
fields are passed over. Strings in JSON are escaped, so what is quoted is the text extracted here.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rag.types import Record, Span

_TITLE_CHARACTERS = 80  # of a text's beginning that stands in for a missing title
_NAMES = ("title", "text", "date", "outlet", "url")


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of all records, one below the other, the records with their spans in it, and the lines passed over."""

    text: str
    records: tuple[Record, ...]
    warnings: tuple[str, ...]


def extract_records(file: str, lines: str) -> Extracted:
    """Read JSONL. A line that is no record becomes a warning with file:line; the others are read all the same."""
    parts: list[str] = []
    records: list[Record] = []
    warnings: list[str] = []
    length = 0
    for number, line in _lines(lines):
        try:
            values = _values(line)
            title = title_of(values["title"], values["text"])
            published_at = _date(values["date"])
        except ValueError as exc:
            warnings.append(f"{file}:{number}: {exc}; the line is passed over")
            continue
        start, body = length, length + len(title) + 1
        end = body + len(values["text"])
        records.append(
            Record(number, title, published_at, values["outlet"] or None, values["url"] or None, start, Span(body, end))
        )
        parts.append(f"{title}\n{values['text']}\n\n")
        length += len(parts[-1])
    return Extracted("".join(parts), tuple(records), tuple(warnings))


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


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, blank ones left out. Only a newline ends a line: JSON may hold other separators."""
    return ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())


def _values(line: str) -> dict[str, str]:
    """The known fields as text without outer blanks, "" where absent. Raises ValueError saying what is wrong."""
    try:
        values: Any = json.loads(line)
    except json.JSONDecodeError as exc:
        raise ValueError(f"not JSON ({exc.msg} at column {exc.colno})") from exc
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")
    found = {name: values.get(name) or "" for name in _NAMES}
    if wrong := [name for name, value in found.items() if not isinstance(value, str)]:
        raise ValueError(f"{', '.join(wrong)}: not a text")
    found = {name: value.strip() for name, value in found.items()}
    if not found["text"]:
        raise ValueError("no text")
    if "\0" in found["title"] + found["text"]:
        raise ValueError("a NUL character, so it is not text")
    return found


def _date(value: str) -> str | None:
    """The date as articles carry it: its day, and where one is given the local time. Raises ValueError."""
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as exc:
        raise ValueError(f"date {value[:40]!r} is not ISO 8601 (2026-03-04 or 2026-03-04T15:30)") from exc
    return moment.strftime("%Y-%m-%d" if len(value) <= 10 else "%Y-%m-%dT%H:%M")

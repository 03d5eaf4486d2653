"""JSONL: each line `{"title", "text", "date", "outlet", "url"}`, of which only `text` must be there.

Strings in JSON are escaped, so what is quoted is the text extracted here. Only a newline ends a line: JSON may hold
other separators.
"""

import json
from typing import Any

from rag.errors import SeedError
from rag.formats.content import Content, Story, laid_out
from rag.formats.fields import story_of
from rag.formats.text import decode
from rag.limits import Limits

LAYOUT = "records"


def read_jsonl(file: str, raw: bytes, limits: Limits) -> Content:
    """A story a line. A line that is none becomes a warning with file:line; the others are read all the same.

    Raises SeedError where not a single line is one, or the file is no text.
    """
    text, notes = decode(file, raw)
    stories: list[Story] = []
    faults: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            stories.append(story_of(number, _values(line)))
        except ValueError as exc:
            faults.append(f"{file}:{number}: {exc}")
    if not stories:
        raise SeedError(
            f'{faults[0]}; no line is a record like {{"title": …, "text": …}}, so there is nothing to index'
        )
    return laid_out(LAYOUT, stories, [*notes, *(f"{fault}; the line is passed over" for fault in faults)])


def _values(line: str) -> dict[str, Any]:
    try:
        values: Any = json.loads(line)
    except json.JSONDecodeError as exc:
        raise ValueError(f"not JSON ({exc.msg} at column {exc.colno})") from exc
    except RecursionError as exc:
        raise ValueError("not JSON of a record's shape (nested too deep)") from exc
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")
    return values

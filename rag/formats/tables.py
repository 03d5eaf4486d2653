"""CSV: a first row of names (title, text, date, outlet, url in any order and case, others passed over), a story a row.

Fields are parted by comma, semicolon or tab, whichever parts the first row into most of these names.
"""

import csv
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from rag.errors import SeedError
from rag.formats.content import Content, Story, laid_out
from rag.formats.fields import NAMES, story_of
from rag.formats.text import decode
from rag.limits import Limits

LAYOUT = "csv"
_DELIMITERS = (",", ";", "\t")
_STRAY_QUOTES = 100  # rows with a quote that never ends before the rest of a file is given up


def read_table(file: str, raw: bytes, limits: Limits) -> Content:
    """A story a row. A row that is none becomes a warning with file:line; the others are read all the same.

    Raises SeedError where the first row has no `text`, or no row is a story.
    """
    text, notes = decode(file, raw)
    delimiter, names = _header(text)
    if "text" not in names:
        raise SeedError(f"{file}:1: the first row must name the columns, `text` among them (known: {', '.join(NAMES)})")
    stories: list[Story] = []
    faults: list[str] = []
    for line, row in islice(_rows(text, delimiter), 1, None):
        try:
            stories.append(_story(line, names, row))
        except ValueError as exc:
            faults.append(f"{file}:{line}: {exc}; the row is passed over")
    if not stories:
        raise SeedError(faults[0] if faults else f"{file}: no row below the names of the columns; nothing to index")
    return laid_out(LAYOUT, stories, [*notes, *faults])


def _header(text: str) -> tuple[str, list[str]]:
    """The delimiter, and the names of the columns in lower case."""
    readings = []
    for delimiter in _DELIMITERS:
        _, row = next(_rows(text, delimiter), (1, []))
        names = [name.strip().lower() for name in row] if isinstance(row, list) else []
        readings.append((sum(name in NAMES for name in names), delimiter, names))
    _, delimiter, names = max(readings, key=lambda reading: reading[0])
    return delimiter, names


def _story(line: int, names: list[str], row: list[str] | csv.Error) -> Story:
    if isinstance(row, csv.Error):
        raise ValueError(f"not a row of a table ({row})")
    if len(row) != len(names):
        raise ValueError(f"{len(row)} fields where the first row has {len(names)}")
    return story_of(line, dict(zip(names, row, strict=True)))


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Rows that are not blank, each with the line it begins on; an error in place of a row that can't be read.

    A quote without its other half would swallow the rows after it: reading goes on in the line below.
    """
    csv.field_size_limit(max(len(text), csv.field_size_limit()))  # a guard of the whole process: never lowered
    lines = StringIO(text, newline="").readlines()
    start, strays = 0, 0
    while strays < _STRAY_QUOTES:
        reader = csv.reader(islice(lines, start, None), delimiter=delimiter, strict=True)
        while True:
            begun = reader.line_num
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as exc:
                yield start + begun + 1, exc
                if reader.line_num > begun + 1:
                    break
            else:
                if any(field.strip() for field in row):
                    yield start + begun + 1, row
        start, strays = start + begun + 1, strays + 1

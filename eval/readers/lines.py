"""Derek's own form of a question set: a JSONL file, asked of the user's index. A field it does not know is a fault."""

from pathlib import Path
from typing import Any

from eval.readers.faults import Faults, checksum, entries
from eval.readers.question import FIELDS, item_of
from eval.sets import Item, QuestionSet


def read_lines(path: Path, question_field: str) -> QuestionSet:
    """Read and check a set. Raises InputError that lists the faults, each with file:line."""
    faults = Faults()
    items = entries(path, faults, lambda values, line: _strict(values, line, question_field), "questions")
    faults.stop()
    return QuestionSet(path.stem, path, checksum(path), items)


def _strict(values: dict[str, Any], line: int, question_field: str) -> Item:
    known = FIELDS | {question_field}
    if unknown := sorted(set(values) - known):
        raise ValueError(f"unknown field {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    item = item_of(values, line, question_field)
    if item.answerable and not (item.must_include or item.answers):
        raise ValueError("answerable, but neither answers nor must_include say what a right answer is")
    return item

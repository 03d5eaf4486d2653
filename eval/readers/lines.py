"""Derek's own form of a question set: a JSONL file, asked of the user's index. A field it does not know is a fault."""

from pathlib import Path
from typing import Any

from eval.readers.faults import Faults, Ids, checksum, json_lines
from eval.readers.question import FIELDS, item_of
from eval.sets import Item, QuestionSet


def read_lines(path: Path, question_field: str) -> QuestionSet:
    """Read and check a set. Raises InputError that lists the faults, each with file:line."""
    faults, ids, items = Faults(), Ids(), []
    for number, values in json_lines(path, faults):
        try:
            item = _strict(values, number, question_field)
            ids.add(item.id, number)
        except ValueError as exc:
            faults.tell(path, number, exc)
            continue
        items.append(item)
    if not items and not faults.told:
        faults.tell(path, 1, "no questions")
    faults.stop()
    return QuestionSet(path.stem, path, checksum(path), tuple(items))


def _strict(values: dict[str, Any], line: int, question_field: str) -> Item:
    known = FIELDS | {question_field}
    if unknown := sorted(set(values) - known):
        raise ValueError(f"unknown field {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    item = item_of(values, line, question_field)
    if item.answerable and not (item.must_include or item.answers):
        raise ValueError("answerable, but neither answers nor must_include say what a right answer is")
    return item

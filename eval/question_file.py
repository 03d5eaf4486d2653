"""A file of questions that grows: read strictly, added to a line at a time, each on the disk before the next.

Knows Derek's own form of a set (eval.readers.lines); not where questions come from. What is in the file already is
never written anew: a crash or a full disk costs the line in hand at most.
"""

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.new import Draft
from eval.new_checks import alternatives, must_include
from eval.readers.faults import read_text
from eval.readers.lines import read_lines
from eval.readers.question import QUESTION, item_of
from eval.sets import Item
from rag.durable import sync
from rag.errors import InputError

REVIEWED, UNSEEN = "q", "draft-"  # what ids begin with: questions that a person accepted, and those nobody has seen
_DIGITS = 3


class QuestionFile:
    """The file at `path`, or the place for one. Raises InputError with file:line where it is no sound set.

    Safe beside an editor: the file is read again before each addition.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix.lower() != ".jsonl":
            raise InputError(f"{path}: a set of questions is a .jsonl file; name it so", "out")
        if path.is_dir() or not path.parent.is_dir():
            raise InputError(f"{path}: no place for a file; make the folder {path.parent}, or name a file", "out")
        self.path = path
        self.items: Sequence[Item] = self._read()

    @property
    def questions(self) -> list[str]:
        """What is asked already."""
        return [item.question for item in self.items]

    @property
    def quotes(self) -> list[str]:
        """The quotations that are evidence already."""
        return [evidence.quote for item in self.items for evidence in item.evidence]

    def add(self, draft: Draft, prefix: str = REVIEWED) -> str:
        """Append a draft as a question, on the disk on return; its id, unique in the file.

        Raises InputError where the file can't be added to, and ValueError for a draft that is no sound question.
        """
        self.items = self._read()
        question_id = _next_id([item.id for item in self.items], prefix)
        values = question_values(draft, question_id)
        item = item_of(values, len(self.items) + 1)
        try:
            _append(self.path, json.dumps(values, ensure_ascii=False) + "\n")
        except OSError as exc:
            raise InputError(f"{self.path}: can't be added to ({exc.strerror}); what it held it holds", "out") from exc
        self.items = (*self.items, item)
        return question_id

    def _read(self) -> tuple[Item, ...]:
        if not self.path.exists() or not read_text(self.path).strip():
            return ()
        return read_lines(self.path, QUESTION).items


def question_values(draft: Draft, question_id: str) -> dict[str, Any]:
    """A draft in the form of a set. Evidence names its file where gold is looked up in one; else it is a quotation."""
    quote = draft.quote
    return {
        "id": question_id,
        "question": draft.question,
        "lang": draft.lang,
        "type": draft.type,
        "answers": alternatives(draft.answer),
        "must_include": must_include(draft.answer, draft.type),
        "gold_docs": [],
        "evidence": [{"file": draft.seed.file, "quote": quote} if draft.seed.file is not None else quote],
        "answerable": True,
    }


def _next_id(ids: Sequence[str], prefix: str) -> str:
    """The prefix with the number after the highest that it has had: what was deleted last may come back."""
    pattern = re.compile(rf"{re.escape(prefix)}([0-9]+)")
    numbers = [int(found[1]) for one in ids if (found := pattern.fullmatch(one))]
    return f"{prefix}{max(numbers, default=0) + 1:0{_DIGITS}}"


def _append(path: Path, line: str) -> None:
    """Add a line at the end, begun anew where the last one has no newline; all of it or nothing."""
    is_new = not path.exists()
    with path.open("a+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            line = line if file.read(1) == b"\n" else "\n" + line
        try:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            os.truncate(path, size)
            raise
    if is_new:
        sync(path.parent)  # the name of a new file too

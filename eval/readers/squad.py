"""A SQuAD 2.0 (or 1.1) file: each paragraph becomes a document titled by its article, each question is asked of all.

Evidence is the sentence in which the first answer begins. Where an answer does not stand at its `answer_start` (sets
made after SQuAD's pattern count in other units), its nearest occurrence in the paragraph is taken. `lang` is detected,
`type` is "answerable" or "unanswerable", the split comes from the hash of the id.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.readers.faults import Faults, Ids, checksum, listed, read_text, text
from eval.readers.question import asked
from eval.sets import Document, Evidence, Item, QuestionSet, split_of
from rag.errors import InputError
from rag.languages import detect_language
from rag.sentences import split_sentences
from rag.types import Span


@dataclass(slots=True)
class _Lines:
    """Finds the line of a value in JSON that was read already; values are asked for in the order of the file."""

    raw: str
    at: int = 0
    line: int = 1

    def of(self, value: object) -> int:
        """The line, from 1, where `value` next stands as a JSON string; of the value before it, if it does not."""
        if isinstance(value, str):
            places = [self.raw.find(json.dumps(value, ensure_ascii=ascii), self.at) for ascii in (False, True)]
            at = max(places)
            if at >= 0:
                self.line += self.raw.count("\n", self.at, at)
                self.at = at + 1
        return self.line


def read_squad(path: Path, question_field: str) -> QuestionSet:
    """Read and check a set with its paragraphs. Raises InputError that lists the faults, each with file:line."""
    faults, ids = Faults(), Ids()
    raw = read_text(path)
    lines = _Lines(raw)
    counts: Counter[str] = Counter()
    documents: list[Document] = []
    items: list[Item] = []
    try:
        paragraphs = list(_paragraphs(_parsed(path, raw)))
    except ValueError as exc:
        faults.tell(path, 1, exc)
        paragraphs = []
    for title, paragraph in paragraphs:
        place = f"paragraph {counts[title]} of {title!r}"
        document_id = f"{title or 'untitled'}-{counts[title]}"
        counts[title] += 1
        try:
            context = text(paragraph.get("context"), "context")
            questions = listed(paragraph.get("qas"), "qas")
        except ValueError as exc:
            faults.tell(path, lines.of(paragraph.get("context")), f"{place}: {exc}")
            continue
        documents.append(Document(document_id, title.replace("_", " "), context))
        sentences = split_sentences(context)
        for values in questions:
            line = lines.of(values.get("id") if isinstance(values, dict) else None)
            try:
                item = _item(values, line, question_field, documents[-1], sentences)
                ids.add(item.id, line)
            except ValueError as exc:
                faults.tell(path, line, f"{place}: {exc}")
                continue
            items.append(item)
    if not items and not faults.told:
        faults.tell(path, 1, "no questions")
    faults.stop()
    return QuestionSet(path.stem, path, checksum(path), tuple(items), tuple(documents))


def _parsed(path: Path, raw: str) -> Any:
    try:
        return json.loads(raw)
    except json.JSONDecodeError as exc:
        raise InputError(f"{path}:{exc.lineno}: not JSON: {exc.msg} at column {exc.colno}", "set") from exc
    except RecursionError as exc:
        raise InputError(f"{path}:1: JSON nested too deeply to be read", "set") from exc


def _paragraphs(values: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Paragraphs with the title of their article. Raises ValueError where the file is not built like SQuAD's."""
    for article in _objects(values, "data", "the file"):
        title = article.get("title") or ""
        if not isinstance(title, str):
            raise ValueError("title: not a text")
        for paragraph in _objects(article, "paragraphs", f"article {title!r}"):
            yield title, paragraph


def _objects(values: Any, name: str, whose: str) -> list[dict[str, Any]]:
    entries = values.get(name) if isinstance(values, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"not SQuAD's form: {whose} has no list {name!r} of objects")
    return entries


def _item(values: Any, line: int, question_field: str, document: Document, sentences: Sequence[Span]) -> Item:
    """A checked question. Raises ValueError saying which field is wrong and how."""
    if not isinstance(values, dict):
        raise ValueError("a question that is not a JSON object")
    question_id = text(values.get("id"), "id")
    question = asked(values, question_field)
    impossible = values.get("is_impossible", False)
    if not isinstance(impossible, bool):
        raise ValueError(f"question {question_id!r}: is_impossible: neither true nor false")
    answers: list[str] = []
    evidence: tuple[Evidence, ...] = ()
    if not impossible:
        try:
            places = [_answer(entry, document.text) for entry in listed(values.get("answers"), "answers")]
        except ValueError as exc:
            raise ValueError(f"question {question_id!r}: {exc}") from exc
        if not places:
            raise ValueError(f"question {question_id!r}: neither impossible nor answered")
        answers = [answer for answer, _ in places]
        evidence = (Evidence(None, _sentence(document.text, sentences, places[0][1])),)
    return Item(
        id=question_id,
        question=question,
        lang=detect_language(question),
        type="unanswerable" if impossible else "answerable",
        answerable=not impossible,
        answers=tuple(dict.fromkeys(answers)),
        must_include=(),
        gold_docs=() if impossible else (document.id,),
        evidence=evidence,
        split=split_of(question_id),
        line=line,
    )


def _answer(entry: Any, context: str) -> tuple[str, int]:
    """An answer and where it begins in the paragraph."""
    if not isinstance(entry, dict) or not isinstance(entry.get("answer_start"), int):
        raise ValueError("answers: not {text, answer_start}")
    answer, start = text(entry.get("text"), "answers.text"), entry["answer_start"]
    if start >= 0 and context.startswith(answer, start):
        return answer, start
    places = [match.start() for match in re.finditer(re.escape(answer), context)]
    if not places:
        raise ValueError(f"answers: {answer[:60]!r} does not stand in the paragraph")
    return answer, min(places, key=lambda at: abs(at - start))


def _sentence(context: str, sentences: Sequence[Span], at: int) -> str:
    """The sentence around a place; the one after it where the place is between two."""
    for span in sentences:
        if at < span.end:
            return context[span.start : span.end]
    return context[at:].strip()

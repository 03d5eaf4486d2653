"""Question sets: JSONL files read whole and checked line by line, and their gold looked up in a generation.

Knows no metric and no answer. A faulty set is refused with every fault as `file:line: what`, never half-used.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rag.errors import InputError, NotFound
from rag.generation import Generation
from rag.types import Article, Filters

Split = Literal["dev", "test"]
SHIPPED = Path(__file__).parent / "questions"
_SHOWN = 10  # faults told in one message
_ALL = 1_000_000
_FIELDS = {
    "id", "question", "lang", "type", "answers", "must_include", "gold_docs", "evidence", "answerable", "split",
}  # fmt: skip
_REQUIRED = ("id", "question", "lang", "type", "answerable")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verbatim quotation of a seed file that states the answer; `file` None: any file of the generation."""

    file: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its gold. `must_include`: of each inner tuple at least one spelling is in a right answer."""

    id: str
    question: str
    lang: str
    type: str
    answerable: bool
    answers: tuple[str, ...]
    must_include: tuple[tuple[str, ...], ...]
    gold_docs: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    split: Split
    line: int  # in the set's file, from 1


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A set as it was read: its name (the file's stem), its path, the checksum of its bytes, its questions."""

    name: str
    path: Path
    sha256: str
    items: tuple[Item, ...]


def find_set(name: str) -> Path:
    """The path of a set named by its file, or by its name among those shipped. Raises InputError."""
    shipped = SHIPPED / f"{name}.jsonl"
    for path in (Path(name), shipped):
        if path.is_file():
            return path
    known = ", ".join(sorted(path.stem for path in SHIPPED.glob("*.jsonl"))) or "none"
    raise InputError(f"no question set {name!r}: neither a file nor one of the shipped sets ({known})", "set")


def read_set(path: Path) -> QuestionSet:
    """Read and check a set. Raises InputError that lists the faults, each with file:line."""
    try:
        data = path.read_bytes()
        lines = data.decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path}: can't be read as UTF-8 text ({exc})", "set") from exc
    items: list[Item] = []
    faults: list[str] = []
    first_line: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item = _item(json.loads(line), number)
        except json.JSONDecodeError as exc:
            faults.append(f"{path}:{number}: not JSON: {exc.msg} at column {exc.colno}")
            continue
        except ValueError as exc:
            faults.append(f"{path}:{number}: {exc}")
            continue
        if item.id in first_line:
            faults.append(f"{path}:{number}: id {item.id!r} is already used in line {first_line[item.id]}")
        first_line.setdefault(item.id, number)
        items.append(item)
    if not items and not faults:
        faults.append(f"{path}:1: no questions")
    _raise(faults)
    return QuestionSet(path.stem, path, hashlib.sha256(data).hexdigest(), tuple(items))


def split_of(question_id: str) -> Split:
    """The half a question belongs to, by the hash of its id: dev where the first byte of SHA-256 is below 128."""
    return "dev" if _hash(question_id)[0] < 128 else "test"


def select(items: Sequence[Item], split: str = "all", sample: int | None = None) -> tuple[Item, ...]:
    """The questions of one split; of these the `sample` with the lowest hash of id, so that samples nest."""
    chosen = [item for item in items if split == "all" or item.split == split]
    if sample is not None:
        kept = {item.id for item in sorted(chosen, key=lambda item: _hash(item.id))[:sample]}
        chosen = [item for item in chosen if item.id in kept]
    return tuple(chosen)


def gold_articles(questions: QuestionSet, generation: Generation) -> dict[str, frozenset[str]]:
    """Gold article ids by question id: `gold_docs`, and every article that an evidence quotation lies in.

    Raises InputError with file:line for a quotation that is not in its file and an article that is not there.
    """
    articles = generation.catalog.articles(Filters(), None, _ALL, 0)[1]
    texts = {sha256: generation.catalog.source_text(sha256) for sha256 in {a.source_sha256 for a in articles}}
    gold: dict[str, frozenset[str]] = {}
    faults: list[str] = []
    for item in questions.items:
        place = f"{questions.path}:{item.line}"
        found = set(item.gold_docs)
        for article_id in item.gold_docs:
            try:
                generation.catalog.article(article_id)
            except NotFound:
                faults.append(f"{place}: gold article {article_id!r} is not in generation {generation.id}")
        for evidence in item.evidence:
            holders = {a.article_id for a in articles if _holds(a, texts[a.source_sha256], evidence)}
            if not holders:
                where = evidence.file or "any seed file"
                faults.append(f"{place}: no article of {where} holds the quotation {evidence.quote[:60]!r}")
            found |= holders
        gold[item.id] = frozenset(found)
    _raise(faults)
    return gold


def _holds(article: Article, text: str, evidence: Evidence) -> bool:
    """Whether some occurrence of the quotation overlaps the article."""
    if evidence.file is not None and evidence.file not in (article.file, *article.also_in):
        return False
    return any(
        start < article.span.end and start + len(evidence.quote) > article.span.start
        for start in _occurrences(text, evidence.quote)
    )


def _occurrences(text: str, quote: str) -> Iterator[int]:
    start = text.find(quote)
    while start >= 0:
        yield start
        start = text.find(quote, start + 1)


def _item(values: object, line: int) -> Item:
    """A checked question. Raises ValueError saying which field is wrong and how."""
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")
    if unknown := sorted(set(values) - _FIELDS):
        raise ValueError(f"unknown field {', '.join(unknown)}; known are {', '.join(sorted(_FIELDS))}")
    if missing := [name for name in _REQUIRED if name not in values]:
        raise ValueError(f"field {', '.join(missing)} is missing")
    for name in ("id", "question", "lang", "type"):
        _text(values[name], name)
    if not isinstance(values["answerable"], bool):
        raise ValueError("answerable: neither true nor false")
    if values.get("split", "dev") not in ("dev", "test"):
        raise ValueError("split: neither 'dev' nor 'test'")
    groups = tuple(_texts(group, "must_include") for group in _list(values.get("must_include", []), "must_include"))
    if not all(groups):
        raise ValueError("must_include: an empty group, which no answer could meet")
    item = Item(
        id=values["id"],
        question=values["question"],
        lang=values["lang"],
        type=values["type"],
        answerable=values["answerable"],
        answers=_texts(values.get("answers", []), "answers"),
        must_include=groups,
        gold_docs=_texts(values.get("gold_docs", []), "gold_docs"),
        evidence=tuple(_evidence(entry) for entry in _list(values.get("evidence", []), "evidence")),
        split=values.get("split", split_of(values["id"])),
        line=line,
    )
    if item.answerable and not (item.must_include or item.answers):
        raise ValueError("answerable, but neither answers nor must_include say what a right answer is")
    if item.answerable and not (item.gold_docs or item.evidence):
        raise ValueError("answerable, but neither gold_docs nor evidence say where the answer stands")
    return item


def _evidence(entry: object) -> Evidence:
    if isinstance(entry, str):
        return Evidence(None, _text(entry, "evidence"))
    if not isinstance(entry, dict) or set(entry) != {"file", "quote"}:
        raise ValueError("evidence: neither a quotation nor {file, quote}")
    return Evidence(_text(entry["file"], "evidence.file"), _text(entry["quote"], "evidence.quote"))


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{name}: not a list")
    return value


def _texts(value: object, name: str) -> tuple[str, ...]:
    return tuple(_text(entry, name) for entry in _list(value, name))


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name}: not a text, or a blank one")
    return value


def _hash(question_id: str) -> bytes:
    return hashlib.sha256(question_id.encode()).digest()


def _raise(faults: list[str]) -> None:
    if faults:
        more = [f"… and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        raise InputError("\n".join(faults[:_SHOWN] + more), "set")

"""A set in BEIR's layout: corpus.jsonl and queries.jsonl with `_id`, qrels/*.tsv saying which documents are gold.

Such a set has no answers, so only retrieval can be measured on it; relevance above 0 is gold. Queries without gold are
left out: BEIR keeps those of all splits in one file. Of the judgements test.tsv is taken, else dev.tsv, else the only
one there is; those of dev.tsv make dev questions, all others test questions.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.readers.documents import read_documents
from eval.readers.faults import Faults, Ids, checksum, json_lines, text
from eval.readers.question import asked
from eval.readers.trec import judgements
from eval.sets import Item, QuestionSet, Split
from rag.errors import InputError
from rag.languages import detect_language

CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels"
_PREFERRED = ("test.tsv", "dev.tsv")
_TYPE = "retrieval"


def read_beir(folder: Path, question_field: str) -> QuestionSet:
    """Read and check a set with its documents. Raises InputError that lists the faults, each with file:line."""
    faults, ids, items = Faults(), Ids(), []
    documents = read_documents(folder / CORPUS, "_id", faults)
    qrels = _choose(folder / QRELS)
    known = frozenset(document.id for document in documents)
    gold, first_line = _gold(qrels, known, faults)
    path = folder / QUERIES
    for number, values in json_lines(path, faults):
        try:
            query_id = text(values.get("_id"), "_id")
            ids.add(query_id, number)
            if query_id in gold:
                items.append(_item(values, query_id, number, question_field, gold[query_id], _split(qrels)))
        except ValueError as exc:
            faults.tell(path, number, exc)
    for query_id in gold.keys() - ids.first_line.keys():
        faults.tell(qrels, first_line[query_id], f"query {query_id!r} is not in {QUERIES}")
    if not items and not faults.told:
        faults.tell(qrels, 1, f"no relevant document for any query of {QUERIES}")
    faults.stop()
    return QuestionSet(
        folder.resolve().name, folder, checksum(folder / CORPUS, path, qrels), tuple(items), documents, path
    )


def _choose(folder: Path) -> Path:
    """The file of judgements. Raises InputError where there is none, or several of other names."""
    found = sorted(folder.glob("*.tsv"))
    for name in _PREFERRED:
        if folder / name in found:
            return folder / name
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "no .tsv file"
        raise InputError(f"{folder}: expected test.tsv, dev.tsv or a single .tsv file, found {names}", "set")
    return found[0]


def _split(qrels: Path) -> Split:
    return "dev" if qrels.stem == "dev" else "test"


def _gold(path: Path, documents: frozenset[str], faults: Faults) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Relevant documents by query, and the line of each query's first one."""
    gold: dict[str, list[str]] = {}
    first_line: dict[str, int] = {}
    for one in judgements(path, faults):
        if one.relevance <= 0:
            continue
        if one.document not in documents:
            faults.tell(path, one.line, f"document {one.document!r} is not in {CORPUS}")
        gold.setdefault(one.query, []).append(one.document)
        first_line.setdefault(one.query, one.line)
    return gold, first_line


def _item(
    values: Mapping[str, Any], query_id: str, line: int, question_field: str, gold: list[str], split: Split
) -> Item:
    question = asked(values, question_field, "text")
    return Item(
        id=query_id,
        question=question,
        lang=detect_language(question),
        type=_TYPE,
        answerable=True,
        answers=(),
        must_include=(),
        gold_docs=tuple(dict.fromkeys(gold)),
        evidence=(),
        split=split,
        line=line,
    )

"""A public set in a folder: corpus.jsonl with the documents, questions.jsonl with the questions asked of them.

Questions are in Derek's own form, their `gold_docs` are ids of documents; fields that only the set's makers know are
passed over. What is read more broadly than in a set of one's own:

- `split`: "dev" is dev; any other name given ("heldout", "validation", …) counts as test, so that nothing is tuned on
  by a misunderstanding; absent, the hash of the id decides.
- `haystack`: a question is asked of the documents that name the same haystack. Where it names none, of the one that
  all its gold documents are in; where these are in several, or documents name no haystack, of the whole corpus.
- `file` of `{file, quote}` is a document's id, and gold. Each quotation stands word for word in a gold document; where
  no document is named, all of the haystack that hold a quotation are gold.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.readers.documents import read_documents
from eval.readers.faults import Faults, checksum, entries, shown, text
from eval.readers.question import item_of
from eval.sets import Document, Evidence, Item, QuestionSet

CORPUS, QUESTIONS = "corpus.jsonl", "questions.jsonl"


def read_folder(folder: Path, question_field: str) -> QuestionSet:
    """Read and check a set with its documents. Raises InputError that lists the faults, each with file:line."""
    faults = Faults()
    documents = read_documents(folder / CORPUS, "id", faults)
    by_id = {document.id: document for document in documents}
    haystacks = {document.haystack for document in documents}
    path = folder / QUESTIONS
    items = entries(
        path, faults, lambda values, line: _item(values, line, question_field, by_id, haystacks), "questions"
    )
    faults.stop()
    name = folder.resolve().name
    return QuestionSet(name, folder, checksum(folder / CORPUS, path), items, documents, path)


def _item(
    values: Mapping[str, Any],
    line: int,
    question_field: str,
    documents: Mapping[str, Document],
    haystacks: Set[str | None],
) -> Item:
    given = values.get("split")
    own = {name: value for name, value in values.items() if name != "split"}
    if given is not None:
        own["split"] = "dev" if text(given, "split") == "dev" else "test"
    item = item_of(own, line, question_field)
    files = tuple(evidence.file for evidence in item.evidence if evidence.file is not None)
    named = tuple(dict.fromkeys((*item.gold_docs, *files)))
    if gone := [document_id for document_id in named if document_id not in documents]:
        raise ValueError(f"gold document {', '.join(map(repr, gone))} is not in {CORPUS}")
    asked_of = values.get("haystack")
    quotes = [evidence.quote for evidence in item.evidence]
    among = named or [document.id for document in documents.values() if asked_of in (None, document.haystack)]
    holders = _holders(quotes, among, documents)
    gold = named or holders
    return replace(
        item,
        gold_docs=gold,
        evidence=tuple(Evidence(None, quote) for quote in quotes),
        haystack=_haystack(asked_of, {documents[document_id].haystack for document_id in gold}, haystacks),
    )


def _holders(quotes: Sequence[str], among: Collection[str], documents: Mapping[str, Document]) -> tuple[str, ...]:
    """The documents that hold a quotation. Raises ValueError for a quotation that is in none of them."""
    holders = {
        quote: [document_id for document_id in among if quote in documents[document_id].text] for quote in quotes
    }
    for quote, found in holders.items():
        if not found:
            raise ValueError(f"evidence: no gold document holds {shown(quote)} word for word")
    return tuple(dict.fromkeys(document_id for found in holders.values() for document_id in found))


def _haystack(given: object, of_gold: Set[str | None], known: Set[str | None]) -> str | None:
    """The part of the corpus that a question is asked of. Raises ValueError where it can't hold the gold."""
    if given is None:
        return next(iter(of_gold)) if len(of_gold) == 1 else None
    haystack = text(given, "haystack")
    if haystack not in known:
        raise ValueError(f"haystack: no document of {CORPUS} is in {haystack!r}")
    if of_gold - {haystack}:
        raise ValueError(f"haystack: asked of {haystack!r}, but a gold document is not in it")
    return haystack

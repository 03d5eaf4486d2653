"""The nouns of a question set: questions with their gold, and the documents that a public set brings along.

Knows no file format (see eval.readers), no index and no metric.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Split = Literal["dev", "test"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verbatim quotation that states the answer; `file` None: of any seed file, or of the gold documents."""

    file: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class Insight:
    """One of several things that a complete answer states, and the documents that any of it may be cited from."""

    text: str
    docs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its gold. `must_include`: of each inner tuple at least one spelling is in a right answer.

    `must_not_include`: none of these is in what is said, answer or refusal; what is quoted beside it may hold them.
    `gold_docs` are article ids, or ids of the set's own documents. Neither answers nor must_include: only retrieval
    can be measured.
    """

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
    line: int  # in the file of questions, from 1
    haystack: str | None = None  # the part of the set's documents it is asked of; None: all of them
    insights: tuple[Insight, ...] = ()  # all of them make the answer, unlike `answers`, of which one does
    must_not_include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One text of a public set. `date`: ISO 8601. `haystack`: the part of the set it belongs to, where it has parts."""

    id: str
    title: str  # "" where it has none
    text: str
    date: str | None = None
    haystack: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A set as it was read. No `documents`: it is asked of the user's own index."""

    name: str
    path: Path  # the file or folder that was read
    sha256: str  # of the file's bytes; of a folder, of the files that were read
    items: tuple[Item, ...]
    documents: tuple[Document, ...] = ()
    file: Path | None = None  # where the items' lines count; None: in `path`

    def place(self, item: Item) -> str:
        """Where a question stands, `file:line`."""
        return f"{self.file or self.path}:{item.line}"


def split_of(question_id: str) -> Split:
    """The half a question belongs to, by the hash of its id: dev where the first byte of SHA-256 is below 128."""
    return "dev" if _hash(question_id)[0] < 128 else "test"


def select(items: Sequence[Item], split: str = "all", sample: int | None = None) -> tuple[Item, ...]:
    """The questions of one split; of these the `sample` with the lowest hash of id, so that samples nest.

    The hash is read without the bit that decides the half, so that a sample has both halves in it.
    """
    chosen = [item for item in items if split == "all" or item.split == split]
    if sample is not None:
        kept = {item.id for item in sorted(chosen, key=lambda item: _without_half(_hash(item.id)))[:sample]}
        chosen = [item for item in chosen if item.id in kept]
    return tuple(chosen)


def _without_half(digest: bytes) -> bytes:
    return bytes((digest[0] % 128, *digest[1:]))


def _hash(question_id: str) -> bytes:
    return hashlib.sha256(question_id.encode()).digest()

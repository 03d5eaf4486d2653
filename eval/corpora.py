"""The documents of a public set -> a generation of their own, built once. Knows no question but by its set's documents.

    CACHE/eval/corpora/<hash of documents and embedder>/seeds/corpus.jsonl    the documents as a seed file
    CACHE/eval/corpora/<hash of documents and embedder>/vectors/              the generation

So two sets over one corpus share it, and the user's own index never meets it. A folder may be deleted at any time.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.sets import Document, QuestionSet
from rag.articles import article_id_of, joined
from rag.errors import IndexNotWritten, InputError
from rag.generation import Generation
from rag.generations import open_generation
from rag.limits import Limits
from rag.reindex import reindex
from rag.reindex_report import IndexProgress
from rag.sources import read_seed
from rag.types import Embedder, StopCheck

_SHARD_BYTES = Limits().file_bytes - 10_000_000  # of a seed file before the next one is begun
_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Corpus:
    """An opened generation, and which of its articles each document became; those that report the same share one."""

    generation: Generation
    article_ids: Mapping[str, str]

    def articles(self, documents: Collection[str]) -> frozenset[str]:
        """The article ids of these documents, all of which are in the corpus."""
        return frozenset(self.article_ids[document_id] for document_id in documents)

    def close(self) -> None:
        """Release the generation's files."""
        self.generation.close()


def open_corpus(
    questions: QuestionSet,
    haystack: str | None,
    cache_dir: Path,
    embedder: Embedder,
    progress: Callable[[IndexProgress], None] = lambda _: None,
    stop: StopCheck = lambda: False,
) -> Corpus:
    """Index the documents of one haystack (None: all documents) if that was not done yet, and open their generation.

    Raises InputError where there are no such documents or one can't be indexed, IndexNotWritten where the cache can't
    be written to, and what else `reindex` raises.
    """
    documents = [document for document in questions.documents if haystack in (None, document.haystack)]
    if not documents:
        raise InputError(f"{questions.path}: no documents in haystack {haystack!r}", "set")
    lines = [_line(document) for document in documents]
    folder = cache_dir / "eval" / "corpora" / _digest(lines, embedder.fingerprint)
    seeds = folder / "seeds"
    shards = list(_shards(lines))
    try:
        seeds.mkdir(parents=True, exist_ok=True)
        for name, shard in shards:
            _write_once(seeds / name, b"".join(shard))
    except OSError as exc:
        raise IndexNotWritten(f"{seeds}: can't be written to ({exc}); make room, or set DEREK_CACHE_DIR") from exc
    report = reindex(seeds, folder / "vectors", embedder, progress=progress, stop=stop)
    article_ids = _article_ids(questions, documents, seeds, shards)
    generation = open_generation(folder / "vectors", report.generation)
    if report.grouped:
        article_ids = {known: generation.catalog.article(found).article_id for known, found in article_ids.items()}
    return Corpus(generation, article_ids)


def _line(document: Document) -> bytes:
    """The document as a line of a seed file. Its id is not part of an article; it is there for whoever looks."""
    values = {"id": document.id, "title": document.title, "date": document.date, "text": document.text}
    return (json.dumps(values, ensure_ascii=False) + "\n").encode()


def _digest(lines: Iterable[bytes], fingerprint: str) -> str:
    digest = hashlib.sha256(fingerprint.encode() + b"\n")
    for line in lines:
        digest.update(line)
    return digest.hexdigest()[:_DIGITS]


def _shards(lines: Sequence[bytes]) -> Iterator[tuple[str, Sequence[bytes]]]:
    """The seed files, name and lines: one, or as many as it takes for none to be too large to be read."""
    start, size, number = 0, 0, 1
    for at, line in enumerate(lines):
        if size and size + len(line) > _SHARD_BYTES:
            yield _name(number), lines[start:at]
            start, size, number = at, 0, number + 1
        size += len(line)
    yield _name(number), lines[start:]


def _name(number: int) -> str:
    return "corpus.jsonl" if number == 1 else f"corpus-{number}.jsonl"


def _write_once(path: Path, data: bytes) -> None:
    """Write a file complete or not at all, unless it holds that already; two processes may do so at once."""
    if path.is_file() and path.read_bytes() == data:
        return
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _article_ids(
    questions: QuestionSet, documents: Sequence[Document], seeds: Path, shards: Iterable[tuple[str, Sequence[bytes]]]
) -> dict[str, str]:
    """Which article each document became, read from the seed files as the indexer reads them.

    Raises InputError for a document that the indexer passed over.
    """
    rest = iter(documents)
    found: dict[str, str] = {}
    for name, shard in shards:
        (source,) = read_seed(seeds, name).sources
        records = {record.line: record for record in source.records or ()}
        for line, document in zip(range(1, len(shard) + 1), rest, strict=False):
            record = records.get(line)
            if record is None:
                why = next((w for w in source.warnings if w.startswith(f"{name}:{line}:")), "it is no article")
                raise InputError(f"{questions.path}: document {document.id!r} can't be indexed: {why}", "set")
            body = joined(record.body, source.text)
            found[document.id] = article_id_of(record.title, record.published_at, body)
    return found

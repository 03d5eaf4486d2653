"""The write path: a folder of seed files -> a published generation. Read `reindex` from top to bottom.

Knows the order of the steps and what counts as unchanged; each step's own work is done in its module.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from rag import generation, generations
from rag.articles import read_articles
from rag.catalog import write_catalog
from rag.errors import Cancelled, IndexDamaged, IndexNotWritten, SeedError
from rag.generation import Generation, Manifest
from rag.index import VectorIndex
from rag.lexical import WordIndex
from rag.passages import embedding_text, split_passages
from rag.sources import list_seed_files, read_source
from rag.types import Article, Embedder, Passage, Source, StopCheck, Vectors

RECIPE = 1  # of parsing, cutting and embedding texts: raise it when any of these changes its output
_BATCH = 32  # passages embedded between two looks at the stop check


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """How far a reindex is; totals grow until every file is parsed."""

    files_done: int
    files_total: int
    passages_done: int
    passages_total: int


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """What a reindex did. `embedded` and `reused` count passages; `warnings` name files that need a look."""

    generation: str
    changed: bool
    files: int
    articles: int
    passages: int
    embedded: int
    reused: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Corpus:
    """The seeds, read and cut. `texts` are what is embedded and word-indexed, one a passage."""

    sources: tuple[Source, ...]
    articles: tuple[Article, ...]
    passages: tuple[Passage, ...]
    texts: tuple[str, ...]
    keys: tuple[str, ...]
    warnings: tuple[str, ...]


def reindex(
    seeds_dir: Path,
    vectors_dir: Path,
    embedder: Embedder,
    *,
    keep: int = generations.KEPT,
    progress: Callable[[IndexProgress], None] = lambda _: None,
    stop: StopCheck = lambda: False,
) -> ReindexReport:
    """Index the seeds as they are now; the last good generation serves until the new one is complete.

    Vectors of passages that the current generation has are taken over, if the embedder is the same. A generation on
    disk that was made from these very files is activated again instead. Whichever it is, it is not pinned. `keep`
    generations stay on disk.

    Raises SeedError where the folder is missing, IndexBusy where another process indexes, IndexNotWritten where a
    write fails, Cancelled once `stop()` is true. After any of them the current generation is what it was.
    """
    with generations.writer_lock(vectors_dir):
        sources, unreadable = _read_seeds(seeds_dir)
        files = {source.file: source.sha256 for source in sources}
        if made := _made_before(vectors_dir, files, embedder):
            changed = made.id != generations.current_id(vectors_dir)
            generations.activate(vectors_dir, made.id, pin=False)
            return _unchanged(made, unreadable, changed)
        previous = _open_previous(vectors_dir, embedder)
        try:
            corpus = _cut(sources, unreadable, embedder, progress, stop)
            vectors, embedded = _embed(corpus, embedder, previous, progress, stop)
        finally:
            if previous:
                previous.close()
        manifest = _publish(vectors_dir, corpus, vectors, embedder, keep)
        reused = len(corpus.passages) - embedded
        return _report(manifest, changed=True, embedded=embedded, reused=reused, warnings=corpus.warnings)


def is_stale(seeds_dir: Path, vectors_dir: Path, embedder_fingerprint: str) -> bool:
    """Whether `reindex` would have work: other seeds, another embedder or recipe, or no generation at all."""
    current = generations.current_id(vectors_dir)
    manifest = next((m for m in generations.list_generations(vectors_dir) if m.id == current), None)
    if manifest is None or (manifest.embedder, manifest.recipe) != (embedder_fingerprint, RECIPE):
        return True
    sources, _ = _read_seeds(seeds_dir)
    return manifest.files != {source.file: source.sha256 for source in sources}


def _read_seeds(seeds_dir: Path) -> tuple[list[Source], list[str]]:
    """The seed files that can be read, and a warning for each that can't."""
    sources, warnings = [], []
    for file in list_seed_files(seeds_dir):
        try:
            sources.append(read_source(seeds_dir, file))
        except SeedError as exc:
            warnings.append(f"skipped: {exc}")
    return sources, warnings


def _made_before(vectors_dir: Path, files: dict[str, str], embedder: Embedder) -> Manifest | None:
    """A sound generation on disk of exactly these files: the one in use, or one that was rolled back from."""
    found = generations.find_generation(vectors_dir, files, RECIPE, embedder.fingerprint)
    if found is None or generations.verify_generation(vectors_dir, found.id):
        return None
    return found


def _open_previous(vectors_dir: Path, embedder: Embedder) -> Generation | None:
    """The current generation if its vectors may stand beside new ones; a damaged one is simply built again."""
    current = generations.current_id(vectors_dir)
    if current is None or generations.verify_generation(vectors_dir, current):
        return None
    try:
        previous = generations.open_generation(vectors_dir, current)
    except IndexDamaged:
        return None
    if (previous.manifest.embedder, previous.manifest.recipe) != (embedder.fingerprint, RECIPE):
        previous.close()
        return None
    return previous


def _cut(
    sources: Sequence[Source],
    unreadable: Sequence[str],
    embedder: Embedder,
    progress: Callable[[IndexProgress], None],
    stop: StopCheck,
) -> _Corpus:
    """Sources -> articles, each once -> passages -> the texts that stand for them in the index."""
    warnings = list(unreadable)
    articles: dict[str, Article] = {}
    passages: list[Passage] = []
    texts: list[str] = []
    for done, source in enumerate(sources, start=1):
        _check(stop)
        parsed = read_articles(source)
        warnings += parsed.warnings
        for article in parsed.articles:
            known = articles.get(article.article_id)
            if known is not None:
                if article.file not in (known.file, *known.also_in):
                    articles[article.article_id] = replace(known, also_in=(*known.also_in, article.file))
                continue
            articles[article.article_id] = article
            cut = split_passages(article, source.text, embedder.count_tokens)
            passages += cut
            texts += [embedding_text(article, passage) for passage in cut]
        progress(IndexProgress(done, len(sources), 0, len(passages)))
    keys = tuple(hashlib.sha256(text.encode()).hexdigest() for text in texts)
    return _Corpus(tuple(sources), tuple(articles.values()), tuple(passages), tuple(texts), keys, tuple(warnings))


def _embed(
    corpus: _Corpus,
    embedder: Embedder,
    previous: Generation | None,
    progress: Callable[[IndexProgress], None],
    stop: StopCheck,
) -> tuple[Vectors, int]:
    """A vector for each passage, (n, dim), and how many of them had to be computed."""
    vectors = np.zeros((len(corpus.texts), embedder.dim), np.float32)
    known = {key: row for row, key in enumerate(previous.catalog.content_keys())} if previous else {}
    if previous:
        kept = [row for row, key in enumerate(corpus.keys) if key in known]
        vectors[kept] = previous.vectors.vectors(np.array([known[corpus.keys[row]] for row in kept], np.int64))
    missing = [row for row, key in enumerate(corpus.keys) if key not in known]
    for start in range(0, len(missing), _BATCH):
        _check(stop)
        rows = missing[start : start + _BATCH]
        vectors[rows] = embedder.embed_passages([corpus.texts[row] for row in rows])
        done = len(corpus.texts) - len(missing) + start + len(rows)
        progress(IndexProgress(len(corpus.sources), len(corpus.sources), done, len(corpus.texts)))
    return vectors, len(missing)


def _publish(vectors_dir: Path, corpus: _Corpus, vectors: Vectors, embedder: Embedder, keep: int) -> Manifest:
    """Write every part aside and publish them as one. Raises IndexNotWritten; nothing half-written stays."""
    now = datetime.now(UTC)
    content = hashlib.sha256("".join((embedder.fingerprint, *corpus.keys)).encode()).hexdigest()
    manifest = Manifest(
        id=f"{now:%Y%m%dT%H%M%S%f}Z-{content[:8]}",
        created_at=now.isoformat(timespec="seconds"),
        format=generation.FORMAT,
        recipe=RECIPE,
        embedder=embedder.fingerprint,
        dim=embedder.dim,
        files={source.file: source.sha256 for source in corpus.sources},
        articles=len(corpus.articles),
        passages=len(corpus.passages),
        warnings=list(corpus.warnings),
        embedder_name=embedder.name,
    )
    building = None
    try:
        building = generations.building_folder(vectors_dir, manifest.id)
        write_catalog(building / generation.CATALOG, corpus.sources, corpus.articles, corpus.passages, corpus.keys)
        VectorIndex.build(vectors).save(building / generation.VECTORS)
        WordIndex.build(corpus.texts, building / generation.WORDS)
        generations.publish(vectors_dir, building, manifest, keep)
    except (OSError, sqlite3.Error, RuntimeError, ValueError) as exc:  # what the three writers raise on a full disk
        raise IndexNotWritten(
            f"{vectors_dir}: the new generation could not be written ({exc}); the last one still serves. "
            "Make room or mend the folder's rights, then run `derek reindex`"
        ) from exc
    finally:
        if building:  # by now renamed, or what is left of a failure
            shutil.rmtree(building, ignore_errors=True)
    return manifest


def _unchanged(made: Manifest, unreadable: Sequence[str], changed: bool) -> ReindexReport:
    warnings = tuple(unreadable) + tuple(w for w in made.warnings if not w.startswith("skipped: "))
    return _report(made, changed=changed, embedded=0, reused=made.passages, warnings=warnings)


def _report(
    manifest: Manifest, *, changed: bool, embedded: int, reused: int, warnings: tuple[str, ...]
) -> ReindexReport:
    counts = (len(manifest.files), manifest.articles, manifest.passages)
    return ReindexReport(manifest.id, changed, *counts, embedded=embedded, reused=reused, warnings=warnings)


def _check(stop: StopCheck) -> None:
    if stop():
        raise Cancelled("indexing was stopped; the last generation still serves")

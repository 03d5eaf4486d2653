"""What a generation must show before it is published. Each gate raises GateFailed, which names it and why.

Looks at the parts as they were written, not at what the writer meant to write. What is new is checked whole, of what
was taken over a sample, the same for the same generation.
"""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.catalog import Catalog
from rag.changes import Changes
from rag.errors import GateFailed, IndexDamaged
from rag.generation import VECTORS, WORDS
from rag.index import VectorIndex
from rag.lexical import WordIndex
from rag.terms import terms_of
from rag.types import Article, Embedder, Passage, Rows
from rag.uptake import Uptake

_SAMPLE = 200  # passages taken over whose spans are read again
_CANARIES = 8  # of the new passages, and as many of the others
_DEPTH = 100  # places among which a canary is looked for, as many as a search takes from either list; or half of all
_ANSWERED = 0.75  # of the canaries; a text that stands in a hundred others, too, may miss by chance
_NEARLY = 0.01  # below the last one found a canary is as good as found: equals crowd each other out
_UNIT = 0.01  # how far a vector's length may be from 1
_HALF = 0.5
_BATCH = 500  # passages read at a time
_ACCEPT = "run `derek reindex --accept-loss` or ask /v1/reindex for `accept_loss`"


@dataclass(frozen=True, slots=True)
class Built:
    """The parts of a generation, written and opened again. `new`: rows that no generation had before."""

    catalog: Catalog
    vectors: VectorIndex
    words: WordIndex
    new: Rows

    @classmethod
    def opened(cls, folder: Path, catalog: Catalog, new: Rows) -> "Built":
        """Both indexes as they were written to `folder`. Raises GateFailed where one can't be read."""
        try:
            return cls(
                catalog, VectorIndex.load(folder / VECTORS, catalog.tombstones()), WordIndex.load(folder / WORDS), new
            )
        except IndexDamaged as exc:
            raise _failed("entries", str(exc)) from exc


@dataclass(frozen=True, slots=True)
class Size:
    """What a generation holds of each seed file: characters of text and passages that stand there."""

    text: Mapping[str, int]
    passages: Mapping[str, int]

    @classmethod
    def of(cls, catalog: Catalog) -> "Size":
        """As the catalog has it."""
        return cls(catalog.text_lengths(), catalog.passages_by_seed())


@dataclass(frozen=True, slots=True)
class Expected:
    """What a generation was made from. `before` None: there is nothing to compare its size with."""

    files: Mapping[str, str]  # seed file that was read or tried -> sha256 of its bytes
    articles: Mapping[str, int]  # how many were parsed from each of them
    before: Size | None
    present: Collection[str]  # seed files in the folder, unreadable ones too
    renamed: Mapping[str, str]  # new names by old ones

    @classmethod
    def after(
        cls,
        uptake: Uptake,
        changes: Changes,
        base: Catalog | None,
        last: Catalog | None,
        present: Collection[str],
    ) -> "Expected":
        """What was taken up beside what stayed of `base`; `last` is what the size is compared with."""
        kept = [seed for seed in base.seeds() if seed.file not in changes.gone] if base else []
        return cls(
            files={seed.file: seed.sha256 for seed in kept} | dict(uptake.files),
            articles={seed.file: seed.articles for seed in kept} | dict(uptake.articles),
            before=Size.of(last) if last else None,
            present=present,
            renamed=dict(changes.renamed),
        )


def check_gates(built: Built, expected: Expected, embedder: Embedder, seed: str) -> None:
    """Let a generation through every gate. `seed` decides the samples. Raises GateFailed at the first that is shut."""
    check_counts(built, expected.files, expected.articles)
    check_entries(built)
    check_spans(built, seed)
    check_canaries(built, embedder, seed)
    if expected.before is not None:
        check_size(expected.before, Size.of(built.catalog), expected.present, expected.renamed)


def check_counts(built: Built, files: Mapping[str, str], articles: Mapping[str, int]) -> None:
    """The catalog holds the seed files that were read, each with the articles parsed from it, and each story stands.

    `files`: sha256 by name of all of them; `articles`: how many each has.
    """
    seeds = {seed.file: seed for seed in built.catalog.seeds()}
    if (found := {file: seed.sha256 for file, seed in seeds.items()}) != files:
        odd = sorted(file for file in found.keys() | files.keys() if found.get(file) != files.get(file))
        raise _failed("counts", f"the seed files in the catalog are not those that were read: {_few(odd)}")
    if odd := sorted(file for file, count in articles.items() if seeds[file].articles != count):
        raise _failed("counts", f"not as many articles as were parsed are kept of {_few(odd)}")
    if misplaced := built.catalog.misplaced():
        raise _failed("counts", f"{misplaced} stories or passages stand nowhere or more than once")


def check_entries(built: Built) -> None:
    """Every passage has a vector of length 1 (of the new ones all are looked at) and an entry in the word index."""
    rows = built.catalog.rows()
    gone = built.catalog.tombstones()
    if len(rows) + len(gone) != len(built.vectors) or (len(rows) and rows[-1] >= len(built.vectors)):
        counts = f"{len(rows)} passages and {len(gone)} tombstones, but {len(built.vectors)} vectors"
        raise _failed("entries", counts)
    for some in _parts(built.new):
        lengths = np.linalg.norm(built.vectors.vectors(some), axis=1)
        if not np.all(np.abs(lengths - 1) < _UNIT):  # true of a vector with a NaN, too
            raise _failed(
                "entries", f"the vectors of rows {_few(some[~(np.abs(lengths - 1) < _UNIT)])} have not length 1"
            )
    if len(built.words) != len(rows) or built.words.count(rows) != len(rows):
        raise _failed("entries", f"{len(rows)} passages, but {built.words.count(rows)} of them in the word index")


def check_spans(built: Built, seed: str) -> None:
    """Every new passage, and a sample of the others, is its source's text at its span."""
    sha256, text = "", ""
    for passage, article in _looked_at(built, seed):  # in row order, so that a text is mostly the one before
        if article.source_sha256 != sha256:
            sha256 = article.source_sha256
            text = built.catalog.source_text(sha256)
        if text[passage.span.start : passage.span.end] != passage.text:
            where = f"{article.file}: {passage.passage_id} at {passage.span.start}-{passage.span.end}"
            raise _failed("spans", f"{where} is not the text that stands there")


def check_canaries(built: Built, embedder: Embedder, seed: str) -> None:
    """Passages are found by their own text, among the first by meaning and by words; most of them, if not all."""
    rows = [*_sample(built.new, _CANARIES, seed), *_sample(_taken_over(built), _CANARIES, seed)]
    if not rows:
        return
    depth = min(_DEPTH, 1 + len(built.words) // 2)
    texts = [passage.text for passage, _ in built.catalog.at_rows(rows)]
    queries = embedder.embed_queries(texts)
    by_meaning, by_words = [], []
    for row, text, query in zip(rows, texts, queries, strict=True):
        own = float(built.vectors.cosines(query, np.array([row]))[0])
        found, cosines = built.vectors.search(query, depth)
        by_meaning.append(row in found or own >= cosines[-1] - _NEARLY)
        _, share = built.words.search(text, 1, np.array([row]))
        found, shares = built.words.search(text, depth)
        wordless = not terms_of(text).stems
        by_words.append(wordless or row in found or (len(share) > 0 and share[0] >= shares[-1] - _NEARLY))
    for how, answered in (("meaning", by_meaning), ("words", by_words)):
        if sum(answered) < _ANSWERED * len(rows):
            missed = [row for row, hit in zip(rows, answered, strict=True) if not hit]
            told = f"{len(missed)} of {len(rows)} passages are not found by their own text in the search by {how}"
            raise _failed("canaries", f"{told} (rows {_few(missed)})")


def check_size(before: Size, after: Size, present: Collection[str], renamed: Mapping[str, str]) -> None:
    """Not less than half the passages are left of what the files held that are still there, and some file is.

    A file that the user removed does not count, nor what went of one in the measure that its text became shorter; one
    that is `present` and can't be read any more does count. `renamed`: new names by old ones. A folder in which nothing
    is left is more likely not mounted, or the wrong one, than emptied by somebody.
    """
    if before.passages and not present:
        told = f"{len(before.passages)} seed files were indexed, and the folder holds none any more"
        raise _failed("size", told, f"If all were meant to go, {_ACCEPT}; else look at DEREK_SEEDS_DIR")
    expected: dict[str, float] = {}
    for file, passages in before.passages.items():
        name = renamed.get(file, file)
        if name in present:
            expected[name] = passages * min(1.0, after.text.get(name, before.text[file]) / before.text[file])
    if sum(after.passages.values()) >= _HALF * sum(expected.values()):
        return
    lost = sorted(expected, key=lambda name: after.passages.get(name, 0) - expected[name])
    told = ", ".join(
        f"{name} (about {expected[name]:.0f} expected, {after.passages.get(name, 0)} now)" for name in lost[:3]
    )
    raise _failed(
        "size",
        f"{sum(before.passages.values())} passages would become {sum(after.passages.values())}, most lost in {told}",
        f"If so much was meant to go, {_ACCEPT}",
    )


def _looked_at(built: Built, seed: str) -> Iterator[tuple[Passage, Article]]:
    for some in _parts(np.concatenate([built.new, _sample(_taken_over(built), _SAMPLE, seed)])):
        yield from built.catalog.at_rows(some.tolist())


def _taken_over(built: Built) -> Rows:
    return np.setdiff1d(built.catalog.rows(), built.new)


def _sample(rows: Rows, size: int, seed: str) -> Rows:
    return np.array(sorted(random.Random(seed).sample(rows.tolist(), min(size, len(rows)))), np.int64)


def _parts(rows: Rows) -> Iterator[Rows]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _failed(
    gate: str,
    why: str,
    way_out: str = "Run `derek reindex` again, or `derek index verify` to see whether the disk is at fault",
) -> GateFailed:
    return GateFailed(f"gate {gate!r}: {why}; nothing was published, the last generation still serves. {way_out}")


def _few(values: Sequence[object] | Rows) -> str:
    shown = ", ".join(str(value) for value in values[:3])
    return f"{shown} and {len(values) - 3} more" if len(values) > 3 else shown

"""`python -m eval.growth SET...`: what a generation of 10,000, 100,000 and 1,000,000 passages costs, and what it finds.

Takes the passages of the seeds and of public sets, spreads them to each size (see `eval.spreading`), builds and
searches them in processes of their own, and compares the vectors found with those of an exact search. Questions are
those of the sets and of the one shipped for the seeds. Neither the language model nor the embedding of a question is
measured.
"""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, TypeVar, cast

import numpy as np
import psutil
import typer
from rich.console import Console
from rich.table import Table

from eval.bench import peak_memory
from eval.corpora import open_corpus
from eval.metrics.estimates import percentile
from eval.readers import find_set, read_set
from eval.run import write_json
from eval.sets import select
from eval.show_commands import WhichSplit
from eval.spreading import Pool, pool_of, spread, write_catalog
from rag.errors import DerekError, InputError
from rag.generation import CATALOG, FORMAT, VECTORS, WORDS, Generation, Manifest
from rag.generations import building_folder, open_current, open_generation, publish
from rag.index import VectorIndex
from rag.lexical import WordIndex
from rag.retriever import DEPTH, retrieve
from rag.types import Embedder, Filters, Question, Retrieved, Rows, Vectors

NEAREST = 10
MORE = 100  # passages that are added to a built generation
ID, EXACT = "spread", "exact.npy"  # in the folder of a size: the generation, and the rows that a search should find
_FILTERED = 10  # questions that are asked with a filter too
_MB = 10**6
_BLOCK = 20_000  # vectors compared with all questions at once
T = TypeVar("T")
Figures = dict[str, float | None]  # by name and unit; None where this system doesn't tell


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions with their languages, and their vectors, (n, dim)."""

    texts: tuple[str, ...]
    languages: tuple[str, ...]
    vectors: Vectors

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """The vectors of these questions: all that retrieval asks of an embedder, at no cost."""
        return self.vectors[[self.texts.index(text) for text in texts]]


def main(
    sets: Annotated[list[str] | None, typer.Argument(metavar="[SET]...", help="Folders of public sets.")] = None,
    sizes: Annotated[str, typer.Option(help="Numbers of passages.")] = "10000,100000,1000000",
    split: Annotated[WhichSplit, typer.Option(help="Which half of the questions.")] = WhichSplit.TEST,
    noise: Annotated[float, typer.Option(min=0.0, help="Standard deviation of the noise in each number.")] = 0.02,
    out: Annotated[Path | None, typer.Option("--json", help="Write the figures there too.")] = None,
) -> None:
    """Measure growth; settings come from the environment and derek.toml."""
    console = Console(stderr=True)
    try:
        wanted = sizes_of(sizes)
        pool, asked = gather(sets or [], split, console)
        console.print(f"{len(pool)} real passages, {len(asked.texts)} questions, noise {noise}")
        measured: dict[int, Figures] = {}
        for size in wanted:
            with tempfile.TemporaryDirectory(prefix="derek-growth-") as folder:
                console.print(f"{size:,} passages …")
                built = apart(partial(build, Path(folder), pool, asked.vectors, size, noise))
                measured[size] = built | apart(partial(search, Path(folder), asked))
    except DerekError as error:
        console.print(f"growth: {error}", style="red", markup=False)
        raise typer.Exit(1) from None
    Console(width=160).print(table(measured))
    if out:
        write_json(out, {"real": len(pool), "noise": noise, "sizes": {str(n): f for n, f in measured.items()}})


def sizes_of(typed: str) -> list[int]:
    """Numbers of passages from what was typed, in rising order, each once. Raises InputError."""
    try:
        sizes = sorted({int(size) for size in typed.split(",")})
    except ValueError:
        sizes = []
    if not sizes or sizes[0] < NEAREST:
        raise InputError(f"--sizes {typed}: expected numbers from {NEAREST} on, such as 10000,100000", "sizes")
    return sizes


def gather(names: Sequence[str], split: str, console: Console) -> tuple[Pool, Asked]:
    """The passages of the seeds and of these sets, as they are indexed, and the questions of a half of them."""
    from rag.embedder import open_embedder
    from rag.reindex import reindex
    from rag.settings import load_settings

    settings = load_settings()
    embedder = open_embedder(settings.embedder, settings.cache_dir)
    read = [read_set(find_set(name)) for name in names]
    items = [item for one in (read_set(find_set("seeds")), *read) for item in select(one.items, split)]
    with ExitStack() as opened, tempfile.TemporaryDirectory(prefix="derek-growth-") as folder:
        console.print("indexing the seeds …")
        reindex(settings.seeds_dir, Path(folder), embedder)
        generations = [open_current(Path(folder))]
        opened.callback(generations[0].close)
        for questions in read:
            if not questions.documents:
                raise InputError(
                    f"{questions.path}: a set without documents of its own has nothing to be spread", "set"
                )
            console.print(f"indexing {questions.path} …")
            corpus = open_corpus(questions, None, settings.cache_dir, embedder)
            opened.callback(corpus.close)
            generations.append(corpus.generation)
        pool = pool_of(generations)
    texts = {item.question: item.lang for item in items}
    return pool, Asked(tuple(texts), tuple(texts.values()), embedder.embed_queries(list(texts)))


def apart(step: Callable[[], T]) -> T:
    """Take a step in a process of its own, so that its memory is its own too."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(step).result()


def build(folder: Path, pool: Pool, queries: Vectors, count: int, noise: float) -> Figures:
    """Write a generation of `count` passages and, beside it, the rows nearest to each query; what that took."""
    end = count + MORE
    vectors = spread(pool.vectors, end, noise)
    np.save(folder / EXACT, nearest(queries, vectors[:count]))
    new, built, more = building_folder(folder, ID), folder / ID, folder / "more"
    more.mkdir()
    manifest = Manifest(ID, "", FORMAT, 0, "", vectors.shape[1], {}, 0, count)

    def extend_vectors() -> None:
        VectorIndex.load(built / VECTORS).extended(vectors[count:]).save(more / VECTORS)

    steps: dict[str, Callable[[], object]] = {
        "build: vectors": lambda: VectorIndex.build(vectors[:count]).save(new / VECTORS),
        "build: words": lambda: WordIndex.build((text for _, text in pool.texts(0, count)), new / WORDS),
        "build: catalog": lambda: write_catalog(new / CATALOG, None, pool, 0, count),
        "publish": lambda: publish(folder, new, manifest),
        f"{MORE} more: vectors": extend_vectors,
        f"{MORE} more: words": lambda: WordIndex.extended(built / WORDS, more / WORDS, [], pool.texts(count, end)),
        f"{MORE} more: catalog": lambda: write_catalog(more / CATALOG, built / CATALOG, pool, count, end),
    }
    figures: Figures = {}
    for name, step in steps.items():
        started, worked = time.perf_counter(), time.process_time()
        step()
        figures[f"{name}, s"] = time.perf_counter() - started
        figures[f"{name}, s of processor"] = time.process_time() - worked
    figures["memory at its peak while building, MB"] = _megabytes(peak_memory(os.getpid()))
    for name, part in (("vectors", VECTORS), ("words", WORDS), ("catalog", CATALOG)):
        files = [built / part, *(built / part).rglob("*")]
        figures[f"disk: {name}, MB"] = _megabytes(sum(file.stat().st_size for file in files if file.is_file()))
    return figures


def search(folder: Path, asked: Asked) -> Figures:
    """Search the generation that was built, part by part and as a whole: times, memory, what was found of what is."""
    started = time.perf_counter()
    generation = open_generation(folder, ID)
    figures: Figures = {"open, s": time.perf_counter() - started}
    places = range(len(asked.texts))
    some = places[:: max(1, len(places) // _FILTERED)]
    english = Filters(languages=("en",))
    try:
        times, found = timed("vectors", [partial(generation.vectors.search, vector, DEPTH) for vector in asked.vectors])
        pairs = zip(found, np.load(folder / EXACT), strict=True)
        recalls = [len(np.intersect1d(rows[:NEAREST], best)) / NEAREST for (rows, _), best in pairs]
        figures |= {f"recall@{NEAREST}": float(np.mean(recalls)), "recall, worst 5 %": percentile(recalls, 5)} | times
        figures |= timed("words", [partial(generation.words.search, text, DEPTH) for text in asked.texts])[0]
        figures |= timed("retrieve", [partial(retrieved, generation, asked, at, Filters()) for at in places])[0]
        figures |= timed("retrieve in English", [partial(retrieved, generation, asked, at, english) for at in some])[0]
        memory = psutil.Process().memory_info()
        figures["memory while searching, MB"] = _megabytes(memory.rss)
        figures["of it mapped from files, MB"] = _megabytes(getattr(memory, "shared", None))
    finally:
        generation.close()
    return figures


def retrieved(generation: Generation, asked: Asked, at: int, filters: Filters) -> list[Retrieved]:
    """What retrieval finds for one of the questions, whose vector is known."""
    question = Question(asked.texts[at], asked.languages[at], filters)
    return retrieve(question, generation, cast(Embedder, asked), NEAREST)


def nearest(queries: Vectors, vectors: Vectors) -> Rows:
    """The rows of the `NEAREST` vectors to each query, (queries, NEAREST), best first, found by comparing all."""
    best = np.empty((len(queries), 0), np.float32)
    rows = np.empty((len(queries), 0), np.int64)
    for start in range(0, len(vectors), _BLOCK):
        cosines = queries @ vectors[start : start + _BLOCK].T
        leading = np.argpartition(-cosines, min(NEAREST, cosines.shape[1]) - 1, axis=1)[:, :NEAREST]
        best = np.concatenate([best, np.take_along_axis(cosines, leading, axis=1)], axis=1)
        rows = np.concatenate([rows, start + leading], axis=1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :NEAREST]
        best, rows = np.take_along_axis(best, order, axis=1), np.take_along_axis(rows, order, axis=1)
    return rows


def timed(name: str, searches: Sequence[Callable[[], T]]) -> tuple[Figures, list[T]]:
    """Milliseconds that the searches took, by the clock and of processors, and what they found.

    The first is made twice, and only the second time counts. Where others are at work too the clock tells of them as
    well, processors do not.
    """
    searches[0]()
    clock, processor, found = [], [], []
    for one in searches:
        started, worked = time.perf_counter(), time.process_time()
        found.append(one())
        processor.append(1000 * (time.process_time() - worked))
        clock.append(1000 * (time.perf_counter() - started))
    figures: Figures = {f"search: {name} p{q}, ms": percentile(clock, q) for q in (50, 99)}
    return figures | {f"search: {name} p50, ms of processor": percentile(processor, 50)}, found


def table(measured: dict[int, Figures]) -> Table:
    """The figures for a terminal: a column a size, and one for each step between two, by how much a figure grows."""
    sizes = list(measured)
    shown = Table("figure", *(f"{size:,}" for size in sizes), box=None, pad_edge=False)
    for before, after in pairwise(sizes):
        shown.add_column(f"× {after / before:g}")
    for column in shown.columns[1:]:
        column.justify = "right"
    for name in measured[sizes[0]]:
        values = [measured[size][name] for size in sizes]
        growth = [f"{b / a:.1f}" if a and b is not None else "" for a, b in pairwise(values)]
        shown.add_row(name, *("not told" if value is None else f"{value:,.3g}" for value in values), *growth)
    return shown


def _megabytes(count: float | None) -> float | None:
    return None if count is None else count / _MB


if __name__ == "__main__":
    typer.run(main)

"""From settings and options to somewhere questions can be asked: the user's index, a public set's own, or a server.

The only place of `eval` that opens models and indexes. Knows no verdicts and writes nothing.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from eval.corpora import open_corpus
from eval.drafts import CachedGenerator
from eval.gold import GenerationShelf, gold_articles
from eval.run import Open, Place
from eval.sets import QuestionSet
from eval.systems import System
from eval.systems.ceiling import GoldPassages
from eval.systems.derek import Derek
from eval.systems.halves import Half
from eval.systems.prototype import PrototypeSystem
from eval.systems.remote import RemoteDerek
from rag.answer import Library
from rag.embedder import open_embedder
from rag.errors import IndexDamaged, InputError
from rag.generations import open_current
from rag.reindex_report import IndexProgress
from rag.types import Embedder, Generator

if TYPE_CHECKING:
    from rag.settings import Settings

Mode = Literal["generate", "extract", "retrieval"]
SystemName = Literal["derek", "prototype", "words", "dense", "gold"]
OnStep = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which system is asked, and how."""

    system: SystemName
    mode: Mode

    def __post_init__(self) -> None:
        """Refuse what makes no sense together."""
        if self.system in ("words", "dense") and self.mode != "retrieval":
            raise InputError(f"--system {self.system} only ranks; add --mode retrieval", "mode")
        if self.system == "gold" and self.mode != "generate":
            raise InputError("--system gold is the model with gold passages given; it needs --mode generate", "mode")
        if self.system == "prototype" and self.mode == "extract":
            raise InputError("the prototype has no extract mode; take --mode generate or retrieval", "mode")

    @property
    def needs_model(self) -> bool:
        """Whether the language model is asked."""
        return self.mode == "generate"


def local(asked: Asked, questions: QuestionSet, settings: "Settings", on_step: OnStep, stack: ExitStack) -> Open:
    """How each haystack is opened in this process; models are opened now and closed with `stack`."""
    embedder = open_embedder(settings.embedder, settings.cache_dir)
    generator = open_cached(settings, stack) if asked.needs_model else None
    if questions.documents:
        return _own_corpus(asked, questions, settings, embedder, generator, on_step)
    return _user_index(asked, questions, settings, embedder, generator)


@contextmanager
def remote(url: str, mode: Mode, questions: QuestionSet, settings: "Settings") -> Iterator[Open]:
    """A server that is asked instead. Raises InputError for a set with documents of its own: the server has others."""
    if questions.documents:
        raise InputError(
            f"{questions.path}: the set has documents of its own, which {url} does not serve; leave out --url", "url"
        )
    key = settings.api_key.get_secret_value() if settings.api_key else None
    server = RemoteDerek(url, key, mode)

    @contextmanager
    def opened(haystack: str | None) -> Iterator[Place]:
        _ = server.described  # first of all that it is a Derek
        yield Place(server, gold_articles(questions, server), server.source_text)

    try:
        yield opened
    finally:
        server.close()


def open_cached(settings: "Settings", stack: ExitStack) -> CachedGenerator:
    """The language model behind the cache of drafts. Raises InputError where the cache can't be used."""
    from rag.generator import open_generator

    key = settings.engine_key.get_secret_value() if settings.engine_key else None
    inner = open_generator(settings.engine, settings.llm, settings.cache_dir, settings.engine_url, key)
    what = f"{settings.engine} {settings.llm} {settings.engine_url or ''}"
    path = settings.cache_dir / "eval" / "drafts.sqlite"
    try:
        generator = CachedGenerator(inner, path, what)
    except (OSError, sqlite3.Error) as exc:
        raise InputError(
            f"{path}: can't keep drafts ({exc}); delete it, or set DEREK_CACHE_DIR to a folder that can be written to",
            "cache_dir",
        ) from exc
    stack.callback(generator.close)
    return generator


def _user_index(
    asked: Asked, questions: QuestionSet, settings: "Settings", embedder: Embedder, generator: Generator | None
) -> Open:
    @contextmanager
    def opened(haystack: str | None) -> Iterator[Place]:
        with ExitStack() as stack:
            generation = open_current(settings.vectors_dir)
            stack.callback(generation.close)
            if generation.manifest.embedder != embedder.fingerprint:
                raise IndexDamaged(
                    f"{settings.vectors_dir}: made with embedder {generation.manifest.embedder}, not "
                    f"{embedder.fingerprint}; run derek reindex, or set DEREK_EMBEDDER to that one"
                )
            gold = gold_articles(questions, GenerationShelf(generation))
            library = Library(generation, embedder, generator)
            yield Place(_system(asked, library, gold), gold, generation.catalog.source_text)

    return opened


def _own_corpus(
    asked: Asked,
    questions: QuestionSet,
    settings: "Settings",
    embedder: Embedder,
    generator: Generator | None,
    on_step: OnStep,
) -> Open:
    @contextmanager
    def opened(haystack: str | None) -> Iterator[Place]:
        step = f"indexing {haystack or questions.name}"

        def show(progress: IndexProgress) -> None:
            on_step(step, progress.passages_done, progress.passages_total)

        corpus = open_corpus(questions, haystack, settings.cache_dir, embedder, show)
        try:
            gold = {item.id: corpus.articles(item.gold_docs) for item in questions.items if item.haystack == haystack}
            library = Library(corpus.generation, embedder, generator)
            source_text = corpus.generation.catalog.source_text
            yield Place(_system(asked, library, gold), gold, source_text, corpus.articles)
        finally:
            corpus.close()

    return opened


def _system(asked: Asked, library: Library, gold: "dict[str, frozenset[str]]") -> System:
    match asked.system:
        case "derek":
            return Derek(library, asked.mode)
        case "prototype":
            return PrototypeSystem(library, answers=asked.mode == "generate")
        case "gold":
            return GoldPassages(library, lambda item: gold[item.id])
        case "words" | "dense" as half:
            return Half(library, half)

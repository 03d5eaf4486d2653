"""From a bound port to a service that answers, in the background: weights, embedder, index, language model, new seeds.

Each step is named in the readiness checks. A step that fails keeps the process alive and says the way out; what does
not depend on it goes on. Search works before the language model is there.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rag.errors import Cancelled, DerekError, IndexBusy
from rag.generations import pinned_id
from rag.limits import Limits
from rag.reindex import plan_reindex, reindex
from rag.reindex_report import IndexProgress
from rag.types import Embedder, Generator
from service.readiness import Check, CheckName
from service.state import State, no_other_embedder

if TYPE_CHECKING:
    from rag.settings import Settings

Report = Callable[[str, int, int], None]  # step, done, total; raises Cancelled once the service ends
POLL_S = 1.0  # between two looks at which generation is the current one

log = logging.getLogger("derek.service")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Doors:
    """How the models are opened, weights fetched first where they are missing."""

    embedder: Callable[[Report], Embedder]
    generator: Callable[[Report], Generator]
    model_at_hand: Callable[[], bool] = lambda: False  # nothing to fetch: it may load beside the embedder
    other_embedder: Callable[[str], Embedder] = no_other_embedder  # by its name; nothing is fetched


def doors(settings: "Settings") -> Doors:
    """The doors that these settings name."""

    def embedder(report: Report) -> Embedder:
        from rag.embedder import open_embedder

        _pull(settings.embedder, settings.cache_dir, report)
        report("loading the embedder", 0, 0)
        return open_embedder(settings.embedder, settings.cache_dir)

    def generator(report: Report) -> Generator:
        from rag.generator import open_generator

        if settings.engine != "openai":
            _pull(settings.llm, settings.cache_dir, report)
        report("loading the language model", 0, 0)
        key = settings.engine_key.get_secret_value() if settings.engine_key else None
        return open_generator(settings.engine, settings.llm, settings.cache_dir, settings.engine_url, key)

    def model_at_hand() -> bool:
        from rag.models import MANIFESTS, installed

        return (
            settings.engine != "openai"
            and settings.llm in MANIFESTS
            and bool(installed(settings.llm, settings.cache_dir))
        )

    def other_embedder(name: str) -> Embedder:
        from rag.embedder import open_embedder

        return open_embedder(name, settings.cache_dir)

    return Doors(embedder, generator, model_at_hand, other_embedder)


def prepare(state: State, seeds_dir: Path, doors: Doors, limits: Limits = Limits()) -> None:
    """Make the service ready, step by step; returns early once it is closing. Raises nothing."""

    def load_model() -> None:
        generator = _attempt(state, "model", doors.generator)
        if generator is not None:
            state.use_generator(generator)

    loading = in_background("derek-load-model", load_model) if doors.model_at_hand() else None
    embedder = _attempt(state, "embedder", doors.embedder)
    if embedder is None:
        return
    state.use_embedder(embedder)
    _attempt(state, "index", lambda report: state.refresh())
    indexed = state.generation_id is None
    if indexed:  # nothing to serve yet: index first, so that search works while the larger model is fetched
        _index(state, seeds_dir, embedder, limits)
    if loading is None:
        load_model()
    else:
        loading.join()
    if not indexed:
        _index(state, seeds_dir, embedder, limits)


def watch(state: State) -> None:
    """Take up each new generation, whoever built it, until the service is closing."""
    while not state.closing.wait(POLL_S):
        try:
            state.refresh()
        except OSError as exc:
            log.warning("the folder of indexes can't be read: %s", exc)


def in_background(name: str, work: Callable[[], None]) -> threading.Thread:
    """Run `work` in a thread that does not keep the process alive."""
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread


def _attempt(state: State, name: CheckName, work: Callable[[Report], T]) -> T | None:
    """What `work` returns; None, and the check says why, where it failed or the service is closing."""

    worker = threading.get_ident()

    def report(step: str, done: int, total: int) -> None:
        if state.closing.is_set():
            if threading.get_ident() == worker:
                raise Cancelled("the service ends")
            return  # from a thread that watches the work for us: raising would end nothing but that thread
        state.readiness.set(name, Check("working", step, done, total))

    try:
        report("", 0, 0)
        return work(report)
    except Cancelled:
        state.readiness.set(name, Check("waiting"))
    except IndexBusy as exc:  # the other process's generation is taken up once it is there
        state.readiness.set(name, Check("waiting", str(exc)))
    except (DerekError, OSError) as exc:
        log.error("%s: %s", name, exc)
        state.readiness.set(name, Check("failed", str(exc)))
    except Exception:  # a thread that ended unseen would leave a service that is never ready and never says why
        log.exception("%s failed", name)
        state.readiness.set(name, Check("failed", "something broke inside Derek; the log says what"))
    return None


def _index(state: State, seeds_dir: Path, embedder: Embedder, limits: Limits) -> None:
    """Index the seeds where they are other than the generation in use, and take up the new one.

    One that is pinned stays; but where it can't be served, an index of the seeds is better than none.
    """
    first = state.generation_id is None

    def work(report: Report) -> str:
        def show(progress: IndexProgress) -> None:
            if progress.files_done < progress.files_total:
                report("reading seed files", progress.files_done, progress.files_total)
            else:
                report("embedding passages", progress.passages_done, progress.passages_total)

        report("comparing seed files with the index", 0, 0)
        pinned = pinned_id(state.vectors_dir)
        if pinned and pinned == state.generation_id:
            return f"not looked at: {pinned} was activated and stays until a reindex is asked for"
        if not first and not plan_reindex(seeds_dir, state.vectors_dir, embedder.fingerprint, limits).changes:
            return "up to date"
        made = reindex(
            seeds_dir,
            state.vectors_dir,
            embedder,
            limits=limits,
            keep=state.keep,
            progress=show,
            stop=state.closing.is_set,
        )
        for warning in made.warnings:
            log.warning("%s", warning)
        state.refresh()
        return f"{made.articles} articles of {made.files} files in {made.passages} passages"

    if first:
        state.readiness.set("index", Check("working", "building the first index"))
    found = _attempt(state, "seeds", work)
    if found is not None:
        state.readiness.set("seeds", Check("ok", found))
    if state.generation_id is None:
        state.readiness.set("index", state.readiness.checks["seeds"])


def _pull(name: str, cache_dir: Path, report: Report) -> None:
    """Fetch a model's weights where it is one that Derek knows; others are the engine's to find."""
    from rag.models import MANIFESTS, pull

    if name in MANIFESTS:
        pull(name, cache_dir, report)

"""What the routes work with: the generation in use and the models, swapped under running requests without a seam.

Knows nothing of HTTP. A request takes one library and keeps it to its end; a generation that has been replaced stays
open until the last request that began with it has ended.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rag.answer import Library
from rag.errors import DerekError, ModelError, WeightsDamaged, WeightsMissing
from rag.evidence import SentenceMemory
from rag.generation import Generation, Manifest
from rag.generations import CURRENT, KEPT, activate, current_id, open_generation, writer_lock
from rag.types import Embedder, Generator
from service.jobs import Jobs
from service.problems import not_ready
from service.queue import ModelQueue
from service.readiness import Check, CheckName, Readiness

JOBS = "jobs"  # folder of their records, beside the generations

log = logging.getLogger("derek.service")


@dataclass(eq=False, slots=True)
class _Held:
    """A generation, the embedder it was made with, and how many hold both; the state is one of them while in use."""

    generation: Generation
    embedder: Embedder
    holders: int = 1


def no_other_embedder(name: str) -> Embedder:
    """Stands for the way to other embedders where there is none."""
    raise WeightsMissing(f"{name!r} can't be opened here")


class State:
    """The models and the generation in use, safe to share between threads.

    `open_embedder` opens an embedder by its name, at once or not at all, for a generation that another one made.
    `keep` generations stay on disk when a new one comes.
    """

    def __init__(
        self, vectors_dir: Path, open_embedder: Callable[[str], Embedder] = no_other_embedder, keep: int = KEPT
    ) -> None:
        self.vectors_dir = vectors_dir
        self.keep = keep
        self._open_embedder = open_embedder
        self.readiness = Readiness()
        self.queue = ModelQueue()
        self.closing = threading.Event()
        self.jobs = Jobs(vectors_dir / JOBS, self.closing)
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._held: _Held | None = None
        self._embedder: Embedder | None = None
        self._generator: Generator | None = None
        self._memory = SentenceMemory()
        self._refused: tuple[str, int] | None = None  # what could not be opened: tried and said once, not every second

    def use_embedder(self, embedder: Embedder) -> None:
        """Index with this embedder from now on, and search what it indexed."""
        self._embedder = embedder
        self.readiness.set("embedder", Check("ok", embedder.fingerprint))

    def use_generator(self, generator: Generator) -> None:
        """Draft with this model from now on."""
        self._generator = generator
        self.readiness.set("model", Check("ok", generator.model))

    def refresh(self) -> None:
        """Take up the current generation of the vectors folder where it is another than the one in use.

        Its embedder is loaded first where that is another one. A generation that is damaged, or whose embedder can't
        be had, is refused with a log line; the one in use goes on.
        """
        with self._refreshing:  # the start and the watch may look at the same moment
            self._refresh()

    def activate(self, generation_id: str) -> None:
        """Make a generation on disk the current one, pinned unless it is the newest, and serve it. May load a model.

        Raises NoGeneration, IndexDamaged, ModelError where its embedder can't be had, IndexBusy while another writes,
        IndexNotWritten, and a `not_ready` Problem; the current generation is what it was then, and goes on.
        """
        self.need_embedder()
        with self._refreshing, writer_lock(self.vectors_dir):
            served = self.generation_id == generation_id
            opened = None if served else self._open(generation_id)
            try:
                activate(self.vectors_dir, generation_id, pin=True)
            except BaseException:
                if opened:
                    opened.generation.close()
                raise
            if opened:
                self._serve(opened)

    @contextmanager
    def library(self, *needed: CheckName) -> Iterator[Library]:
        """The library as it is now, kept open until the block ends; a model only where `needed` names it.

        Raises a `not_ready` Problem, which says why, where embedder, index or a needed model is not there yet.
        """
        with self._lock:
            held = self._held
            if held is None or ("model" in needed and self._generator is None):
                raise not_ready(f"Not ready yet. {self.readiness.why_not(needed or ('embedder', 'index'))}")
            held.holders += 1
        try:
            yield Library(held.generation, held.embedder, self._generator, self._memory)
        finally:
            self._release(held)

    def need_embedder(self) -> Embedder:
        """The embedder that indexes. Raises a `not_ready` Problem, which says why, where it is not there yet."""
        if self._embedder is None:
            raise not_ready(f"Not ready yet. {self.readiness.why_not(('embedder',))}")
        return self._embedder

    @property
    def generation_id(self) -> str | None:
        """The id of the generation in use."""
        held = self._held
        return held.generation.id if held else None

    @property
    def model(self) -> str | None:
        """The language model's name, once it is there."""
        return self._generator.model if self._generator else None

    @property
    def embedder(self) -> str | None:
        """The fingerprint of the embedder that searches, or will, once it is there."""
        held = self._held
        embedder = held.embedder if held else self._embedder
        return embedder.fingerprint if embedder else None

    def stop(self) -> None:
        """Tell everything at work to end; returns at once. Safe in a signal handler."""
        self.closing.set()
        self.queue.close()

    def close(self) -> None:
        """Stop, and let go of the generation in use."""
        self.stop()
        with self._lock:
            held, self._held = self._held, None
        if held:
            self._release(held)

    def _refresh(self) -> None:
        if self._embedder is None:
            return
        wanted = current_id(self.vectors_dir)
        if wanted is None or wanted == self.generation_id or self._refused == (wanted, self._pointed_at()):
            return
        try:
            self._serve(self._open(wanted))
        except DerekError as exc:
            self._refuse(wanted, str(exc))

    def _open(self, generation_id: str) -> _Held:
        """Open a generation and have its embedder. Raises IndexDamaged or ModelError."""
        generation = open_generation(self.vectors_dir, generation_id)
        try:
            return _Held(generation, self._embedder_of(generation.manifest))
        except BaseException:
            generation.close()
            raise

    def _embedder_of(self, manifest: Manifest) -> Embedder:
        """The embedder that made a generation: one that is loaded, or it is opened by its name. Raises ModelError."""
        held = self._held
        for loaded in (self._embedder, held.embedder if held else None):
            if loaded is not None and loaded.fingerprint == manifest.embedder:
                return loaded
        made_with = f"{manifest.id} was made with the embedder {manifest.embedder_name or manifest.embedder}"
        try:
            embedder = self._open_embedder(manifest.embedder_name)
        except ModelError as exc:
            raise WeightsMissing(f"{made_with}: {exc}; or run `derek reindex`") from exc
        if embedder.fingerprint != manifest.embedder:
            raise WeightsDamaged(
                f"{made_with}, whose weights are other ones now ({embedder.fingerprint}, not {manifest.embedder}); "
                "run `derek reindex`"
            )
        return embedder

    def _serve(self, opened: _Held) -> None:
        with self._lock:
            replaced, self._held = self._held, opened
        self.readiness.set("index", Check("ok", opened.generation.id))
        if replaced:
            self._release(replaced)
            log.info("serving generation %s", opened.generation.id)

    def _release(self, held: _Held) -> None:
        with self._lock:
            held.holders -= 1
            last = held.holders == 0
        if last:
            held.generation.close()

    def _refuse(self, generation_id: str, reason: str) -> None:
        self._refused = generation_id, self._pointed_at()
        log.warning("not taking up a generation: %s", reason)
        if self._held is None:
            self.readiness.set("index", Check("failed", reason))

    def _pointed_at(self) -> int:
        """When the current generation was last chosen: what was refused is tried again after that."""
        with suppress(OSError):
            return (self.vectors_dir / CURRENT).stat().st_mtime_ns
        return 0


def folder_id(vectors_dir: Path) -> str:
    """Names a vectors folder without showing its path: a command line finds out whether a server uses the same."""
    return hashlib.sha256(str(vectors_dir.resolve()).encode()).hexdigest()[:16]

"""What the routes work with: the generation in use and the models, swapped under running requests without a seam.

Knows nothing of HTTP. A request takes one library and keeps it to its end; a generation that has been replaced stays
open until the last request that began with it has ended.
"""

import hashlib
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag.answer import Library
from rag.errors import DerekError
from rag.evidence import SentenceMemory
from rag.generation import Generation
from rag.generations import current_id, open_generation
from rag.types import Embedder, Generator
from service.jobs import Jobs
from service.problems import not_ready
from service.queue import ModelQueue
from service.readiness import Check, CheckName, Readiness

JOBS = "jobs"  # folder of their records, beside the generations

log = logging.getLogger("derek.service")


@dataclass(eq=False, slots=True)
class _Held:
    """A generation and how many hold it; the state itself is one of them while it is in use."""

    generation: Generation
    holders: int = 1


class State:
    """The models and the generation in use, safe to share between threads."""

    def __init__(self, vectors_dir: Path) -> None:
        self.vectors_dir = vectors_dir
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
        self._refused: str | None = None  # a generation that could not be opened: said once, not every second

    def use_embedder(self, embedder: Embedder) -> None:
        """Search with this embedder from now on."""
        self._embedder = embedder
        self.readiness.set("embedder", Check("ok", embedder.fingerprint))

    def use_generator(self, generator: Generator) -> None:
        """Draft with this model from now on."""
        self._generator = generator
        self.readiness.set("model", Check("ok", generator.model))

    def refresh(self) -> None:
        """Take up the current generation of the vectors folder where it is another than the one in use.

        One that is damaged, or made with another embedder, is refused with a log line; the one in use goes on.
        """
        with self._refreshing:  # the start and the watch may look at the same moment
            self._refresh()

    @contextmanager
    def library(self, *needed: CheckName) -> Iterator[Library]:
        """The library as it is now, kept open until the block ends; a model only where `needed` names it.

        Raises a `not_ready` Problem, which says why, where embedder, index or a needed model is not there yet.
        """
        with self._lock:
            held, embedder = self._held, self._embedder
            if held is None or embedder is None or ("model" in needed and self._generator is None):
                raise not_ready(f"Not ready yet. {self.readiness.why_not(needed or ('embedder', 'index'))}")
            held.holders += 1
        try:
            yield Library(held.generation, embedder, self._generator, self._memory)
        finally:
            self._release(held)

    def need_embedder(self) -> Embedder:
        """The embedder. Raises a `not_ready` Problem, which says why, where it is not there yet."""
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
        """The embedder's fingerprint, once it is there."""
        return self._embedder.fingerprint if self._embedder else None

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
        embedder = self._embedder
        if embedder is None:
            return
        wanted = current_id(self.vectors_dir)
        if wanted is None or wanted == self._refused or (self._held and self._held.generation.id == wanted):
            return
        try:
            generation = open_generation(self.vectors_dir, wanted)
        except DerekError as exc:
            self._refuse(wanted, str(exc))
            return
        if generation.manifest.embedder != embedder.fingerprint:
            made_with = generation.manifest.embedder
            generation.close()
            self._refuse(wanted, f"{wanted} was made with {made_with}, not {embedder.fingerprint}; run `derek reindex`")
            return
        with self._lock:
            replaced, self._held = self._held, _Held(generation)
        self.readiness.set("index", Check("ok", wanted))
        if replaced:
            self._release(replaced)
            log.info("serving generation %s", wanted)

    def _release(self, held: _Held) -> None:
        with self._lock:
            held.holders -= 1
            last = held.holders == 0
        if last:
            held.generation.close()

    def _refuse(self, generation_id: str, reason: str) -> None:
        self._refused = generation_id
        log.warning("not taking up a generation: %s", reason)
        if self._held is None:
            self.readiness.set("index", Check("failed", reason))


def folder_id(vectors_dir: Path) -> str:
    """Names a vectors folder without showing its path: a command line finds out whether a server uses the same."""
    return hashlib.sha256(str(vectors_dir.resolve()).encode()).hexdigest()[:16]

"""The queue before the language model: one call at a time, the next in order, no more waiting than there are places.

Knows nothing of questions: a job is a function that is given a stop check. Work runs on one thread of its own, always
the same (native libraries keep a pool for every thread that calls them), and never on the event loop.
"""

import asyncio
import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeVar

from rag.errors import Cancelled
from rag.types import StopCheck
from service.problems import Problem, not_ready

PLACES = 8  # that may wait while one runs
_GUESS_S = 10.0  # a job's duration while none has been measured

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Job:
    work: Callable[[StopCheck], Any]
    done: asyncio.Future[Any]
    stop: threading.Event = field(default_factory=threading.Event)


class ModelQueue:
    """Runs jobs one by one. Its methods belong to one event loop (`close` to any thread); only the work is elsewhere.

    `places` is how many may wait while one runs.
    """

    def __init__(self, places: int = PLACES) -> None:
        self._places = places
        self._waiting: deque[_Job] = deque()
        self._running: _Job | None = None
        self._seconds: deque[float] = deque(maxlen=8)
        self._inbox: SimpleQueue[tuple[_Job, asyncio.AbstractEventLoop] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    async def run(self, work: Callable[[StopCheck], T], gone: Coroutine[Any, Any, None]) -> T:
        """What `work` returns, once its turn has come.

        `gone` ends when nobody waits any more: a job that waits then leaves the queue, one that runs is told to stop
        and is awaited. Raises Cancelled after either, and a `busy` Problem where every place is taken.
        """
        if self._closed.is_set() or (self._running is not None and len(self._waiting) >= self._places):
            gone.close()
            raise _closing() if self._closed.is_set() else self._busy()
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future())
        self._waiting.append(job)
        self._start_next(loop)
        if self._closed.is_set():  # meanwhile, by another thread
            self._abandon()
        leaving = asyncio.ensure_future(gone)
        try:
            await asyncio.wait((job.done, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not job.done.done():
                self._leave(job)
                await asyncio.wait((job.done,))
                _ = job.done.cancelled() or job.done.exception()  # seen
                raise Cancelled("the client has gone")
            result: T = job.done.result()
            return result
        except Cancelled:
            if self._closed.is_set():
                raise _closing() from None
            raise
        finally:
            leaving.cancel()
            self._leave(job)

    @property
    def waiting(self) -> int:
        """How many jobs wait for their turn."""
        return len(self._waiting)

    @property
    def alive(self) -> bool:
        """Whether the thread is still at work."""
        return self._thread is not None and self._thread.is_alive()

    def close(self) -> None:
        """Stop what runs and refuse what waits; returns at once, although the thread may still be at its last step."""
        self._closed.set()
        self._inbox.put(None)
        running = self._running
        if running is not None:
            with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody awaits anything
                running.done.get_loop().call_soon_threadsafe(self._abandon)

    def _busy(self) -> Problem:
        """A place is free once the job that runs has ended: a typical duration from now at most."""
        typical = sum(self._seconds) / len(self._seconds) if self._seconds else _GUESS_S
        wait = max(1, math.ceil(typical))
        detail = f"One question is answered at a time and {self._places} are waiting; try again in about {wait} s."
        return Problem("busy", detail, headers={"Retry-After": str(wait)})

    def _start_next(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._running is not None or not self._waiting:
            return
        self._running = self._waiting.popleft()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="derek-model", daemon=True)
            self._thread.start()
        self._inbox.put((self._running, loop))

    def _abandon(self) -> None:
        """Let go of everyone who waits for anything: native code may take seconds to see that it should stop."""
        jobs = [self._running, *self._waiting]
        self._waiting.clear()
        for job in jobs:
            if job is not None and not job.done.done():
                job.done.set_exception(Cancelled("the service ends"))
                job.done.exception()  # seen: nobody may be left to ask for it

    def _leave(self, job: _Job) -> None:
        job.stop.set()
        if job in self._waiting:
            self._waiting.remove(job)
            job.done.cancel()

    def _work(self) -> None:
        """The thread: takes a job, runs it, hands its outcome to the job's loop."""
        while (item := self._inbox.get()) is not None:
            job, loop = item
            began = time.perf_counter()
            outcome: Any = None
            error: BaseException | None = None
            try:
                if self._stopped(job):
                    raise Cancelled("stopped before it began")
                outcome = job.work(lambda job=job: self._stopped(job))  # type: ignore[misc]
            except BaseException as exc:  # handed on to whoever awaits the job
                error = exc
            with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody awaits anything
                loop.call_soon_threadsafe(self._finish, job, outcome, error, time.perf_counter() - began)

    def _stopped(self, job: _Job) -> bool:
        return job.stop.is_set() or self._closed.is_set()

    def _finish(self, job: _Job, outcome: Any, error: BaseException | None, seconds: float) -> None:
        self._running = None
        if not isinstance(error, Cancelled):
            self._seconds.append(seconds)
        if not job.done.done():
            if error is None:
                job.done.set_result(outcome)
            else:
                job.done.set_exception(error)
                job.done.exception()  # seen: nobody may be left to ask for it
        self._start_next(job.done.get_loop())


def _closing() -> Problem:
    return not_ready("Derek is shutting down.")

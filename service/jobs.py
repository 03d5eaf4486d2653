"""Jobs: work that outlives the request that asked for it, each in a thread of its own, one of each kind at a time.

Knows nothing of what a job does: work is a function that is given its `Task`, through which it says how far it is and
learns that it should stop. What has ended stays known, also after a restart, up to `KEPT` jobs.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from rag.errors import Cancelled, DerekError, NotFound
from service.job_store import Job, JobStore, Kind, Progress, Result
from service.problems import Problem, not_ready

KEPT = 100  # records; older ones go
_WRITE_S = 1.0  # between two writes of a running job's progress
_LOOK_S = 0.05  # between two looks whether to stop while a job waits

log = logging.getLogger("derek.service")


@dataclass(eq=False, slots=True)
class _Run:
    """A job of this process, its record replaced at each change."""

    job: Job
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    written: float = 0.0  # when its record was last written, monotonic


class Task:
    """A job as its work sees it. Its methods belong to the thread of the job."""

    def __init__(self, stopped: Callable[[], bool], update: Callable[..., None]) -> None:
        self.stopped = stopped
        self._update = update

    def show(self, progress: Progress) -> None:
        """Note how far it is; one that was queued runs again."""
        self._update(state="running", waiting_for=None, progress=progress)

    def wait(self, reason: str, seconds: float) -> None:
        """Be queued for a while, and until there is progress, because of what `reason` says.

        Raises Cancelled where the job should stop.
        """
        self._update(state="queued", waiting_for=reason)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            time.sleep(_LOOK_S)

    def check(self) -> None:
        """Raise Cancelled where the job should stop."""
        if self.stopped():
            raise Cancelled("the job was stopped")


Work = Callable[[Task], Result]


class Jobs:
    """The jobs of a service, safe to share between threads. `closing` is set once the service ends."""

    def __init__(self, folder: Path, closing: threading.Event) -> None:
        self._store = JobStore(folder)
        self._closing = closing
        self._lock = threading.Lock()
        self._runs: dict[str, _Run] = {}

    def start(self, kind: Kind, work: Work, progress: Progress, request: BaseModel | None = None) -> Job:
        """Begin `work` in the background and return its job, which keeps the `request` for when it is started again.

        Raises a `job_conflict` Problem, with the address of the one that runs, where one of this kind does.
        """
        with self._lock:
            if self._closing.is_set():
                raise not_ready("Derek is shutting down.")
            for other in self._runs.values():
                if other.job.kind == kind and not other.job.finished:
                    detail = f"One {kind} at a time: job {other.job.id} is {other.job.state}; wait for it or cancel it."
                    raise Problem("job_conflict", detail, headers={"Location": location(other.job)})
            now = datetime.now(UTC)
            job_id = f"{now:%Y%m%dT%H%M%S%f}Z-{secrets.token_hex(2)}"
            asked = request.model_dump() if request else {}
            job = Job(id=job_id, kind=kind, request=asked, state="queued", progress=progress, created_at=_now())
            run = _Run(job)
            self._runs[job_id] = run
            for old in [run for run in self._runs.values() if run.job.finished][:-KEPT]:
                del self._runs[old.job.id]
        self._write(run)
        self._store.prune(KEPT)
        thread = threading.Thread(target=self._work, args=(run, work), name=f"derek-{kind}", daemon=True)
        thread.start()
        run.thread = thread
        return run.job

    def get(self, job_id: str) -> Job:
        """The job as it is now. Raises NotFound."""
        run = self._runs.get(job_id)
        job = run.job if run else self._store.read(job_id)
        if job is None:
            raise NotFound(f"no job {job_id[:64]!r}; GET /v1/jobs lists the last {KEPT}", "id")
        return job

    def all(self) -> list[Job]:
        """The jobs that are still known, newest first."""
        with self._lock:
            own = {run.job.id: run.job for run in self._runs.values()}
        known = {job.id: job for job in self._store.read_all()} | own
        newest = sorted(known.values(), key=lambda job: job.id, reverse=True)
        return [job for place, job in enumerate(newest) if place < KEPT or not job.finished]

    def cancel(self, job_id: str) -> Job:
        """Tell a job to stop; it ends soon after. One that has finished stays as it is. Raises NotFound."""
        job = self.get(job_id)
        run = self._runs.get(job_id)
        if run is not None:
            run.stop.set()
        elif not job.finished:
            raise Problem("job_conflict", "Another server over the same indexes runs this job; cancel it there.")
        return job

    def close(self, seconds: float) -> bool:
        """Wait for the jobs to end, which `closing` has told them to; whether all did in that time."""
        deadline = time.monotonic() + seconds
        with self._lock:
            threads = [run.thread for run in self._runs.values() if run.thread is not None]
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _work(self, run: _Run, work: Work) -> None:
        """The thread of one job, from its first state to its last."""

        def stopped() -> bool:
            return run.stop.is_set() or self._closing.is_set()

        def update(**change: Any) -> None:
            self._change(run, **change)

        self._change(run, state="running", started_at=_now())
        end: dict[str, Any]
        try:
            task = Task(stopped, update)
            task.check()
            end = {"state": "succeeded", "result": work(task)}
        except Cancelled:
            end = {"state": "cancelled" if run.stop.is_set() else "interrupted"}
        except (DerekError, OSError) as exc:
            log.error("%s %s failed: %s", run.job.kind, run.job.id, exc)
            end = {"state": "failed", "error": str(exc)}
        except Exception:  # a thread that ended unseen would leave a job that runs for ever
            log.exception("%s %s failed", run.job.kind, run.job.id)
            end = {"state": "failed", "error": "something broke inside Derek; the log says what"}
        self._change(run, **end, waiting_for=None, finished_at=_now())

    def _change(self, run: _Run, **change: Any) -> None:
        """Replace a run's record, in memory at once; on disk when its state changes, else now and then."""
        before = run.job
        run.job = before.model_copy(update=change)
        if run.job.state != before.state or time.monotonic() - run.written >= _WRITE_S:
            self._write(run)

    def _write(self, run: _Run) -> None:
        run.written = time.monotonic()
        try:
            self._store.write(run.job)
        except OSError as exc:  # the job matters more than its record
            log.warning("the record of job %s can't be written: %s", run.job.id, exc)


def location(job: Job) -> str:
    """A job's address."""
    return f"/v1/jobs/{job.id}"


def seconds_left(seconds: float, did: int, left: int) -> float | None:
    """Time left in seconds, when `did` steps took `seconds` and `left` are to go; None while nothing is known."""
    return round(seconds / did * left, 1) if did > 0 else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")

"""Records of jobs: their shape as /v1/jobs shows it, and their files, one a job, each complete or absent.

Knows nothing of what a job does or whether it still runs in this process. A file that says "running" although the
process that ran it is gone reads as interrupted, so nothing has to be mended after a kill.
"""

import logging
import os
import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NotRequired

import psutil
from pydantic import BaseModel, ConfigDict, ValidationError
from typing_extensions import TypedDict

from rag.durable import PART, write_whole

Kind = Literal["reindex", "evaluation"]
JobState = Literal["queued", "running", "succeeded", "failed", "cancelled", "interrupted"]
UNFINISHED = ("queued", "running")
_PART_S = 60.0  # a half-written file this old has no writer any more
_ID = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)

log = logging.getLogger("derek.service")


class ReindexProgress(TypedDict):
    """How far a reindex is; totals grow until every file is parsed. `seconds_left`: null while nothing is known.

    `vectors_*`: of the passages that are done, how many had their vector already and how many got it now.
    """

    files_done: int
    files_total: int
    passages_done: int
    passages_total: int
    vectors_reused: NotRequired[int]  # records of older versions have none
    vectors_computed: NotRequired[int]
    seconds_left: float | None


class EvaluationProgress(TypedDict):
    """How far an evaluation is; 0 of 0 until it has read its questions."""

    questions_done: int
    questions_total: int
    seconds_left: float | None


class ReindexResult(TypedDict):
    """What a reindex did; `embedded` and `reused` count passages, `warnings` name files that need a look.

    `rebuild`: why all was built anew, null where only what changed was.
    """

    generation: str
    changed: bool
    files: int
    articles: int
    passages: int
    embedded: int
    reused: int
    warnings: list[str]
    files_added: NotRequired[int]
    files_changed: NotRequired[int]
    files_removed: NotRequired[int]
    files_renamed: NotRequired[int]
    rebuild: NotRequired[str | None]


class EvaluationResult(TypedDict):
    """The evaluation that came out, to be looked up at /v1/evaluations."""

    evaluation: str


Progress = ReindexProgress | EvaluationProgress
Result = ReindexResult | EvaluationResult


class Job(BaseModel):
    """One job. `request` is the body that began it, `waiting_for` says why a queued one waits; times: ISO 8601, UTC."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: Kind
    request: dict[str, Any] = {}
    state: JobState
    progress: Progress
    waiting_for: str | None = None
    error: str | None = None
    result: Result | None = None
    created_at: str
    started_at: str | None = None
    finished_at: str | None = None

    @property
    def finished(self) -> bool:
        """Whether its state is the last one."""
        return self.state not in UNFINISHED


class _File(BaseModel):
    """What a job's file holds: the record, and the process that wrote it (pid, time of its start)."""

    job: Job
    process: tuple[int, float]


class JobStore:
    """The files of a folder, which is made when the first is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = (os.getpid(), psutil.Process().create_time())

    def write(self, job: Job) -> None:
        """Keep this record in place of an older one of the same job. Raises OSError; the older one stays then."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._path(job.id), _File(job=job, process=self._process).model_dump_json(indent=1))

    def read(self, job_id: str) -> Job | None:
        """The record of that id; None where there is none, or none that can be read.

        For jobs that this process does not run: one of its own that is unfinished reads as interrupted, too.
        """
        return self._read(self._path(job_id)) if _ID.fullmatch(job_id) else None

    def read_all(self) -> list[Job]:
        """Every record that can be read, newest first."""
        found = (self._read(path) for path in self._paths())
        return [job for job in found if job is not None]

    def prune(self, kept: int) -> None:
        """Delete all but the newest `kept` records and what killed writers left. Never raises for a file it can't."""
        with suppress(OSError):
            for path in self._paths()[kept:]:
                path.unlink(missing_ok=True)
            for part in self._folder.glob(f"*{PART}"):
                if part.stat().st_mtime < time.time() - _PART_S:
                    part.unlink(missing_ok=True)

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"), reverse=True)  # ids begin with their time

    def _path(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.json"

    def _read(self, path: Path) -> Job | None:
        try:
            found = _File.model_validate_json(path.read_bytes())
            written = path.stat().st_mtime
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as exc:
            log.warning("%s: not a job's record (%s); delete it", path, type(exc).__name__)
            return None
        if found.job.id != path.stem:
            return None
        if found.job.finished or (found.process != self._process and _lives(*found.process)):
            return found.job
        end = datetime.fromtimestamp(written, UTC).isoformat(timespec="milliseconds")  # its last sign of life
        change: dict[str, Any] = {"state": "interrupted", "waiting_for": None, "finished_at": end}
        return found.job.model_copy(update=change)


def _lives(pid: int, started: float) -> bool:
    """Whether the process that was given this number at that time is still at work."""
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - started) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OverflowError, ValueError):
        return False

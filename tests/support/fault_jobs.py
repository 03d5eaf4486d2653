"""A server's job and its records, as a scenario for `fault_sweep`: the job does its work, whatever befalls its record.

What is known of earlier jobs stays; a job whose process was killed is known as interrupted, or not at all.
"""

import os
import threading
from pathlib import Path

from fault_sweep import Scenario

from service.job_store import JobStore, ReindexProgress, ReindexResult
from service.jobs import Jobs

EARLIER = 3
COUNTS = dict.fromkeys(("files", "articles", "passages", "embedded", "reused"), 1)
NOTHING = ReindexProgress(files_done=0, files_total=0, passages_done=0, passages_total=0, seconds_left=None)
RESULT = ReindexResult(generation="g", changed=True, warnings=[], **COUNTS)


def _folder(home: Path) -> Path:
    return home / "vectors" / "jobs"


def _run(home: Path) -> str:
    """One job from its beginning to its end, which no fault may change; its id."""
    jobs = Jobs(_folder(home), threading.Event())
    job = jobs.start("reindex", lambda task: RESULT, NOTHING)
    assert jobs.close(20)
    assert jobs.get(job.id).state == "succeeded"
    return job.id


def _prepare(home: Path) -> None:
    (home / "earlier").write_text("\n".join(_run(home) for _ in range(EARLIER)))


def _act(home: Path) -> None:
    (home / "told").write_text(_run(home))


def _check(home: Path) -> None:
    known = {job.id: job.state for job in JobStore(_folder(home)).read_all()}
    for earlier in (home / "earlier").read_text().split():
        assert known.pop(earlier) == "succeeded"
    if (home / "told").exists():  # its record may lag behind, if that could not be written
        assert set(known) <= {(home / "told").read_text()}
    assert set(known.values()) <= {"succeeded", "interrupted"}


def _recover(home: Path) -> None:
    for part in _folder(home).glob("*.part"):
        os.utime(part, (0, 0))  # a day later
    newest = _run(home)
    known = [job.id for job in JobStore(_folder(home)).read_all()]
    assert known[0] == newest
    assert set((home / "earlier").read_text().split()) < set(known)
    assert not [path for path in _folder(home).iterdir() if path.suffix != ".json"]


JOB = Scenario(("vectors",), _prepare, _act, _check, _recover, lasting=False)  # what a job did does, not its record

"""The route that indexes the seeds as they are now, as a job.

Knows how far a reindex is; what it does is `rag.reindex`'s business.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from rag.errors import IndexBusy
from rag.reindex import plan_reindex, reindex
from rag.reindex_report import IndexProgress
from rag.render import plan_json
from rag.shapes import PlanJson
from rag.types import Embedder
from service.job_store import Job, ReindexProgress, ReindexResult
from service.jobs import Task, location, seconds_left
from service.places import Places
from service.readiness import Check
from service.requests import ReindexBody
from service.routing import FAILURES, STARTED, JsonRoute, places_of, state_of
from service.state import State

RETRY_S = 0.5  # between two tries while another process writes the index
_NOTHING = IndexProgress(0, 0, 0, 0)

router = APIRouter(prefix="/v1", route_class=JsonRoute, responses=FAILURES, tags=["jobs"])
log = logging.getLogger("derek.service")
_PLANNED: dict[int | str, dict[str, Any]] = {200: {"description": "With `dry_run`", "model": PlanJson}}


@router.post("/reindex", status_code=202, responses={**STARTED, **_PLANNED})
def start_reindex(request: Request, response: Response, body: ReindexBody | None = None) -> Job | PlanJson:
    """Index the seed files as they are now, in the background; `Location` is the job's address.

    Unchanged passages cost nothing. Answers go on from the last generation until the new one is complete; a job that
    fails or is cancelled changes nothing. While another process writes the index the job is `queued`. With `dry_run`
    there is no job: the answer says what would change.
    """
    if body is not None and body.dry_run:
        state, places, response.status_code = state_of(request), places_of(request), 200
        fingerprint = state.need_embedder().fingerprint
        return plan_json(plan_reindex(places.seeds_dir, state.vectors_dir, fingerprint, places.limits))
    job = begin(body or ReindexBody(), state_of(request), places_of(request))
    response.headers["Location"] = location(job)
    return job


def begin(body: ReindexBody, state: State, places: Places) -> Job:
    """Begin a reindex. Raises a `job_conflict` Problem where one runs, `not_ready` where there is no embedder yet."""
    embedder = state.need_embedder()

    def work(task: Task) -> ReindexResult:
        return _reindex(task, state, places, embedder, body.accept_loss)

    return state.jobs.start("reindex", work, _shown(_NOTHING, None), body)


def _reindex(task: Task, state: State, places: Places, embedder: Embedder, accept_loss: bool) -> ReindexResult:
    """Reindex, once nobody else does, and serve the new generation. Raises what `reindex` raises but IndexBusy."""
    while True:
        try:
            report = reindex(
                places.seeds_dir,
                state.vectors_dir,
                embedder,
                limits=places.limits,
                keep=state.keep,
                accept_loss=accept_loss,
                progress=progress_of(task.show),
                stop=task.stopped,
            )
            break
        except IndexBusy as exc:
            task.wait(str(exc), RETRY_S)
    passages = (report.passages, report.passages, report.reused, report.embedded)
    task.show(_shown(IndexProgress(report.files, report.files, *passages, report.articles), 0.0))
    state.refresh()
    told = f"{report.articles} articles of {report.files} files in {report.passages} passages"
    state.readiness.set("seeds", Check("ok", told))
    for warning in report.warnings:
        log.warning("%s", warning)
    return {
        "generation": report.generation,
        "changed": report.changed,
        "files": report.files,
        "articles": report.articles,
        "passages": report.passages,
        "embedded": report.embedded,
        "reused": report.reused,
        "warnings": list(report.warnings),
        "files_added": report.files_added,
        "files_changed": report.files_changed,
        "files_removed": report.files_removed,
        "files_renamed": report.files_renamed,
        "rebuild": report.rebuild,
        "grouped": report.grouped,
    }


def progress_of(show: Callable[[ReindexProgress], None]) -> Callable[[IndexProgress], None]:
    """Tells `show` how far it is, with the time left: embedding's, measured from the first batch, which reuse is in."""
    first: tuple[float, int] | None = None

    def tell(progress: IndexProgress) -> None:
        nonlocal first
        now, done = time.monotonic(), progress.passages_done
        if done and first is None:
            first = now, done
        left = seconds_left(now - first[0], done - first[1], progress.passages_total - done) if first else None
        show(_shown(progress, left))

    return tell


def _shown(progress: IndexProgress, left: float | None) -> ReindexProgress:
    return {
        "files_done": progress.files_done,
        "files_total": progress.files_total,
        "articles_done": progress.articles_done,
        "passages_done": progress.passages_done,
        "passages_total": progress.passages_total,
        "vectors_reused": progress.vectors_reused,
        "vectors_computed": progress.vectors_computed,
        "seconds_left": left,
    }

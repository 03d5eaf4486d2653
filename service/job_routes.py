"""Routes about jobs, whatever they do: list, look, follow, cancel, start again."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from typing_extensions import TypedDict

from rag.errors import NotFound
from service import evaluations, reindexing
from service.job_store import Job
from service.jobs import location
from service.problems import Problem
from service.requests import EmptyBody, EvaluationBody, ReindexBody
from service.routing import FAILURES, STARTED, UNKNOWN, JsonRoute, places_of, state_of

router = APIRouter(prefix="/v1", route_class=JsonRoute, responses={422: FAILURES[422]}, tags=["jobs"])
LOOK_S = 0.25  # between two looks at a job that is followed: what changes faster is told as one change
_LAST_LOOKS = 2  # at a job that has not ended yet although the service does


class JobsJson(TypedDict):
    """Jobs, newest first."""

    jobs: list[Job]


def job_of(job_id: str, request: Request) -> Job:
    """The job that an address names. Raises NotFound."""
    return state_of(request).jobs.get(job_id)


Named = Annotated[Job, Depends(job_of)]


@router.get("/jobs")
def list_jobs(request: Request) -> JobsJson:
    """The last 100 jobs, also of earlier starts of the service."""
    return {"jobs": state_of(request).jobs.all()}


@router.get("/jobs/{job_id}", responses=UNKNOWN)
def show_job(job: Named) -> Job:
    """One job as it is now. One that ran when its process died is `interrupted`."""
    return job


@router.get("/jobs/{job_id}/events", response_class=EventSourceResponse, responses=UNKNOWN)
async def follow_job(job: Named, request: Request) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events, each with the job: `progress` at each change, `done` when it has ended, which is the last.

    A client that comes late gets the job as it is first. Silence is broken every 15 seconds by a comment. If the
    service ends while the job runs the stream may end without `done`.
    """
    state = state_of(request)
    shown, last_looks = None, 0
    while last_looks < _LAST_LOOKS:
        if job.finished:
            yield ServerSentEvent(event="done", data=job)
            return
        if job != shown:
            yield ServerSentEvent(event="progress", data=job)
            shown = job
        last_looks += state.closing.is_set()
        await asyncio.sleep(LOOK_S)
        try:
            job = state.jobs.get(job.id)
        except NotFound:  # its record was deleted meanwhile
            return


@router.delete("/jobs/{job_id}", responses={**UNKNOWN, 202: {"model": Job, "description": "It will end soon"}})
def cancel_job(job_id: str, request: Request, response: Response) -> Job:
    """Cancel a job: 202 while it still ends, 200 once it has; what had ended before stays as it was.

    A cancelled evaluation keeps the questions it has asked and can be resumed; a cancelled reindex changes nothing.
    """
    job = state_of(request).jobs.cancel(job_id)
    if not job.finished:
        response.status_code = 202
    return job


@router.post("/jobs/{job_id}/restart", status_code=202, responses={**UNKNOWN, **STARTED, 503: FAILURES[503]})
def restart_job(job: Named, request: Request, response: Response, body: EmptyBody | None = None) -> Job:
    """Do again what a job that failed, was cancelled or interrupted did not finish, as a new job with its own address.

    A reindex embeds only what no generation has yet; an evaluation goes on after the last question it asked.
    """
    if job.state not in ("failed", "cancelled", "interrupted"):
        detail = (
            f"Job {job.id} is {job.state}: only one that failed, was cancelled or interrupted can be started again."
        )
        raise Problem("job_conflict", detail, headers={"Location": location(job)})
    state, places = state_of(request), places_of(request)
    match job.kind:
        case "reindex":
            again = reindexing.begin(ReindexBody.model_validate(job.request), state, places)
        case "evaluation":
            again = evaluations.resume(EvaluationBody.model_validate(job.request), state, places)
    response.headers["Location"] = location(again)
    return again

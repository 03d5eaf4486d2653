"""Routes of evaluations: start one as a job, list what was run, look at one and at its page."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import FileResponse
from typing_extensions import TypedDict

from rag.errors import InputError
from service.evaluating import NOTHING, command_of, evaluate
from service.job_store import Job
from service.jobs import location
from service.places import Places
from service.problems import Problem
from service.readiness import NEEDED
from service.requests import EvaluationBody, PageQuery
from service.routing import FAILURES, STARTED, UNKNOWN, JsonRoute, places_of, state_of
from service.runs import Run, find_run, find_set, list_runs
from service.state import State

router = APIRouter(prefix="/v1", route_class=JsonRoute, responses=FAILURES, tags=["evaluations"])
# The page is one file: its own script and style run, and nothing can be loaded, sent or framed by it. In its sandbox
# it is nobody's origin, so that even a script hidden in an article could not use this service.
_CSP = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-popups"
)
_SUMMARY = (
    "right",
    "false_refusal",
    "refused",
    "balanced",
    "hit@4",
    "hit@5",
    "mrr",
    "citation_precision",
    "citation_recall",
    "verbatim",
)


class EvaluationJson(TypedDict):
    """An evaluation; `summary` holds the main metrics, each with value, n and interval, once it is complete."""

    id: str
    set: str | None
    system: str | None
    mode: str | None
    split: str | None
    model: str | None
    created_at: str | None
    complete: bool
    report: bool
    summary: dict[str, Any]


class EvaluationsJson(TypedDict):
    """A page of evaluations, latest first."""

    total: int
    evaluations: list[EvaluationJson]


class EvaluationDetailJson(EvaluationJson):
    """An evaluation with its run.json and, once it is complete, its metrics.json."""

    run: dict[str, Any]
    metrics: dict[str, Any] | None


@router.post("/evaluations", status_code=202, responses=STARTED)
def start_evaluation(body: EvaluationBody, request: Request, response: Response) -> Job:
    """Ask every question of a set, in the background; `Location` is the job's address, its result names the evaluation.

    The questions go through the same routes as everyone's: in mode `generate` they wait for the model in the same
    queue, one at a time, and other askers wait for them. A job that was cancelled or interrupted keeps what it has
    asked: send the same again with its `name` and `resume`.
    """
    job = begin(body, state_of(request), places_of(request))
    response.headers["Location"] = location(job)
    return job


def begin(body: EvaluationBody, state: State, places: Places) -> Job:
    """Begin an evaluation. Raises InputError, and Problems: `job_conflict` where one runs, `not_ready`, `not_found`."""
    questions = find_set(body.set, places.sets_dirs)
    name = body.name or f"{questions.stem}-{body.mode}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    _check_name(body, places.runs_dir / name)
    with state.library(*(NEEDED if body.mode == "generate" else ("embedder", "index"))):
        command = command_of(body, name, questions, places)  # refused where no question could be answered now
    named = body.model_copy(update={"name": name})
    return state.jobs.start("evaluation", lambda task: evaluate(task, command, name, places), NOTHING, named)


def resume(body: EvaluationBody, state: State, places: Places) -> Job:
    """Go on with an evaluation that ended early; begin it where it had not come to anything. Raises as `begin` does."""
    had_begun = body.name is not None and (places.runs_dir / body.name).is_dir()
    return begin(body.model_copy(update={"resume": had_begun}), state, places)


@router.get("/evaluations")
def evaluations(query: Annotated[PageQuery, Query()], request: Request) -> EvaluationsJson:
    """The evaluations in the folder of runs, whoever started them, latest first, a page at a time."""
    runs = list_runs(places_of(request).runs_dir)
    page = runs[query.offset : query.offset + query.limit]
    return {"total": len(runs), "evaluations": [_shown(run, run.metrics) for run in page]}


@router.get("/evaluations/{name}", responses=UNKNOWN)
def evaluation(name: str, request: Request) -> EvaluationDetailJson:
    """What was run, and what came out: all metrics with their intervals, by type, language and split."""
    run = find_run(places_of(request).runs_dir, name)
    metrics = run.metrics
    return {**_shown(run, metrics), "run": run.description, "metrics": metrics}


@router.get(
    "/evaluations/{name}/report",
    response_class=FileResponse,
    responses={**UNKNOWN, 200: {"content": {"text/html": {}}, "description": "The page"}},
)
def report(name: str, request: Request) -> FileResponse:
    """The evaluation's page: plots, and every question with gold, answer and quotations. It is one file, to be kept."""
    run = find_run(places_of(request).runs_dir, name)
    if run.report is None:
        raise Problem("not_found", f"evaluation {name!r} has no page yet; write it with `derek eval report {name}`")
    headers = {"Content-Security-Policy": _CSP, "Referrer-Policy": "no-referrer", "Cache-Control": "private, no-cache"}
    return FileResponse(run.report, media_type="text/html; charset=utf-8", headers=headers)


def _check_name(body: EvaluationBody, folder: Path) -> None:
    """Raises InputError where the name is taken, or where there is nothing of that name to go on with."""
    if body.resume and (body.name is None or not folder.is_dir()):
        raise InputError(f"no evaluation {folder.name!r} to go on with; leave `resume` out to begin one", "resume")
    if not body.resume and folder.exists():
        raise InputError(f"an evaluation {folder.name!r} is there; take another name, or go on with `resume`", "name")


def _shown(run: Run, metrics: dict[str, Any] | None) -> EvaluationJson:
    options = run.description.get("options")
    described = {**(options if isinstance(options, dict) else {}), **run.description}
    questions = described.get("set")
    overall = (metrics or {}).get("overall")
    return {
        "id": run.name,
        "set": _text(questions.get("name")) if isinstance(questions, dict) else None,
        "system": _text(described.get("system")),
        "mode": _text(described.get("mode")),
        "split": _text(described.get("split")),
        "model": _text(described.get("model")),
        "created_at": _text(described.get("started_at")),
        "complete": run.complete,
        "report": run.report is not None,
        "summary": {name: overall[name] for name in _SUMMARY if name in overall} if isinstance(overall, dict) else {},
    }


def _text(value: object) -> str | None:
    """A text of run.json, which whoever wrote it may have made something else."""
    return value if isinstance(value, str) else None

"""Routes about built indexes: which there are, and going back to an older one."""

from fastapi import APIRouter, Request

from rag.errors import IndexBusy, IndexDamaged, IndexNotWritten, ModelError, NoGeneration
from rag.generation import Manifest
from rag.generations import current_id, list_generations, pinned_id, size_on_disk
from rag.render import generation_json
from rag.shapes import GenerationJson, GenerationsJson
from service.jobs import location
from service.problems import MEDIA_TYPE, Problem, ProblemJson
from service.requests import EmptyBody
from service.routing import FAILURES, UNKNOWN, JsonRoute, state_of
from service.state import State

router = APIRouter(prefix="/v1", route_class=JsonRoute, responses=FAILURES, tags=["library"])


@router.get("/generations")
def generations(request: Request) -> GenerationsJson:
    """The generations on disk, newest first."""
    state = state_of(request)
    return {"generations": [_shown(manifest, state) for manifest in list_generations(state.vectors_dir)]}


@router.post(
    "/generations/{generation_id}/activate",
    responses={
        **UNKNOWN,
        409: {
            "description": "It can't be served, or the index is being written; `Location` is the job that does",
            "content": {MEDIA_TYPE: {}},
            "model": ProblemJson,
        },
    },
)
def activate(generation_id: str, request: Request, body: EmptyBody | None = None) -> GenerationJson:
    """Answer from this generation from now on; loads its embedder if that is another one.

    An older one is pinned: it stays, also when the service starts again, until a reindex is asked for. Requests under
    way end on the generation that they began with. If it can't be served nothing changes.
    """
    state = state_of(request)
    try:
        state.activate(generation_id)
    except NoGeneration as exc:
        raise Problem("not_found", str(exc)) from exc
    except IndexBusy as exc:
        running = [job for job in state.jobs.all() if job.kind == "reindex" and not job.finished]
        raise Problem(
            "job_conflict", str(exc), headers={"Location": location(running[0])} if running else None
        ) from exc
    except (IndexDamaged, IndexNotWritten, ModelError) as exc:
        raise Problem("not_activated", str(exc)) from exc
    return next(_shown(m, state) for m in list_generations(state.vectors_dir) if m.id == generation_id)


def _shown(manifest: Manifest, state: State) -> GenerationJson:
    return generation_json(
        manifest,
        active=state.generation_id or current_id(state.vectors_dir),
        pinned=pinned_id(state.vectors_dir),
        size=size_on_disk(state.vectors_dir, manifest.id),
    )

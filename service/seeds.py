"""Routes over the seeds folder: what lies there, what is in the trash, delete and restore.

Changes take effect in answers with the next reindex. How a file comes in is `service.uploads`' business.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from rag.errors import SeedError
from rag.generation import Generation
from rag.render import change_json, seed_json, trashed_json
from rag.seed_folder.listing import ListedSeed
from rag.seed_folder.store import ANY, Condition
from rag.shapes import SeedChangeJson, SeedJson, SeedsJson, TrashedJson, TrashJson
from service.problems import MEDIA_TYPE, Problem, ProblemJson, not_ready
from service.requests import PageQuery, RestoreBody
from service.routing import FAILURES, UNKNOWN, JsonRoute, listing_of, places_of, state_of, store_of

router = APIRouter(prefix="/v1", route_class=JsonRoute, responses={422: FAILURES[422]}, tags=["seeds"])
CONFLICTS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {MEDIA_TYPE: {}}, "model": ProblemJson}
    for status, text in (
        (412, "Another file is there than `If-Match` or `If-None-Match` says; `ETag` is its checksum"),
        (428, "Another file is there; say that it may be replaced"),
        (507, "The disk refused; nothing was changed"),
    )
}
_ETAG = {"ETag": {"description": "The file's SHA-256, in quotes", "schema": {"type": "string"}}}


@router.get("/seeds", responses={503: FAILURES[503]})
def seeds(query: Annotated[PageQuery, Query()], request: Request) -> SeedsJson:
    """The seed files, a page at a time by name, with what Derek makes of each, and whether the index has it so."""
    with _generation(request) as generation:
        try:
            page = listing_of(request).page(generation, query.limit, query.offset)
        except SeedError as exc:
            raise not_ready(str(exc)) from exc
        return {
            "total": page.total,
            "seeds": [seed_json(seed) for seed in page.seeds],
            "gone": list(page.gone),
            "generation": generation.id if generation else None,
            "watching": places_of(request).watching,
        }


@router.get("/seeds/{name:path}", response_model=SeedJson, responses={**UNKNOWN, 200: {"headers": _ETAG}})
def seed(name: str, request: Request) -> Response:
    """One seed file; its `ETag` is what `If-Match` of a PUT or DELETE expects."""
    found = look(name, request)
    headers = {"ETag": f'"{found.sha256}"', "Cache-Control": "private, no-cache"} if found.sha256 else {}
    if found.sha256 is not None and found.sha256 in (tags(request, "if-none-match") or ()):
        return Response(status_code=304, headers=headers)
    return JSONResponse(seed_json(found), headers=headers)


@router.delete("/seeds/{name:path}", responses={**UNKNOWN, **CONFLICTS})
def delete_seed(name: str, request: Request) -> TrashedJson:
    """Move a seed file to the trash, from where it can be restored for 30 days; where `If-Match` is sent, that file."""
    return trashed_json(store_of(request).delete(name, Condition(tags(request, "if-match"))))


@router.get("/trash")
def trash(request: Request) -> TrashJson:
    """What was deleted or replaced in the last 30 days, newest first."""
    return {"trash": [trashed_json(entry) for entry in store_of(request).trash.entries()]}


@router.post("/trash/{trash_id}/restore", responses={**UNKNOWN, **CONFLICTS})
def restore_seed(trash_id: str, request: Request, body: RestoreBody | None = None) -> SeedChangeJson:
    """Put a file back where it was. Another one that is there now must be allowed to go: it is put in the trash."""
    change = store_of(request).restore(trash_id, Condition(replace=body is not None and body.replace))
    return change_json(change, look(change.file, request))


def look(name: str, request: Request) -> ListedSeed:
    """The file as it is now. Raises InputError, NotFound."""
    with _generation(request) as generation:
        return listing_of(request).one(name, generation)


def tags(request: Request, header: str) -> frozenset[str] | None:
    """The checksums that a conditional header names, or `ANY`; None where it was not sent."""
    sent = request.headers.getlist(header)
    if not sent:
        return None
    # a checksum without its quotes can mean nothing else; a weak tag promises too little
    named = [tag.strip() for line in sent for tag in line.split(",")]
    return frozenset(ANY if tag == "*" else tag.strip('"').lower() for tag in named if not tag.startswith("W/"))


@contextmanager
def _generation(request: Request) -> Iterator[Generation | None]:
    """The generation in use, kept open; None where nothing can be searched yet."""
    with ExitStack() as held:
        generation = None
        with suppress(Problem):  # files can be looked at before
            generation = held.enter_context(state_of(request).library()).generation
        yield generation

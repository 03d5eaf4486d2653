"""What all routes share: their state, their explicit content type, and how their failures are documented."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from rag.seed_folder.listing import SeedListing
from rag.seed_folder.store import SeedStore
from service.places import Places
from service.problems import MEDIA_TYPE, Problem, ProblemJson
from service.state import State

_ADDRESS = {"description": "Address of the job", "schema": {"type": "string"}}
FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {MEDIA_TYPE: {}}, "model": ProblemJson}
    for status, text in ((422, "The request is wrong; `errors` names the fields"), (503, "Not ready yet"))
}
UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is nothing of that name", "content": {MEDIA_TYPE: {}}, "model": ProblemJson}
}
STARTED: dict[int | str, dict[str, Any]] = {
    202: {"description": "The job, begun", "headers": {"Location": _ADDRESS}},
    409: {
        "description": "A job of this kind is under way; `Location` is its address",
        "headers": {"Location": _ADDRESS},
        "content": {MEDIA_TYPE: {}},
        "model": ProblemJson,
    },
}


class JsonRoute(APIRoute):
    """A route whose writes must say that they are JSON: no form of another page can then reach it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler behind the check."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            if request.method not in ("GET", "DELETE"):  # no form can send a DELETE, and it has no body
                _require_json(request)
            return await handle(request)

        return checked


def state_of(request: Request) -> State:
    """The state of the app that serves this request."""
    state: State = request.app.state.derek
    return state


def places_of(request: Request) -> Places:
    """Where the app that serves this request finds what jobs need."""
    places: Places = request.app.state.places
    return places


def store_of(request: Request) -> SeedStore:
    """The seeds folder of the app that serves this request, as it is changed."""
    store: SeedStore = request.app.state.store
    return store


def listing_of(request: Request) -> SeedListing:
    """The same, as it is looked at."""
    listing: SeedListing = request.app.state.listing
    return listing


async def gone(request: Request) -> None:
    """Returns once the client has gone. To be awaited after the body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _require_json(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        message = "must be application/json"
        raise Problem(
            "invalid_request", f"content-type: {message}", errors=[{"field": "content-type", "message": message}]
        )

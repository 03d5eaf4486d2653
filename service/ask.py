"""The route that answers. Drafting waits its turn before the model; extracting quotations does not."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from rag.shapes import AnswerJson
from service import work
from service.problems import Problem
from service.readiness import NEEDED
from service.requests import AskBody
from service.routing import FAILURES, JsonRoute, gone, state_of

router = APIRouter(prefix="/v1", route_class=JsonRoute, responses=FAILURES, tags=["answers"])


@router.post("/ask")
async def ask(body: AskBody, request: Request) -> AnswerJson:
    """A verified answer, each sentence with its quotations, or a refusal with its reason."""
    if body.stream:
        raise Problem("not_implemented", "Streaming is not there yet; ask without `stream`.")
    state = state_of(request)
    drafting = body.mode == "generate"
    with state.library(*(NEEDED if drafting else ("embedder", "index"))) as library:
        if drafting:
            return await state.queue.run(lambda stop: work.ask(body, library, stop), gone(request))
        return await run_in_threadpool(work.ask, body, library, state.closing.is_set)

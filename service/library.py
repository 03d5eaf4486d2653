"""Routes over what is indexed: search, articles, passages, source texts, generations. No language model here."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from rag.errors import InputError, NotFound
from rag.generation import Generation
from rag.generations import current_id, list_generations, open_generation
from rag.render import article_detail_json, generation_json, passage_json
from rag.shapes import ArticleDetailJson, ArticlesJson, GenerationsJson, PassageJson, SearchJson
from service import work
from service.problems import Problem
from service.requests import ArticlesQuery, RangeQuery, SearchBody
from service.routing import FAILURES, JsonRoute, state_of
from service.state import State

router = APIRouter(prefix="/v1", route_class=JsonRoute, responses=FAILURES, tags=["library"])


@router.post("/search")
def search(body: SearchBody, request: Request) -> SearchJson:
    """Passages for a query, best first. Never waits for an ask."""
    with state_of(request).library() as library:
        return work.search(body, library)


@router.get("/articles")
def articles(query: Annotated[ArticlesQuery, Query()], request: Request) -> ArticlesJson:
    """The indexed articles that pass a filter, newest first, a page at a time."""
    with state_of(request).library() as library:
        return work.articles(query, library.generation)


@router.get("/articles/{article_id}")
def article(article_id: str, request: Request) -> ArticleDetailJson:
    """One article with its text and passages."""
    with state_of(request).library() as library:
        catalog = library.generation.catalog
        found = catalog.article(article_id)
        text = catalog.source_text(found.source_sha256)
        return article_detail_json(found, text, catalog.passages_of(article_id), library.generation.id)


@router.get("/passages/{passage_id}")
def passage(passage_id: str, request: Request) -> PassageJson:
    """One passage with its place in the source text."""
    with state_of(request).library() as library:
        catalog = library.generation.catalog
        found = catalog.passage(passage_id)
        return passage_json(found, catalog.article(found.article_id), library.generation.id)


@router.get("/sources/{sha256}/text", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def source_text(sha256: str, part: Annotated[RangeQuery, Query()], request: Request) -> Response:
    """The decoded text of a seed file while any generation holds it; `start` and `end` count code points."""
    state = state_of(request)
    with state.library() as library:
        text = _text_anywhere(sha256, library.generation, state)
    end = len(text) if part.end is None else part.end
    if part.start > end or end > len(text):
        raise InputError(
            f"start and end must lie in order within 0 and {len(text)}", "start" if part.end is None else "end"
        )
    etag = f'"{sha256}"' if (part.start, end) == (0, len(text)) else f'"{sha256}-{part.start}-{end}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(text[part.start : end].encode(), headers=headers, media_type="text/plain; charset=utf-8")


@router.get("/generations")
def generations(request: Request) -> GenerationsJson:
    """The generations on disk, newest first."""
    state = state_of(request)
    active = state.generation_id or current_id(state.vectors_dir)
    return {"generations": [generation_json(manifest, active) for manifest in list_generations(state.vectors_dir)]}


def _text_anywhere(sha256: str, generation: Generation, state: State) -> str:
    """The source text from the generation in use, else from an older one that is still on disk. Raises NotFound."""
    try:
        return generation.catalog.source_text(sha256)
    except NotFound as exc:
        unknown = exc
    for manifest in list_generations(state.vectors_dir):
        if sha256 in manifest.files.values() and manifest.id != generation.id:
            older = open_generation(state.vectors_dir, manifest.id)
            try:
                return older.catalog.source_text(sha256)
            finally:
                older.close()
    raise Problem("not_found", f"no generation on disk holds a source {sha256!r}") from unknown

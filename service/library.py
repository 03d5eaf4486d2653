"""Routes over what is indexed: search, articles, passages, source texts. No language model here.

What an answer named can still be looked up after its generation has been replaced, while that one is on disk.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from rag.catalog import Catalog
from rag.errors import IndexDamaged, InputError, NotFound
from rag.generations import list_generations, opened_catalog
from rag.render import article_detail_json, passage_json
from rag.shapes import ArticleDetailJson, ArticlesJson, PassageJson, SearchJson
from service import work
from service.requests import ArticlesQuery, RangeQuery, SearchBody
from service.routing import FAILURES, JsonRoute, state_of
from service.state import State

router = APIRouter(prefix="/v1", route_class=JsonRoute, responses=FAILURES, tags=["library"])
T = TypeVar("T")


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
    """One article with its text and passages, from the newest generation that holds it; `generation` names that."""

    def look(catalog: Catalog, generation: str) -> ArticleDetailJson:
        found = catalog.article(article_id)
        text = catalog.source_text(found.source_sha256)
        return article_detail_json(found, text, catalog.passages_of(article_id), generation)

    return _in_any(state_of(request), look)


@router.get("/passages/{passage_id}")
def passage(passage_id: str, request: Request) -> PassageJson:
    """One passage with its place in the source text, from the newest generation that holds it."""

    def look(catalog: Catalog, generation: str) -> PassageJson:
        found = catalog.passage(passage_id)
        return passage_json(found, catalog.article(found.article_id), generation)

    return _in_any(state_of(request), look)


@router.get("/sources/{sha256}/text", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def source_text(sha256: str, part: Annotated[RangeQuery, Query()], request: Request) -> Response:
    """The decoded text of a seed file while any generation holds it; `start` and `end` count code points."""
    text = _in_any(state_of(request), lambda catalog, _: catalog.source_text(sha256))
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


def _in_any(state: State, look: Callable[[Catalog, str], T]) -> T:
    """What `look` finds in the generation in use, else in the newest of the others on disk. Raises NotFound."""
    with state.library() as library:
        used = library.generation
        try:
            return look(used.catalog, used.id)
        except NotFound as exc:
            unknown = exc
    for manifest in list_generations(state.vectors_dir):
        if manifest.id != used.id:
            with suppress(NotFound, IndexDamaged), opened_catalog(state.vectors_dir, manifest.id) as catalog:
                return look(catalog, manifest.id)
    raise unknown

"""Routes about the process itself: is it alive, would an ask work, what is it, where are the docs."""

import platform
from importlib import metadata
from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles
from starlette.responses import HTMLResponse, RedirectResponse
from typing_extensions import TypedDict

from service.problems import not_ready
from service.readiness import ReadyJson
from service.routing import FAILURES, state_of
from service.state import folder_id

router = APIRouter(tags=["service"])
_ASSETS = "/docs/assets"
_CSP = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class HealthJson(TypedDict):
    """The process lives."""

    status: str


class VersionJson(TypedDict):
    """What runs here; `vectors` names the folder of indexes without showing its path."""

    name: str
    version: str
    python: str
    generation: str | None
    embedder: str | None
    model: str | None
    vectors: str


@router.get("/healthz")
async def healthz() -> HealthJson:
    """Answers as long as the process lives, whatever else is amiss."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: FAILURES[503]})
async def readyz(request: Request) -> ReadyJson:
    """200 once an ask would work, 503 before, with every check in both."""
    readiness = state_of(request).readiness
    shown = readiness.as_json()
    if not shown["ready"]:
        raise not_ready(f"Not ready yet. {readiness.why_not()}", more={**shown})
    return shown


@router.get("/version")
async def versions(request: Request) -> VersionJson:
    """Versions, models and the generation in use."""
    state = state_of(request)
    return {
        "name": "derek",
        "version": metadata.version("derek"),
        "python": platform.python_version(),
        "generation": state.generation_id,
        "embedder": state.embedder,
        "model": state.model,
        "vectors": folder_id(state.vectors_dir),
    }


@router.get("/", include_in_schema=False)
async def root() -> RedirectResponse:
    """The docs, until there is a page."""
    return RedirectResponse("/docs")


@router.get("/docs", include_in_schema=False)
async def docs() -> HTMLResponse:
    """Swagger UI from files that were installed with Derek: nothing is loaded from elsewhere."""
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Derek",
        swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS}/favicon.png",
        swagger_ui_parameters={"validatorUrl": None, "defaultModelsExpandDepth": 0},
    )
    page.headers["Content-Security-Policy"] = _CSP
    return page


def mount_assets(app: FastAPI) -> None:
    """Serve Swagger UI's script and style."""
    folder = Path(fastapi_offline.__file__).parent / "static"
    app.mount(_ASSETS, StaticFiles(directory=folder), name="assets")

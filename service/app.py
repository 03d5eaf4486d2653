"""The HTTP application: routes, guard and problem details put together over one state."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import metadata

import anyio.to_thread
from fastapi import FastAPI

from rag.limits import Limits
from rag.seed_folder.listing import SeedListing
from rag.seed_folder.store import SeedStore
from service import ask, evaluations, generations, health, job_routes, library, reindexing, seeds, uploads
from service.guard import Guard, Rules
from service.places import Places
from service.problems import add_handlers
from service.state import State

_THREADS = 8  # for routes that may block; more would only make two cores quarrel


def create_app(state: State, places: Places, rules: Rules | None = None) -> FastAPI:
    """The application over `state`, which it does not close; `rules` say who may speak to it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        yield

    app = FastAPI(
        title="Derek",
        summary="Answers questions over a folder of news files, every sentence proved by a quotation",
        version=metadata.version("derek"),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.derek = state
    app.state.places = places
    app.state.store = SeedStore(places.seeds_dir)
    app.state.listing = SeedListing(places.seeds_dir, Limits())
    for router in (
        health.router,
        ask.router,
        library.router,
        generations.router,
        seeds.router,
        uploads.router,
        reindexing.router,
        job_routes.router,
        evaluations.router,
    ):
        app.include_router(router)
    health.mount_assets(app)
    add_handlers(app)
    app.add_middleware(Guard, rules=rules or Rules())
    return app

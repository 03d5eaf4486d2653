"""The verbs serve, ask, search, articles and reindex of the command line; those over the seeds folder are beside it.

A verb uses a running server where there is one over the same indexes, else it works in process. Heavy imports wait
until a verb needs them: `derek --help` loads no model library.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from service import seed_commands
from service.flags import Cache, EmbedderName, Engine, EngineUrl, Json, LlmName, Seeds, Vectors

if TYPE_CHECKING:
    from pydantic import BaseModel

    from rag.settings import Settings
    from service.client import Client

Host = Annotated[str | None, typer.Option("--host", help="Address of the server.", show_default=False)]
Port = Annotated[int | None, typer.Option("--port", help="Port of the server.", show_default=False)]
Url = Annotated[str | None, typer.Option("--url", help="A running server to use, whatever it serves.")]
TopK = Annotated[int, typer.Option("--top-k", help="How many passages to show, 1 to 50.")]
From = Annotated[str | None, typer.Option("--from", help="Articles of this day or later, YYYY-MM-DD.")]
To = Annotated[str | None, typer.Option("--to", help="Articles of this day or earlier, YYYY-MM-DD.")]
Files = Annotated[list[str] | None, typer.Option("--file", help="Articles of this seed file; may be repeated.")]
Outlets = Annotated[list[str] | None, typer.Option("--outlet", help="Articles of this outlet; may be repeated.")]
Now = Annotated[
    str | None, typer.Option("--now", help="What “yesterday” counts from, such as 2026-03-10T09:30; default: now.")
]
Langs = Annotated[list[str] | None, typer.Option("--lang", help="Articles in this language (en, ru …); repeatable.")]

Model = TypeVar("Model", bound="BaseModel")


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    for verb in (serve, ask, search, articles, reindex):
        app.command()(verb)
    seed_commands.add_to(app)


def serve(
    host: Host = None,
    port: Port = None,
    seeds_dir: Seeds = None,
    vectors_dir: Vectors = None,
    cache_dir: Cache = None,
    embedder: EmbedderName = None,
    llm: LlmName = None,
    engine: Engine = None,
    engine_url: EngineUrl = None,
    watch: Annotated[
        bool | None,
        typer.Option("--watch/--no-watch", help="Take up changed seed files by itself.", show_default=False),
    ] = None,
) -> None:
    """Serve answers over HTTP: fetch what is missing, index what is new, then say where."""
    from rag.settings import load_settings

    settings = load_settings(
        host=host,
        port=port,
        seeds_dir=seeds_dir,
        vectors_dir=vectors_dir,
        cache_dir=cache_dir,
        embedder=embedder,
        llm=llm,
        engine=engine,
        engine_url=engine_url,
        watch=watch,
    )
    from service import serve as process
    from service.startup import doors

    process.serve(settings, doors(settings))


def ask(
    question: Annotated[str, typer.Argument(help="1 to 2,000 characters.")],
    json: Json = False,
    mode: Annotated[str, typer.Option("--mode", help="generate, or extract: quotations without a model.")] = "generate",
    top_k: TopK = 5,
    date_from: From = None,
    date_to: To = None,
    file: Files = None,
    outlet: Outlets = None,
    lang: Langs = None,
    now: Now = None,
    url: Url = None,
    vectors_dir: Vectors = None,
    cache_dir: Cache = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Answer a question with numbered quotations."""
    from service import terminal
    from service.requests import AskBody

    filters = _filters(date_from, date_to, file, outlet, lang)
    body = _checked(AskBody, question=question, mode=mode, top_k=top_k, filters=filters, now=now)
    settings = _settings(vectors_dir=vectors_dir, cache_dir=cache_dir, host=host, port=port)
    with _server(settings, url) as server:
        if server is not None:
            found = server.ask(body.model_dump(exclude_none=True))
        else:
            from service import work
            from service.local import opened

            with terminal.spinner("loading models") as say, opened(settings, drafting=mode == "generate") as library:
                say("answering")
                found = work.ask(body, library)
    terminal.show_json(found) if json else terminal.show_answer(found)


def search(
    query: Annotated[str, typer.Argument(help="1 to 2,000 characters.")],
    json: Json = False,
    top_k: TopK = 5,
    date_from: From = None,
    date_to: To = None,
    file: Files = None,
    outlet: Outlets = None,
    lang: Langs = None,
    url: Url = None,
    vectors_dir: Vectors = None,
    cache_dir: Cache = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Find passages, best first."""
    from service import terminal
    from service.requests import SearchBody

    filters = _filters(date_from, date_to, file, outlet, lang)
    body = _checked(SearchBody, query=query, top_k=top_k, filters=filters)
    settings = _settings(vectors_dir=vectors_dir, cache_dir=cache_dir, host=host, port=port)
    with _server(settings, url) as server:
        if server is not None:
            found = server.search(body.model_dump(exclude_none=True))
        else:
            from service import work
            from service.local import opened

            with terminal.spinner("loading the embedder"), opened(settings, drafting=False) as library:
                found = work.search(body, library)
    terminal.show_json(found) if json else terminal.show_results(found)


def articles(
    path: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A file to parse, indexed or not; without: the index.")
    ] = None,
    json: Json = False,
    q: Annotated[str | None, typer.Option("--q", help="Words that title or text must hold.")] = None,
    date_from: From = None,
    date_to: To = None,
    file: Annotated[str | None, typer.Option("--file", help="Articles of this seed file.")] = None,
    outlet: Annotated[str | None, typer.Option("--outlet", help="Articles of this outlet.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="How many, 1 to 1,000.")] = 50,
    offset: Annotated[int, typer.Option("--offset", help="How many to pass over.")] = 0,
    url: Url = None,
    vectors_dir: Vectors = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """List the indexed articles; or show what the parser sees in FILE, before it is indexed."""
    from service import terminal
    from service.requests import ArticlesQuery

    if path is not None:
        _parse(path, json)
        return
    given = {"q": q, "date_from": date_from, "date_to": date_to, "file": file, "outlet": outlet}
    query = _checked(ArticlesQuery, limit=limit, offset=offset, **given)
    settings = _settings(vectors_dir=vectors_dir, host=host, port=port)
    with _server(settings, url) as server:
        if server is not None:
            page = server.articles(query.model_dump(exclude_none=True))
        else:
            from rag.generations import open_current
            from service import work

            generation = open_current(settings.vectors_dir)
            try:
                page = work.articles(query, generation)
            finally:
                generation.close()
    terminal.show_json(page) if json else terminal.show_articles(page)


def reindex(
    seeds_dir: Seeds = None,
    vectors_dir: Vectors = None,
    cache_dir: Cache = None,
    embedder: EmbedderName = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss", help="Publish even if most passages go though files stay, or all files are gone."
        ),
    ] = False,
) -> None:
    """Index the seed files as they are now; a running server takes up the result by itself."""
    settings = _settings(seeds_dir=seeds_dir, vectors_dir=vectors_dir, cache_dir=cache_dir, embedder=embedder)
    from rag.embedder import open_embedder
    from rag.progress import progress_shown
    from rag.reindex import plan_reindex
    from rag.reindex import reindex as build
    from rag.reindex_report import IndexProgress
    from service import terminal

    with terminal.spinner("loading the embedder"):
        model = open_embedder(settings.embedder, settings.cache_dir, at_once=False)
    if dry_run:
        terminal.show_plan(plan_reindex(settings.seeds_dir, settings.vectors_dir, model.fingerprint, settings.limits))
        return
    with progress_shown() as show:

        def tell(progress: IndexProgress) -> None:
            show("reading seed files", progress.files_done, progress.files_total)
            if progress.passages_done:
                show("embedding passages", progress.passages_done, progress.passages_total)

        show("reading seed files", 0, 0)  # a sign of life while the embedder opens, if it must
        report = build(
            settings.seeds_dir,
            settings.vectors_dir,
            model,
            limits=settings.limits,
            keep=settings.keep_generations,
            accept_loss=accept_loss,
            progress=tell,
        )
    for warning in report.warnings:
        typer.echo(f"warning: {warning}", err=True)
    typer.echo(terminal.report_line(report))


def _parse(path: Path, as_json: bool) -> None:
    from rag.articles import read_file
    from rag.render import article_json
    from rag.sources import read_seed
    from service import terminal

    seed = read_seed(path.parent, path.name, _settings().limits)
    parsed = read_file(seed.sources, seed.warnings)
    found = [article_json(article) for article in parsed.articles]
    if as_json:
        shown = {"file": str(path), "layout": parsed.layout, "warnings": list(parsed.warnings), "articles": found}
        terminal.show_json(shown)
    else:
        terminal.show_parsed(str(path), parsed, found)


def _settings(**flags: object) -> "Settings":
    from rag.settings import load_settings

    return load_settings(**flags)


@contextmanager
def _server(settings: "Settings", url: str | None) -> "Iterator[Client | None]":
    """A client of the server at `url`, else of one that runs at the configured address over the same indexes."""
    from service.client import Client, find_server

    key = settings.api_key.get_secret_value() if settings.api_key else None
    client = Client(url, key) if url else find_server(settings.host, settings.port, key, settings.vectors_dir)
    try:
        yield client
    finally:
        if client is not None:
            client.close()


def _filters(
    date_from: str | None,
    date_to: str | None,
    files: list[str] | None,
    outlets: list[str] | None,
    langs: list[str] | None,
) -> dict[str, Any]:
    given = {"date_from": date_from, "date_to": date_to, "files": files, "outlets": outlets, "languages": langs}
    return {name: value for name, value in given.items() if value}


def _checked(model: type[Model], **values: Any) -> Model:
    """The request model of these values. Raises InputError naming what is wrong, as the service would."""
    from pydantic import ValidationError

    from rag.errors import InputError
    from service.problems import field_message, field_path

    try:
        return model.model_validate(values)
    except ValidationError as exc:
        errors = exc.errors(include_input=False, include_url=False)
    faults = [f"{field_path(error['loc'])}: {field_message(error)}" for error in errors]
    raise InputError("; ".join(faults), field_path(errors[0]["loc"]))

"""`derek`, the command line: its own verbs look after weights and indexes, the others come from installed packages.

A verb group is a function `add_to(app)` under the entry point group "derek.commands"; this module names none of them.
Errors of Derek end in one line and exit code 1, Ctrl-C in 130. Heavy imports wait until a verb needs them.
"""

import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from rag.errors import DerekError

if TYPE_CHECKING:
    from rag.settings import Settings

VERBS = "derek.commands"
WIDE = 1000  # columns of a table that goes to a file or another program: no cell is ever folded there

CacheDir = Annotated[Path | None, typer.Option(help="Folder of model weights.", show_default=False)]
VectorsDir = Annotated[Path | None, typer.Option(help="Folder of built indexes.", show_default=False)]
SeedsDir = Annotated[Path | None, typer.Option(help="Folder of seed files.", show_default=False)]
Names = Annotated[list[str] | None, typer.Argument(help="Models; without any, those the settings ask for.")]


class _Root(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except DerekError as error:
            typer.echo(f"derek: {error}", err=True)
            raise typer.Exit(1) from None


def build_app() -> typer.Typer:
    """The whole command line, with the verbs of every installed package."""
    app = typer.Typer(
        name="derek",
        cls=_Root,
        help="Answers questions over a folder of news files; every sentence is proved by a quotation.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,  # they show local variables, which may be secrets
    )
    app.callback()(_root)
    for entry_point in sorted(metadata.entry_points(group=VERBS), key=lambda entry: entry.name):
        try:
            add_to = entry_point.load()
        except ImportError as error:
            typer.echo(f"derek: the verbs of {entry_point.value} can't be loaded: {error}", err=True)
        else:
            add_to(app)
    index = typer.Typer(help="Built indexes.", no_args_is_help=True)
    index.command("list")(index_list)
    index.command("verify")(index_verify)
    index.command("rollback")(index_rollback)
    index.command("prune")(index_prune)
    app.add_typer(index, name="index")
    weights = typer.Typer(help="Model weights.", no_args_is_help=True)
    weights.command("pull")(models_pull)
    weights.command("list")(models_list)
    weights.command("verify")(models_verify)
    app.add_typer(weights, name="models")
    app.command()(doctor)
    return app


def main() -> None:
    """Entry point of `derek`."""
    try:
        build_app()()
    except KeyboardInterrupt:  # before or after a verb ran; within one the command line sees to it
        sys.exit(130)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"derek {metadata.version('derek')}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def index_list(vectors_dir: VectorsDir = None) -> None:
    """List the generations, newest first; * marks the one in use, "pinned" one that was gone back to."""
    from rag.generations import current_id, list_generations, pinned_id, size_on_disk
    from rag.settings import load_settings

    folder = load_settings(vectors_dir=vectors_dir).vectors_dir
    generations = list_generations(folder)
    if not generations:
        typer.echo(f"No generation in {folder} yet; build one with: derek reindex")
        return
    marks = {current_id(folder): "*"} | {pinned_id(folder): "* pinned"}
    _table(
        ["", "generation", "created", "files", "articles", "passages", "MB", "embedder"],
        [
            [
                marks.get(m.id, ""),
                m.id,
                m.created_at[:19],
                len(m.files),
                m.articles,
                m.passages,
                f"{size_on_disk(folder, m.id) / 1e6:.1f}",
                m.embedder_name or m.embedder,
            ]
            for m in generations
        ],
    )


def index_rollback(
    generation: Annotated[str | None, typer.Argument(help="Its id; without one, the one before that in use.")] = None,
    vectors_dir: VectorsDir = None,
    cache_dir: CacheDir = None,
) -> None:
    """Use an older generation until the next reindex that is asked for; a running server takes it up by itself."""
    from rag.errors import IndexDamaged, NoGeneration
    from rag.generations import activate, manifest_of, pinned_id, previous_id, verify_generation, writer_lock
    from rag.models import open_weights
    from rag.settings import load_settings

    settings = load_settings(vectors_dir=vectors_dir, cache_dir=cache_dir)
    folder = settings.vectors_dir
    chosen = generation or previous_id(folder)
    if chosen is None:
        raise NoGeneration(f"{folder}: no generation older than the one in use; `derek index list` names them")
    open_weights(manifest_of(folder, chosen).embedder_name, settings.cache_dir)  # a server could not take it up else
    with writer_lock(folder):
        if problems := verify_generation(folder, chosen):
            raise IndexDamaged("; ".join(problems))
        activate(folder, chosen, pin=True)
    stays = "; it stays until the next derek reindex" if pinned_id(folder) == chosen else ""
    typer.echo(f"{chosen}: in use{stays}")


def index_prune(
    keep: Annotated[int | None, typer.Option(min=1, help="How many stay.", show_default="as set")] = None,
    vectors_dir: VectorsDir = None,
) -> None:
    """Delete old generations, but none that is in use or read just now."""
    from rag.generations import current_id, prune, writer_lock
    from rag.settings import load_settings

    settings = load_settings(vectors_dir=vectors_dir, keep_generations=keep)
    if current_id(settings.vectors_dir) is None:
        typer.echo(f"No generation in {settings.vectors_dir} yet; build one with: derek reindex")
        return
    with writer_lock(settings.vectors_dir):
        pruned = prune(settings.vectors_dir, settings.keep_generations)
    for name in pruned.removed:
        typer.echo(f"{name}: deleted")
    for name in pruned.held:
        typer.echo(f"{name}: left, because it is being read; try again later")
    if not pruned.removed and not pruned.held:
        typer.echo(f"Nothing to delete: {settings.keep_generations} generations are kept")


def index_verify(
    generation: Annotated[str | None, typer.Argument(help="Its id; without one, the generation in use.")] = None,
    vectors_dir: VectorsDir = None,
) -> None:
    """Check a generation's files against its manifest."""
    from rag.errors import NoGeneration
    from rag.generations import current_id, verify_generation
    from rag.settings import load_settings

    folder = load_settings(vectors_dir=vectors_dir).vectors_dir
    chosen = generation or current_id(folder)
    if chosen is None:
        raise NoGeneration(f"No generation in {folder} yet; build one with: derek reindex")
    _report_problems(chosen, verify_generation(folder, chosen))


def models_pull(names: Names = None, cache_dir: CacheDir = None) -> None:
    """Fetch weights that are not there yet, check them, and turn them into what the engines load."""
    from rag import models
    from rag.progress import progress_shown
    from rag.settings import load_settings

    settings = load_settings(cache_dir=cache_dir)
    with progress_shown() as progress:
        folders = [(name, models.pull(name, settings.cache_dir, progress)) for name in names or wanted(settings)]
    for name, folder in folders:
        typer.echo(f"{name}: {folder}")


def models_list(cache_dir: CacheDir = None) -> None:
    """List the models Derek knows, and which of them are in the cache."""
    from rag import models
    from rag.settings import load_settings

    folder = load_settings(cache_dir=cache_dir).cache_dir
    rows: list[list[object]] = []
    for name in models.MANIFESTS:
        place = models.installed(name, folder)
        rows.append([name, models.manifest(name).licence, str(place) if place else "not there"])
    _table(["model", "licence", "installed"], rows)


def models_verify(names: Names = None, cache_dir: CacheDir = None) -> None:
    """Check the checksums of weights in the cache."""
    from rag import models
    from rag.settings import load_settings

    settings = load_settings(cache_dir=cache_dir)
    failed = False
    for name in names or wanted(settings):
        try:
            _report_problems(name, models.verify(name, settings.cache_dir))
        except typer.Exit:
            failed = True  # the other models are checked too
    if failed:
        raise typer.Exit(1)


def doctor(
    seeds_dir: SeedsDir = None,
    vectors_dir: VectorsDir = None,
    cache_dir: CacheDir = None,
    host: Annotated[str | None, typer.Option(help="Address of the server.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="Port of the server.", show_default=False)] = None,
) -> None:
    """Check machine, weights, index and port; for each failure the command that mends it."""
    from rag.doctor import examine
    from rag.settings import load_settings

    settings = load_settings(seeds_dir=seeds_dir, vectors_dir=vectors_dir, cache_dir=cache_dir, host=host, port=port)
    checks = examine(
        seeds_dir=settings.seeds_dir,
        vectors_dir=settings.vectors_dir,
        cache_dir=settings.cache_dir,
        wanted=wanted(settings),
        host=settings.host,
        port=settings.port,
    )
    for check in checks:
        typer.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.found}")
        if not check.ok:
            typer.echo(f"      needed: {check.need}\n      mend:   {check.mend}")
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def wanted(settings: "Settings") -> list[str]:
    """The known models that these settings use; a model of the user's own is the user's to keep."""
    from rag.models import MANIFESTS

    names = [settings.embedder] + ([settings.llm] if settings.engine != "openai" else [])
    return [name for name in names if name in MANIFESTS]


def _report_problems(name: str, problems: list[str]) -> None:
    """Say that `name` is sound, or what is wrong with it and exit 1."""
    if not problems:
        typer.echo(f"{name}: sound")
        return
    for problem in problems:
        typer.echo(f"{name}: {problem}", err=True)
    raise typer.Exit(1)


def _table(header: list[str], rows: list[list[object]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in header:
        table.add_column(title, overflow="fold", no_wrap=title != header[-1])
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


if __name__ == "__main__":
    main()

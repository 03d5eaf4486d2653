"""The verbs over the seeds folder: `derek seeds …` and `derek watch`.

They act on the folder itself, whether a server runs or not; a server takes changes up when it reindexes.
"""

import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.flags import Cache, EmbedderName, Json, Seeds, Vectors

if TYPE_CHECKING:
    from rag.seed_folder.store import Change, SeedStore

_CHUNK = 1 << 20  # bytes
Replace = Annotated[bool, typer.Option("--replace", help="Another file of that name goes to the trash.")]


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(watch)
    seeds = typer.Typer(help="Seed files: list, put, delete, restore.", no_args_is_help=True)
    seeds.command("list")(seeds_list)
    seeds.command("put")(seeds_put)
    seeds.command("delete")(seeds_delete)
    seeds.command("trash")(seeds_trash)
    seeds.command("restore")(seeds_restore)
    app.add_typer(seeds, name="seeds")


def watch(
    seeds_dir: Seeds = None, vectors_dir: Vectors = None, cache_dir: Cache = None, embedder: EmbedderName = None
) -> None:
    """Reindex whenever seed files change, until Ctrl-C; a running server takes up the result by itself."""
    from rag.embedder import open_embedder
    from rag.settings import load_settings
    from service import terminal
    from service.watching import watch_here

    settings = load_settings(seeds_dir=seeds_dir, vectors_dir=vectors_dir, cache_dir=cache_dir, embedder=embedder)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with terminal.spinner("loading the embedder"):
        model = open_embedder(settings.embedder, settings.cache_dir, at_once=False)
    typer.echo(f"watching {settings.seeds_dir}")
    watch_here(
        settings.seeds_dir,
        settings.vectors_dir,
        model,
        stop,
        typer.echo,
        limits=settings.limits,
        keep=settings.keep_generations,
    )


def seeds_list(json: Json = False, seeds_dir: Seeds = None, vectors_dir: Vectors = None) -> None:
    """List the seed files: what Derek makes of each, and whether the index in use has it so."""
    from contextlib import closing, nullcontext

    from rag.errors import IndexDamaged
    from rag.generations import open_current
    from rag.render import seed_json
    from rag.seed_folder.listing import SeedListing
    from rag.settings import load_settings
    from service import terminal

    settings = load_settings(seeds_dir=seeds_dir, vectors_dir=vectors_dir)
    listing = SeedListing(settings.seeds_dir, settings.limits)
    try:
        opened = closing(open_current(settings.vectors_dir))
    except IndexDamaged:  # nothing indexed is no reason not to look
        opened = None
    with opened or nullcontext() as generation:
        page = listing.page(generation, sys.maxsize, 0, most=sys.maxsize)
    if json:
        shown = {"total": page.total, "seeds": [seed_json(seed) for seed in page.seeds], "gone": list(page.gone)}
        terminal.show_json(shown)
    else:
        terminal.show_seeds(page)


def seeds_put(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files to copy into the seeds folder.")],
    into: Annotated[str, typer.Option("--into", help="A sub-folder to put them in.")] = "",
    replace: Replace = False,
    seeds_dir: Seeds = None,
) -> None:
    """Copy files into the seeds folder, by the rules that hold over HTTP too."""
    from rag.errors import InputError
    from rag.seed_folder.store import Condition

    store = _store(seeds_dir)
    for file in files:
        name = f"{into}/{file.name}" if into else file.name
        try:
            with store.receive(name) as upload, file.open("rb") as stream:
                while data := stream.read(_CHUNK):
                    upload.write(data)
                change = store.put(upload, Condition(replace=replace))
        except OSError as exc:
            raise InputError(f"{file}: can't be read ({exc.strerror})", "files") from exc
        _say(change)


def seeds_delete(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="As `derek seeds list` shows them.")],
    seeds_dir: Seeds = None,
) -> None:
    """Move seed files to the trash, from where they can be restored for 30 days."""
    store = _store(seeds_dir)
    for name in names:
        trashed = store.delete(name)
        typer.echo(f"{trashed.file}: deleted; back with: derek seeds restore {trashed.id}")


def seeds_trash(json: Json = False, seeds_dir: Seeds = None) -> None:
    """List what was deleted or replaced in the last 30 days, newest first."""
    from rag.render import trashed_json
    from service import terminal

    entries = _store(seeds_dir).trash.entries()
    if json:
        terminal.show_json({"trash": [trashed_json(entry) for entry in entries]})
    else:
        terminal.show_trash(entries)


def seeds_restore(
    trash_id: Annotated[str, typer.Argument(metavar="ID", help="As `derek seeds trash` shows it.")],
    replace: Replace = False,
    seeds_dir: Seeds = None,
) -> None:
    """Put a file from the trash back where it was."""
    from rag.seed_folder.store import Condition

    _say(_store(seeds_dir).restore(trash_id, Condition(replace=replace)))


def _store(seeds_dir: Path | None) -> "SeedStore":
    from rag.seed_folder.store import SeedStore
    from rag.settings import load_settings

    settings = load_settings(seeds_dir=seeds_dir)
    return SeedStore(settings.seeds_dir, settings.limits)


def _say(change: "Change") -> None:
    back = f"; the other one is back with: derek seeds restore {change.trashed.id} --replace" if change.trashed else ""
    typer.echo(f"{change.file}: {change.done}{back}")

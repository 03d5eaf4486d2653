"""`derek eval`: the verbs of question sets. Reads settings, opens what a run needs, shows what came out."""

import math
import os
import platform
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rag.answer import Library
    from rag.settings import Settings

RUNS = Path("eval/runs")
_WIDTH = 160  # of tables that no terminal shows
_UNSEEN = {"api_key", "engine_key", "host", "port"}  # settings that are secret, or change no answer


class AnswerMode(StrEnum):
    """How answers are made."""

    GENERATE = "generate"
    EXTRACT = "extract"


class WhichSplit(StrEnum):
    """Which half of a set."""

    DEV = "dev"
    TEST = "test"
    ALL = "all"


def add_to(app: typer.Typer) -> None:
    """Add `eval run` and `eval show` to the command line."""
    verbs = typer.Typer(help="Question sets: run them, see what came out.", no_args_is_help=True)
    verbs.command("run")(run_set)
    verbs.command("show")(show_run)
    app.add_typer(verbs, name="eval")


def run_set(
    questions: Annotated[str, typer.Argument(metavar="SET", help="A JSONL file, or the name of a shipped set.")],
    name: Annotated[str | None, typer.Option(help="The run's name; by default set, mode and time.")] = None,
    mode: Annotated[AnswerMode, typer.Option(help="How answers are made.")] = AnswerMode.GENERATE,
    split: Annotated[WhichSplit, typer.Option(help="Tune on dev, report test.")] = WhichSplit.ALL,
    sample: Annotated[int | None, typer.Option(min=1, help="Only that many questions; samples nest.")] = None,
    retrieval_only: Annotated[bool, typer.Option("--retrieval-only", help="Rank articles, answer nothing.")] = False,
    prototype: Annotated[bool, typer.Option("--prototype", help="The plain prototype's retrieval beside.")] = False,
    prototype_answers: Annotated[bool, typer.Option("--prototype-answers", help="Its answers too.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run of that name.")] = False,
    runs_dir: Annotated[Path, typer.Option(help="Folder of runs.")] = RUNS,
    vectors_dir: Annotated[Path | None, typer.Option(help="Folder of built indexes.", show_default=False)] = None,
    cache_dir: Annotated[Path | None, typer.Option(help="Folder of model weights.", show_default=False)] = None,
) -> None:
    """Ask every question of a set, judge the answers, and write the run down."""
    from eval.readers import find_set, read_set
    from eval.run import Plan, run
    from eval.sets import select
    from rag.errors import InputError
    from rag.progress import progress_shown
    from rag.settings import load_settings

    settings = load_settings(vectors_dir=vectors_dir, cache_dir=cache_dir)
    found = read_set(find_set(questions))
    items = select(found.items, split.value, sample)
    if not items:
        raise InputError(f"{found.path}: no questions in split {split.value}", "split")
    if resume and name is None:
        raise InputError("--resume needs the --name of the run to go on with", "name")
    started = datetime.now(UTC)
    plan = Plan(
        name=name or f"{found.name}-{mode.value}-{started:%Y%m%dT%H%M%S}",
        questions=found,
        items=items,
        mode=mode.value,
        retrieval_only=retrieval_only,
        prototype=prototype or prototype_answers,
        prototype_answers=prototype_answers,
    )
    needs_model = (mode is AnswerMode.GENERATE and not retrieval_only) or prototype_answers
    with ExitStack() as stack:
        library = _open_library(settings, needs_model, stack)
        show = stack.enter_context(progress_shown())
        try:
            folder = run(
                plan,
                library,
                runs_dir,
                {"settings": _settings_shown(settings), **_circumstances(started)},
                resume=resume,
                progress=lambda done, total: show("questions", done, total),
            )
        except KeyboardInterrupt:
            typer.echo(f"Stopped; what is done is kept. Go on with the same command, --name {plan.name} --resume.")
            raise
    show_run(plan.name, runs_dir=runs_dir)
    typer.echo(f"{folder}")


def show_run(
    name: Annotated[str, typer.Argument(metavar="RUN", help="The run's name.")],
    failures: Annotated[bool, typer.Option("--failures", help="List the questions that went wrong.")] = False,
    runs_dir: Annotated[Path, typer.Option(help="Folder of runs.")] = RUNS,
) -> None:
    """Show a run, also one that is not complete: each metric with n and 95 % interval, by type and language."""
    import json

    from rich.console import Console

    from eval.records import read_records
    from eval.run import ANSWERS, METRICS, RUN
    from eval.summary import summarise
    from eval.tables import failures_table, groups_table, metrics_table
    from rag.errors import InputError

    folder = runs_dir / name
    if not (folder / RUN).is_file():
        known = ", ".join(sorted(path.parent.name for path in runs_dir.glob(f"*/{RUN}"))) or "none"
        raise InputError(f"{folder}: no run of this name; there are: {known}", "run")
    description = json.loads((folder / RUN).read_text(encoding="utf-8"))
    records = list({record.id: record for record in read_records(folder / ANSWERS)}.values())
    complete = (folder / METRICS).is_file()
    summary = json.loads((folder / METRICS).read_text(encoding="utf-8")) if complete else summarise(records)
    systems = [system for system in ("derek", "prototype") if system in summary]
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    console.print(
        f"{name}: {'' if complete else 'not complete, '}{summary['questions']} questions of "
        f"{description['set']['name']}, {description['mode']}, "
        f"model {description['model']}, commit {description['commit']}\n"
        "mean [95 % bootstrap interval] n\n",
        highlight=False,
    )
    console.print(metrics_table(summary))
    for system in systems:
        console.print()
        console.print(groups_table(summary, system))
    if failures:
        for system in systems:
            console.print()
            console.print(failures_table(records, description["answers"], system))


def _open_library(settings: "Settings", needs_model: bool, stack: ExitStack) -> "Library":
    """The current generation, its embedder and, where needed, the language model behind a cache of drafts."""
    from eval.drafts import CachedGenerator
    from rag.answer import Library
    from rag.embedder import open_embedder
    from rag.errors import IndexDamaged
    from rag.generation import open_current

    generation = open_current(settings.vectors_dir)
    stack.callback(generation.close)
    embedder = open_embedder(settings.embedder, settings.cache_dir)
    if generation.manifest.embedder != embedder.fingerprint:
        raise IndexDamaged(
            f"{settings.vectors_dir}: made with embedder {generation.manifest.embedder}, not {embedder.fingerprint}; "
            "run derek reindex, or set DEREK_EMBEDDER to that one"
        )
    if not needs_model:
        return Library(generation, embedder, None)
    from rag.generator import open_generator

    key = settings.engine_key.get_secret_value() if settings.engine_key else None
    inner = open_generator(settings.engine, settings.llm, settings.cache_dir, settings.engine_url, key)
    what = f"{settings.engine} {settings.llm} {settings.engine_url or ''}"
    generator = CachedGenerator(inner, settings.cache_dir / "eval" / "drafts.sqlite", what)
    stack.callback(generator.close)
    return Library(generation, embedder, generator)


def _settings_shown(settings: "Settings") -> dict[str, Any]:
    return settings.model_dump(mode="json", exclude=_UNSEEN)


def _circumstances(started: datetime) -> dict[str, object]:
    from rag.preflight import memory

    return {
        "commit": _commit(),
        "started_at": started.isoformat(timespec="seconds"),
        "machine": {
            "platform": platform.platform(),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "memory_gib": round(memory() / 2**30, 1) if math.isfinite(memory()) else None,
        },
    }


def _commit() -> str:
    """The commit that the code is at, with `+` where files differ from it; "unknown" outside a checkout."""
    here = Path(__file__).parent
    try:
        head, changes = (
            subprocess.run(["git", *arguments], cwd=here, capture_output=True, text=True, check=True, timeout=20).stdout
            for arguments in (("rev-parse", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return head.strip()[:12] + ("+" if changes.strip() else "")

"""`derek eval show`, `compare`, `causes`, `report`: the verbs that look at runs that are there, and ask nobody."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from rag.settings import Settings

_WIDTH = 160  # of tables that no terminal shows


class WhichSplit(StrEnum):
    """Which half of a set."""

    DEV = "dev"
    TEST = "test"
    ALL = "all"


RunName = Annotated[str, typer.Argument(metavar="RUN", help="The run's name.")]
RunsDir = Annotated[Path | None, typer.Option(help="Folder of runs.", show_default=False)]


def show_run(
    name: RunName,
    failures: Annotated[bool, typer.Option("--failures", help="List the questions that went wrong.")] = False,
    runs_dir: RunsDir = None,
) -> None:
    """Show a run, also one that is not complete: each metric with n and 95 % interval, by type and language."""
    from rag.settings import load_settings

    show(name, load_settings(runs_dir=runs_dir), failures=failures)


def compare_runs(
    a: Annotated[str, typer.Argument(metavar="A", help="The run to compare with.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The run that may be better.")],
    runs_dir: RunsDir = None,
) -> None:
    """Two runs of the same questions: each metric's paired difference with its interval, and what flipped."""
    from eval.compare import compare
    from eval.reading import read_run
    from eval.tables import print_comparison
    from rag.settings import load_settings

    folder = load_settings(runs_dir=runs_dir).runs_dir
    print_comparison(compare(read_run(folder, a), read_run(folder, b)), _console())


def causes_of_run(
    name: RunName,
    split: Annotated[WhichSplit, typer.Option(help="Only one half of the set.")] = WhichSplit.ALL,
    runs_dir: RunsDir = None,
) -> None:
    """Why questions went wrong: one cause each, from finding to wording, with a count and the questions' ids."""
    from eval.causes import causes_of
    from eval.reading import read_run
    from eval.tables import print_causes
    from rag.settings import load_settings

    records = read_run(load_settings(runs_dir=runs_dir).runs_dir, name).records
    print_causes(causes_of(one for one in records if split.value in ("all", one.split)), _console())


def report_runs(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="One run, or several side by side.")],
    out: Annotated[
        Path | None, typer.Option(help="The page; by default report.html in the first run's folder.")
    ] = None,
    runs_dir: RunsDir = None,
) -> None:
    """Write one HTML page that needs nothing else: plots, and every question with its answer in its passages."""
    from rag.settings import load_settings

    typer.echo(f"{write_page(names, load_settings(runs_dir=runs_dir), out)}")


def show(name: str, settings: "Settings", *, failures: bool) -> None:
    """Print the tables of a run. Raises InputError where there is none of this name."""
    from eval.reading import read_run
    from eval.tables import print_run

    print_run(read_run(settings.runs_dir, name), _console(), failures=failures)


def write_page(names: list[str], settings: "Settings", out: Path | None) -> Path:
    """Write the page of these runs, by default into the folder of the first; its path. Raises InputError."""
    from eval.reading import read_run
    from eval.report import write_report

    runs = [read_run(settings.runs_dir, name) for name in names]
    return write_report(runs, out or settings.runs_dir / names[0] / "report.html")


def _console() -> "Console":
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _WIDTH)

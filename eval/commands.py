"""`derek eval`: the verbs of question sets, of which those that look at runs stand apart. Opens what a verb needs."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.new_command import new_questions
from eval.show_commands import (
    RunsDir,
    WhichSplit,
    causes_of_run,
    compare_runs,
    report_runs,
    show,
    show_run,
    write_page,
)

if TYPE_CHECKING:
    from eval.judges import Judge
    from eval.sets import QuestionSet
    from rag.progress import OnProgress
    from rag.settings import Settings


class AnswerMode(StrEnum):
    """How answers are made; "retrieval" makes none."""

    GENERATE = "generate"
    EXTRACT = "extract"
    RETRIEVAL = "retrieval"


class WhichSystem(StrEnum):
    """Who is asked; words and dense are the halves of retrieval, gold the model with gold passages given."""

    DEREK = "derek"
    PROTOTYPE = "prototype"
    WORDS = "words"
    DENSE = "dense"
    GOLD = "gold"


class WhichJudge(StrEnum):
    """Who says whether quotations support a sentence."""

    WORDS = "words"
    MODEL = "model"
    NONE = "none"


class ProgressForm(StrEnum):
    """How progress is told: a bar for people, JSON lines for programs."""

    BAR = "bar"
    JSON = "json"


SetName = Annotated[str, typer.Argument(metavar="SET", help="A file or folder, or the name of a shipped set.")]
VectorsDir = Annotated[Path | None, typer.Option(help="Folder of built indexes.", show_default=False)]
CacheDir = Annotated[Path | None, typer.Option(help="Folder of model weights.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add the verbs of `derek eval` to the command line."""
    verbs = typer.Typer(help="Question sets: run them, see what came out.", no_args_is_help=True)
    verbs.command("run")(run_set)
    verbs.command("show")(show_run)
    verbs.command("compare")(compare_runs)
    verbs.command("causes")(causes_of_run)
    verbs.command("report")(report_runs)
    verbs.command("check")(check_questions)
    verbs.command("new")(new_questions)
    app.add_typer(verbs, name="eval")


def run_set(
    questions: SetName,
    name: Annotated[str | None, typer.Option(help="The run's name; by default set, mode and time.")] = None,
    mode: Annotated[AnswerMode, typer.Option(help="How answers are made.")] = AnswerMode.GENERATE,
    system: Annotated[WhichSystem, typer.Option(help="Who is asked.")] = WhichSystem.DEREK,
    url: Annotated[str | None, typer.Option(help="Ask a running server instead; DEREK_API_KEY is its key.")] = None,
    split: Annotated[WhichSplit, typer.Option(help="Tune on dev, report test.")] = WhichSplit.ALL,
    sample: Annotated[int | None, typer.Option(min=1, help="Only that many questions; samples nest.")] = None,
    judge: Annotated[WhichJudge, typer.Option(help="Who says what quotations support.")] = WhichJudge.WORDS,
    question_field: Annotated[str, typer.Option(help="The field to ask: a translation, say.")] = "question",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run of that name.")] = False,
    report: Annotated[bool, typer.Option("--report", help="Write the HTML report too.")] = False,
    progress: Annotated[
        ProgressForm, typer.Option(help="A bar for people, JSON lines for programs.")
    ] = ProgressForm.BAR,
    runs_dir: RunsDir = None,
    vectors_dir: VectorsDir = None,
    cache_dir: CacheDir = None,
) -> None:
    """Ask every question of a set, judge the answers, and write the run down."""
    from eval.circumstances import circumstances, settings_shown
    from eval.opening import Asked, local, remote
    from eval.readers import find_set, read_set
    from eval.run import Plan, run
    from eval.sets import select
    from eval.telling import QUESTIONS
    from rag.errors import InputError, ServerGone
    from rag.settings import load_settings

    settings = load_settings(runs_dir=runs_dir, vectors_dir=vectors_dir, cache_dir=cache_dir)
    if url is not None and system is not WhichSystem.DEREK:
        raise InputError("--url asks a running Derek; leave out --system", "system")
    asked = Asked(system.value, mode.value)
    found = read_set(find_set(questions), question_field)
    _check_gold(found, mode)
    items = select(found.items, split.value, sample)
    if not items:
        raise InputError(f"{found.path}: no questions in split {split.value}", "split")
    if resume and name is None:
        raise InputError("--resume needs the --name of the run to go on with", "name")
    started = datetime.now(UTC)
    run_name = _checked_name(name or _name_of(found, mode, started))
    with ExitStack() as stack:
        tell = stack.enter_context(_progress(progress))
        opened = (
            stack.enter_context(remote(url, asked.mode, found, settings))
            if url is not None
            else local(asked, found, settings, tell, stack)
        )
        options = {"split": split.value, "sample": sample, "question_field": question_field}
        try:
            folder = run(
                Plan(run_name, found, items, mode.value, _judge_of(judge, mode, settings, stack)),
                opened,
                settings.runs_dir,
                {"options": options, "settings": settings_shown(settings), **circumstances(started)},
                resume=resume,
                progress=lambda done, total: tell(QUESTIONS, done, total),
            )
        except (KeyboardInterrupt, ServerGone):
            typer.echo(f"Stopped; what is done is kept. Go on: the same command, --name {run_name} --resume.", err=True)
            raise
    if report:
        write_page([run_name], settings, None)
    if progress is ProgressForm.JSON:
        typer.echo(json.dumps({"run": str(folder)}))
        return
    show(run_name, settings, failures=False)
    typer.echo(f"{folder}")


def check_questions(
    questions: SetName,
    question_field: Annotated[str, typer.Option(help="The field that is asked.")] = "question",
    vectors_dir: VectorsDir = None,
) -> None:
    """Check a set against the index: ids, gold articles, quotations word for word, answers in their evidence."""
    from eval.check import check
    from eval.gold import GenerationShelf
    from eval.readers import find_set, read_set
    from rag.generations import open_current
    from rag.settings import load_settings

    found = read_set(find_set(questions), question_field)
    with ExitStack() as stack:
        shelf = None
        if not found.documents:
            generation = open_current(load_settings(vectors_dir=vectors_dir).vectors_dir)
            stack.callback(generation.close)
            shelf = GenerationShelf(generation)
        checked = check(found, shelf)
    typer.echo(checked.report())
    if checked.faults:
        raise typer.Exit(1)


@contextmanager
def _progress(form: ProgressForm) -> Iterator["OnProgress"]:
    """Yields the function to call with (step, done, total)."""
    from eval.telling import in_json
    from rag.progress import progress_shown

    if form is ProgressForm.BAR:
        with progress_shown() as show:
            yield show
        return
    yield in_json(typer.echo)  # which flushes


def _judge_of(
    which: WhichJudge, mode: AnswerMode, settings: "Settings", stack: ExitStack
) -> Callable[[str | None], "Judge | None"]:
    """Who judges support, given the model under test; the language model only where it is asked for by name."""
    from eval.judges import ModelJudge, WordsJudge

    if which is WhichJudge.NONE or mode is AnswerMode.RETRIEVAL:  # where nothing is said, nothing is judged
        return lambda model: None
    if which is WhichJudge.WORDS:
        return lambda model: WordsJudge()
    from eval.opening import open_cached

    generator = open_cached(settings, stack)
    return lambda model: ModelJudge(generator, is_under_test=generator.model == model)


def _check_gold(questions: "QuestionSet", mode: AnswerMode) -> None:
    """Raises InputError where answers are wanted of a set that can't tell a right one."""
    from rag.errors import InputError

    mute = [item for item in questions.items if item.answerable and not (item.answers or item.must_include)]
    if mute and mode is not AnswerMode.RETRIEVAL:
        raise InputError(
            f"{questions.place(mute[0])}: no answers, so only retrieval can be measured; add --mode retrieval", "mode"
        )


def _name_of(questions: "QuestionSet", mode: AnswerMode, started: datetime) -> str:
    """The name of a run that was given none."""
    stem = re.sub(r"[^\w.-]+", "-", questions.name).lstrip("-.")[:60] or "set"
    return f"{stem}-{mode.value}-{started:%Y%m%dT%H%M%S}"


def _checked_name(name: str) -> str:
    """A run's name, which is a folder's. Raises InputError."""
    from rag.errors import InputError

    if not re.fullmatch(r"[\w][\w.-]{0,99}", name):
        raise InputError(f"--name {name!r}: letters, digits, '.', '-' and '_', at most 100, the first no sign", "name")
    return name

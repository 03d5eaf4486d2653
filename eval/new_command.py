"""`derek eval new`: opens what drafting questions needs, and brings seed files, model and person together."""

import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class WhichLanguage(StrEnum):
    """The language of the questions."""

    EN = "en"
    RU = "ru"
    KK = "kk"


def new_questions(
    seedfiles: Annotated[list[Path], typer.Argument(metavar="SEEDFILE...", help="Files to ask about.")],
    out: Annotated[Path, typer.Option(help="The set to begin or to add to, a .jsonl file.")] = Path("questions.jsonl"),
    per_article: Annotated[int, typer.Option(min=1, max=50, help="Questions an article; those of the set count.")] = 3,
    lang: Annotated[
        WhichLanguage | None, typer.Option(help="Language of the questions; by default the article's.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nobody: add all drafts that pass the checks, with ids draft-….")
    ] = False,
    seeds_dir: Annotated[Path | None, typer.Option(help="Folder of seed files.", show_default=False)] = None,
    cache_dir: Annotated[Path | None, typer.Option(help="Folder of model weights.", show_default=False)] = None,
) -> None:
    """Draft questions with the local model, each with its evidence, for you to accept, edit or throw away."""
    from rich.console import Console

    from eval.new import drafts_of, questions_wanted, read_seed_texts
    from eval.new_session import Quit, Tally, ask_on_terminal, keep_all, review
    from eval.opening import open_cached
    from eval.question_file import QuestionFile
    from rag.errors import InputError
    from rag.progress import progress_shown
    from rag.settings import load_settings

    settings = load_settings(seeds_dir=seeds_dir, cache_dir=cache_dir)
    if not yes and not _is_person_there():
        raise InputError("nobody is there to decide about drafts: run it in a terminal, or add --yes", "yes")
    questions = QuestionFile(out)
    seeds = read_seed_texts(
        seedfiles, settings.seeds_dir, lambda warning: typer.echo(f"note: {warning}", err=True), settings.limits
    )
    plan = [
        (seed, wanted)
        for seed in seeds
        if (wanted := questions_wanted(seed, questions.quotes, per_article)) > 0
    ]  # fmt: skip
    if not plan:
        raise InputError(
            f"nothing left to ask: the {len(seeds)} articles have no sentence with a name or an amount that {out} "
            "does not ask about, or enough questions already; raise --per-article or name other files",
            "seedfile",
        )
    tally = Tally()
    with ExitStack() as stack:
        generator = open_cached(settings, stack)
        show = stack.enter_context(progress_shown()) if yes else None
        console = Console()
        try:
            for done, (seed, wanted) in enumerate(plan):
                drafts = drafts_of(
                    seed,
                    generator,
                    wanted,
                    asked=lambda: questions.questions,
                    used=questions.quotes,
                    language=lang and lang.value,
                )
                if show is None:
                    review(drafts, questions, tally, console, ask_on_terminal)
                else:
                    show("articles", done, len(plan))
                    keep_all(drafts, questions, tally)
                    show("articles", done + 1, len(plan))
        except (Quit, EOFError):
            typer.echo("Stopped; what was accepted is kept. Go on with the same command.", err=True)
        except KeyboardInterrupt:
            typer.echo(f"\nStopped. {tally.summary(out)}\nGo on with the same command.", err=True)
            raise
    typer.echo(tally.summary(out))


def _is_person_there() -> bool:
    """Whether someone can be shown drafts and asked about them."""
    return sys.stdin.isatty() and sys.stdout.isatty()

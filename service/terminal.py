"""What people see on a terminal: answers with their quotations, lists, and a service that is getting ready.

Knows how things look; nothing here decides anything. Texts of articles are printed as they are, never as markup.
"""

import json
import logging
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.logging import RichHandler

from rag.articles import ParsedFile
from rag.progress import OnProgress
from rag.shapes import AnswerJson, ArticleJson, ArticlesJson, CitationJson, RetrievedJson, SearchJson
from service.readiness import Check, CheckName

if TYPE_CHECKING:
    from rag.reindex_report import ReindexPlan, ReindexReport
    from rag.seed_folder.listing import SeedsPage
    from rag.seed_folder.trash import Trashed

_HEAD = 200  # characters of a passage in a list


def show_json(value: Any) -> None:
    """The whole object, readable by other programs."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def show_answer(answer: AnswerJson) -> None:
    """The answer with the numbers of its quotations, then the quotations; a refusal with what stands nearby."""
    typer.echo(_with_markers(answer))
    for period in answer["applied"].get("periods", []):
        if period["undone"]:
            typer.echo(f"(nothing came out in the time “{period['phrase']}”, so all articles were searched)")
        elif period["use"] == "filter":
            typer.echo(f"(only articles of “{period['phrase']}”: {period['from'] or '…'} to {period['to'] or '…'})")
    quotations = answer["citations"]
    if answer["abstained"]:
        typer.echo(f"(not answered: {answer['abstain_reason']})")
        quotations = answer["related"]
        if quotations:
            typer.echo("\nNearby, the sources say:")
    for quotation in quotations:
        typer.echo(f"\n[{quotation['n']}] “{quotation['cited_text']}”\n    {_whence(quotation)}")


def show_results(found: SearchJson) -> None:
    """Passages, best first."""
    if not found["results"]:
        typer.echo("Nothing found.")
    for number, item in enumerate(found["results"], start=1):
        text = " ".join(item["text"].split())
        typer.echo(f"{number}. {_shortened(text)}\n   {_whence(item)}")


def show_articles(page: ArticlesJson) -> None:
    """Articles of the index, newest first."""
    for article in page["articles"]:
        typer.echo(_line(article))
    typer.echo(f"{len(page['articles'])} of {page['total']} articles")


def show_parsed(file: str, parsed: ParsedFile, articles: Sequence[ArticleJson]) -> None:
    """What the parser saw in a file, before anything is indexed."""
    for article in articles:
        span = f"{article['start_char_index']}-{article['end_char_index']}"
        typer.echo(f"{_line(article)}  [{span}]")
    for warning in parsed.warnings:
        typer.echo(f"warning: {warning}")
    typer.echo(f"{file}: {len(articles)} articles, layout {parsed.layout}")


def show_seeds(page: "SeedsPage") -> None:
    """Seed files: whether the index has each so, size, name and what was made of it, then what is wrong with it."""
    for seed in page.seeds:
        mark = "indexed" if seed.indexed else "new" if seed.error is None else "-"
        made = f"{seed.articles} articles, {seed.layout}" if seed.error is None else "can't be read"
        typer.echo(f"{mark:<7}  {seed.size:>11,}  {seed.file}  ({made})")
        for line in seed.warnings if seed.error is None else (seed.error,):
            typer.echo(f"         {line}")
    for file in page.gone:
        typer.echo(f"gone     {'-':>11}  {file}  (still indexed)")
    typer.echo(f"{page.total} seed files")


def show_trash(entries: "Sequence[Trashed]") -> None:
    """What can be restored, newest first."""
    for entry in entries:
        typer.echo(f"{entry.id}  {entry.why:<8}  until {entry.expires_at[:10]}  {entry.size:>11,}  {entry.file}")
    typer.echo(f"{len(entries)} files in the trash")


def show_plan(plan: "ReindexPlan") -> None:
    """What a reindex would do."""
    for line in plan_lines(plan):
        typer.echo(line)
    for warning in plan.warnings:
        typer.echo(f"warning: {warning}")
    if not plan.changes:
        typer.echo("nothing would change")


def plan_lines(plan: "ReindexPlan") -> Iterator[str]:
    """What a reindex would do, a line a file."""
    if plan.rebuild:
        yield f"all anew: {plan.rebuild}"
    for word, files in (("added", plan.added), ("changed", plan.changed), ("removed", plan.removed)):
        yield from (f"{word}: {file}" for file in files)
    yield from (f"renamed: {old} -> {new}" for old, new in plan.renamed)


def report_line(report: "ReindexReport") -> str:
    """What a reindex did."""
    twins = f" ({report.grouped} more say the same)" if report.grouped else ""
    counts = f"{report.files} files, {report.articles} articles{twins}, {report.passages} passages"
    change = f"{report.embedded} embedded, {report.reused} reused" if report.changed else "nothing has changed"
    anew = f"; all read anew, for {report.rebuild}" if report.rebuild else ""
    return f"{report.generation}: {counts}; {change}{anew}"


@contextmanager
def spinner(doing: str) -> Iterator[Callable[[str], None]]:
    """A sign of life on a terminal while something takes long; yields a function that says what is done now."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda doing: None
        return
    with console.status(f"{doing} …") as status:
        yield lambda doing: status.update(f"{doing} …")


def narrator(console: Console, show: OnProgress) -> Callable[[CheckName, Check], None]:
    """Tells each change of a check: a bar where an amount is known, else a line when there is something new to say."""
    said: dict[CheckName, str] = {}

    def tell(name: CheckName, check: Check) -> None:
        if check.state == "working" and check.total:
            show(check.detail, check.done, check.total)
            return
        line = f"{name}: {check.detail}"
        if check.state == "failed":
            line = f"{name} failed: {check.detail}"
        elif check.state == "ok" and name in ("embedder", "model"):  # their details are for programs
            line = f"{name}: ready"
        if check.detail and said.get(name) != line:
            said[name] = line
            console.print(line, highlight=False, markup=False, soft_wrap=True)

    return tell


def say_ready(url: str, question: str, *, with_key: bool) -> None:
    """The address and one line to try it with."""
    key = ' -H "Authorization: Bearer $DEREK_API_KEY"' if with_key else ""
    body = shlex.quote(json.dumps({"question": question}, ensure_ascii=False))
    typer.echo(f"\nDerek is ready: {url}")
    typer.echo(f"curl -s {url}/v1/ask -H 'content-type: application/json'{key} -d {body}")


def say_not_ready(url: str, why: str) -> None:
    """What failed, while the rest goes on."""
    typer.echo(f"\nDerek can't answer yet. {why}\nWhat works and what does not: {url}/readyz")


def log_handler(console: Console) -> logging.Handler:
    """Log lines that do not tear progress bars; plain where there is no terminal."""
    if not console.is_terminal:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        return handler
    return RichHandler(console=console, show_path=False, markup=False, highlighter=None, log_time_format="%H:%M:%S")


def _with_markers(answer: AnswerJson) -> str:
    text = answer["answer"]
    for sentence in sorted(answer["sentences"], key=lambda sentence: sentence["end"], reverse=True):
        markers = "".join(f"[{n}]" for n in sentence["citations"])
        text = f"{text[: sentence['end']]} {markers}{text[sentence['end'] :]}"
    return text


def _whence(item: CitationJson | RetrievedJson) -> str:
    parts = [item["file"], item["title"], item["outlet"], item["published_at"]]
    return " · ".join(part for part in parts if part)


def _line(article: ArticleJson) -> str:
    date = article["published_at"] or "no date"
    return f"{article['id']}  {date:<16}  {article['language']}  {article['outlet'] or '-'}  {article['title']}"


def _shortened(text: str) -> str:
    return text if len(text) <= _HEAD else text[: _HEAD - 1].rstrip() + "…"

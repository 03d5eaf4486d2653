"""`report.html`: one page about one or several runs that opens from a file, without a network. Knows no terminal.

Whatever comes from a run (questions, answers, names, passages) is text that nobody vouches for: the template escapes
all of it, and the page's own policy forbids it to load or run anything but the script and style written here.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from eval.compare import Comparison, compare
from eval.drawing import COLOURS, printable, svg
from eval.measures import SAYS
from eval.plots import Plot, plots_of
from eval.reading import Run, spent
from eval.records import Record
from eval.review import QuotedPassage, State, quoted_passages, reason_of, said, state_of
from rag.durable import write_whole
from rag.errors import InputError

_SPLITS = ("dev", "test")
_AS_GIVEN = ("report.css", "report.js")


@dataclass(frozen=True, slots=True)
class Reply:
    """What one run made of a question, ready to be shown. `place`: the run's among those shown, from 0."""

    place: int
    run: str
    state: State
    reason: str
    answer: str
    sentences: tuple[tuple[str, tuple[int, ...]], ...]  # the answer, cut so that numbers of citations stand between
    passages: tuple[QuotedPassage, ...]
    ranks: tuple[int | None, ...]
    facts: tuple[str, ...]  # confidence, seconds and the like, in words


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the replies of all runs that were asked it."""

    record: Record
    replies: tuple[Reply, ...]
    differ: tuple[str, ...]  # what differs between runs, "answers" or "verdicts", and "" for every question


def write_report(runs: Sequence[Run], path: Path) -> Path:
    """Write the page, complete or not at all, and return its path. Raises InputError for no runs, or two of a name."""
    page = render(runs).encode("utf-8", "replace")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, page)
    return path


def render(runs: Sequence[Run]) -> str:
    """The page. The same runs give the same page."""
    if not runs:
        raise InputError("a report needs a run", "run")
    names = [run.name for run in runs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"run {', '.join(twice)} is named twice; name each run once", "run")
    environment = _environment()
    css, script = (environment.get_template(name).render() for name in _AS_GIVEN)
    questions = _questions(runs)
    return environment.get_template("report.html.j2").render(
        title=" · ".join(names),
        sets=_in_order(str((run.description.get("set") or {}).get("name", "a question set")) for run in runs),
        runs=runs,
        css=Markup(css),
        script=Markup(script),
        policy=_policy(css, script),
        colours=COLOURS,
        headlines=[_headline(run) for run in runs],
        comparisons=_comparisons(runs),
        plots=_drawn(plots_of(runs)),
        metrics=_table(runs),
        splits=_SPLITS,
        spent=[spent(run.summary) for run in runs],
        questions=questions,
        states=_in_order(reply.state for question in questions for reply in question.replies),
        types=_in_order(question.record.type for question in questions),
        languages=_in_order(question.record.lang for question in questions),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("eval"),
        autoescape=lambda name: name is None or name not in _AS_GIVEN,
        undefined=StrictUndefined,
        finalize=lambda value: printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = _figure
    environment.filters["change"] = _change
    return environment


def _policy(css: str, script: str) -> str:
    """The page's Content-Security-Policy: its own script and style, and nothing from anywhere."""
    return (
        f"default-src 'none'; style-src {_hash(css)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    """What a Content-Security-Policy calls an inline script or style by (W3C CSP level 2, section 4.2.5)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _headline(run: Run) -> list[str]:
    """What a run showed, in sentences."""
    overall = run.summary["overall"]
    sentences = []
    if right := overall.get("right"):
        sentences.append(f"Of {right['n']} questions that the sources answer, {_share(right)} were answered rightly")
        if refused := overall.get("false_refusal"):
            sentences[-1] += f" and {_share(refused)} refused"
        sentences[-1] += "."
    if refused := overall.get("refused"):
        sentences.append(f"Of {refused['n']} that they do not answer, {_share(refused)} were refused.")
    found = next((name for name in ("evidence@5", "hit@5", "hit@1") if name in overall), None)
    if found is not None:
        says = SAYS.get(found, found)
        sentences.append(f"{found} is {_share(overall[found])} ({says}).")
    if cited := overall.get("citation_precision"):
        sentences.append(f"Of the citations {_share(cited)} lie in gold articles.")
    seconds = run.summary.get("seconds") or {}
    if "p50" in seconds:
        half, most = (f"{seconds[q]:.2g}\N{NO-BREAK SPACE}s" for q in ("p50", "p95"))
        sentences.append(f"Half of the questions took at most {half}, 95\N{NO-BREAK SPACE}% at most {most}.")
    if errors := run.summary.get("errors"):
        sentences.append(f"{errors} failed to run.")
    if not run.complete:
        sentences.insert(0, f"The run is not complete: {run.summary['questions']} questions so far.")
    return sentences


def _comparisons(runs: Sequence[Run]) -> list[Comparison | str]:
    """Every further run against the first; a sentence where the two can't be compared."""
    found: list[Comparison | str] = []
    for run in runs[1:]:
        try:
            found.append(compare(runs[0], run))
        except InputError as exc:
            found.append(f"{exc}.")
    return found


def _drawn(plots: Sequence[Plot]) -> list[tuple[Plot, Markup | None]]:
    return [
        (plot, None if plot.spec is None else Markup(svg(plot.spec, f"{plot.title}. {plot.says}"))) for plot in plots
    ]


def _table(runs: Sequence[Run]) -> list[tuple[str, str, list[list[Mapping[str, Any] | None]]]]:
    """Each metric that a run has: name, meaning, and for each run its estimates over all, dev and test."""
    rows = []
    for name in _in_order(name for run in runs for name in run.summary["overall"]):
        cells = [
            [run.summary["overall"].get(name), *(_split(run, split).get(name) for split in _SPLITS)] for run in runs
        ]
        rows.append((name, SAYS.get(name, ""), cells))
    return rows


def _split(run: Run, split: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (run.summary.get("by_split") or {}).get(split) or {}
    return found


def _questions(runs: Sequence[Run]) -> list[Question]:
    """Every question of any run, in the order of the first run that asked it."""
    asked: dict[str, list[tuple[int, Run, Record]]] = {}
    for place, run in enumerate(runs):
        for record in run.records:
            asked.setdefault(record.id, []).append((place, run, record))
    return [_question(entries) for entries in asked.values()]


def _question(entries: Sequence[tuple[int, Run, Record]]) -> Question:
    replies = tuple(_reply(place, run.name, record) for place, run, record in entries)
    answers, verdicts = {reply.answer for reply in replies}, {reply.state for reply in replies}
    differ = ("", *(["answers"] if len(answers) > 1 else []), *(["verdicts"] if len(verdicts) > 1 else []))
    return Question(entries[0][2], replies, differ)


def _reply(place: int, run: str, record: Record) -> Reply:
    answer = record.reply.answer or {}
    text = said(record)
    return Reply(
        place=place,
        run=run,
        state=state_of(record),
        reason=reason_of(record),
        answer=text,
        sentences=_sentences(text, answer.get("sentences") or ()),
        passages=tuple(quoted_passages(answer)),
        ranks=tuple(record.reply.evidence_ranks),
        facts=tuple(_facts(record, answer)),
    )


def _sentences(text: str, sentences: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The whole answer in order: each sentence with its citations, and what stands between without any."""
    pieces: list[tuple[str, tuple[int, ...]]] = []
    at = 0
    for one in sentences:
        end = min(max(int(one.get("end") or 0), at), len(text))
        pieces.append((text[at:end], tuple(one.get("citations") or ())))
        at = end
    return tuple(piece for piece in (*pieces, (text[at:], ())) if piece[0])


def _facts(record: Record, answer: Mapping[str, Any]) -> Iterator[str]:
    reply, verdict = record.reply, record.reply.verdict
    if isinstance(confidence := answer.get("confidence"), float | int):
        yield f"confidence {confidence:.2f}"
    if reply.error is None:
        yield "draft from the cache" if reply.cached else f"{reply.seconds:.2g} s"
    if reason := answer.get("abstain_reason"):
        yield f"refused for {str(reason).replace('_', ' ')}"
    for name in ("citation_precision", "citation_recall", "supported", "needed", "token_f1"):
        if verdict is not None and (value := getattr(verdict, name)) is not None:
            yield f"{name.replace('_', ' ')} {_figure(value)}"
    if verdict is not None and verdict.undecided:
        yield f"the judge can't tell of {verdict.undecided}"


def _share(estimate: Mapping[str, float]) -> str:
    value, low, high = (f"{100 * estimate[name]:.0f}" for name in ("value", "low", "high"))
    return f"{value}\N{NO-BREAK SPACE}% [{low}\N{WORD JOINER}–\N{WORD JOINER}{high}]"


def _figure(value: float) -> str:
    """Two decimals below ten, three significant figures above."""
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.3g}"


def _change(value: float) -> str:
    """A difference with its sign; one that rounds to nothing has none."""
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}") if round(value, 2) else "0.00"


def _in_order(names: Iterator[Any]) -> list[Any]:
    return list(dict.fromkeys(names))

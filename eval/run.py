"""Runs a question set: each question asked, judged and written down before the next.

    RUN/run.json       what was run: set, settings, models, index, commit, machine; written first
    RUN/answers.jsonl  a line a question: ranking, complete answer and draft, verdict or error; appended and synced
    RUN/metrics.json   written last: its presence means that the run is complete

Knows no terminal. An interrupted run keeps what is done and goes on where it stopped.
"""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.drafts import CachedGenerator
from eval.gold import GenerationShelf, gold_articles
from eval.prototype import Prototype
from eval.records import Record, Reply, read_records
from eval.sets import Item, QuestionSet
from eval.summary import summarise
from eval.verdicts import Outcome, Quoted, judge
from rag.answer import Library, answer
from rag.errors import InputError
from rag.question import read_question
from rag.render import answer_json
from rag.retriever import retrieve
from rag.types import Answer, Mode

RUN, ANSWERS, METRICS = "run.json", "answers.jsonl", "metrics.json"
RANKED = 10  # passages asked of a retriever; articles are ranked by their best one
_MAY_DIFFER = ("started_at", "machine")  # between a run and its resumption

Progress = Callable[[int, int], None]  # questions done, questions in all


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. `prototype`: its retrieval stands beside; `prototype_answers`: its answers too."""

    name: str
    questions: QuestionSet
    items: tuple[Item, ...]
    mode: Mode = "generate"
    retrieval_only: bool = False
    prototype: bool = False
    prototype_answers: bool = False


def run(
    plan: Plan,
    library: Library,
    runs_dir: Path,
    circumstances: Mapping[str, object],
    *,
    resume: bool = False,
    progress: Progress = lambda done, total: None,
) -> Path:
    """Run `plan` and return its folder; `circumstances` go into run.json as they are.

    Raises InputError where the name is taken (without `resume`), where what is resumed was another run, or where the
    set's gold is not in the index. A question that fails is recorded with its error and tried again by a resumption.
    """
    gold = gold_articles(plan.questions, GenerationShelf(library.generation))
    folder = runs_dir / plan.name
    _open_folder(folder, _describe(plan, library) | dict(circumstances), resume)
    done = {record.id for record in read_records(folder / ANSWERS, mend=True) if record.derek.error is None}
    prototype = None
    if plan.prototype:
        generator = library.generator if plan.prototype_answers else None
        prototype = Prototype(library.generation, library.embedder, generator)
    progress(len(done), len(plan.items))
    with (folder / ANSWERS).open("a", encoding="utf-8") as file:
        for item in plan.items:
            if item.id in done:
                continue
            record = _ask(item, gold[item.id], plan, library, prototype)
            file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
            done.add(item.id)
            progress(len(done), len(plan.items))
    latest = {record.id: record for record in read_records(folder / ANSWERS)}
    write_json(folder / METRICS, summarise([latest[item.id] for item in plan.items]))
    return folder


def write_json(path: Path, value: object) -> None:
    """Write a small file: complete or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def outcome_of(reply: Answer, source_text: Callable[[str], str]) -> Outcome:
    """What a judge sees of an answer; every quotation is compared with the source text at its offsets."""
    quoted = [
        Quoted(
            article_id=citation.article.article_id,
            text=citation.cited_text,
            title=citation.article.title,
            published_at=citation.article.published_at,
            verbatim=source_text(citation.article.source_sha256)[citation.span.start : citation.span.end]
            == citation.cited_text,
        )
        for citation in reply.citations
    ]
    return Outcome(reply.answer, reply.abstained, tuple(quoted))


def _ask(item: Item, gold: frozenset[str], plan: Plan, library: Library, prototype: Prototype | None) -> Record:
    derek = _reply(lambda: _ask_derek(item, gold, plan, library), library)
    beside = _reply(lambda: _ask_prototype(item, gold, plan, prototype), library) if prototype else None
    return Record(item.id, item.type, item.lang, item.answerable, item.question, sorted(gold), derek, beside)


def _reply(ask: Callable[[], Reply], library: Library) -> Reply:
    """The reply with the time it took and whether drafts came from the cache; any failure becomes its error."""
    started = time.perf_counter()
    before = _hits(library)
    try:
        reply = ask()
    except Exception as exc:  # whatever one question does, the run goes on and says so
        reply = Reply([], None, None, f"{type(exc).__name__}: {exc}")
    reply.seconds = round(time.perf_counter() - started, 3)
    reply.cached = _hits(library) > before
    return reply


def _hits(library: Library) -> int:
    return library.generator.hits if isinstance(library.generator, CachedGenerator) else 0


def _ask_derek(item: Item, gold: frozenset[str], plan: Plan, library: Library) -> Reply:
    question = read_question(item.question)
    found = retrieve(question, library.generation, library.embedder, RANKED)
    ranking = _distinct([one.article.article_id for one in found])
    if plan.retrieval_only:
        return Reply(ranking, None, None, None)
    reply = answer(question, library, mode=plan.mode)
    verdict = judge(item, gold, outcome_of(reply, library.generation.catalog.source_text))
    return Reply(ranking, {**answer_json(reply), "draft": reply.draft}, verdict, None)


def _ask_prototype(item: Item, gold: frozenset[str], plan: Plan, prototype: Prototype) -> Reply:
    ranking = _distinct([excerpt.article.article_id for excerpt in prototype.search(item.question, RANKED)])
    if not plan.prototype_answers:
        return Reply(ranking, None, None, None)
    reply = prototype.answer(item.question)
    quoted = [Quoted(e.article.article_id, e.text, e.article.title, e.article.published_at, True) for e in reply.cited]
    verdict = judge(item, gold, Outcome(reply.text, reply.abstained, tuple(quoted)))
    shown = {"answer": reply.text, "abstained": reply.abstained, "citations": [{"cited_text": q.text} for q in quoted]}
    return Reply(ranking, shown, verdict, None)


def _distinct(ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ids))


def _describe(plan: Plan, library: Library) -> dict[str, Any]:
    generation = library.generation
    return {
        "name": plan.name,
        "set": {"name": plan.questions.name, "sha256": plan.questions.sha256},
        "answers": {item.id: item.answers for item in plan.items},
        "mode": plan.mode,
        "retrieval_only": plan.retrieval_only,
        "prototype": plan.prototype,
        "prototype_answers": plan.prototype_answers,
        "model": library.generator.model if library.generator else None,
        "embedder": library.embedder.fingerprint,
        "generation": generation.id,
        "seeds": generation.manifest.files,
    }


def _open_folder(folder: Path, description: dict[str, Any], resume: bool) -> None:
    """Make the run's folder, or check that the one there is the same run."""
    if not (folder / RUN).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / RUN, description)
        return
    if not resume:
        raise InputError(f"{folder}: a run of this name is there; take another --name, or go on with --resume", "name")
    before = json.loads((folder / RUN).read_text(encoding="utf-8"))
    now = json.loads(json.dumps(description))
    if differing := [key for key in now if key not in _MAY_DIFFER and before.get(key) != now[key]]:
        changes = "; ".join(f"{key} was {str(before.get(key))[:80]}, is {str(now[key])[:80]}" for key in differing)
        raise InputError(f"{folder / RUN}: not the same run: {changes}; take another --name", "resume")

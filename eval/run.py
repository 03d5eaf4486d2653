"""Runs a question set: each question asked, judged and written down before the next.

    RUN/run.json       what was run: set, settings, models, index, commit, machine; written first
    RUN/answers.jsonl  a line a question: ranking, complete answer, verdict or error; appended and synced
    RUN/ranking.trec   the ranked articles in TREC's form
    RUN/metrics.json   written last: its presence means that the run is complete

Knows no terminal and not who is asked. An interrupted run keeps what is done and goes on where it stopped.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO

from eval.judges import Judge
from eval.metrics.multihop import fact_ranks
from eval.readers.trec import write_run
from eval.records import Found, Record, Reply, read_records
from eval.sets import Item, QuestionSet
from eval.summary import summarise
from eval.systems import Said, System
from eval.verdicts import judge, outcome_of
from rag.errors import InputError, ServerGone

RUN, ANSWERS, RANKING, METRICS = "run.json", "answers.jsonl", "ranking.trec", "metrics.json"
_MAY_DIFFER = ("started_at", "machine")  # between a run and its resumption

Progress = Callable[[int, int], None]  # questions done, questions in all


@dataclass(frozen=True, slots=True)
class Place:
    """Where questions are asked: the system, the gold articles of each question there, and the texts it quotes."""

    system: System
    gold: Mapping[str, Collection[str]]
    source_text: Callable[[str], str]


Open = Callable[[str | None], AbstractContextManager[Place]]  # of a haystack: of the whole set's corpus where None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. `judge_of`: who judges, given the name of the model under test, what quotations support."""

    name: str
    questions: QuestionSet
    items: tuple[Item, ...]
    mode: str
    judge_of: Callable[[str | None], Judge | None] = lambda model: None


def run(
    plan: Plan,
    open_place: Open,
    runs_dir: Path,
    circumstances: Mapping[str, object],
    *,
    resume: bool = False,
    progress: Progress = lambda done, total: None,
) -> Path:
    """Run `plan` and return its folder; `circumstances` go into run.json as they are.

    Haystacks are opened one at a time. Raises InputError where the name is taken (without `resume`), where what is
    resumed was another run, or where the set's gold is not in the index; ServerGone where nobody can be asked any
    more. A question that fails otherwise is recorded with its error and tried again by a resumption.
    """
    folder = runs_dir / plan.name
    haystacks = groupby(sorted(plan.items, key=lambda item: item.haystack or ""), key=lambda item: item.haystack)
    done: set[str] | None = None
    support: Judge | None = None
    for haystack, items in haystacks:
        with open_place(haystack) as place:
            if done is None:
                described = place.system.described
                support = plan.judge_of(described["model"])
                _open_folder(folder, _describe(plan, support) | described | dict(circumstances), resume)
                records = read_records(folder / ANSWERS, mend=True)
                done = {record.id for record in records if record.reply.error is None}
                progress(len(done), len(plan.items))
            with (folder / ANSWERS).open("a", encoding="utf-8") as file:
                for item in [item for item in items if item.id not in done]:
                    _write_line(file, _ask(item, place, support))
                    done.add(item.id)
                    progress(len(done), len(plan.items))
    _finish(folder, plan)
    return folder


def write_json(path: Path, value: object) -> None:
    """Write a small file: complete or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _ask(item: Item, place: Place, support: Judge | None) -> Record:
    """The question's record; whatever goes wrong with this one question becomes its error."""
    gold = sorted(place.gold[item.id])
    started = time.perf_counter()
    try:
        said = place.system.ask(item)
        seconds = time.perf_counter() - started
        reply = _judged(item, gold, said, place, support)
    except ServerGone:
        raise
    except Exception as exc:  # whatever one question does, the run goes on and says so
        seconds = time.perf_counter() - started
        reply = Reply([], [], None, None, f"{type(exc).__name__}: {exc}")
    reply.seconds = round(seconds, 3)
    return Record(
        id=item.id,
        question=item.question,
        type=item.type,
        lang=item.lang,
        split=item.split,
        haystack=item.haystack,
        answerable=item.answerable,
        answers=list(item.answers),
        must_include=[list(group) for group in item.must_include],
        evidence=[{"file": evidence.file, "quote": evidence.quote} for evidence in item.evidence],
        gold=gold,
        reply=reply,
    )


def _judged(item: Item, gold: Sequence[str], said: Said, place: Place, support: Judge | None) -> Reply:
    ranks = fact_ranks([passage.text for passage in said.found], [evidence.quote for evidence in item.evidence])
    verdict = None
    if said.answer is not None:
        verdict = judge(item, gold, outcome_of(said.answer, place.source_text), support)
    found = [Found(passage.passage_id, passage.article_id, round(passage.score, 6)) for passage in said.found]
    return Reply(found, ranks, said.answer, verdict, cached=said.cached)


def _write_line(file: TextIO, record: Record) -> None:
    file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
    file.flush()
    os.fsync(file.fileno())


def _finish(folder: Path, plan: Plan) -> None:
    """The ranking and, last, the metrics, over the questions in the set's order."""
    by_id = {record.id: record for record in read_records(folder / ANSWERS)}
    records = [by_id[item.id] for item in plan.items]
    rankings = {record.id: _scored(record.reply) for record in records if record.reply.found}
    write_run(folder / RANKING, rankings, tag=plan.name)
    write_json(folder / METRICS, summarise(records) | {"peak_memory_gib": _peak_memory()})


def _scored(reply: Reply) -> list[tuple[str, float]]:
    """Articles with the score of their best passage, best first."""
    best: dict[str, float] = {}
    for found in reply.found:
        best.setdefault(found.article_id, found.score)
    return list(best.items())


def _peak_memory() -> float:
    """The most that this process had resident, in GiB; a server that was asked over HTTP has its own."""
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30, 2)


def _describe(plan: Plan, support: Judge | None) -> dict[str, Any]:
    return {
        "name": plan.name,
        "set": {"name": plan.questions.name, "sha256": plan.questions.sha256},
        "mode": plan.mode,
        "judge": support.name if support else None,
        "questions": len(plan.items),
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

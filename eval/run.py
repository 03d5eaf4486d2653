"""Runs a question set: each question asked, judged and written down before the next.

    RUN/run.json       what was run: set, settings, models, index, commit, machine; written first
    RUN/answers.jsonl  a line a question: ranking, complete answer, verdict or error; appended and synced
    RUN/ranking.trec   the ranked articles in TREC's form
    RUN/metrics.json   written last: its presence means that the run is complete
    RUN/.lock          held while questions are asked: one process a run

Knows no terminal and not who is asked. An interrupted run keeps what is done and goes on where it stopped.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from eval.judges import Judge
from eval.metrics.multihop import fact_ranks
from eval.readers.trec import write_run
from eval.reading import ANSWERS, METRICS, RUN, read_object
from eval.records import Found, Record, Reply, read_records
from eval.sets import Insight, Item, QuestionSet
from eval.summary import summarise
from eval.systems import Said, System
from eval.verdicts import judge, outcome_of
from rag.durable import write_whole
from rag.errors import InputError, ServerGone

RANKING, LOCK = "ranking.trec", ".lock"
_MAY_DIFFER = ("started_at", "machine", "url")  # between a run and its resumption
_SPREAD = ("set", "options", "settings", "seeds")  # objects of run.json: a difference is told by their entries
_TOLD = 5  # differences in a message

Progress = Callable[[int, int], None]  # questions done, questions in all


@dataclass(frozen=True, slots=True)
class Place:
    """Where questions are asked: the system, the gold articles of each question there, and the texts it quotes.

    `articles`: of documents' ids those of the articles they became.
    """

    system: System
    gold: Mapping[str, Collection[str]]
    source_text: Callable[[str], str]
    articles: Callable[[Collection[str]], Collection[str]] = frozenset


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

    Haystacks are opened one at a time, the first before anything is written. Raises InputError where the name is taken
    (without `resume`), where what is resumed was another run or is being run, where the set's gold is not in the
    index, and where the folder can't be written to; ServerGone where nobody can be asked any more. A question that
    fails otherwise is recorded with its error and tried again by a resumption.
    """
    folder = runs_dir / plan.name
    haystacks = groupby(sorted(plan.items, key=lambda item: item.haystack or ""), key=lambda item: item.haystack)
    done: set[str] | None = None
    support: Judge | None = None
    system: object = None
    with ExitStack() as held:
        for haystack, group in haystacks:
            items = list(group)
            if done is not None and done.issuperset(item.id for item in items):
                continue  # opening it would be for nothing
            with open_place(haystack) as place:
                if done is None:
                    described = place.system.described
                    system, support = described["system"], plan.judge_of(described["model"])
                    held.enter_context(_claimed(folder))
                    done = _begin(folder, _describe(plan, support) | described | dict(circumstances), resume)
                    progress(len(done), len(plan.items))
                for item in [item for item in items if item.id not in done]:
                    _append(folder, _ask(item, place, support))
                    done.add(item.id)
                    progress(len(done), len(plan.items))
        _finish(folder, plan, None if system == "remote" else _peak_memory())
    return folder


def write_json(path: Path, value: object) -> None:
    """Write a small file: complete or not at all."""
    write_whole(path, json.dumps(value, ensure_ascii=False, indent=1))


def _ask(item: Item, place: Place, support: Judge | None) -> Record:
    """The question's record; whatever goes wrong with this one question becomes its error."""
    gold = sorted(place.gold[item.id])
    item = replace(item, insights=tuple(_in_articles(insight, place) for insight in item.insights))
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
        insights=[{"text": insight.text, "docs": list(insight.docs)} for insight in item.insights],
        must_not_include=list(item.must_not_include),
    )


def _in_articles(insight: Insight, place: Place) -> Insight:
    return replace(insight, docs=tuple(sorted(place.articles(insight.docs))))


def _judged(item: Item, gold: Sequence[str], said: Said, place: Place, support: Judge | None) -> Reply:
    ranks = fact_ranks([passage.text for passage in said.found], [evidence.quote for evidence in item.evidence])
    verdict = None
    if said.answer is not None:
        verdict = judge(item, gold, outcome_of(said.answer, place.source_text), support)
    found = [Found(passage.passage_id, passage.article_id, round(passage.score, 6)) for passage in said.found]
    return Reply(found, ranks, said.answer, verdict, cached=said.cached)


def _append(folder: Path, record: Record) -> None:
    """Write an answer down for good. A run that was complete before is so no more. Raises InputError."""
    line = json.dumps(asdict(record), ensure_ascii=False) + "\n"
    try:
        (folder / METRICS).unlink(missing_ok=True)
        with (folder / ANSWERS).open("ab") as file:
            file.write(line.encode("utf-8", "backslashreplace"))  # half a surrogate pair becomes its JSON escape
            file.flush()
            os.fsync(file.fileno())
    except OSError as exc:
        raise InputError(
            f"{folder}: can't be written to ({exc}); make room, then go on with --resume", "runs_dir"
        ) from exc


def _finish(folder: Path, plan: Plan, peak_memory_gib: float | None) -> None:
    """The ranking and, last, the metrics, over the questions in the set's order."""
    by_id = {record.id: record for record in read_records(folder / ANSWERS)}
    records = [by_id[item.id] for item in plan.items]
    rankings = {record.id: _scored(record.reply) for record in records if record.reply.found}
    write_run(folder / RANKING, rankings, tag=plan.name)
    write_json(folder / METRICS, summarise(records) | {"peak_memory_gib": peak_memory_gib})


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
        "set": {
            "name": plan.questions.name,
            "path": str(plan.questions.path),
            "sha256": plan.questions.sha256,
        },
        "mode": plan.mode,
        "judge": support.name if support else None,
        "questions": len(plan.items),
    }


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """Make the run's folder if need be, and keep other processes from running it too. Raises InputError."""
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as exc:
        raise InputError(
            f"{folder}: another process is at this run; wait for it, or take another --name", "name"
        ) from exc
    except OSError as exc:
        raise InputError(
            f"{folder}: can't be written to ({exc}); mend its rights, or set --runs-dir", "runs_dir"
        ) from exc
    try:
        yield
    finally:
        lock.release()


def _begin(folder: Path, description: dict[str, Any], resume: bool) -> set[str]:
    """Write run.json, or check that the one there is of the same run. The ids of the questions that are done.

    Raises InputError where the name is taken or was another run's.
    """
    path, answers = folder / RUN, folder / ANSWERS
    if not path.is_file():
        if answers.exists():
            raise InputError(f"{folder}: answers without {RUN} are there; take another --name", "name")
        write_json(path, description)
        return set()
    if not resume:
        raise InputError(f"{folder}: a run of this name is there; take another --name, or go on with --resume", "name")
    before = _unchanging(read_object(path, "take another --name", "resume"))
    now = _unchanging(json.loads(json.dumps(description)))
    if differing := [key for key in {**now, **before} if before.get(key) != now.get(key)]:
        told = [f"{key} was {str(before.get(key))[:80]}, is {str(now.get(key))[:80]}" for key in differing[:_TOLD]]
        more = "; and more" if len(differing) > _TOLD else ""
        raise InputError(f"{path}: not the same run: {'; '.join(told)}{more}; take another --name", "resume")
    return {record.id for record in read_records(answers, mend=True) if record.reply.error is None}


def _unchanging(description: dict[str, Any]) -> dict[str, Any]:
    """What a run and its resumption have in common, settings and options one by one; a set may have moved."""
    kept = {key: value for key, value in description.items() if key not in _MAY_DIFFER}
    for name in _SPREAD:
        if isinstance(values := kept.pop(name, None), dict):
            kept |= {f"{name} {key}": value for key, value in values.items()}
    kept.pop("set path", None)
    return kept

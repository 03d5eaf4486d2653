"""A set run end to end on a small index: what is written, resumed, refused."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import ScriptedGenerator
from filelock import FileLock
from jsonl import write_jsonl

from eval import run as runner
from eval.gold import GenerationShelf, gold_articles
from eval.judges import WordsJudge
from eval.readers import read_set
from eval.readers.trec import read_run
from eval.records import read_records
from eval.run import Open, Place, Plan, run
from eval.sets import Item
from eval.systems import Passage, Said, System
from eval.systems.derek import Derek
from rag.answer import Library
from rag.errors import EngineFailed, InputError, ServerGone
from rag.types import Prompt

TRAM = "The new tram line in Almaty is 14 kilometres long."
QUESTIONS = [
    {"id": "q1", "question": "How long is the new tram line in Almaty?", "lang": "en", "type": "numeric",
     "answers": ["14 km"], "must_include": [["14"]], "answerable": True,
     "evidence": [{"file": "almaty.txt", "quote": TRAM}]},
    {"id": "q2", "question": "What is the price of wheat?", "lang": "en", "type": "numeric",
     "answers": ["85,000 tenge"], "must_include": [["85,000"]], "answerable": True,
     "evidence": [{"file": "ministry.txt", "quote": "set the price of wheat at 85,000 tenge a tonne"}]},
    {"id": "q3", "question": "Сколько мест в новой библиотеке Петропавловска?", "lang": "ru", "type": "russian",
     "answers": ["200"], "must_include": [["200"]], "answerable": True,
     "evidence": [{"file": "north/petropavl.txt", "quote": "открыли библиотеку на 200 мест"}]},
    {"id": "q4", "question": "Who won the football cup?", "lang": "en", "type": "unanswerable", "answerable": False},
]  # fmt: skip
HERE: dict[str, object] = {"commit": "abc", "settings": {"embedder": "hashing"}, "options": {"sample": None}}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Extract mode over the four questions."""
    questions = read_set(write_jsonl(tmp_path / "small.jsonl", *QUESTIONS))
    return Plan("first", questions, questions.items, mode="extract")


@pytest.fixture
def place(plan: Plan, library: Library) -> Open:
    """The whole of Derek over the small index."""
    return placed(plan, library, Derek(library, "extract"))


def placed(plan: Plan, library: Library, system: System) -> Open:
    """Where `system` is asked, with the gold of the small index."""

    @contextmanager
    def opened(haystack: str | None) -> Iterator[Place]:
        gold = gold_articles(plan.questions, GenerationShelf(library.generation))
        yield Place(system, gold, library.generation.catalog.source_text)

    return opened


class Disturbed:
    """A system that first does something of the test's with each question."""

    def __init__(self, system: System, disturb: Callable[[Item], None]) -> None:
        self._system = system
        self._disturb = disturb
        self.asked: list[str] = []

    @property
    def described(self) -> dict[str, Any]:
        """The system's."""
        return self._system.described

    def ask(self, item: Item) -> Said:
        """Disturbed, then asked."""
        self.asked.append(item.id)
        self._disturb(item)
        return self._system.ask(item)


def stop_at(question_id: str, error: BaseException) -> Callable[[Item], None]:
    """Raises it at one question."""

    def disturb(item: Item) -> None:
        if item.id == question_id:
            raise error

    return disturb


def metrics_of(folder: Path) -> dict[str, Any]:
    """metrics.json without what a clock or a scale tells."""
    found: dict[str, Any] = json.loads((folder / runner.METRICS).read_text("utf-8"))
    for name in ("seconds", "first_token_s", "peak_memory_gib"):
        found.pop(name)
    return found


def test_a_run_writes_answers_metrics_and_circumstances(plan: Plan, library: Library, tmp_path: Path) -> None:
    """Complete answers, verdicts, a ranking in TREC's form, means with n, and what it was made with."""
    seen: list[tuple[int, int]] = []
    sure = replace(library, generator=ScriptedGenerator(TRAM, yes=0.99))
    asking = replace(plan, mode="generate", judge_of=lambda model: WordsJudge())
    where = placed(plan, sure, Derek(sure, "generate"))
    folder = run(asking, where, tmp_path / "runs", HERE, progress=lambda *step: seen.append(step))
    records = {record.id: record for record in read_records(folder / runner.ANSWERS)}
    assert list(records) == ["q1", "q2", "q3", "q4"]
    reply = records["q1"].reply
    assert reply.error is None
    assert reply.answer is not None and TRAM in reply.answer["answer"]
    assert reply.answer["draft"] == TRAM
    assert reply.verdict is not None
    assert (reply.verdict.right, reply.verdict.verbatim, reply.verdict.supported) == (True, 1.0, 1.0)
    assert reply.ranking[0] in records["q1"].gold
    assert reply.evidence_ranks == [1]
    assert records["q4"].gold == []
    overall = metrics_of(folder)["overall"]
    assert overall["hit@1"] == {"value": 1.0, "n": 3, "low": 1.0, "high": 1.0}
    assert (overall["right"]["n"], overall["refused"]["n"], overall["verbatim"]["value"]) == (3, 1, 1.0)
    described = json.loads((folder / runner.RUN).read_text("utf-8"))
    assert described["commit"] == "abc"
    assert described["set"] == {
        "name": "small",
        "path": str(plan.questions.path),
        "sha256": plan.questions.sha256,
    }
    assert (described["system"], described["mode"], described["model"]) == ("derek", "generate", "scripted")
    assert described["judge"] == WordsJudge().name
    assert described["generation"] == library.generation.id
    assert metrics_of(folder)["generations"] == [library.generation.id]
    trec = read_run(folder / runner.RANKING)
    assert [article for article, _ in trec["q1"]] == reply.ranking
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_same_inputs_give_the_same_numbers(plan: Plan, place: Open, tmp_path: Path) -> None:
    """Two runs under two names."""
    one = run(plan, place, tmp_path / "runs", HERE)
    two = run(replace(plan, name="second"), place, tmp_path / "runs", HERE)
    assert metrics_of(one) == metrics_of(two)


def test_an_interrupted_run_goes_on(plan: Plan, library: Library, tmp_path: Path) -> None:
    """Ctrl-C in the third question, half a line left by a killed process: two are kept, two are asked."""
    runs = tmp_path / "runs"
    derek = Derek(library, "extract")
    with pytest.raises(KeyboardInterrupt):
        run(plan, placed(plan, library, Disturbed(derek, stop_at("q3", KeyboardInterrupt()))), runs, HERE)
    assert not (runs / "first" / runner.METRICS).exists()
    with (runs / "first" / runner.ANSWERS).open("ab") as file:
        file.write('{"id": "q3", "question": "Сколько'.encode()[:-1])  # in the middle of a letter
    calm, seen = Disturbed(derek, lambda item: None), []
    folder = run(plan, placed(plan, library, calm), runs, HERE, resume=True, progress=lambda *step: seen.append(step))
    assert calm.asked == ["q3", "q4"]
    assert seen == [(2, 4), (3, 4), (4, 4)]
    assert [record.id for record in read_records(folder / runner.ANSWERS)] == ["q1", "q2", "q3", "q4"]
    whole = run(replace(plan, name="whole"), placed(plan, library, derek), runs, HERE)
    assert metrics_of(folder) == metrics_of(whole)


def test_a_question_that_fails_is_recorded_and_tried_again(plan: Plan, library: Library, tmp_path: Path) -> None:
    """The run goes on, the failure counts as not right, a resumption asks that question once more."""
    broken = True

    def script(prompt: Prompt) -> str:
        if broken and "Question: What is the price of wheat?" in prompt.user:
            raise EngineFailed("the engine broke")
        return TRAM

    asking = replace(plan, mode="generate")
    system = Disturbed(Derek(replace(library, generator=ScriptedGenerator(script)), "generate"), lambda item: None)
    where = placed(plan, library, system)
    folder = run(asking, where, tmp_path / "runs", HERE)
    failed = [record for record in read_records(folder / runner.ANSWERS) if record.reply.error]
    assert [(record.id, record.reply.error) for record in failed] == [("q2", "EngineFailed: the engine broke")]
    assert metrics_of(folder)["errors"] == 1
    assert metrics_of(folder)["overall"]["right"]["n"] == 3
    assert metrics_of(folder)["overall"]["hit@1"]["value"] == pytest.approx(2 / 3)
    broken = False
    run(asking, where, tmp_path / "runs", HERE, resume=True)
    assert system.asked == ["q1", "q2", "q3", "q4", "q2"]
    assert len((folder / runner.ANSWERS).read_text("utf-8").splitlines()) == 5
    assert metrics_of(folder)["errors"] == 0


def test_what_is_resumed_is_complete_no_more(plan: Plan, library: Library, tmp_path: Path) -> None:
    """Its metrics go once a failed question is asked again, and stay away if that is interrupted."""
    derek, runs = Derek(library, "extract"), tmp_path / "runs"
    where = [
        placed(plan, library, Disturbed(derek, stop_at(*stop)))
        for stop in (("q1", EngineFailed("broke")), ("q1", EngineFailed("broke again")))
    ]
    folder = run(plan, where[0], runs, HERE)
    assert metrics_of(folder)["errors"] == 1

    def interrupt(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(plan, where[1], runs, HERE, resume=True, progress=interrupt)
    assert not (folder / runner.METRICS).exists()


def test_a_name_is_taken_once(plan: Plan, place: Open, tmp_path: Path) -> None:
    """A second run of a name is refused and changes nothing."""
    folder = run(plan, place, tmp_path / "runs", HERE)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(InputError, match=r"first: a run of this name is there.*--resume"):
        run(plan, place, tmp_path / "runs", HERE)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_only_the_same_run_is_resumed(plan: Plan, library: Library, place: Open, tmp_path: Path) -> None:
    """Another mode, set, model, judge, sample or setting is refused and named; another machine is not."""
    runs = tmp_path / "runs"
    run(plan, place, runs, {**HERE, "machine": "one", "started_at": "then"})
    other = write_jsonl(tmp_path / "other" / "small.jsonl", *QUESTIONS[:3], QUESTIONS[3] | {"question": "Who lost?"})
    without_model = placed(plan, library, Derek(replace(library, generator=None), "extract"))
    for changed, where, circumstances, said in (
        (replace(plan, mode="generate"), place, HERE, "mode was extract, is generate"),
        (replace(plan, questions=read_set(other)), place, HERE, "set sha256 was "),
        (plan, without_model, HERE, "model was scripted, is None"),
        (replace(plan, judge_of=lambda model: WordsJudge()), place, HERE, "judge was None, is words"),
        (plan, place, {**HERE, "options": {"sample": 3}}, "options sample was None, is 3"),
        (plan, place, {**HERE, "settings": {"embedder": "b"}}, "settings embedder was hashing, is b"),
    ):
        with pytest.raises(InputError) as caught:
            run(changed, where, runs, circumstances, resume=True)
        assert f"not the same run: {said}" in str(caught.value)
    moved = write_jsonl(tmp_path / "moved" / "small.jsonl", *QUESTIONS)
    run(replace(plan, questions=read_set(moved)), place, runs, {**HERE, "machine": "two"}, resume=True)


def test_one_process_runs_a_run(plan: Plan, place: Open, tmp_path: Path) -> None:
    """While another is at it, nothing is asked; that there is a folder alone is no run yet."""
    folder = tmp_path / "runs" / "first"
    folder.mkdir(parents=True)
    with FileLock(folder / runner.LOCK), pytest.raises(InputError, match="another process is at this run"):
        run(plan, place, tmp_path / "runs", HERE, resume=True)
    assert not (folder / runner.RUN).exists()
    assert metrics_of(run(plan, place, tmp_path / "runs", HERE))["questions"] == 4


def test_a_spoilt_run_is_not_gone_on_with(plan: Plan, place: Open, tmp_path: Path) -> None:
    """A run.json that is none, a line that is no record, answers of nobody knows which run."""
    folder = run(plan, place, tmp_path / "runs", HERE)
    description = (folder / runner.RUN).read_text("utf-8")
    for content, said in (("{", "can't be read"), ("[]", "not a JSON object")):
        (folder / runner.RUN).write_text(content, "utf-8")
        with pytest.raises(InputError, match=said):
            run(plan, place, tmp_path / "runs", HERE, resume=True)
    (folder / runner.RUN).unlink()
    with pytest.raises(InputError, match=r"answers without run\.json"):
        run(plan, place, tmp_path / "runs", HERE, resume=True)
    (folder / runner.RUN).write_text(description, "utf-8")
    (folder / runner.ANSWERS).write_text('{"id": "q1"}\n', "utf-8")
    with pytest.raises(InputError, match=r"answers\.jsonl:1: not a record of a run"):
        run(plan, place, tmp_path / "runs", HERE, resume=True)


def test_a_folder_that_can_not_be_made_is_told(plan: Plan, place: Open, tmp_path: Path) -> None:
    """A file stands where runs should."""
    (tmp_path / "runs").write_text("")
    with pytest.raises(InputError, match=r"can't be written to.*--runs-dir"):
        run(plan, place, tmp_path / "runs", HERE)


def test_a_server_that_is_gone_ends_the_run(plan: Plan, library: Library, tmp_path: Path) -> None:
    """That is not the question's failure: nothing is recorded for it, what was before is kept."""
    gone = Disturbed(Derek(library, "extract"), stop_at("q2", ServerGone("nobody there")))
    with pytest.raises(ServerGone):
        run(plan, placed(plan, library, gone), tmp_path / "runs", HERE)
    folder = tmp_path / "runs" / "first"
    assert [record.id for record in read_records(folder / runner.ANSWERS)] == ["q1"]
    assert not (folder / runner.METRICS).exists()


def test_retrieval_alone_answers_nothing(plan: Plan, library: Library, tmp_path: Path) -> None:
    """Rankings without answers: the retrieval figures and seconds are there, the others are not."""
    without_model = Derek(replace(library, generator=None), "retrieval")
    folder = run(replace(plan, mode="retrieval"), placed(plan, library, without_model), tmp_path / "runs", HERE)
    found = json.loads((folder / runner.METRICS).read_text("utf-8"))
    assert {"hit@1", "mrr", "map", "ndcg@10", "evidence@5", "multihop_hits@4"} <= set(found["overall"])
    assert not {"right", "refused", "refusal_f1", "citation_precision", "words"} & set(found["overall"])
    assert (found["seconds"]["n"], found["first_token_s"], found["calibration"]) == (4, {"n": 0}, None)


def test_gold_that_is_not_in_the_index_is_refused(library: Library, tmp_path: Path) -> None:
    """Quotation and gold article, each with file and line; nothing is written."""
    gone = [
        QUESTIONS[0] | {"evidence": [{"file": "almaty.txt", "quote": "no such words"}]},
        QUESTIONS[1] | {"gold_docs": ["0123456789abcdef"]},
    ]
    path = write_jsonl(tmp_path / "gone.jsonl", *gone)
    questions = read_set(path)
    plan = Plan("never", questions, questions.items, mode="extract")
    with pytest.raises(InputError) as caught:
        run(plan, placed(plan, library, Derek(library, "extract")), tmp_path / "runs", HERE)
    assert f"{path}:1: no article of almaty.txt in generation {library.generation.id} holds" in str(caught.value)
    assert f"{path}:2: gold article '0123456789abcdef' is not in generation" in str(caught.value)
    assert not (tmp_path / "runs").exists()


class Echo:
    """Ranks one passage that bears the haystack's name; counts how often each is opened."""

    def __init__(self, name: str | None) -> None:
        self._name = name

    @property
    def described(self) -> dict[str, Any]:
        """Next to nothing."""
        return {"system": "remote", "model": None}

    def ask(self, item: Item) -> Said:
        """The one passage."""
        return Said((Passage(f"{self._name}-0", f"{self._name}", item.question, 1.0),))


def test_haystacks_are_opened_one_at_a_time_and_only_for_their_questions(plan: Plan, tmp_path: Path) -> None:
    """Two of two questions each, in any order of the set; on resumption only the one with something left."""
    parts = {"q1": "north", "q2": "south", "q3": "north", "q4": "south"}
    items = tuple(replace(item, haystack=parts[item.id]) for item in plan.items)
    split = replace(plan, items=items, mode="retrieval")
    opened: list[str | None] = []

    @contextmanager
    def opening(haystack: str | None) -> Iterator[Place]:
        opened.append(haystack)
        yield Place(Echo(haystack), {item.id: [parts[item.id]] for item in items}, str)
        opened.append("closed")

    folder = run(split, opening, tmp_path / "runs", HERE)
    assert opened == ["north", "closed", "south", "closed"]
    found = json.loads((folder / runner.METRICS).read_text("utf-8"))
    assert found["overall"]["hit@1"]["value"] == 1.0
    assert found["peak_memory_gib"] is None, "the server's memory is not this process's"
    assert list(read_run(folder / runner.RANKING)) == ["q1", "q2", "q3", "q4"]
    opened.clear()
    run(split, opening, tmp_path / "runs", HERE, resume=True)
    assert opened == ["north", "closed"], "it says what is asked; the other one has nothing left"


def test_half_a_letter_of_an_answer_is_kept(plan: Plan, tmp_path: Path) -> None:
    """What no file can hold as UTF-8 is written as JSON's escape, and read back as it came."""

    class Strange(Echo):
        def ask(self, item: Item) -> Said:
            return Said((), {"answer": "a\ud800", "abstained": False, "citations": [], "sentences": []})

    @contextmanager
    def opening(haystack: str | None) -> Iterator[Place]:
        yield Place(Strange(None), {item.id: [] for item in plan.items}, str)

    folder = run(replace(plan, items=plan.items[:1]), opening, tmp_path / "runs", HERE)
    (record,) = read_records(folder / runner.ANSWERS)
    assert record.reply.answer is not None and record.reply.answer["answer"] == "a\ud800"

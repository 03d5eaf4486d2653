"""A set run end to end on a small index with a scripted model: what is written, resumed, refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import ScriptedGenerator

from eval import run as runner
from eval.gold import GenerationShelf, gold_articles
from eval.readers import read_set
from eval.records import read_records
from eval.run import Plan, run
from rag.answer import Library
from rag.errors import EngineFailed, InputError
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
HERE: dict[str, object] = {"commit": "abc", "settings": {}}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Extract mode over the four questions."""
    path = tmp_path / "small.jsonl"
    path.write_text("".join(json.dumps(question) + "\n" for question in QUESTIONS), "utf-8")
    questions = read_set(path)
    return Plan("first", questions, questions.items, mode="extract")


def metrics_of(folder: Path) -> dict[str, Any]:
    """metrics.json without the seconds, which are never the same."""
    found: dict[str, Any] = json.loads((folder / runner.METRICS).read_text("utf-8"))
    for system in ("derek", "prototype"):
        found.get(system, {}).pop("seconds", None)
    return found


def test_a_run_writes_answers_metrics_and_circumstances(plan: Plan, library: Library, tmp_path: Path) -> None:
    """Complete answers, verdicts, means with n, and what it was made with; the prototype beside."""
    seen: list[tuple[int, int]] = []
    asking = replace(plan, mode="generate", prototype=True)
    sure = replace(library, generator=ScriptedGenerator(TRAM, yes=0.99))
    folder = run(asking, sure, tmp_path / "runs", HERE, progress=lambda *step: seen.append(step))
    records = {record.id: record for record in read_records(folder / runner.ANSWERS)}
    assert list(records) == ["q1", "q2", "q3", "q4"]
    first = records["q1"]
    assert first.derek.error is None
    assert first.derek.verdict is not None
    assert first.derek.verdict.verbatim == 1.0
    assert first.derek.answer is not None
    assert TRAM in first.derek.answer["answer"]
    assert first.derek.ranking[0] in first.gold
    assert first.prototype is not None
    assert first.prototype.ranking[0] in first.gold
    overall = metrics_of(folder)["derek"]["overall"]
    assert overall["hit@1"] == {"value": 1.0, "n": 3, "low": 1.0, "high": 1.0}
    assert overall["right"]["n"] == 3
    assert overall["refused"]["n"] == 1
    assert metrics_of(folder)["prototype"]["overall"]["hit@1"]["n"] == 3
    described = json.loads((folder / runner.RUN).read_text("utf-8"))
    assert described["commit"] == "abc"
    assert described["set"]["sha256"] == plan.questions.sha256
    assert described["generation"] == library.generation.id
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_same_inputs_give_the_same_numbers(plan: Plan, library: Library, tmp_path: Path) -> None:
    """Two runs under two names."""
    one = run(plan, library, tmp_path / "runs", HERE)
    two = run(replace(plan, name="second"), library, tmp_path / "runs", HERE)
    assert metrics_of(one) == metrics_of(two)


def test_an_interrupted_run_goes_on(
    plan: Plan, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the third question, half a line left by a killed process: two are kept, two are asked."""
    asked: list[str] = []
    real = runner.answer

    def interrupted(question: Any, *arguments: Any, **options: Any) -> Any:
        asked.append(question.text)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return real(question, *arguments, **options)

    monkeypatch.setattr(runner, "answer", interrupted)
    runs = tmp_path / "runs"
    with pytest.raises(KeyboardInterrupt):
        run(plan, library, runs, HERE)
    assert not (runs / "first" / runner.METRICS).exists()
    with (runs / "first" / runner.ANSWERS).open("a") as file:
        file.write('{"id": "q3", "ty')
    folder = run(plan, library, runs, HERE, resume=True)
    assert asked[2:] == [asked[2], asked[2], QUESTIONS[3]["question"]]
    assert [record.id for record in read_records(folder / runner.ANSWERS)] == ["q1", "q2", "q3", "q4"]
    assert metrics_of(folder)["questions"] == 4


def test_a_question_that_fails_is_recorded_and_tried_again(plan: Plan, library: Library, tmp_path: Path) -> None:
    """The run goes on, the failure counts as not right, a resumption asks that question once more."""
    broken = True

    def script(prompt: Prompt) -> str:
        if broken and "Question: What is the price of wheat?" in prompt.user:
            raise EngineFailed("the engine broke")
        return TRAM

    asking = replace(plan, mode="generate")
    with_model = replace(library, generator=ScriptedGenerator(script))
    folder = run(asking, with_model, tmp_path / "runs", HERE)
    failed = [record for record in read_records(folder / runner.ANSWERS) if record.derek.error]
    assert [(record.id, record.derek.error) for record in failed] == [("q2", "EngineFailed: the engine broke")]
    assert metrics_of(folder)["derek"]["errors"] == 1
    assert metrics_of(folder)["derek"]["overall"]["right"]["n"] == 3
    broken = False
    run(asking, with_model, tmp_path / "runs", HERE, resume=True)
    assert [record.id for record in read_records(folder / runner.ANSWERS)] == ["q1", "q2", "q3", "q4", "q2"]
    assert metrics_of(folder)["derek"]["errors"] == 0


def test_a_name_is_taken_once(plan: Plan, library: Library, tmp_path: Path) -> None:
    """A second run of a name is refused; resuming something else is refused and says what differs."""
    runs = tmp_path / "runs"
    run(plan, library, runs, HERE)
    with pytest.raises(InputError, match=r"first: a run of this name is there.*--resume"):
        run(plan, library, runs, HERE)
    with pytest.raises(InputError, match="mode was extract, is generate"):
        run(replace(plan, mode="generate"), library, runs, HERE, resume=True)


def test_retrieval_alone_answers_nothing(plan: Plan, library: Library, tmp_path: Path) -> None:
    """Rankings without answers: the retrieval figures are there, the others are not."""
    without_model = replace(library, generator=None)
    folder = run(replace(plan, retrieval_only=True), without_model, tmp_path / "runs", HERE)
    assert set(metrics_of(folder)["derek"]["overall"]) == {"hit@1", "hit@5", "mrr"}


def test_the_prototype_answers_on_request(plan: Plan, library: Library, tmp_path: Path) -> None:
    """Its answers are judged like Derek's."""
    asking = replace(plan, prototype=True, prototype_answers=True, items=plan.items[:1])
    with_model = replace(library, generator=ScriptedGenerator(f"{TRAM} [1]"))
    overall = metrics_of(run(asking, with_model, tmp_path / "runs", HERE))["prototype"]["overall"]
    assert overall["right"]["value"] == overall["citation_precision"]["value"] == 1.0


def test_gold_that_is_not_in_the_index_is_refused(library: Library, tmp_path: Path) -> None:
    """Quotation and gold article, each with file and line; nothing is written."""
    path = tmp_path / "gone.jsonl"
    gone = [
        QUESTIONS[0] | {"evidence": [{"file": "almaty.txt", "quote": "no such words"}]},
        QUESTIONS[1] | {"gold_docs": ["0123456789abcdef"]},
    ]
    path.write_text("".join(json.dumps(question) + "\n" for question in gone), "utf-8")
    questions = read_set(path)
    with pytest.raises(InputError) as caught:
        run(Plan("never", questions, questions.items, mode="extract"), library, tmp_path / "runs", HERE)
    assert f"{path}:1: no article of almaty.txt holds the quotation 'no such words'" in str(caught.value)
    assert f"{path}:2: gold article '0123456789abcdef' is not in generation" in str(caught.value)
    assert not (tmp_path / "runs").exists()


def test_gold_articles_are_those_the_quotation_lies_in(plan: Plan, library: Library) -> None:
    """One article a question here, none for the unanswerable."""
    gold = gold_articles(plan.questions, GenerationShelf(library.generation))
    assert [len(gold[item.id]) for item in plan.items] == [1, 1, 1, 0]
    assert "tram line" in library.generation.catalog.article(next(iter(gold["q1"]))).title

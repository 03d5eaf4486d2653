"""`derek eval run`, `show`, `compare`, `report` and `check` as a user types them, in process."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
from fakes import HashingEmbedder, ScriptedGenerator
from jsonl import write_jsonl
from typer.testing import CliRunner, Result

from eval.records import read_records
from eval.systems.derek import Derek
from rag.errors import IndexDamaged, InputError, NoGeneration
from rag.reindex import reindex

SAMPLES = Path(__file__).parent / "samples"
WHEAT = {
    "id": "q1", "question": "What is the price of wheat?", "lang": "en", "type": "numeric",
    "answers": ["85,000 tenge"], "must_include": [["85,000"]], "answerable": True,
    "evidence": [{"file": "ministry.txt", "quote": "set the price of wheat at 85,000 tenge a tonne"}],
}  # fmt: skip
TRAM = {
    "id": "q3", "question": "How long is the new tram line in Almaty?", "lang": "en", "type": "numeric",
    "answers": ["14 kilometres"], "must_include": [["14"]], "answerable": True,
    "evidence": [{"file": "almaty.txt", "quote": "The new tram line in Almaty is 14 kilometres long."}],
}  # fmt: skip
REFUSAL = {"id": "q2", "question": "Who won the cup?", "lang": "en", "type": "unanswerable", "answerable": False}


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Where the runs of the command line go."""
    return tmp_path / "runs"


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A set of three."""
    return write_jsonl(tmp_path / "three.jsonl", WHEAT, REFUSAL, TRAM)


@pytest.fixture
def indexed(seeds_dir: Path, vectors_dir: Path) -> None:
    """The user's index."""
    reindex(seeds_dir, vectors_dir, HashingEmbedder())


def ev(app: typer.Typer, *arguments: object) -> Result:
    """`derek eval …`, which must go well."""
    result = CliRunner().invoke(app, ["eval", *map(str, arguments)])
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"
    return result


def refused(app: typer.Typer, *arguments: object, kind: type[Exception] = InputError) -> str:
    """What is said of `derek eval …`, which must be refused."""
    result = CliRunner().invoke(app, ["eval", *map(str, arguments)])
    assert isinstance(result.exception, kind), f"{result.output}\n{result.exception!r}"
    return str(result.exception)


def numbers_of(folder: Path) -> dict[str, Any]:
    """metrics.json without what a clock or a scale tells."""
    found: dict[str, Any] = json.loads((folder / "metrics.json").read_text("utf-8"))
    return {key: value for key, value in found.items() if not key.endswith(("seconds", "token_s", "gib"))}


@pytest.mark.usefixtures("indexed")
def test_a_set_is_run_and_shown(app: typer.Typer, questions: Path, runs: Path) -> None:
    """The tables name the metrics, the failures what is wrong, a second run of the name is refused."""
    shown = ev(app, "run", questions, "--mode", "extract", "--name", "mine").output
    for expected in ("hit@1", "false_refusal", "numeric", "mine: 3 questions of three", "mode extract", str(runs)):
        assert expected in shown
    assert "why" in ev(app, "show", "mine", "--failures").output
    described = json.loads((runs / "mine" / "run.json").read_text("utf-8"))
    assert described["options"] == {"split": "all", "sample": None, "question_field": "question"}
    assert {"commit", "started_at", "machine", "settings", "generation", "judge"} <= set(described)
    assert "--resume" in refused(app, "run", questions, "--mode", "extract", "--name", "mine")
    assert "retrieval, is" not in ev(app, "run", questions, "--mode", "extract", "--name", "mine", "--resume").output
    said = refused(app, "run", questions, "--mode", "retrieval", "--name", "mine", "--resume")
    assert "mode was extract, is retrieval" in said
    said = refused(app, "run", questions, "--mode", "extract", "--sample", "2", "--name", "mine", "--resume")
    assert "options sample was None, is 2" in said
    (runs / "mine" / "metrics.json").unlink()
    assert "mine: not complete, 3 questions" in ev(app, "show", "mine").output


@pytest.mark.usefixtures("indexed")
def test_causes_of_a_run_are_shown(app: typer.Typer, tmp_path: Path, questions: Path) -> None:
    """With the ids of the questions; a half without a wrong one has no table; what the model read is measured."""
    lost = TRAM | {"id": "lost", "must_include": [["15"]], "split": "test"}
    path = write_jsonl(tmp_path / "more.jsonl", TRAM | {"split": "dev"}, lost)
    ev(app, "run", path, "--name", "mine")
    shown = ev(app, "causes", "mine").output
    assert "1 of 2 questions went wrong" in shown
    assert "in the prompt, not drafted" in shown and "lost" in shown
    assert "lost" in ev(app, "causes", "mine", "--split", "test").output
    assert ev(app, "causes", "mine", "--split", "dev").output.startswith("0 of 1 questions went wrong")
    assert "evidence_in_prompt" in ev(app, "show", "mine").output
    assert "no run of this name" in refused(app, "causes", "yours")


@pytest.mark.usefixtures("indexed")
def test_the_same_run_twice_gives_the_same_numbers(app: typer.Typer, questions: Path, runs: Path) -> None:
    """Under names that Derek makes up, of a set whose name is none for a folder."""
    odd = questions.rename(questions.with_name(".my questions (2).jsonl"))
    for mode in ("extract", "generate"):
        ev(app, "run", odd, "--mode", mode)
    names = sorted(path.name for path in runs.iterdir())
    assert [re.sub(r"\d{8}T\d{6}$", "", name) for name in names] == [
        "my-questions-2--extract-",
        "my-questions-2--generate-",
    ]
    for name in ("one", "two"):
        ev(app, "run", odd, "--name", name)
    assert numbers_of(runs / "one") == numbers_of(runs / "two")
    assert numbers_of(runs / "two")["overall"]["right"]["n"] == 2


@pytest.mark.usefixtures("indexed")
def test_samples_nest(app: typer.Typer, tmp_path: Path, runs: Path) -> None:
    """The questions of a smaller sample are all in the larger one, whatever the order of the set."""
    many = [TRAM | {"id": f"t{number}", "question": f"{TRAM['question']} {number}"} for number in range(12)]
    path = write_jsonl(tmp_path / "many.jsonl", *many)
    asked = {}
    for count in (2, 5, 40):
        ev(app, "run", path, "--mode", "retrieval", "--sample", count, "--name", f"s{count}")
        asked[count] = {record.id for record in read_records(runs / f"s{count}" / "answers.jsonl")}
    assert [len(ids) for ids in asked.values()] == [2, 5, 12]
    assert asked[2] < asked[5] < asked[40]
    ev(app, "run", path, "--mode", "retrieval", "--split", "dev", "--name", "dev")
    assert {record.split for record in read_records(runs / "dev" / "answers.jsonl")} == {"dev"}


@pytest.mark.parametrize(
    ("system", "mode", "defined", "not_defined"),
    [
        ("words", "retrieval", "hit@1", "right"),
        ("dense", "retrieval", "mrr", "right"),
        ("prototype", "retrieval", "ndcg@10", "right"),
        ("prototype", "generate", "right", "verbatim"),
        ("gold", "generate", "right", "verbatim"),
    ],
)
@pytest.mark.usefixtures("indexed")
def test_every_system_is_run_alike(
    app: typer.Typer, questions: Path, runs: Path, system: str, mode: str, defined: str, not_defined: str
) -> None:
    """Each writes a run of its own; with gold given, what nothing answers is asked of the nearest passages."""
    ev(app, "run", questions, "--system", system, "--mode", mode, "--name", "one")
    described = json.loads((runs / "one" / "run.json").read_text("utf-8"))
    assert described["system"] == system
    assert (described["judge"] is None) is (mode == "retrieval"), "where nothing is said, nothing is judged"
    found = numbers_of(runs / "one")
    assert (found["errors"], found["questions"]) == (0, 3)
    assert defined in found["overall"] and not_defined not in found["overall"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--system", "words"], "--system words only ranks; add --mode retrieval"),
        (["--system", "gold", "--mode", "extract"], "needs --mode generate"),
        (["--system", "prototype", "--mode", "extract"], "no extract mode"),
        (["--system", "words", "--url", "http://127.0.0.1:9"], "--url asks a running Derek"),
        (["--resume"], "--resume needs the --name"),
        (["--name", "../elsewhere"], "letters, digits"),
        (["--name", ".hidden"], "letters, digits"),
        (["--split", "test", "--mode", "extract"], "in split test"),
        (["--question-field", "question_kk"], "question_kk"),
        (["--url", "localhost:8000"], "http://HOST:PORT"),
    ],
)
def test_what_makes_no_sense_is_refused(
    app: typer.Typer, tmp_path: Path, runs: Path, arguments: list[str], said: str
) -> None:
    """Before anything is opened or written."""
    path = write_jsonl(tmp_path / "one.jsonl", WHEAT | {"split": "dev"})
    assert said in refused(app, "run", path, *arguments)
    assert not runs.exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{no json", "one.jsonl:2: not JSON"),
        (json.dumps(REFUSAL | {"answer": "none"}), "one.jsonl:2: unknown field answer"),
        (json.dumps(REFUSAL | {"id": "q1"}), "one.jsonl:2: id 'q1' is already used in line 1"),
        (
            json.dumps(TRAM | {"evidence": [{"file": "almaty.txt", "quote": "12 kilometres long"}]}),
            "one.jsonl:2: no article of almaty.txt in generation",
        ),
        (json.dumps(TRAM | {"gold_docs": ["0123456789abcdef"]}), "one.jsonl:2: gold article '0123456789abcdef' is not"),
    ],
)
@pytest.mark.usefixtures("indexed")
def test_a_broken_set_is_refused_as_a_whole(app: typer.Typer, tmp_path: Path, runs: Path, line: str, said: str) -> None:
    """File, line and what is wrong, and no run's folder, not even where a sample leaves the question out."""
    path = write_jsonl(tmp_path / "one.jsonl", WHEAT, line)
    assert said in refused(app, "run", path, "--mode", "extract", "--name", "never")
    assert said in refused(app, "run", path, "--mode", "extract", "--name", "never", "--sample", "1")
    assert not runs.exists()


@pytest.mark.usefixtures("indexed")
def test_gold_that_is_gone_after_a_reindex_is_told(
    app: typer.Typer, questions: Path, seeds_dir: Path, vectors_dir: Path, runs: Path
) -> None:
    """Also to a run that was begun before it; what it has is kept."""
    ev(app, "run", questions, "--mode", "extract", "--name", "before")
    before = {path.name: path.read_bytes() for path in (runs / "before").iterdir()}
    (seeds_dir / "ministry.txt").unlink()
    reindex(seeds_dir, vectors_dir, HashingEmbedder())
    for arguments in (["--name", "after"], ["--name", "before", "--resume"]):
        assert "three.jsonl:1: no article of ministry.txt" in refused(app, "run", questions, *arguments)
    assert not (runs / "after").exists()
    assert {path.name: path.read_bytes() for path in (runs / "before").iterdir()} == before


def test_what_is_not_there_is_named(app: typer.Typer, questions: Path) -> None:
    """No such run, no index yet, no such set."""
    assert "no run of this name; there are: none" in refused(app, "show", "nothing")
    assert "nothing indexed" in refused(app, "run", questions, "--mode", "extract", kind=NoGeneration)
    assert "no question set 'no-such-set'" in refused(app, "run", "no-such-set")


def test_an_index_of_another_embedder_is_refused(
    app: typer.Typer, questions: Path, seeds_dir: Path, vectors_dir: Path, runs: Path
) -> None:
    """Vectors of two embedders must not meet; the message names both."""
    reindex(seeds_dir, vectors_dir, HashingEmbedder(fingerprint="another"))
    assert "another, not hashing-256" in refused(app, "run", questions, "--name", "n", kind=IndexDamaged)
    assert not runs.exists()


@pytest.mark.parametrize(
    ("name", "modes", "counts"),
    [("lighthouse.json", ("retrieval", "extract", "generate"), "right"), ("orchard", ("retrieval",), "ndcg@10")],
)
def test_public_sets_bring_their_documents(
    app: typer.Typer, runs: Path, vectors_dir: Path, tmp_path: Path, name: str, modes: tuple[str, ...], counts: str
) -> None:
    """SQuAD 2.0's form and BEIR's: indexed once into the cache, never into the user's index; twice the same numbers."""
    for mode in modes:
        for again in ("a", "b"):
            ev(app, "run", SAMPLES / name, "--mode", mode, "--name", f"{mode}-{again}")
        assert numbers_of(runs / f"{mode}-a") == numbers_of(runs / f"{mode}-b")
        found = numbers_of(runs / f"{mode}-a")
        assert found["errors"] == 0
        assert found["overall"]["hit@5"]["value"] > 0.6
        files = {path.name for path in (runs / f"{mode}-a").iterdir()}
        assert {"run.json", "answers.jsonl", "ranking.trec", "metrics.json"} <= files
    assert counts in found["overall"]
    assert not vectors_dir.exists()
    (corpus,) = (tmp_path / "cache" / "eval" / "corpora").iterdir()
    assert (corpus / "vectors" / "CURRENT").is_file()


def test_answers_are_not_measured_where_none_is_known(app: typer.Typer, runs: Path) -> None:
    """BEIR's form has relevant documents alone."""
    said = refused(app, "run", SAMPLES / "orchard", "--mode", "extract")
    assert re.search(r"queries\.jsonl:1: no answers, .*--mode retrieval", said)
    assert not runs.exists()


def test_a_set_with_documents_is_not_asked_of_a_server(app: typer.Typer, runs: Path) -> None:
    """It serves others."""
    said = refused(app, "run", SAMPLES / "lighthouse.json", "--url", "http://127.0.0.1:9")
    assert "documents of its own" in said and "leave out --url" in said
    assert not runs.exists()


@pytest.mark.usefixtures("indexed")
def test_ctrl_c_keeps_what_is_done(
    app: typer.Typer, questions: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how to go on, and that works, also after a process was killed in the middle of a line."""
    ask, asked = Derek.ask, []

    def interrupted(self: Derek, item: Any) -> Any:
        asked.append(item.id)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return ask(self, item)

    monkeypatch.setattr(Derek, "ask", interrupted)
    arguments = ["run", str(questions), "--mode", "extract", "--name", "mine"]
    stopped = CliRunner().invoke(app, ["eval", *arguments])
    assert stopped.exit_code != 0
    assert "what is done is kept" in stopped.output and "--name mine --resume" in stopped.output
    with (runs / "mine" / "answers.jsonl").open("a") as file:
        file.write('{"id": "q2", "questi')
    assert "mine: not complete, 1 questions" in ev(app, "show", "mine").output
    ev(app, *arguments, "--resume")
    assert asked == ["q1", "q2", "q2", "q3"]
    assert numbers_of(runs / "mine")["questions"] == 3


@pytest.mark.usefixtures("indexed")
def test_drafts_are_written_once(
    app: typer.Typer, questions: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second run takes them from the cache, and says nothing of seconds."""
    generator = ScriptedGenerator("The new tram line in Almaty is 14 kilometres long.", yes=0.99)
    monkeypatch.setattr("rag.generator.open_generator", lambda *settings: generator)
    ev(app, "run", questions, "--name", "one")
    drafted, judged = len(generator.prompts), len(generator.asked)
    ev(app, "run", questions, "--name", "two")
    assert (len(generator.prompts), len(generator.asked)) == (drafted, judged)
    assert [record.reply.cached for record in read_records(runs / "two" / "answers.jsonl")] == [True] * 3
    two = json.loads((runs / "two" / "metrics.json").read_text("utf-8"))
    assert (two["seconds"], two["prompt_tokens"]["n"]) == ({"n": 0}, 3)
    assert numbers_of(runs / "one") == numbers_of(runs / "two")


@pytest.mark.usefixtures("indexed")
def test_the_model_judges_only_by_name(app: typer.Typer, questions: Path, runs: Path) -> None:
    """And the run says that it is the one under test."""
    for judge, said in (("words", "words (no model)"), ("model", "(the model under test judges itself)")):
        ev(app, "run", questions, "--judge", judge, "--name", judge)
        assert said in json.loads((runs / judge / "run.json").read_text("utf-8"))["judge"]
        assert "supported" in numbers_of(runs / judge)["overall"]
    ev(app, "run", questions, "--judge", "none", "--name", "none")
    assert json.loads((runs / "none" / "run.json").read_text("utf-8"))["judge"] is None
    assert "supported" not in numbers_of(runs / "none")["overall"]
    ev(app, "run", questions, "--mode", "extract", "--judge", "model", "--name", "other")
    assert "(not the model under test)" in json.loads((runs / "other" / "run.json").read_text("utf-8"))["judge"]


@pytest.mark.usefixtures("indexed")
def test_progress_for_programs_is_json(app: typer.Typer, questions: Path, runs: Path) -> None:
    """A line a question and one for the run; nothing else on stdout."""
    shown = ev(app, "run", questions, "--mode", "extract", "--name", "mine", "--progress", "json", "--report")
    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [(line["done"], line["total"]) for line in lines[:-1]] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert lines[0]["seconds_left"] is None and lines[3]["seconds_left"] == 0.0
    assert lines[-1] == {"run": str(runs / "mine")}
    assert (runs / "mine" / "report.html").is_file()


@pytest.mark.usefixtures("indexed")
def test_runs_are_compared_and_reported(app: typer.Typer, questions: Path, runs: Path, tmp_path: Path) -> None:
    """Differences in the terminal, a page for one run or for several."""
    for mode in ("extract", "generate"):
        ev(app, "run", questions, "--mode", mode, "--name", mode)
    shown = ev(app, "compare", "extract", "generate").output
    assert "generate against extract: 3 questions in both" in shown and "hit@1" in shown
    assert ev(app, "report", "extract").output.strip() == str(runs / "extract" / "report.html")
    page = tmp_path / "both.html"
    ev(app, "report", "extract", "generate", "--out", page)
    assert "What is the price of wheat?" in page.read_text("utf-8")
    assert "no run of this name; there are: extract, generate" in refused(app, "compare", "extract", "other")


@pytest.mark.usefixtures("indexed")
def test_a_set_is_checked(app: typer.Typer, questions: Path, tmp_path: Path) -> None:
    """Against the index, or against its own documents; faults end it with 1, each with file and line."""
    assert "3 questions" in ev(app, "check", questions).output
    assert "no fault found" in ev(app, "check", SAMPLES / "lighthouse.json").output
    wrong = write_jsonl(tmp_path / "wrong.jsonl", WHEAT, TRAM | {"must_include": [["15"]], "answers": ["15 km"]})
    result = CliRunner().invoke(app, ["eval", "check", str(wrong)])
    assert result.exit_code == 1
    assert f"{wrong}:2: must_include: 15: not in the evidence" in result.output

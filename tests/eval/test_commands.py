"""`derek eval run` and `derek eval show` as a user types them."""

import json
from pathlib import Path

import pytest
import typer
from fakes import HashingEmbedder
from typer.testing import CliRunner

from eval import commands
from eval.commands import add_to
from rag.errors import IndexDamaged, InputError, NoGeneration
from rag.reindex import reindex

WHEAT = {
    "id": "q1", "question": "What is the price of wheat?", "lang": "en", "type": "numeric",
    "answers": ["85,000 tenge"], "must_include": [["85,000"]], "answerable": True,
    "evidence": [{"file": "ministry.txt", "quote": "set the price of wheat at 85,000 tenge a tonne"}],
}  # fmt: skip
REFUSAL = {"id": "q2", "question": "Who won the cup?", "lang": "en", "type": "unanswerable", "answerable": False}


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """The verbs with an embedder that needs no weights."""
    monkeypatch.setattr("rag.embedder.open_embedder", lambda name, cache_dir: HashingEmbedder())
    app = typer.Typer()
    app.callback()(lambda: None)
    add_to(app)
    return app


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A set of two."""
    path = tmp_path / "two.jsonl"
    path.write_text(f"{json.dumps(WHEAT)}\n{json.dumps(REFUSAL)}\n", "utf-8")
    return path


def test_a_set_is_run_and_shown(
    app: typer.Typer, questions: Path, seeds_dir: Path, vectors_dir: Path, tmp_path: Path
) -> None:
    """The tables name the metrics, the failures what is wrong, a second run of the name is refused."""
    reindex(seeds_dir, vectors_dir, HashingEmbedder())
    runs = ["--runs-dir", str(tmp_path / "runs")]
    arguments = [
        "eval",
        "run",
        str(questions),
        "--mode",
        "extract",
        "--name",
        "mine",
        "--vectors-dir",
        str(vectors_dir),
    ]
    ran = CliRunner().invoke(app, [*arguments, *runs, "--prototype"])
    assert ran.exit_code == 0, ran.output
    for shown in ("hit@1", "false_refusal", "prototype", "numeric", "mine: 2 questions of two, extract"):
        assert shown in ran.output
    failures = CliRunner().invoke(app, ["eval", "show", "mine", "--failures", *runs])
    assert failures.exit_code == 0
    assert "reason" in failures.output
    (tmp_path / "runs" / "mine" / "metrics.json").unlink()
    assert "mine: not complete, 2 questions" in CliRunner().invoke(app, ["eval", "show", "mine", *runs]).output
    again = CliRunner().invoke(app, [*arguments, *runs])
    assert isinstance(again.exception, InputError)
    assert "--resume" in str(again.exception)


def test_what_is_not_there_is_named(app: typer.Typer, questions: Path, tmp_path: Path) -> None:
    """No such run, no index yet, no such set, no questions in the half, a resumption without a name."""
    runs = ["--runs-dir", str(tmp_path / "runs")]
    empty = tmp_path / "empty.jsonl"
    empty.write_text(json.dumps(REFUSAL | {"split": "dev"}) + "\n", "utf-8")
    for arguments, kind, said in (
        (["show", "nothing"], InputError, "no run of this name; there are: none"),
        (["run", str(questions), "--mode", "extract", "--vectors-dir", str(tmp_path)], NoGeneration, "nothing indexed"),
        (["run", "no-such-set"], InputError, "no question set 'no-such-set'"),
        (["run", str(empty), "--split", "test"], InputError, "no questions in split test"),
        (["run", str(questions), "--resume"], InputError, "--resume needs the --name"),
    ):
        result = CliRunner().invoke(app, ["eval", *arguments, *runs])
        assert isinstance(result.exception, kind), result.output
        assert said in str(result.exception)


def test_an_index_of_another_embedder_is_refused(
    app: typer.Typer, questions: Path, seeds_dir: Path, vectors_dir: Path
) -> None:
    """Vectors of two embedders must not meet; the message names both."""
    reindex(seeds_dir, vectors_dir, HashingEmbedder(fingerprint="another"))
    result = CliRunner().invoke(app, ["eval", "run", str(questions), "--vectors-dir", str(vectors_dir)])
    assert isinstance(result.exception, IndexDamaged)
    assert "another, not hashing-256" in str(result.exception)


def test_secrets_stay_out_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither key is among the settings that are written down."""
    from rag.settings import load_settings

    monkeypatch.setenv("DEREK_API_KEY", "secret-1")
    monkeypatch.setenv("DEREK_ENGINE_KEY", "secret-2")
    assert "secret" not in json.dumps(commands._settings_shown(load_settings()))

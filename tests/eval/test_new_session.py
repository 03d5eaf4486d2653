"""`derek eval new` as a person uses it: what is shown, what keys do, what is in the file afterwards."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from fakes import ScriptedGenerator
from typer.testing import CliRunner, Result

from eval.commands import add_to
from eval.readers import read_set
from rag.errors import InputError, WeightsMissing
from rag.types import Prompt

Run = Callable[..., Result]


def reply(prompt: Prompt) -> str:
    """A question of its own about each sentence of the made-up seeds."""
    sentence = prompt.user.split("Sentence: ")[1].split("\n")[0]
    for part, question in (
        ("14 kilometres", "Question: How long is the new tram line in Almaty?"),
        ("Satybaldy", "What did Mayor Satybaldy tell of Almaty?"),
        ("1,000,000", "Question: How many trees did Shymkent plant over the winter?"),
        ("40 schools", "From how many schools did volunteers in Shymkent come?"),
    ):
        if part in sentence:
            return question
    return "I can't."


@pytest.fixture
def generator() -> ScriptedGenerator:
    """The model."""
    return ScriptedGenerator(reply)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where questions go."""
    return tmp_path / "mine.jsonl"


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, generator: ScriptedGenerator, seeds_dir: Path, out: Path, tmp_path: Path
) -> Run:
    """Types `keys` at `derek eval new` over the first seed file, as a person at a terminal would."""
    monkeypatch.setattr("eval.new_command._is_person_there", lambda: True)
    monkeypatch.setattr("rag.generator.open_generator", lambda *args: generator)
    app = typer.Typer()
    app.callback()(lambda: None)
    add_to(app)

    def run(keys: str, *arguments: str, file: Path = seeds_dir / "almaty.txt") -> Result:
        options = ["--out", str(out), "--seeds-dir", str(seeds_dir), "--cache-dir", str(tmp_path / "cache")]
        return CliRunner().invoke(app, ["eval", "new", str(file), *options, *arguments], input=keys)

    return run


def lines(out: Path) -> list[dict[str, Any]]:
    """What is in the file."""
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()] if out.exists() else []


def test_drafts_are_shown_and_accepted(run: Run, out: Path) -> None:
    """Headline, date, the sentence among its neighbours, question, answer and what it must hold; then it is kept."""
    result = run("a\na\na\na\n")
    assert result.exit_code == 0, result.output
    for shown in (
        "Almaty opens a tram line to the airport (almaty.txt, 2026-03-04)",
        "It has 11 stops",
        "How long is the new tram line in Almaty?",
        "a right answer holds: 14",
        "q001 added",
        "questions added to",
    ):
        assert shown in result.output
    assert [line["id"] for line in lines(out)] == [f"q{n:03}" for n in range(1, len(lines(out)) + 1)]
    assert {line["evidence"][0]["file"] for line in lines(out)} == {"almaty.txt"}
    read_set(out)


def test_a_second_session_goes_on(run: Run, out: Path, generator: ScriptedGenerator) -> None:
    """After a quit what was accepted is there; the next session drafts nothing of its sentence again."""
    first = run("a\nq\n")
    assert first.exit_code == 0
    assert "Go on with the same command" in first.output
    assert len(lines(out)) == 1
    seen = len(generator.prompts)
    run("t\nt\nt\nt\n")
    assert lines(out)[0]["evidence"][0]["quote"] not in [
        prompt.user.split("Sentence: ")[1].split("\n")[0] for prompt in generator.prompts[seen:]
    ]
    assert len(lines(out)) == 1


def test_an_edit_is_shown_checked_and_kept(run: Run, out: Path) -> None:
    """An empty line keeps what was there; the checks only advise; other wordings and the type are taken over."""
    edited = "e\nHow far does the tram go?\n14 kilometres | 14 km\nfactoid\na\nq\n"
    result = run(edited)
    assert "Look again: the question names nothing" in result.output
    assert "Look again: the answer is not in the quotation" in result.output
    kept = lines(out)[0]
    assert (kept["question"], kept["type"]) == ("How far does the tram go?", "factoid")
    assert kept["must_include"] == [["14 kilometres", "14 km"]]
    out.unlink()
    run("e\n\n\n\na\nq\n")
    assert (lines(out)[0]["question"], lines(out)[0]["type"]) == ("How long is the new tram line in Almaty?", "numeric")


def test_drafts_are_thrown_away_and_articles_skipped(run: Run, out: Path) -> None:
    """Neither leaves a trace in the file; another key is told what there is to press."""
    result = run("x\nt\ns\ns\n")
    assert "a, e, t, s or q" in result.output
    assert "1 thrown away" in result.output
    assert not out.exists()
    skipped = run("s\na\n")
    assert "Shymkent" in skipped.output
    assert all("Shymkent" in line["question"] for line in lines(out))


def test_what_cannot_be_kept_is_said(run: Run, out: Path) -> None:
    """An answer of nothing is refused, and the draft is still there to be edited or thrown away."""
    result = run("e\n\n|\n\na\nt\nq\n")
    assert "Not added" in result.output
    assert not out.exists()


def test_the_end_of_input_is_a_quit(run: Run, out: Path) -> None:
    """A closed terminal costs nothing."""
    result = run("a\n")
    assert result.exit_code == 0
    assert "what was accepted is kept" in result.output
    assert len(lines(out)) == 1


def test_an_interruption_keeps_what_is_done(run: Run, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends in 130 and says how to go on."""
    keys = iter(["a"])

    def press(label: str, before: str) -> str:
        for key in keys:
            return key
        raise KeyboardInterrupt

    monkeypatch.setattr("eval.new_session.ask_on_terminal", press)
    result = run("")
    assert result.exit_code == 130
    assert "1 question" in result.output
    assert "Go on with the same command" in result.output
    assert len(lines(out)) == 1


def test_without_a_person_all_are_kept_and_marked(run: Run, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--yes asks nobody: ids begin with draft-. Nobody there and no --yes: refused before anything is opened."""
    monkeypatch.setattr("eval.new_command._is_person_there", lambda: False)
    refused = run("a\na\n")
    assert isinstance(refused.exception, InputError)
    assert "--yes" in str(refused.exception)
    result = run("", "--yes", "--per-article", "2")
    assert result.exit_code == 0, result.output
    assert lines(out)
    assert all(line["id"].startswith("draft-") for line in lines(out))
    assert "failed the checks" in result.output
    held = out.read_bytes()
    again = run("", "--yes", "--per-article", "1")
    assert isinstance(again.exception, InputError)
    assert "nothing left to ask" in str(again.exception)
    assert out.read_bytes() == held


def test_what_is_wrong_is_said_before_the_model_is_opened(
    run: Run, out: Path, seeds_dir: Path, generator: ScriptedGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing file, a file with nothing to ask, a broken set; and a model that is not there in its own words."""
    dull = seeds_dir / "dull.txt"
    dull.write_text("2026-03-04\nNothing at all\nnothing happened here and nobody came to see it.\n", "utf-8")
    for file, said in ((seeds_dir / "gone.txt", "no such file"), (dull, "nothing left to ask")):
        result = run("", file=file)
        assert isinstance(result.exception, InputError)
        assert said in str(result.exception)
    out.write_text("{}\n")
    broken = run("a\n")
    assert f"{out}:1: field id" in str(broken.exception)
    assert out.read_text() == "{}\n"
    out.unlink()

    def missing(*args: object) -> None:
        raise WeightsMissing("qwen is not in the cache; run: derek models pull qwen")

    monkeypatch.setattr("rag.generator.open_generator", missing)
    assert isinstance(run("a\n").exception, WeightsMissing)
    assert generator.prompts == []

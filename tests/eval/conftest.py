"""The command line of evaluations without weights, and a service to be asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from fakes import HashingEmbedder, ScriptedGenerator
from serving import SENTENCE

from eval.commands import add_to
from rag.reindex import reindex
from service.state import State


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> typer.Typer:
    """The verbs with an embedder and a language model that need no weights, in a folder without settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("eval.opening.open_embedder", lambda name, cache_dir: HashingEmbedder())
    monkeypatch.setattr("rag.generator.open_generator", lambda *settings: ScriptedGenerator(SENTENCE, yes=0.99))
    monkeypatch.setenv("DEREK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("DEREK_VECTORS_DIR", str(tmp_path / "vectors"))
    monkeypatch.setenv("DEREK_RUNS_DIR", str(tmp_path / "runs"))
    app = typer.Typer()
    app.callback()(lambda: None)
    add_to(app)
    return app


@pytest.fixture
def state(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> Iterator[State]:
    """What a service that is ready works with: the made-up seeds, and a model that always says the same."""
    reindex(seeds_dir, vectors_dir, embedder)
    state = State(vectors_dir)
    state.use_embedder(embedder)
    state.refresh()
    state.use_generator(ScriptedGenerator(SENTENCE, yes=0.99))
    yield state
    state.close()

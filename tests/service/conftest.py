"""A service over a small index that was really built."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashingEmbedder, ScriptedGenerator
from serving import SENTENCE
from starlette.testclient import TestClient

from rag.reindex import reindex
from service.app import create_app
from service.state import State


@pytest.fixture
def state(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> Iterator[State]:
    """A state that is ready: an index, an embedder, a generator that always says the same."""
    reindex(seeds_dir, vectors_dir, embedder)
    state = State(vectors_dir)
    state.use_embedder(embedder)
    state.refresh()
    state.use_generator(ScriptedGenerator(SENTENCE))
    yield state
    state.close()


@pytest.fixture
def client(state: State) -> Iterator[TestClient]:
    """A client of the app in process."""
    with TestClient(create_app(state), base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        yield client

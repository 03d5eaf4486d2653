"""A service over a small index that was really built."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import HashingEmbedder, ScriptedGenerator
from serving import SENTENCE, places_beside
from starlette.testclient import TestClient

from rag.reindex import reindex
from service.app import create_app
from service.state import State


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the index of the made-up seeds is kept from the first test that builds it."""
    return tmp_path_factory.mktemp("built") / "vectors"


@pytest.fixture
def state(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, built_once: Path) -> Iterator[State]:
    """A state that is ready: an index, an embedder, a generator that always says the same."""
    if built_once.exists():
        shutil.copytree(built_once, vectors_dir)
    else:
        reindex(seeds_dir, vectors_dir, embedder)
        shutil.copytree(vectors_dir, built_once)
    state = State(vectors_dir)
    state.use_embedder(embedder)
    state.refresh()
    state.use_generator(ScriptedGenerator(SENTENCE, yes=0.99))
    yield state
    state.close()


@pytest.fixture
def client(state: State) -> Iterator[TestClient]:
    """A client of the app in process."""
    with TestClient(
        create_app(state, places_beside(state)), base_url="http://127.0.0.1:8000", raise_server_exceptions=False
    ) as client:
        yield client

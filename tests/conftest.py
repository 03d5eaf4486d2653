"""Fixtures that every test may use, and the rule that none reaches the network."""

import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import pytest
from fakes import HashingEmbedder, ScriptedGenerator
from hypothesis import settings

if TYPE_CHECKING:
    from rag.answer import Library

# Libraries read these once, when they are imported, and conftest is imported before any of them.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# A busy machine is no failure: no example has a deadline. All else stays as Hypothesis has it, here or in CI.
settings.register_profile("derek", settings(), deadline=None)
settings.load_profile("derek")
WEIGHTS = Path(os.environ.get("DEREK_CACHE_DIR") or platformdirs.user_cache_path("derek")).expanduser().absolute()

SEEDS = {
    "almaty.txt": """\
2026-03-04
Almaty opens a tram line to the airport
The new tram line in Almaty is 14 kilometres long. It has 11 stops and was built in three years.
Mayor D. Satybaldy said the first tram left at 6:30 a.m. on Tuesday. The fare is 120 tenge.

2026-03-05
Shymkent plants a million trees
Shymkent planted 1,000,000 trees over the winter. Volunteers from 40 schools took part.
The city will water them from the Badam river.
""",
    "ministry.txt": """\
05.03.2026, 10:15 2143
Ministry names the price of wheat
The ministry of agriculture set the price of wheat at 85,000 tenge a tonne.
The price holds until 1 September 2026.

06.03.2026, 09:00 877
Lake Balkhash rises by ten centimetres
The level of Lake Balkhash rose by 10 centimetres in a year. Scientists named heavy snow as the cause.
""",
    "north/petropavl.txt": """\
2026-03-06
В Петропавловске открыли новую библиотеку
В Петропавловске открыли библиотеку на 200 мест. Она работает каждый день с девяти утра.
В фондах библиотеки 35 000 книг.
""",
}


@pytest.fixture(autouse=True)
def _shut_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings, proxies or tokens from outside, and connections to this machine only."""
    for name in list(os.environ):
        if name.upper().startswith("DEREK_") or name.lower().endswith("_proxy") or name == "HF_TOKEN":
            monkeypatch.delenv(name)
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise PermissionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


@pytest.fixture
def seeds_dir(tmp_path: Path) -> Path:
    """A folder of three small made-up seed files, five articles, one of them Russian."""
    folder = tmp_path / "seeds"
    for name, text in SEEDS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


@pytest.fixture
def vectors_dir(tmp_path: Path) -> Path:
    """A folder for generations, not made yet."""
    return tmp_path / "vectors"


@pytest.fixture
def embedder() -> HashingEmbedder:
    """An embedder that hashes words."""
    return HashingEmbedder()


@pytest.fixture
def closed_model(tmp_path: Path) -> Path:
    """A sentence-transformers folder without weights: enough to tell an embedder by, not to open it."""
    folder = tmp_path / "closed"
    folder.mkdir()
    modules = [
        {"type": f"sentence_transformers.models.{kind}", "path": ""} for kind in ("Transformer", "Pooling", "Normalize")
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 128}))
    return folder


@pytest.fixture
def library(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> Iterator["Library"]:
    """The made-up seeds, really indexed, and a generator that always says the same thing."""
    from rag.answer import Library
    from rag.generations import open_generation
    from rag.reindex import reindex

    report = reindex(seeds_dir, vectors_dir, embedder)
    generation = open_generation(vectors_dir, report.generation)
    yield Library(generation, embedder, ScriptedGenerator("The new tram line in Almaty is 14 kilometres long."))
    generation.close()


@pytest.fixture(scope="session")
def cache_dir() -> Path:
    """The user's own cache of weights (DEREK_CACHE_DIR or the default), for slow tests."""
    return WEIGHTS


@pytest.fixture(scope="session")
def need_weights() -> Callable[[str], Path]:
    """Folder of a model's weights. Where they are missing the test is skipped, but in CI it fails."""

    def need(name: str) -> Path:
        from rag.models import installed

        folder = installed(name, WEIGHTS)
        if folder is None:
            message = f"no weights of {name} in {WEIGHTS}; run: derek models pull"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        return folder

    return need

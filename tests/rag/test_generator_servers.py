"""The OpenAI engine against a real llama.cpp server with a tiny model: the protocol as a server really speaks it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_models import write_gguf

from rag.errors import Cancelled, EngineFailed
from rag.generator import open_generator
from rag.types import Generator, Prompt

pytestmark = pytest.mark.slow
SUPPORT = Path(__file__).parents[1] / "support"
ASK = Prompt("Answer briefly.", "How long is the road?")


def never() -> bool:
    """Somebody always waits."""
    return False


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generator]:
    """The engine over a server that runs while this module's tests do."""
    folder = tmp_path_factory.mktemp("llama")
    command = [sys.executable, str(SUPPORT / "llama_server.py"), str(write_gguf(folder / "tiny.gguf"))]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        assert server.stdout is not None
        address = next((line.strip() for line in server.stdout if line.startswith("http")), None)
        assert address, (folder / "log").read_text()
        yield open_generator("openai", "tiny", folder, f"{address}/v1", "none")
        server.communicate(timeout=30)  # closes its input, at which it ends


def test_a_real_server_streams(generator: Generator) -> None:
    """Text, usage and the time to the first token come from a real stream."""
    draft = generator.complete(ASK, max_tokens=12, stop=never)
    assert draft.text
    assert draft.prompt_tokens > 30
    assert 0 < draft.completion_tokens <= 12
    assert draft.first_token_s > 0


def test_a_real_server_tells_its_alternatives(generator: Generator) -> None:
    """Its top alternatives are read; a random model may have neither word among them."""
    probability = generator.yes_probability(ASK, stop=never)
    assert probability is None or 0 <= probability <= 1


def test_a_real_server_refuses_a_prompt_too_long(generator: Generator) -> None:
    """Its own words come through."""
    with pytest.raises(EngineFailed, match=r"answered 400.*exceed"):
        generator.complete(Prompt("s", "x" * 900), max_tokens=4, stop=never)


def test_a_real_server_is_cut_off_and_goes_on(generator: Generator) -> None:
    """After a client has gone the next one is served."""
    asked: list[int] = []

    def after_two() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        generator.complete(ASK, max_tokens=200, stop=after_two)
    assert generator.complete(ASK, max_tokens=4, stop=never).completion_tokens

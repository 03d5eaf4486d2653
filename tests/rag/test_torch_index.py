"""Where torch comes from: an index that answers is used, one that doesn't is left within seconds."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from rag.torch_index import answers

ROOT = Path(__file__).parents[2]


class _Index(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(200 if self.path == "/cpu/torch/" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def index() -> Iterator[str]:
    """The address of a small server that knows torch below /cpu."""
    with HTTPServer(("127.0.0.1", 0), _Index) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_index_that_answers(index: str) -> None:
    """Only an index that knows torch counts as answering."""
    assert answers(index + "/cpu")
    assert not answers(index + "/other")


def test_an_index_that_does_not() -> None:
    """A closed port, a server that never answers and a thing that is no address all mean: no."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{mute.getsockname()[1]}"
        assert not answers(address)
        mute.listen()
        assert not answers(address, seconds=0.2)
    assert not answers("no address")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere torch is small anyway")
def test_the_choice_is_said(index: str) -> None:
    """The chosen index goes to stdout for pip, the reason to stderr for people."""
    run = [sys.executable, "-m", "rag.torch_index"]
    there = subprocess.run([*run, index + "/cpu"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert there.stdout == index + "/cpu"
    assert "CPU build" in there.stderr
    gone = subprocess.run([*run, index + "/other"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert gone.stdout == ""
    assert "does not answer" in gone.stderr

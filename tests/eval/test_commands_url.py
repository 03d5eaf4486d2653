"""`derek eval run --url` against services that really listen: one that is killed, one busy, one locked, a stranger."""

import http.server
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from fakes import HashingEmbedder
from jsonl import write_jsonl
from serving import BlockingGenerator, listening, wait_until
from typer.testing import CliRunner

from eval.records import read_records
from eval.systems.remote import RemoteDerek
from rag.errors import InputError, ServerGone
from rag.reindex import reindex
from service.guard import Rules
from service.state import State

SUPPORT = Path(__file__).parents[1] / "support"
KEY = "a key for tests"
QUESTIONS = [
    {"id": "q1", "question": "How long is the new tram line in Almaty?", "lang": "en", "type": "numeric",
     "answers": ["14 kilometres"], "must_include": [["14"]], "answerable": True,
     "evidence": [{"file": "almaty.txt", "quote": "The new tram line in Almaty is 14 kilometres long."}]},
    {"id": "q2", "question": "What is the price of wheat?", "lang": "en", "type": "numeric",
     "answers": ["85,000 tenge"], "must_include": [["85,000"]], "answerable": True,
     "evidence": [{"file": "ministry.txt", "quote": "set the price of wheat at 85,000 tenge a tonne"}]},
    {"id": "q3", "question": "By how much did Lake Balkhash rise in a year?", "lang": "en", "type": "numeric",
     "answers": ["10 centimetres"], "must_include": [["10"]], "answerable": True,
     "evidence": [{"file": "ministry.txt", "quote": "rose by 10 centimetres in a year"}]},
    {"id": "q4", "question": "Who won the football cup?", "lang": "en", "type": "unanswerable", "answerable": False},
]  # fmt: skip


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A set of four."""
    return write_jsonl(tmp_path / "four.jsonl", *QUESTIONS)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is away is given a second."""
    monkeypatch.setattr("eval.opening.RemoteDerek", partial(RemoteDerek, patience_s=1.0))


def run(app: typer.Typer, questions: Path, url: str, *more: str) -> Any:
    """`derek eval run SET --url URL --name mine …`."""
    return CliRunner().invoke(app, ["eval", "run", str(questions), "--url", url, "--name", "mine", *more])


def overall(folder: Path) -> dict[str, Any]:
    """The means of a run, with how many questions failed."""
    found = json.loads((folder / "metrics.json").read_text("utf-8"))
    return {name: one["value"] for name, one in found["overall"].items()} | {"errors": found["errors"]}


def test_a_server_answers_as_derek_does_in_process(
    app: typer.Typer, state: State, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same numbers, from a server that wants a key; the run says who was asked and not with which key."""
    monkeypatch.setenv("DEREK_API_KEY", KEY)
    with listening(state, Rules(api_key=KEY)) as port:
        for mode in ("extract", "generate", "retrieval"):
            asked = run(app, questions, f"http://127.0.0.1:{port}", "--mode", mode, "--name", mode)
            assert asked.exit_code == 0, asked.output
            here = CliRunner().invoke(app, ["eval", "run", str(questions), "--mode", mode, "--name", f"{mode}-here"])
            assert here.exit_code == 0, here.output
            known, known_here = (overall(tmp_path / "runs" / name) for name in (mode, f"{mode}-here"))
            read = known_here.pop("evidence_in_prompt", None)  # a prompt never leaves the process over HTTP
            assert (read is not None) is (mode == "generate")
            assert known == known_here
    described = json.loads((tmp_path / "runs" / "generate" / "run.json").read_text("utf-8"))
    assert (described["system"], described["url"]) == ("remote", f"http://127.0.0.1:{port}")
    assert described["model"] == "scripted"
    assert all(KEY.encode() not in path.read_bytes() for path in (tmp_path / "runs").rglob("*.json*"))


def test_without_its_key_nothing_is_run(app: typer.Typer, state: State, questions: Path, tmp_path: Path) -> None:
    """The way out is the setting's name."""
    with listening(state, Rules(api_key=KEY)) as port:
        asked = run(app, questions, f"http://127.0.0.1:{port}", "--mode", "extract")
    assert isinstance(asked.exception, ServerGone)
    assert "DEREK_API_KEY" in str(asked.exception)
    assert not (tmp_path / "runs").exists()


def test_gold_that_the_server_does_not_have_is_told(app: typer.Typer, state: State, tmp_path: Path) -> None:
    """File and line, and where it was looked for."""
    wrong = write_jsonl(
        tmp_path / "wrong.jsonl", QUESTIONS[0] | {"evidence": [{"file": "almaty.txt", "quote": "no such words"}]}
    )
    with listening(state) as port:
        asked = run(app, wrong, f"http://127.0.0.1:{port}", "--mode", "extract")
    assert isinstance(asked.exception, InputError)
    assert f"{wrong}:1: no article of almaty.txt in http://127.0.0.1:{port} holds" in str(asked.exception)
    assert not (tmp_path / "runs").exists()


@contextmanager
def stranger(body: bytes) -> Iterator[int]:
    """The port of a server that answers everything with `body`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("body", [b"<h1>It works!</h1>", b'{"name": "another"}', b"[]", b""])
def test_a_stranger_is_no_derek(app: typer.Typer, questions: Path, tmp_path: Path, body: bytes) -> None:
    """Said at once, nothing written."""
    with stranger(body) as port:
        asked = run(app, questions, f"http://127.0.0.1:{port}", "--mode", "extract")
    assert isinstance(asked.exception, InputError)
    assert "this is no Derek" in str(asked.exception)
    assert not (tmp_path / "runs").exists()


def test_a_busy_server_is_waited_for(
    app: typer.Typer, state: State, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nine others are before it; no question fails for that."""
    monkeypatch.setattr("eval.systems.remote._LONGEST_WAIT_S", 0.3)
    blocking = BlockingGenerator()
    state.use_generator(blocking)
    others = []
    with listening(state) as port:

        def ask() -> None:
            url = f"http://127.0.0.1:{port}/v1/ask"
            httpx.post(url, json={"question": "How long is the tram line?"}, timeout=60, trust_env=False)

        others = [threading.Thread(target=ask) for _ in range(9)]
        for other in others:
            other.start()
        wait_until(lambda: state.queue.waiting == 8)
        refused = httpx.post(
            f"http://127.0.0.1:{port}/v1/ask", json={"question": "How long is it?"}, timeout=60, trust_env=False
        )
        assert refused.status_code == 429
        threading.Timer(0.5, blocking.go.set).start()
        asked = run(app, questions, f"http://127.0.0.1:{port}")
        for other in others:
            other.join()
    assert asked.exit_code == 0, asked.output
    assert overall(tmp_path / "runs" / "mine")["errors"] == 0


class Served:
    """A service in a process of its own, which can be killed and started again at its address."""

    def __init__(self, seeds: Path, vectors: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, str(SUPPORT / "serve_fakes.py"), str(port), str(seeds), str(vectors), "quick"]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Until it is ready."""
        path = os.pathsep.join([str(SUPPORT), os.environ.get("PYTHONPATH", "")])
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": path}
        )
        wait_until(self._ready, 60)

    def kill(self) -> None:
        """Without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False, timeout=5).status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture
def served(seeds_dir: Path, vectors_dir: Path) -> Iterator[Served]:
    """A service over the made-up seeds, with stand-ins for the models."""
    reindex(seeds_dir, vectors_dir, HashingEmbedder())
    served = Served(seeds_dir, vectors_dir)
    served.start()
    yield served
    served.kill()


def test_a_server_that_is_killed_in_the_middle_ends_the_run(
    app: typer.Typer, served: Served, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while of trying, with a way to go on; the run goes on at the question where it stopped."""
    ask, asked = RemoteDerek.ask, []

    def killing(self: RemoteDerek, item: Any) -> Any:
        asked.append(item.id)
        if len(asked) == 3:
            served.kill()
        return ask(self, item)

    monkeypatch.setattr(RemoteDerek, "ask", killing)
    stopped = run(app, questions, served.url, "--mode", "extract")
    assert stopped.exit_code == 1
    assert isinstance(stopped.exception, ServerGone)
    assert f"{served.url}: " in str(stopped.exception) and "what is done is kept" in str(stopped.exception)
    assert "--name mine --resume" in stopped.output
    folder = tmp_path / "runs" / "mine"
    assert [record.id for record in read_records(folder / "answers.jsonl")] == ["q1", "q2"]
    assert not (folder / "metrics.json").exists()
    served.start()
    resumed = run(app, questions, served.url, "--mode", "extract", "--resume")
    assert resumed.exit_code == 0, f"{resumed.output}\n{resumed.exception!r}"
    assert asked == ["q1", "q2", "q3", "q3", "q4"]
    assert [record.id for record in read_records(folder / "answers.jsonl")] == ["q1", "q2", "q3", "q4"]
    assert overall(folder)["errors"] == 0


@pytest.mark.slow  # a serving process is started twice
def test_a_server_that_comes_back_in_time_is_asked_on(
    app: typer.Typer, served: Served, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restart in the middle costs no question."""
    monkeypatch.setattr("eval.opening.RemoteDerek", partial(RemoteDerek, patience_s=60.0))
    ask, asked = RemoteDerek.ask, []

    def restarting(self: RemoteDerek, item: Any) -> Any:
        asked.append(item.id)
        if len(asked) == 2:
            served.kill()
            threading.Thread(target=served.start).start()
        return ask(self, item)

    monkeypatch.setattr(RemoteDerek, "ask", restarting)
    done = run(app, questions, served.url, "--mode", "extract")
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"
    assert asked == ["q1", "q2", "q3", "q4"]
    assert overall(tmp_path / "runs" / "mine")["errors"] == 0


def test_errors_end_in_one_line_and_exit_code_1(questions: Path, tmp_path: Path) -> None:
    """As a program sees it, from the real command line."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    broken = write_jsonl(tmp_path / "broken.jsonl", QUESTIONS[0], "{")
    command = [sys.executable, "-m", "rag.cli", "eval", "run", str(broken), "--url", url]
    ended = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(SUPPORT.parents[1])}, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"derek: {broken}:2: not JSON")
    assert len(ended.stderr.splitlines()) == 1

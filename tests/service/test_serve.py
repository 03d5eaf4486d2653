"""The serving process: what it prints, when it answers, and that it ends when told to, whatever it is doing."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from serving import wait_until

from rag.errors import SettingsError
from rag.settings import load_settings
from service.serve import bind, serve
from service.startup import Doors

pytestmark = pytest.mark.slow  # each starts a serving process and ends it

SUPPORT = Path(__file__).parents[1] / "support"


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A serving process, its address and what it has printed."""

    def __init__(self, how: str, seeds: Path, vectors: Path, log: Path, url: str = "") -> None:
        self.url = url or f"http://127.0.0.1:{free_port()}"
        self._log = log
        command = [sys.executable, str(SUPPORT / "serve_fakes.py"), self.url.rpartition(":")[2]]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SUPPORT), os.environ.get("PYTHONPATH", "")])}
        with log.open("wb") as output:
            self.popen = subprocess.Popen(
                [*command, str(seeds), str(vectors), how], stdout=output, stderr=output, env=environment
            )

    def printed(self) -> str:
        """Everything so far."""
        return self._log.read_text()

    def status(self, path: str) -> int:
        """Of a GET; 0 while nothing listens."""
        try:
            return httpx.get(self.url + path, trust_env=False, timeout=20).status_code
        except httpx.TransportError:
            return 0

    def get(self, path: str) -> dict[str, Any]:
        """What a GET answers."""
        return dict(httpx.get(self.url + path, trust_env=False, timeout=20).json())

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """The answer to a POST of JSON."""
        return httpx.post(self.url + path, json=body, trust_env=False, timeout=20)

    def end(self, number: signal.Signals) -> int:
        """Send a signal; the exit code."""
        self.popen.send_signal(number)
        return self.popen.wait(20)


@pytest.fixture
def process(seeds_dir: Path, vectors_dir: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Process]:
    """A process that serves in the way that the test is parametrized with."""
    process = Process(request.param, seeds_dir, vectors_dir, tmp_path / "log")
    yield process
    process.popen.kill()
    process.popen.wait()


@pytest.mark.parametrize("process", ["quick"], indirect=True)
def test_from_nothing_to_a_first_answer(process: Process) -> None:
    """It builds the index, ends with the address and one line, and that line gets an answer."""
    wait_until(lambda: "curl" in process.printed(), 60)
    assert f"Derek is ready: {process.url}" in process.printed()
    line = next(line for line in process.printed().splitlines() if line.startswith("curl"))
    words = shlex.split(line)
    url, body = words[2], words[-1]
    answer = httpx.post(url, content=body, headers={"content-type": "application/json"}, trust_env=False, timeout=20)
    assert answer.status_code == 200
    assert process.status("/readyz") == 200
    assert process.end(signal.SIGINT) == 0
    assert "Traceback" not in process.printed()


@pytest.mark.parametrize(
    ("process", "number"), [("downloading", signal.SIGINT), ("stuck", signal.SIGTERM)], indirect=["process"]
)
def test_it_ends_while_getting_ready(process: Process, number: signal.Signals) -> None:
    """Alive at once, not ready, searching already; then ended by one signal although a step is under way."""
    wait_until(lambda: process.status("/healthz") == 200, 60)
    wait_until(lambda: "language model" in process.printed(), 60)
    assert process.status("/readyz") == 503
    assert process.status("/v1/articles") == 200
    assert process.end(number) == 0
    assert "Traceback" not in process.printed()


@pytest.mark.parametrize("process", ["decoding"], indirect=True)
def test_it_ends_while_decoding(process: Process) -> None:
    """A question that is being answered does not keep the process."""
    wait_until(lambda: "curl" in process.printed(), 60)
    with socket.create_connection(("127.0.0.1", int(process.url.rpartition(":")[2]))) as connection:
        body = b'{"question": "How long is the tram line?"}'
        head = (
            f"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        )
        connection.sendall(head.encode() + b"\r\n\r\n" + body)
        wait_until(lambda: process.status("/healthz") == 200)
        assert process.end(signal.SIGTERM) == 0
        assert connection.recv(65_536).startswith(b"HTTP/1.1 503 ")
    assert "Traceback" not in process.printed()


@pytest.mark.parametrize("process", ["failing"], indirect=True)
def test_what_failed_is_said_and_the_rest_goes_on(process: Process) -> None:
    """Without a language model it stays alive, searches, and names the step that failed and the way out."""
    wait_until(lambda: "can't answer yet" in process.printed(), 60)
    assert "derek models pull" in process.printed()
    ready = httpx.get(process.url + "/readyz", trust_env=False)
    assert ready.status_code == 503
    assert ready.json()["checks"]["model"]["state"] == "failed"
    assert "derek models pull" in ready.json()["detail"]
    assert process.status("/v1/articles") == 200
    assert process.end(signal.SIGTERM) == 0


def test_it_watches_where_told_to(
    seeds_dir: Path, vectors_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is dropped in is served soon after, and the watch does not keep the process."""
    monkeypatch.setenv("DEREK_WATCH", "true")
    process = Process("quick", seeds_dir, vectors_dir, tmp_path / "log")
    try:
        wait_until(lambda: "curl" in process.printed(), 60)
        assert process.get("/v1/seeds")["watching"]
        (seeds_dir / "new.txt").write_text("2026-03-07\nA story of its own\nThe body of the story is short.\n")
        wait_until(lambda: process.get("/v1/articles")["total"] == 6, 60)
        assert process.end(signal.SIGTERM) == 0
    finally:
        process.popen.kill()
        process.popen.wait()
    assert "Traceback" not in process.printed()


def test_an_evaluation_ends_with_the_server_and_goes_on_after_it(
    seeds_dir: Path, vectors_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One signal ends server and child; the next start calls the job interrupted, and the run can be resumed."""
    monkeypatch.setenv("DEREK_RUNS_DIR", str(tmp_path / "eval" / "runs"))
    (tmp_path / "eval" / "questions").mkdir(parents=True)
    question = {"id": "a", "question": "Who walked on the Moon?", "lang": "en", "type": "x", "answerable": False}
    (tmp_path / "eval" / "questions" / "mine.jsonl").write_text(json.dumps(question))
    first = Process("decoding", seeds_dir, vectors_dir, tmp_path / "log")
    try:
        wait_until(lambda: "curl" in first.printed(), 60)
        job = first.post("/v1/evaluations", {"set": "mine", "name": "one"}).json()
        wait_until(lambda: first.get(f"/v1/jobs/{job['id']}")["progress"]["questions_total"] == 1, 60)
        (child,) = psutil.Process(first.popen.pid).children()
        assert first.end(signal.SIGTERM) == 0
        wait_until(lambda: not child.is_running())
    finally:
        first.popen.kill()
        first.popen.wait()
    second = Process("quick", seeds_dir, vectors_dir, tmp_path / "log", first.url)
    try:
        wait_until(lambda: "curl" in second.printed(), 60)
        assert second.get(f"/v1/jobs/{job['id']}")["state"] == "interrupted"
        again = second.post("/v1/evaluations", {"set": "mine", "name": "one", "resume": True}).json()
        wait_until(lambda: second.get(f"/v1/jobs/{again['id']}")["finished_at"], 60)
        done = second.get(f"/v1/jobs/{again['id']}")
        assert done["result"] == {"evaluation": "one"}, done["error"]
        assert second.end(signal.SIGTERM) == 0
    finally:
        second.popen.kill()
        second.popen.wait()


def test_a_port_in_use_names_another() -> None:
    """The message holds the port and what to type instead."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"port {port} .* PORT={port + 1}"):
            bind("127.0.0.1", port)


def test_a_host_that_is_not_here_is_refused() -> None:
    """Another machine's address and a name that leads nowhere."""
    for host in ("192.0.2.1", "no such host"):
        with pytest.raises(SettingsError, match=re.escape(host)):
            bind(host, free_port())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_other_machines_are_not_served_without_a_key(host: str) -> None:
    """Refused before anything is bound or loaded, naming the variable."""

    def never(report: object) -> None:
        raise AssertionError("loaded")

    with pytest.raises(SettingsError, match="DEREK_API_KEY"):
        serve(load_settings(host=host), Doors(never, never))  # type: ignore[arg-type]

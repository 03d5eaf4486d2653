"""Seed files that change are indexed without being asked: by a server's jobs, and by a process of its own."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import HashingEmbedder
from serving import places_beside, wait_until
from starlette.testclient import TestClient

from rag.errors import IndexNotWritten
from rag.generations import current_id, writer_lock
from rag.seed_folder import quiet
from service import reindexing, watching
from service.app import create_app
from service.job_store import Job
from service.state import State

STORY = "2026-03-07\nStory {0} about trams\nThe trams of Almaty carried {0} people on Saturday.\n"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long."""
    monkeypatch.setitem(quiet.quiet_changes.__kwdefaults__, "quiet_s", 0.2)
    monkeypatch.setattr(watching, "RETRY_S", 0.05)
    monkeypatch.setattr(reindexing, "RETRY_S", 0.05)


@pytest.fixture
def watched(state: State) -> Iterator[TestClient]:
    """A client of a service that watches its seeds."""
    places = replace(places_beside(state), watching=True)
    thread = threading.Thread(target=watching.watch_in_service, args=(state, places))
    thread.start()
    with TestClient(create_app(state, places), base_url="http://localhost") as client:
        yield client
    state.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert state.jobs.close(20)


def jobs(client: TestClient) -> list[dict[str, Any]]:
    """All jobs, newest first."""
    found: list[dict[str, Any]] = client.get("/v1/jobs").json()["jobs"]
    return found


def files(client: TestClient) -> set[str]:
    """The files of the articles that are served."""
    return {article["file"] for article in client.get("/v1/articles").json()["articles"]}


def test_a_server_takes_up_what_changes(watched: TestClient, seeds_dir: Path) -> None:
    """New files dropped in or put, and deleted ones; as jobs that anyone can follow."""
    assert watched.get("/v1/seeds").json()["watching"]
    (seeds_dir / "dropped.txt").write_text(STORY.format(1))
    wait_until(lambda: "dropped.txt" in files(watched))
    watched.put("/v1/seeds/put.txt", content=STORY.format(2))
    wait_until(lambda: "put.txt" in files(watched))
    watched.delete("/v1/seeds/dropped.txt")
    wait_until(lambda: "dropped.txt" not in files(watched))
    wait_until(lambda: all(job["state"] == "succeeded" for job in jobs(watched)))
    assert len(jobs(watched)) == 3
    assert not any(job["result"]["rebuild"] for job in jobs(watched))


def test_without_a_change_no_job_begins(watched: TestClient, seeds_dir: Path) -> None:
    """Not at the start, not for a file that was only touched, not for one that is never indexed."""
    (seeds_dir / "almaty.txt").touch()
    (seeds_dir / "notes.md.part").write_text("Text.")
    (seeds_dir / "new.txt").write_text(STORY.format(1))
    wait_until(lambda: "new.txt" in files(watched))
    assert len(jobs(watched)) == 1


def test_a_job_that_runs_is_followed_by_another(
    watched: TestClient, state: State, seeds_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that changes while its folder is being indexed is taken up afterwards."""
    with writer_lock(state.vectors_dir):
        first = watched.post("/v1/reindex", json={}).json()
        wait_until(lambda: watched.get(f"/v1/jobs/{first['id']}").json()["state"] == "queued")
        begin, refused = reindexing.begin, threading.Event()

        def noted(*args: Any) -> Job:
            try:
                return begin(*args)
            except Exception:
                refused.set()
                raise

        monkeypatch.setattr(reindexing, "begin", noted)
        (seeds_dir / "new.txt").write_text(STORY.format(1))
        assert refused.wait(20)
    wait_until(lambda: "new.txt" in files(watched))
    wait_until(lambda: len(jobs(watched)) == 2 and all(job["finished_at"] for job in jobs(watched)))


def test_a_failure_is_not_the_end(watched: TestClient, seeds_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next change is tried again, and a file that can't be read is only a warning."""

    def full(*args: object, **kwargs: object) -> None:
        raise IndexNotWritten("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(reindexing, "reindex", full)
        (seeds_dir / "one.txt").write_text(STORY.format(1))
        wait_until(lambda: [job["state"] for job in jobs(watched)] == ["failed"])
    (seeds_dir / "bad.txt").write_bytes(b"\x00")
    wait_until(lambda: "one.txt" in files(watched))
    wait_until(lambda: jobs(watched)[0]["finished_at"])
    assert any("bad.txt" in warning for warning in jobs(watched)[0]["result"]["warnings"])


def test_it_waits_for_an_embedder(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder) -> None:
    """While the service gets ready; then the first look builds the index."""
    state = State(vectors_dir)
    thread = threading.Thread(target=watching.watch_in_service, args=(state, places_beside(state)))
    thread.start()
    state.use_embedder(embedder)
    wait_until(lambda: state.generation_id)
    state.stop()
    thread.join(20)
    assert not thread.is_alive() and state.jobs.close(20)
    state.close()


class Here:
    """`watch_here` in a thread; `told` are its lines."""

    def __init__(self, seeds_dir: Path, vectors_dir: Path) -> None:
        self.told: list[str] = []
        self.stop = threading.Event()
        args = (seeds_dir, vectors_dir, HashingEmbedder(), self.stop, self.told.append)
        self.thread = threading.Thread(target=watching.watch_here, args=args)
        self.thread.start()

    def tells(self, words: str) -> None:
        """Wait until a line holds these words, and forget the lines up to it."""
        wait_until(lambda: any(words in line for line in self.told))
        place = next(number for number, line in enumerate(self.told) if words in line)
        del self.told[: place + 1]


@pytest.fixture
def here(seeds_dir: Path, vectors_dir: Path) -> Iterator[Here]:
    """It has indexed the folder as it was."""
    here = Here(seeds_dir, vectors_dir)
    here.tells("3 files, 5 articles")
    yield here
    here.stop.set()
    here.thread.join(20)
    assert not here.thread.is_alive()


def test_a_process_of_its_own_tells_what_it_did(here: Here, seeds_dir: Path) -> None:
    """A line a file, then what came of it; what can't be read is named and the rest goes on."""
    (seeds_dir / "new.txt").write_text(STORY.format(1))
    here.tells("added: new.txt")
    here.tells("4 files, 6 articles")
    (seeds_dir / "new.txt").rename(seeds_dir / "newer.txt")
    here.tells("renamed: new.txt -> newer.txt")
    here.tells("0 embedded")
    (seeds_dir / "bad.txt").write_bytes(b"\x00")
    here.tells("warning: skipped: bad.txt")
    (seeds_dir / "newer.txt").unlink()
    here.tells("removed: newer.txt")
    here.tells("3 files, 5 articles")


def test_it_waits_while_another_writes_the_index(here: Here, seeds_dir: Path, vectors_dir: Path) -> None:
    """A server, say; then it goes on by itself."""
    with writer_lock(vectors_dir):
        (seeds_dir / "new.txt").write_text(STORY.format(1))
        here.tells("waiting")
    here.tells("4 files")


def test_a_run_that_fails_is_told(here: Here, seeds_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next change is indexed."""

    def full(*args: object, **kwargs: object) -> None:
        raise IndexNotWritten("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(watching, "reindex", full)
        (seeds_dir / "one.txt").write_text(STORY.format(1))
        here.tells("failed: the disk is full")
    (seeds_dir / "two.txt").write_text(STORY.format(2))
    here.tells("5 files")


WATCH = """
import rag.embedder
from fakes import HashingEmbedder
rag.embedder.open_embedder = lambda *_, **__: HashingEmbedder()
from rag.cli import main
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_ends_when_told_to(
    seeds_dir: Path, vectors_dir: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """`derek watch` as a process: no traceback, nothing half."""
    command = [sys.executable, "-c", WATCH, "watch", "--seeds", str(seeds_dir), "--vectors", str(vectors_dir)]
    log = tmp_path / "log"
    with log.open("w") as out:
        path = os.pathsep.join(sys.path)
        process = subprocess.Popen(
            command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": path}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        wait_until(lambda: "5 articles" in log.read_text(), 60)
        process.send_signal(number)
        assert process.wait(20) == code, log.read_text()
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text() and f"watching {seeds_dir}" in log.read_text()
    assert current_id(vectors_dir)

"""POST /v1/reindex: what it does to the index that is served, and what stands in its way."""

import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fakes import HashingEmbedder
from serving import places_beside, wait_until
from starlette.testclient import TestClient

from rag.generations import writer_lock
from rag.reindex_report import IndexProgress
from rag.types import Vectors
from service import reindexing
from service.app import create_app
from service.readiness import Check
from service.state import State


class BlockingEmbedder(HashingEmbedder):
    """Embeds passages only once it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.entered = threading.Event()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Wait for `go` first."""
        self.entered.set()
        assert self.go.wait(60)
        return super().embed_passages(texts)


@pytest.fixture
def blocking(state: State) -> Iterator[BlockingEmbedder]:
    """An embedder that is let go at the end, when what waits for it is awaited too."""
    embedder = BlockingEmbedder()
    state.use_embedder(embedder)
    yield embedder
    embedder.go.set()
    state.stop()
    assert state.jobs.close(20)


def add(seeds_dir: Path, number: int = 0) -> None:
    """One more seed file of one passage."""
    text = f"07.03.2026, 10:15 7\nTitle {number} of a story\nA body of one sentence about thing {number}.\n"
    (seeds_dir / f"more{number}.txt").write_text(text)


def started(client: TestClient) -> dict[str, Any]:
    """The job of a reindex that was accepted."""
    answer = client.post("/v1/reindex", json={})
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    assert (job["kind"], job["result"]) == ("reindex", None)
    return job


def ended(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    """The job once it has ended."""
    shown: dict[str, Any] = {}

    def done() -> bool:
        shown.update(client.get(f"/v1/jobs/{job['id']}").json())
        return shown["finished_at"] is not None

    wait_until(done)
    return shown


def test_a_new_file_is_found_afterwards(client: TestClient, seeds_dir: Path, state: State) -> None:
    """Its passages alone are embedded, the new generation serves, and the job says what was done."""
    before = client.get("/v1/articles").json()["generation"]
    add(seeds_dir)
    job = ended(client, started(client))
    assert job["state"] == "succeeded", job["error"]
    result = job["result"]
    assert (result["changed"], result["files"], result["embedded"], result["warnings"]) == (True, 4, 1, [])
    assert result["passages"] == result["embedded"] + result["reused"]
    assert result["generation"] == client.get("/v1/articles").json()["generation"] != before
    assert job["progress"]["files_done"] == job["progress"]["files_total"] == 4
    assert job["progress"]["passages_done"] == job["progress"]["passages_total"] == result["passages"]
    assert (job["progress"]["vectors_reused"], job["progress"]["vectors_computed"]) == (result["reused"], 1)
    assert job["progress"]["articles_done"] == result["articles"] == 6
    assert client.post("/v1/search", json={"query": "thing"}).json()["results"][0]["file"] == "more0.txt"


def test_without_a_change_nothing_is_done(client: TestClient, state: State) -> None:
    """No new generation and no embedding."""
    job = ended(client, started(client))
    result = job["result"]
    assert (result["changed"], result["embedded"], result["generation"]) == (False, 0, state.generation_id)
    assert (job["progress"]["files_done"], job["progress"]["files_total"], job["progress"]["seconds_left"]) == (3, 3, 0)


@pytest.mark.parametrize(
    ("content", "content_type", "status", "field"),
    [
        (b"{}", "application/json", 202, None),
        (b"", "application/json", 202, None),
        (b"{}", "text/plain", 422, "content-type"),
        (b"", "", 422, "content-type"),
        (b'{"force": true}', "application/json", 422, "force"),
        (b"[]", "application/json", 422, "body"),
        (b"{", "application/json", 422, "body"),
    ],
)
def test_what_may_be_sent(client: TestClient, content: bytes, content_type: str, status: int, field: str) -> None:
    """Nothing, or an empty object, which says that it is JSON."""
    headers = {"content-type": content_type} if content_type else {}
    answer = client.post("/v1/reindex", content=content, headers=headers)
    assert answer.status_code == status
    if field:
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    else:
        ended(client, answer.json())


def test_two_at_once(client: TestClient, seeds_dir: Path, blocking: BlockingEmbedder) -> None:
    """The second is refused with the address of the first, which is not disturbed."""
    add(seeds_dir)
    first = started(client)
    assert blocking.entered.wait(20)
    second = client.post("/v1/reindex", json={})
    assert (second.status_code, second.json()["code"]) == (409, "job_conflict")
    assert second.headers["location"] == f"/v1/jobs/{first['id']}"
    blocking.go.set()
    assert ended(client, first)["state"] == "succeeded"


def test_answers_go_on_meanwhile(client: TestClient, seeds_dir: Path, blocking: BlockingEmbedder) -> None:
    """From the last generation, until the new one is complete."""
    before = client.get("/v1/articles").json()
    add(seeds_dir)
    job = started(client)
    assert blocking.entered.wait(20)
    assert client.post("/v1/search", json={"query": "wheat"}).json()["generation"] == before["generation"]
    assert client.get("/v1/articles").json() == before
    blocking.go.set()
    assert ended(client, job)["state"] == "succeeded"
    assert client.get("/v1/articles").json()["total"] == before["total"] + 1


def test_a_cancelled_one_changes_nothing(client: TestClient, seeds_dir: Path, blocking: BlockingEmbedder) -> None:
    """It ends between two batches; the generation is the one from before, and no half-built one is left."""
    before = client.get("/v1/generations").json()
    for number in range(40):  # more than one batch
        add(seeds_dir, number)
    job = started(client)
    assert blocking.entered.wait(20)
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 202
    blocking.go.set()
    assert ended(client, job)["state"] == "cancelled"
    assert client.get("/v1/generations").json() == before


def test_a_failed_gate_fails_the_job(client: TestClient, seeds_dir: Path, state: State) -> None:
    """The error says which gate and why, the old generation goes on, and what was built is not left."""

    class Short(HashingEmbedder):
        """Gives vectors of half the length that they should have."""

        def embed_passages(self, texts: Sequence[str]) -> Vectors:
            """Not of unit length."""
            return super().embed_passages(texts) / np.float32(2)

    before = client.get("/v1/generations").json()
    add(seeds_dir)
    state.use_embedder(Short())
    job = ended(client, started(client))
    assert job["state"] == "failed" and job["result"] is None
    assert "gate" in job["error"] and "vector" in job["error"]
    assert client.get("/v1/generations").json() == before
    assert client.post("/v1/search", json={"query": "wheat"}).json()["generation"] == before["generations"][0]["id"]
    assert not list(state.vectors_dir.glob(".building-*"))
    state.use_embedder(HashingEmbedder())
    again = client.post(f"/v1/jobs/{job['id']}/restart", json={})
    assert ended(client, again.json())["state"] == "succeeded"


def test_the_last_seed_goes_only_when_that_is_meant(client: TestClient, state: State) -> None:
    """Every file was deleted: the job names the gate and both ways out, what was indexed serves until one is taken."""
    good = state.generation_id
    for seed in client.get("/v1/seeds").json()["seeds"]:
        assert client.delete(f"/v1/seeds/{seed['file']}").status_code == 200
    job = ended(client, started(client))
    assert job["state"] == "failed"
    assert all(word in job["error"] for word in ("gate 'size'", "holds none", "accept_loss", "DEREK_SEEDS_DIR"))
    found = client.post("/v1/search", json={"query": "wheat"}).json()
    assert found["generation"] == good and found["results"]
    meant = ended(client, client.post("/v1/reindex", json={"accept_loss": True}).json())
    assert (meant["state"], meant["result"]["files"], meant["result"]["files_removed"]) == ("succeeded", 0, 3)
    assert client.post("/v1/search", json={"query": "wheat"}).json()["results"] == []


def test_an_interrupted_one_is_started_again(
    client: TestClient, seeds_dir: Path, state: State, blocking: BlockingEmbedder, embedder: HashingEmbedder
) -> None:
    """The service ended while it ran: after the next start it is `interrupted`, and can be done again as a new job."""
    for number in range(40):  # more than one batch
        add(seeds_dir, number)
    job = started(client)
    assert blocking.entered.wait(20)
    state.stop()
    blocking.go.set()
    assert state.jobs.close(20)
    later = State(state.vectors_dir)
    later.use_embedder(embedder)
    later.refresh()
    with TestClient(create_app(later, places_beside(later)), base_url="http://localhost") as again:
        assert again.get(f"/v1/jobs/{job['id']}").json()["state"] == "interrupted"
        answer = again.post(f"/v1/jobs/{job['id']}/restart", json={})
        assert answer.status_code == 202 and answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
        assert answer.json()["id"] != job["id"]
        assert ended(again, answer.json())["result"]["files"] == 43
        assert again.get(f"/v1/jobs/{job['id']}").json()["state"] == "interrupted"
        refused = again.post(f"/v1/jobs/{answer.json()['id']}/restart", json={})
        assert (refused.status_code, refused.json()["code"]) == (409, "job_conflict")
    later.close()


def test_a_missing_seeds_folder_fails_the_job(client: TestClient, seeds_dir: Path, state: State) -> None:
    """The error names it, what was indexed goes on being served, and the next one may run."""
    good = state.generation_id
    shutil.move(seeds_dir, seeds_dir.with_name("elsewhere"))
    job = ended(client, started(client))
    assert job["state"] == "failed" and str(seeds_dir) in job["error"] and job["result"] is None
    assert client.post("/v1/search", json={"query": "wheat"}).json()["generation"] == good
    shutil.move(seeds_dir.with_name("elsewhere"), seeds_dir)
    assert ended(client, started(client))["state"] == "succeeded"


def test_a_file_that_cannot_be_read_is_a_warning(client: TestClient, seeds_dir: Path) -> None:
    """The others are indexed."""
    (seeds_dir / "broken.txt").write_bytes(b"\xff\xfe\xfa no text \x00")
    add(seeds_dir)
    result = ended(client, started(client))["result"]
    assert result["files"] == 4 and any("broken.txt" in warning for warning in result["warnings"])


def test_another_writer_is_waited_for(
    client: TestClient, seeds_dir: Path, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process indexes the job is queued and says so; then it runs by itself."""
    monkeypatch.setattr(reindexing, "RETRY_S", 0.05)
    add(seeds_dir)
    with writer_lock(state.vectors_dir):
        job = started(client)
        wait_until(lambda: "indexing" in (client.get(f"/v1/jobs/{job['id']}").json()["waiting_for"] or ""))
        assert client.post("/v1/reindex", json={}).status_code == 409
    done = ended(client, job)
    assert (done["state"], done["waiting_for"], done["result"]["changed"]) == ("succeeded", None, True)


def test_a_waiting_one_can_be_cancelled(client: TestClient, state: State) -> None:
    """It need not get its turn first."""
    with writer_lock(state.vectors_dir):
        job = started(client)
        client.delete(f"/v1/jobs/{job['id']}")
        assert ended(client, job)["state"] == "cancelled"


def test_before_the_embedder_is_there(vectors_dir: Path, seeds_dir: Path, embedder: HashingEmbedder) -> None:
    """503 with a time to come back; once it is there the first index can be built, and readiness follows."""
    state = State(vectors_dir)
    with TestClient(create_app(state, places_beside(state)), base_url="http://localhost") as client:
        refused = client.post("/v1/reindex", json={})
        assert (refused.status_code, refused.json()["code"]) == (503, "not_ready")
        assert "retry-after" in refused.headers
        state.use_embedder(embedder)
        state.readiness.set("seeds", Check("failed", "no folder"))
        assert ended(client, started(client))["state"] == "succeeded"
        assert client.get("/v1/articles").json()["total"] == 5
        checks = client.get("/readyz").json()["checks"]
        assert (checks["index"]["state"], checks["seeds"]["state"]) == ("ok", "ok")
    state.close()


def test_time_left_is_measured_from_the_first_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors that are taken over come with the first batch and say nothing of the pace."""
    clock = iter((0.0, 10.0, 20.0, 30.0))
    monkeypatch.setattr(reindexing, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    shown: list[Any] = []
    show = reindexing.progress_of(shown.append)
    for done in (0, 132, 164, 196):
        show(IndexProgress(4, 4, done, 260))
    assert [progress["seconds_left"] for progress in shown] == [None, None, 30.0, 20.0]

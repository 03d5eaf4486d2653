"""Going back to an older generation: what answers, what stays, what stands in its way; and nothing is ever mixed."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes import HashingEmbedder, ScriptedGenerator
from serving import SENTENCE, listening, places_beside, wait_until
from starlette.testclient import TestClient
from typer.testing import CliRunner

import rag.embedder
import rag.models
from rag.cli import build_app
from rag.errors import WeightsMissing
from rag.generations import current_id, open_generation, pinned_id, prune, writer_lock
from rag.reindex import reindex
from rag.types import Vectors
from service import reindexing, startup, watching
from service.app import create_app
from service.startup import Doors, prepare
from service.state import State

STORY = "07.03.2026, 10:15 7\nA bridge in Semey\nThe bridge in Semey is 750 metres long.\n"


@pytest.fixture
def two(state: State, seeds_dir: Path, embedder: HashingEmbedder) -> tuple[str, str]:
    """Two generations, the newer with one more file, which is in use."""
    old = state.generation_id
    (seeds_dir / "semey.txt").write_text(STORY)
    reindex(seeds_dir, state.vectors_dir, embedder)
    state.refresh()
    assert old and state.generation_id
    return old, state.generation_id


def activated(client: TestClient, generation: str, status: int = 200) -> dict[str, Any]:
    """What activating it answers."""
    answer = client.post(f"/v1/generations/{generation}/activate", json={})
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def answering(client: TestClient) -> str:
    """The generation that a search names."""
    generation: str = client.post("/v1/search", json={"query": "bridge"}).json()["generation"]
    return generation


def reindexed(client: TestClient) -> dict[str, Any]:
    """The result of a reindex that was asked for."""
    job = client.post("/v1/reindex", json={}).json()
    wait_until(lambda: client.get(f"/v1/jobs/{job['id']}").json()["finished_at"])
    result: dict[str, Any] = client.get(f"/v1/jobs/{job['id']}").json()["result"]
    return result


def listed(client: TestClient) -> list[tuple[str, bool, bool]]:
    """Id, active and pinned of each generation."""
    found = client.get("/v1/generations").json()["generations"]
    return [(g["id"], g["active"], g["pinned"]) for g in found]


def test_going_back(client: TestClient, two: tuple[str, str], seeds_dir: Path) -> None:
    """The older one answers, is pinned and listed so; sending nothing but the content type is enough."""
    old, new = two
    assert listed(client) == [(new, True, False), (old, False, False)]
    shown = activated(client, old)
    assert (shown["id"], shown["active"], shown["pinned"]) == (old, True, True)
    assert shown["size_bytes"] > 1000 and shown["embedder_name"] == shown["embedder"] and shown["dim"] == 256
    assert listed(client) == [(new, False, False), (old, True, True)]
    assert answering(client) == old
    assert "semey.txt" not in {found["file"] for found in client.get("/v1/articles").json()["articles"]}
    again = client.post(f"/v1/generations/{old}/activate", headers={"content-type": "application/json"})
    assert again.status_code == 200 and answering(client) == old
    assert client.post(f"/v1/generations/{old}/activate", content=b"{}").status_code == 422


def test_a_reindex_ends_it(client: TestClient, state: State, two: tuple[str, str], seeds_dir: Path) -> None:
    """With the seeds unchanged the generation made from them is used again, at no cost; with new seeds, a new one."""
    old, new = two
    activated(client, old)
    result = reindexed(client)
    assert (result["generation"], result["changed"], result["embedded"]) == (new, True, 0)
    assert listed(client) == [(new, True, False), (old, False, False)] and answering(client) == new
    activated(client, old)
    (seeds_dir / "more.txt").write_text(STORY.replace("Semey", "Aktau"))
    third = reindexed(client)["generation"]
    assert listed(client) == [(third, True, False), (new, False, False), (old, False, False)]
    assert answering(client) == third


def test_a_reindex_ends_it_where_nothing_else_is_to_do(
    client: TestClient, two: tuple[str, str], seeds_dir: Path
) -> None:
    """Seeds that were put back to what the older one was made from: it stays in use, no longer pinned."""
    old, _ = two
    activated(client, old)
    (seeds_dir / "semey.txt").unlink()
    result = reindexed(client)
    assert (result["generation"], result["changed"]) == (old, False)
    assert (old, True, False) in listed(client)


def test_going_forward_again(client: TestClient, two: tuple[str, str]) -> None:
    """The newest one is never pinned."""
    old, new = two
    activated(client, old)
    assert activated(client, new)["pinned"] is False
    assert answering(client) == new


def test_it_stays_when_the_service_starts_again(state: State, two: tuple[str, str], seeds_dir: Path) -> None:
    """The start indexes changed seeds by itself, but not over a generation that was gone back to."""
    old, new = two
    state.activate(old)
    (seeds_dir / "more.txt").write_text(STORY.replace("Semey", "Aktau"))
    again = State(state.vectors_dir)
    prepare(again, seeds_dir, Doors(lambda _: HashingEmbedder(), lambda _: ScriptedGenerator(SENTENCE)))
    assert again.readiness.ready and again.generation_id == old == pinned_id(state.vectors_dir)
    assert again.readiness.checks["seeds"].state == "ok" and old in again.readiness.checks["seeds"].detail
    state.activate(new)
    again.close()
    third = State(state.vectors_dir)
    prepare(third, seeds_dir, Doors(lambda _: HashingEmbedder(), lambda _: ScriptedGenerator(SENTENCE)))
    assert third.generation_id not in (old, new, None)
    third.close()


def test_a_pinned_one_that_is_lost_is_no_reason_to_serve_nothing(
    state: State, two: tuple[str, str], seeds_dir: Path
) -> None:
    """Where it can't be opened at a start the seeds are indexed, which costs nothing here: the newer one is there."""
    old, new = two
    state.activate(old)
    (state.vectors_dir / old / "vectors.faiss").write_bytes(b"no index")
    again = State(state.vectors_dir)
    prepare(again, seeds_dir, Doors(lambda _: HashingEmbedder(), lambda _: ScriptedGenerator(SENTENCE)))
    assert again.readiness.ready and again.generation_id == new
    again.close()


def test_what_is_not_there(client: TestClient, two: tuple[str, str]) -> None:
    """404, and nothing changes."""
    for name in ("20200101T000000000000Z-00000000", "CURRENT", "jobs", "..%2F"):
        answer = client.post(f"/v1/generations/{name}/activate", json={})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answering(client) == two[1]


def test_what_can_not_be_served(client: TestClient, state: State, two: tuple[str, str]) -> None:
    """409 with the reason where a part is amiss, and the one in use goes on."""
    old, new = two
    (state.vectors_dir / old / "vectors.faiss").write_bytes(b"no index")
    problem = activated(client, old, 409)
    assert problem["code"] == "not_activated" and "vectors.faiss" in problem["detail"]
    assert answering(client) == new == current_id(state.vectors_dir)


def test_while_the_index_is_written(
    client: TestClient, state: State, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One writer at a time: 409, with the job's address where it is this service's own."""
    old, new = two
    with writer_lock(state.vectors_dir):
        answer = client.post(f"/v1/generations/{old}/activate", json={})
        assert (answer.status_code, answer.json()["code"]) == (409, "job_conflict")
        assert "location" not in answer.headers
    entered, go = threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> Any:
        with writer_lock(state.vectors_dir):
            entered.set()
            assert go.wait(20)
        raise WeightsMissing("enough")

    monkeypatch.setattr(reindexing, "reindex", slow)
    job = client.post("/v1/reindex", json={}).json()
    assert entered.wait(20)
    answer = client.post(f"/v1/generations/{old}/activate", json={})
    go.set()
    assert (answer.status_code, answer.json()["code"]) == (409, "job_conflict")
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    assert answering(client) == new


def test_before_the_embedder_is_there(vectors_dir: Path) -> None:
    """503: it is worth another try."""
    state = State(vectors_dir)
    with TestClient(create_app(state, places_beside(state)), base_url="http://localhost") as client:
        assert activated(client, "g1", 503)["code"] == "not_ready"
    state.close()


class Shelf:
    """Opens embedders by their names; what is not installed it can't."""

    def __init__(self) -> None:
        self.installed: list[str] = []
        self.opened: list[str] = []

    def __call__(self, name: str) -> HashingEmbedder:
        """`narrow` gives shorter vectors than the default."""
        if name not in self.installed:
            raise WeightsMissing(f"{name} is not there: run `derek models pull {name}`")
        self.opened.append(name)
        return HashingEmbedder(dim=64, fingerprint=name)


@pytest.fixture
def shelf() -> Shelf:
    """A shelf with nothing on it."""
    return Shelf()


@pytest.fixture
def mixed(seeds_dir: Path, vectors_dir: Path, embedder: HashingEmbedder, shelf: Shelf) -> Iterator[tuple[State, str]]:
    """A state over two generations of two embedders; the older was made by `narrow`, the newer is in use."""
    old = reindex(seeds_dir, vectors_dir, HashingEmbedder(dim=64, fingerprint="narrow")).generation
    reindex(seeds_dir, vectors_dir, embedder)
    state = State(vectors_dir, shelf)
    state.use_embedder(embedder)
    state.use_generator(ScriptedGenerator(SENTENCE, yes=0.99))
    state.refresh()
    yield state, old
    state.close()


def test_another_embedders_generation(mixed: tuple[State, str], shelf: Shelf) -> None:
    """Without its weights: 409, which says how to get them. With them it is loaded, and each request has its own."""
    state, old = mixed
    new = state.generation_id
    assert new
    with TestClient(create_app(state, places_beside(state)), base_url="http://localhost") as client:
        problem = activated(client, old, 409)
        assert problem["code"] == "not_activated"
        assert "narrow" in problem["detail"] and "derek models pull narrow" in problem["detail"]
        assert answering(client) == new == current_id(state.vectors_dir)
        shelf.installed.append("narrow")
        with state.library() as before:
            assert activated(client, old)["embedder_name"] == "narrow"
            assert before.embedder.fingerprint == before.generation.manifest.embedder != "narrow"
            with state.library() as after:
                assert after.embedder.fingerprint == after.generation.manifest.embedder == "narrow"
        assert answering(client) == old and client.get("/version").json()["embedder"] == "narrow"
        activated(client, new)
        assert answering(client) == new and client.get("/version").json()["embedder"] != "narrow"
        assert shelf.opened == ["narrow"]


def test_a_reindex_goes_on_with_the_embedder_of_the_settings(
    mixed: tuple[State, str], shelf: Shelf, seeds_dir: Path
) -> None:
    """Whatever embedder the generation that was gone back to has."""
    state, old = mixed
    shelf.installed.append("narrow")
    with TestClient(create_app(state, places_beside(state)), base_url="http://localhost") as client:
        activated(client, old)
        (seeds_dir / "semey.txt").write_text(STORY)
        made = reindexed(client)["generation"]
        shown = next(g for g in client.get("/v1/generations").json()["generations"] if g["id"] == made)
        assert (shown["active"], shown["embedder"]) == (True, "hashing-256")


def test_another_embedders_generation_after_a_start(mixed: tuple[State, str], shelf: Shelf, seeds_dir: Path) -> None:
    """A pinned one gets its embedder again; so does the last one while, for a new embedder, all is indexed anew."""
    state, old = mixed
    shelf.installed.append("narrow")
    state.activate(old)
    again = State(state.vectors_dir, shelf)
    prepare(again, seeds_dir, Doors(lambda _: HashingEmbedder(), lambda _: ScriptedGenerator(SENTENCE)))
    assert again.readiness.ready and again.generation_id == old and again.embedder == "narrow"
    again.close()
    changed = State(state.vectors_dir, shelf)
    served: set[str | None] = set()
    changed.readiness.listener = lambda *_: served.add(changed.generation_id)
    (state.vectors_dir / "CURRENT").write_text(old)
    prepare(changed, seeds_dir, Doors(lambda _: HashingEmbedder(fingerprint="third"), lambda _: ScriptedGenerator("x")))
    assert old in served and changed.embedder == "third"
    changed.close()


def test_weights_that_have_changed(mixed: tuple[State, str], shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """An embedder of that name whose vectors are others: never mixed."""
    state, old = mixed
    monkeypatch.setattr(Shelf, "__call__", lambda self, name: HashingEmbedder(dim=64, fingerprint="narrow-2"))
    changed = State(state.vectors_dir, Shelf())
    changed.use_embedder(HashingEmbedder())
    with TestClient(create_app(changed, places_beside(changed)), base_url="http://localhost") as client:
        assert "narrow-2" in activated(client, old, 409)["detail"]
    changed.close()


def test_the_command_line_rolls_back_a_running_service(
    state: State, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service takes it up by itself; what was refused is tried again when it is chosen again."""
    old, new = two
    monkeypatch.setattr(startup, "POLL_S", 0.01)
    monkeypatch.setattr(rag.models, "open_weights", lambda *_: None)
    thread = startup.in_background("watch", lambda: startup.watch(state))
    flags = ["--vectors-dir", str(state.vectors_dir)]
    done = CliRunner().invoke(build_app(), ["index", "rollback", *flags])
    assert done.exit_code == 0 and old in done.output, done.output
    wait_until(lambda: state.generation_id == old)
    done = CliRunner().invoke(build_app(), ["index", "rollback", new, *flags])
    assert done.exit_code == 0, done.output
    wait_until(lambda: state.generation_id == new)
    state.stop()
    thread.join(20)


def test_the_command_line_and_a_service_take_turns(
    state: State, two: tuple[str, str], seeds_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`derek reindex` beside a running service: refused while that one writes, else taken up by it."""
    monkeypatch.setattr(startup, "POLL_S", 0.01)
    monkeypatch.setattr(rag.embedder, "open_embedder", lambda *_, **__: HashingEmbedder())
    thread = startup.in_background("watch", lambda: startup.watch(state))
    (seeds_dir / "more.txt").write_text(STORY.replace("Semey", "Aktau"))
    command = ["reindex", "--vectors-dir", str(state.vectors_dir), "--seeds-dir", str(seeds_dir)]
    with writer_lock(state.vectors_dir):
        busy = CliRunner().invoke(build_app(), command)
        assert busy.exit_code == 1 and "another process is indexing" in busy.stderr
    done = CliRunner().invoke(build_app(), command)
    assert done.exit_code == 0, done.output
    wait_until(lambda: state.generation_id not in two)
    assert state.generation_id and state.generation_id in done.output
    state.stop()
    thread.join(20)


def test_whoever_watches_the_seeds_replaces_it_once_they_change(
    state: State, two: tuple[str, str], seeds_dir: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not because the seeds are others than it was made from, which is why it was gone back to."""
    old, new = two
    state.activate(old)
    told: list[str] = []

    def looks(*_: object, **__: object) -> Iterator[object]:
        yield "as they are"
        assert (told, pinned_id(state.vectors_dir)) == ([], old)
        (seeds_dir / "more.txt").write_text(STORY.replace("Semey", "Aktau"))
        yield "changed"

    monkeypatch.setattr(watching, "quiet_changes", looks)
    watching.watch_here(seeds_dir, state.vectors_dir, embedder, threading.Event(), told.append)
    made = current_id(state.vectors_dir)
    assert made not in two and made in told[-1] and not any(new in line for line in told)
    assert pinned_id(state.vectors_dir) is None


def test_what_an_answer_named_is_found_later(client: TestClient, two: tuple[str, str], seeds_dir: Path) -> None:
    """Article and passage by id, from the generation that still holds them; it is named, and searched no more."""
    _, new = two
    found = client.post("/v1/search", json={"query": "bridge in Semey"}).json()["results"][0]
    assert found["file"] == "semey.txt"
    (seeds_dir / "semey.txt").unlink()
    later = reindexed(client)["generation"]
    passage = client.get(f"/v1/passages/{found['passage_id']}").json()
    article = client.get(f"/v1/articles/{found['article_id']}").json()
    assert passage["generation"] == article["generation"] == new != later
    assert passage["text"] == found["text"] in article["text"]
    assert "semey.txt" not in {a["file"] for a in client.get("/v1/articles").json()["articles"]}
    other = client.get("/v1/articles").json()["articles"][0]["id"]
    assert client.get(f"/v1/articles/{other}").json()["generation"] == answering(client)
    for unknown in ("articles/x", "passages/x", "sources/x/text"):
        assert client.get(f"/v1/{unknown}").status_code == 404


class Slow(HashingEmbedder):
    """Takes its time over a query, so that generations change while a request is under way."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Wait first."""
        time.sleep(0.02)
        return super().embed_queries(texts)


PAPERS = 4  # files; each states the number of its edition in title and body


def write_edition(seeds_dir: Path, number: int) -> None:
    """Replace every seed file by one of this edition."""
    for paper in range(PAPERS):
        body = f"Paper {paper} says that the bridge is as long as edition {number} says. It is edition {number} of it."
        (seeds_dir / f"{paper}.txt").write_text(f"0{1 + paper}.03.2026, 10:15 7\nEdition {number} of {paper}\n{body}\n")


def check_consistent(body: Any, editions: dict[str, int]) -> int:
    """The edition of the generation that a response names, which everything in it is of."""
    edition = editions[body["generation"]]
    texts = [body.get("text", ""), *(c["cited_text"] for c in body.get("citations", []))]
    for item in (*body.get("results", []), *body.get("articles", []), *body.get("retrieved", [])):
        texts += [item["title"], item.get("text", "")]
    said = [
        word.strip(".")
        for text in texts
        for before, word in zip(text.split(), text.split()[1:], strict=False)
        if before.lower() == "edition"
    ]
    assert said and set(said) == {str(edition)}, (edition, said)
    return edition


def test_nothing_is_mixed_while_generations_change(
    vectors_dir: Path, tmp_path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searches, lists, lookups and asks while generations come, are gone back to and pruned: none fails or mixes."""
    monkeypatch.setattr(startup, "POLL_S", 0.005)
    shelf.installed.append("narrow")
    embedder, narrow = Slow(), HashingEmbedder(dim=64, fingerprint="narrow")
    seeds_dir = tmp_path / "papers"
    seeds_dir.mkdir()
    state = State(vectors_dir, shelf, keep=2)
    editions: dict[str, int] = {}

    def index(number: int) -> None:
        write_edition(seeds_dir, number)
        made = reindex(seeds_dir, vectors_dir, narrow if number % 3 == 0 else embedder, keep=2)
        editions[made.generation] = number

    index(1)
    state.use_embedder(embedder)
    state.refresh()
    ended = threading.Event()
    bodies: list[Any] = []

    def read(port: int, which: int) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            while not ended.is_set():
                match which:
                    case 0:
                        answer = client.post("/v1/search", json={"query": "bridge paper", "top_k": 10})
                        assert len(answer.json()["results"]) == PAPERS
                    case 1:
                        answer = client.get("/v1/articles")
                        assert answer.json()["total"] == PAPERS
                        bodies.append(answer.json())
                        one = answer.json()["articles"][0]["id"]
                        answer = client.get(f"/v1/articles/{one}")
                        if answer.status_code == 404:  # pruned since
                            continue
                    case _:
                        question = {"question": "How long is the bridge?", "mode": "extract"}
                        answer = client.post("/v1/ask", json=question)
                assert answer.status_code == 200, answer.text
                bodies.append(answer.json())

    chance = random.Random(5)
    with listening(state) as port, ThreadPoolExecutor(4) as pool:
        watching = pool.submit(startup.watch, state)
        loads = [pool.submit(read, port, which) for which in range(3)]
        try:
            for number in range(2, 14):
                index(number)
                if chance.random() < 0.7:
                    there = [
                        g["id"] for g in httpx.get(f"http://127.0.0.1:{port}/v1/generations").json()["generations"]
                    ]
                    back = httpx.post(
                        f"http://127.0.0.1:{port}/v1/generations/{chance.choice(there)}/activate", json={}, timeout=30
                    )
                    assert back.status_code in (200, 404), back.text
                if chance.random() < 0.5:
                    with writer_lock(vectors_dir):
                        prune(vectors_dir, 1)
        finally:
            ended.set()
            for load in loads:
                load.exception(30)
            state.stop()
        for thread in (*loads, watching):
            thread.result(30)
    seen = [check_consistent(body, editions) for body in bodies]
    assert len(set(seen)) > 4
    state.close()
    with writer_lock(vectors_dir):
        assert prune(vectors_dir, 1).held == ()  # nobody holds what nobody reads
    opened = open_generation(vectors_dir, current_id(vectors_dir) or "")
    assert opened.manifest.articles == PAPERS
    opened.close()

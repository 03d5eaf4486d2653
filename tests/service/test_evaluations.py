"""Evaluations over HTTP: what is refused before a child is started, how children end, what is read of their runs."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes import HashingEmbedder
from serving import listening, places_beside, wait_until
from starlette.testclient import TestClient

from service import evaluating
from service.app import create_app
from service.guard import Rules
from service.places import Places
from service.state import State

SCRIPT = Path(__file__).parents[1] / "support" / "scripted_eval.py"
KEY = "a key for tests"


@pytest.fixture
def runs_dir(state: State) -> Path:
    """The folder of runs, with a set of the user's own beside it."""
    folder = places_beside(state).runs_dir
    (folder.parent / "questions").mkdir(parents=True)
    (folder.parent / "questions" / "mine.jsonl").write_text("{}\n")
    (folder.parent / "secret.jsonl").write_text("{}\n")
    return folder


@contextmanager
def serving(state: State, how: str, key: str | None = None) -> Iterator[httpx.Client]:
    """A client of a real server whose evaluations are scripted."""
    place = partial(_place, how=how, key=key)
    headers = {"authorization": f"Bearer {key}"} if key else {}
    with (
        listening(state, Rules(api_key=key), place) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=30) as client,
    ):
        yield client


def _place(state: State, port: int, how: str, key: str | None) -> Any:
    return places_beside(state, port, sys.executable, str(SCRIPT), how, api_key=key)


def started(client: httpx.Client, **body: Any) -> dict[str, Any]:
    """The job of an evaluation that was accepted."""
    answer = client.post("/v1/evaluations", json={"set": "mine", "name": "one", "mode": "extract", **body})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
    return dict(answer.json())


def ended(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    """The job once it has ended."""
    shown: dict[str, Any] = {}

    def done() -> bool:
        shown.update(client.get(f"/v1/jobs/{job['id']}").json())
        return shown["finished_at"] is not None

    wait_until(done, 30)
    return shown


def test_an_evaluation_is_a_client_of_the_service(state: State, runs_dir: Path) -> None:
    """The child asks this server, with the key from its environment; the job names what came out."""
    with serving(state, "asking", KEY) as client:
        job = ended(client, started(client, sample=2, split="dev"))
        assert (job["state"], job["result"]) == ("succeeded", {"evaluation": "one"}), job["error"]
        assert job["progress"] == {"questions_done": 2, "questions_total": 2, "seconds_left": 0.0}
        found = client.get("/v1/evaluations/one").json()
    assert json.loads((runs_dir / "one" / "answers.jsonl").read_text())["answer"]
    arguments = found["run"]["argv"]
    assert arguments[:3] == ["eval", "run", str(runs_dir.parent / "questions" / "mine.jsonl")]
    for flag, value in (("--mode", "extract"), ("--split", "dev"), ("--sample", "2"), ("--progress", "json")):
        assert arguments[arguments.index(flag) + 1] == value
    assert "--report" in arguments and "--resume" not in arguments
    assert KEY not in " ".join(arguments)


def test_runs_are_listed_and_shown(state: State, runs_dir: Path) -> None:
    """What ran, the main metrics in the list and all of them in one; those not complete have none yet."""
    with serving(state, "asking") as client:
        assert client.get("/v1/evaluations").json() == {"total": 0, "evaluations": []}
        ended(client, started(client))
        (runs_dir / "older").mkdir()
        (runs_dir / "older" / "run.json").write_text('{"started_at": "2025-01-01", "options": {"split": "dev"}}')
        page = client.get("/v1/evaluations").json()
        assert [(item["id"], item["complete"]) for item in page["evaluations"]] == [("one", True), ("older", False)]
        newest, older = page["evaluations"]
        assert (newest["set"], newest["system"], newest["mode"], newest["report"]) == (
            "mine",
            "remote",
            "extract",
            True,
        )
        assert list(newest["summary"]) == ["right"] and newest["summary"]["right"]["value"] == 0.5
        assert (older["split"], older["set"], older["summary"], older["report"]) == ("dev", None, {}, False)
        second = client.get("/v1/evaluations", params={"limit": 1, "offset": 1}).json()
        assert (second["total"], [item["id"] for item in second["evaluations"]]) == (2, ["older"])
        one = client.get("/v1/evaluations/one").json()
        assert set(newest) < set(one) and "words" in one["metrics"]["overall"]
        assert client.get("/v1/evaluations/older").json()["metrics"] is None


def test_the_page_is_served_shut_in(state: State, runs_dir: Path) -> None:
    """Its own script and style may run; nothing is loaded or sent; a run without page names the command."""
    with serving(state, "asking") as client:
        ended(client, started(client))
        page = client.get("/v1/evaluations/one/report")
        assert page.headers["content-type"] == "text/html; charset=utf-8" and "<title>A run" in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "sandbox allow-scripts" in policy
        assert "script-src 'unsafe-inline'" in policy and "connect-src" not in policy
        (runs_dir / "one" / "report.html").unlink()
        missing = client.get("/v1/evaluations/one/report")
        assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
        assert "derek eval report one" in missing.json()["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "set"),
        ({"set": "unknown"}, "set"),
        ({"set": "../secret"}, "set"),
        ({"set": "../secret.jsonl"}, "set"),
        ({"set": "/etc/passwd"}, "set"),
        ({"set": ".."}, "set"),
        ({"set": ""}, "set"),
        ({"set": "mine\n"}, "set"),
        ({"set": "--help"}, "set"),
        ({"set": "mine", "name": "../one"}, "name"),
        ({"set": "mine", "name": "a/b"}, "name"),
        ({"set": "mine", "name": ".."}, "name"),
        ({"set": "mine", "name": "--report"}, "name"),
        ({"set": "mine", "name": "x" * 101}, "name"),
        ({"set": "mine", "name": "taken"}, "name"),
        ({"set": "mine", "mode": "retrieval"}, "mode"),
        ({"set": "mine", "sample": 0}, "sample"),
        ({"set": "mine", "sample": "5"}, "sample"),
        ({"set": "mine", "split": "train"}, "split"),
        ({"set": "mine", "url": "http://example.com"}, "url"),
        ({"set": "mine", "resume": True}, "resume"),
        ({"set": "mine", "name": "new", "resume": True}, "resume"),
    ],
)
def test_wrong_requests_start_nothing(client: TestClient, runs_dir: Path, body: dict[str, Any], field: str) -> None:
    """Each is refused with its field before any child is started, and no name leads out of its folder."""
    (runs_dir / "taken").mkdir(parents=True)
    answer = client.post("/v1/evaluations", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert client.get("/v1/jobs").json() == {"jobs": []}


def test_an_unknown_set_is_told_which_there_are(client: TestClient, runs_dir: Path) -> None:
    """The user's own and those that came with Derek."""
    detail = client.post("/v1/evaluations", json={"set": "unknown"}).json()["detail"]
    assert "mine" in detail and "seeds" in detail and "secret" not in detail


def test_a_set_with_documents_of_its_own_is_refused_at_once(client: TestClient, runs_dir: Path) -> None:
    """No job is started for what the service can't be asked; the message says how it can be run."""
    answer = client.post("/v1/evaluations", json={"set": "hostile"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "set")
    assert "derek eval run hostile" in answer.json()["detail"]
    assert client.get("/v1/jobs").json() == {"jobs": []}


def test_writes_say_that_they_are_json(client: TestClient, runs_dir: Path) -> None:
    """A page's form elsewhere starts no evaluation."""
    answer = client.post("/v1/evaluations", content=b'{"set": "mine"}', headers={"content-type": "text/plain"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "name", ["none", "..%2fquestions", "..", "%2e%2e", "%00", "a" * 5000, "questions%2fmine.jsonl"]
)
@pytest.mark.parametrize("tail", ["", "/report"])
def test_unknown_runs_are_not_found(client: TestClient, runs_dir: Path, name: str, tail: str) -> None:
    """Whatever a name looks like."""
    (runs_dir.parent / "questions" / "run.json").write_text("{}")
    (runs_dir / "none.part").mkdir(parents=True)
    assert client.get(f"/v1/evaluations/{name}{tail}").status_code == 404


@pytest.mark.parametrize("content", ["", "[]", "{", '"x"', "[" * 100_000])
def test_spoilt_runs_are_left_out(client: TestClient, runs_dir: Path, content: str) -> None:
    """A run.json that is none hides its run and no other; figures that are no JSON become null."""
    for name, text in (("spoilt", content), ("sound", '{"set": 5, "mode": ["x"], "started_at": 7, "metrics": NaN}')):
        (runs_dir / name).mkdir(parents=True)
        (runs_dir / name / "run.json").write_text(text)
    (runs_dir / "sound" / "metrics.json").write_text('{"overall": {"right": {"value": NaN}, "mrr": Infinity}}')
    page = client.get("/v1/evaluations").json()
    assert [item["id"] for item in page["evaluations"]] == ["sound"]
    assert page["evaluations"][0]["summary"] == {"right": {"value": None}, "mrr": None}
    assert client.get("/v1/evaluations/spoilt").status_code == 404


def test_without_a_model_nothing_is_generated(state: State, runs_dir: Path, embedder: HashingEmbedder) -> None:
    """An evaluation of which no question could be answered is refused at once; quoting needs no model."""
    bare = State(state.vectors_dir)
    bare.use_embedder(embedder)
    bare.refresh()
    with serving(bare, "silent") as client:
        refused = client.post("/v1/evaluations", json={"set": "mine"})
        assert (refused.status_code, refused.json()["code"]) == (503, "not_ready")
        ended(client, started(client, mode="extract"))
    bare.close()


@pytest.mark.parametrize(
    ("how", "told", "hidden"),
    [
        ("complaining", "not JSON\n", "loading"),
        ("crashing", "ended with status 1 and is not complete: KeyError: 'inside'", "Traceback"),
        ("killed", "ended with status -9 and is not complete", "Traceback"),
        ("silent", "ended with status 0 and is not complete", "Traceback"),
    ],
)
def test_a_child_that_fails_fails_its_job(state: State, runs_dir: Path, how: str, told: str, hidden: str) -> None:
    """In its own words where they are Derek's, all their lines; else with its status and last line."""
    with serving(state, how) as client:
        job = ended(client, started(client))
        assert job["state"] == "failed" and told in job["error"] and hidden not in job["error"]
        assert how != "complaining" or job["error"].endswith("field id is missing")
        assert ended(client, started(client, name="next"))["state"] == "failed"  # one of a kind: the first has ended


def test_a_command_that_is_not_there_fails_its_job(state: State, runs_dir: Path) -> None:
    """With what the system says."""
    places = places_beside(state, 1, str(runs_dir / "no such command"))
    with TestClient(create_app(state, places), base_url="http://localhost") as client:
        job = ended(client, started(client))
    assert job["state"] == "failed" and "no such command" in job["error"]


def test_babble_is_passed_over(state: State, runs_dir: Path) -> None:
    """Lines that are no progress, or make no sense, change nothing."""
    with serving(state, "babbling") as client:
        job = ended(client, started(client))
    assert (job["state"], job["progress"]["questions_done"]) == ("succeeded", 2), job["error"]


def lives(pid: int) -> bool:
    """Whether a process of that number is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def child_of(runs_dir: Path, name: str = "one") -> int:
    """The child's number, once it has written it down."""
    path = runs_dir / name / "pid"
    wait_until(lambda: path.is_file() and path.read_text())
    return int(path.read_text())


def test_a_cancelled_one_puts_away_what_it_has(state: State, runs_dir: Path) -> None:
    """The child is interrupted, not killed; its run is kept, its name taken, and it can be resumed."""
    with serving(state, "waiting") as client:
        job = started(client)
        pid = child_of(runs_dir)
        wait_until(lambda: client.get(f"/v1/jobs/{job['id']}").json()["progress"]["questions_done"] == 1)
        assert client.post("/v1/evaluations", json={"set": "mine"}).headers["location"] == f"/v1/jobs/{job['id']}"
        assert client.delete(f"/v1/jobs/{job['id']}").status_code == 202
        assert ended(client, job)["state"] == "cancelled"
        assert client.delete(f"/v1/jobs/{job['id']}").status_code == 200
        assert (runs_dir / "one" / "put away").exists() and not lives(pid)
        taken = client.post("/v1/evaluations", json={"set": "mine", "name": "one"})
        assert taken.status_code == 422 and "resume" in taken.json()["detail"]
        assert client.get("/v1/evaluations/one").json()["complete"] is False
    state.close()


def test_resuming_goes_on(state: State, runs_dir: Path) -> None:
    """The same again with `resume` hands it on to the child."""
    (runs_dir / "one").mkdir(parents=True)
    with serving(state, "babbling") as client:
        assert ended(client, started(client, resume=True))["state"] == "succeeded"
        assert client.get("/v1/evaluations/one").json()["run"]["argv"][-1] == "--resume"


def test_started_again_it_goes_on(state: State, runs_dir: Path) -> None:
    """What was cancelled is resumed under its name, as it was asked for; what never came to anything begins anew."""
    with serving(state, "waiting") as client:
        job = started(client, sample=2, split="dev")
        assert job["request"] == {
            "set": "mine",
            "name": "one",
            "mode": "extract",
            "split": "dev",
            "sample": 2,
            "resume": False,
        }
        child_of(runs_dir)
        early = client.post(f"/v1/jobs/{job['id']}/restart", json={})
        assert (early.status_code, early.json()["code"]) == (409, "job_conflict")
        assert early.headers["location"] == f"/v1/jobs/{job['id']}"
        client.delete(f"/v1/jobs/{job['id']}")
        ended(client, job)
    state.close()
    later = State(state.vectors_dir)
    later.use_embedder(HashingEmbedder())
    later.refresh()
    with serving(later, "babbling") as client:
        answer = client.post(f"/v1/jobs/{job['id']}/restart", json={})
        assert answer.status_code == 202 and answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
        again = ended(client, answer.json())
        assert again["id"] != job["id"] and again["state"] == "succeeded"
        arguments = client.get("/v1/evaluations/one").json()["run"]["argv"]
        assert arguments[-1] == "--resume" and arguments[arguments.index("--sample") + 1] == "2"
        assert client.post(f"/v1/jobs/{again['id']}/restart", json={}).status_code == 409
        assert client.post("/v1/jobs/unknown/restart", json={}).status_code == 404
    later.close()


def test_a_deaf_child_is_killed(state: State, runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while to end by itself."""
    monkeypatch.setattr(evaluating, "GRACE_S", 0.2)
    with serving(state, "deaf") as client:
        job = started(client)
        pid = child_of(runs_dir)
        wait_until(lambda: client.get(f"/v1/jobs/{job['id']}").json()["progress"]["questions_done"] == 1)
        client.delete(f"/v1/jobs/{job['id']}")
        assert ended(client, job)["state"] == "cancelled"
        assert not lives(pid)


def test_the_service_takes_its_child_with_it(state: State, runs_dir: Path) -> None:
    """When the service ends the child ends too, and the job is interrupted, also after a restart."""
    with serving(state, "waiting") as client:
        job = started(client)
        pid = child_of(runs_dir)
        state.stop()
        assert state.jobs.close(20)
    assert not lives(pid)
    again = State(state.vectors_dir)
    assert again.jobs.get(job["id"]).state == "interrupted"


QUESTIONS = [
    {
        "id": "tram",
        "question": "How long is the new tram line in Almaty?",
        "lang": "en",
        "type": "numeric",
        "answerable": True,
        "answers": ["14 kilometres"],
        "must_include": [["14 kilometres"]],
        "evidence": [{"file": "almaty.txt", "quote": "The new tram line in Almaty is 14 kilometres long."}],
    },
    {
        "id": "moon",
        "question": "Who was the first to walk on the Moon?",
        "lang": "en",
        "type": "unanswerable",
        "answerable": False,
    },
]


@pytest.mark.parametrize(("mode", "key"), [("extract", None), ("generate", KEY)])
def test_the_real_command_line(
    state: State, runs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, key: str | None
) -> None:
    """`derek eval run` as it is: it asks this server every question, writes its run and its page."""
    monkeypatch.chdir(tmp_path)  # where no derek.toml is
    lines = "".join(json.dumps(question) + "\n" for question in QUESTIONS)
    (runs_dir.parent / "questions" / "mine.jsonl").write_text(lines)

    def place(state: State, port: int) -> Places:
        return places_beside(state, port, api_key=key)

    headers = {"authorization": f"Bearer {key}"} if key else {}
    with (
        listening(state, Rules(api_key=key), place) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=30) as client,
    ):
        job = started(client, mode=mode)
        wait_until(lambda: client.get(f"/v1/jobs/{job['id']}").json()["finished_at"], 120)
        job = client.get(f"/v1/jobs/{job['id']}").json()
        assert job["state"] == "succeeded", job["error"]
        assert job["progress"] == {"questions_done": 2, "questions_total": 2, "seconds_left": 0.0}
        one = client.get("/v1/evaluations/one").json()
        assert (one["complete"], one["set"], one["system"], one["mode"]) == (True, "mine", "remote", mode)
        assert one["metrics"]["questions"] == 2 and one["metrics"]["errors"] == 0
        assert one["summary"]["right"]["value"] == 1.0
        assert "<title>" in client.get("/v1/evaluations/one/report").text

"""The routes about the process itself, and errors that no route makes."""

import json
import re
from pathlib import Path

import pytest
from fakes import ScriptedGenerator
from serving import places_beside
from starlette.testclient import TestClient

from service.app import create_app
from service.problems import MEDIA_TYPE
from service.readiness import Check
from service.state import State, folder_id

PROBLEM_KEYS = ["type", "title", "status", "detail", "code", "instance", "request_id"]


def test_health_and_readiness(client: TestClient, state: State) -> None:
    """Alive at once; ready once embedder, index and model are there, each named."""
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["ready"] is True
    assert {name: check["state"] for name, check in ready.json()["checks"].items()} == {
        "embedder": "ok",
        "index": "ok",
        "model": "ok",
        "seeds": "waiting",
    }


def test_nothing_there_yet(vectors_dir: Path) -> None:
    """Before anything is loaded the process lives, says what it is doing, and refuses the rest with 503."""
    state = State(vectors_dir)
    state.readiness.set("embedder", Check("working", "fetching weights", 30, 120))
    with TestClient(create_app(state, places_beside(state)), base_url="http://localhost") as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/version").json()["generation"] is None
        ready = client.get("/readyz")
        assert (ready.status_code, ready.headers["content-type"]) == (503, MEDIA_TYPE)
        assert ready.json()["code"] == "not_ready" and "fetching weights (25 %)" in ready.json()["detail"]
        assert ready.json()["checks"]["embedder"] == {
            "state": "working",
            "detail": "fetching weights",
            "done": 30,
            "total": 120,
        }
        for answer in (
            client.post("/v1/ask", json={"question": "x"}),
            client.post("/v1/search", json={"query": "x"}),
            client.get("/v1/articles"),
            client.get("/v1/articles/1"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
            assert int(answer.headers["retry-after"]) > 0
            assert "fetching weights" in answer.json()["detail"]
        assert client.post("/v1/ask", json={"question": ""}).status_code == 422
        assert client.get("/v1/generations").json() == {"generations": []}
    state.close()


def test_search_works_before_the_model_is_there(state: State) -> None:
    """Search, articles and extraction need no language model; a drafted answer does, and says what is missing."""
    bare = State(state.vectors_dir)
    assert state._embedder is not None
    bare.use_embedder(state._embedder)
    bare.refresh()
    bare.readiness.set("model", Check("failed", "no weights; run `derek models pull`"))
    with TestClient(create_app(bare, places_beside(bare)), base_url="http://localhost") as client:
        assert client.post("/v1/search", json={"query": "tram"}).status_code == 200
        assert client.post("/v1/ask", json={"question": "How long is the tram line?", "mode": "extract"}).is_success
        refused = client.post("/v1/ask", json={"question": "x"})
        assert refused.status_code == 503 and "derek models pull" in refused.json()["detail"]
        bare.use_generator(ScriptedGenerator("The tram line is 14 kilometres long."))
        assert client.post("/v1/ask", json={"question": "x"}).status_code == 200
    bare.close()


def test_version_names_what_runs(client: TestClient, state: State) -> None:
    """Models and generation by name; the folder of indexes by a hash, not by its path."""
    shown = client.get("/version")
    assert shown.json()["generation"] == state.generation_id
    assert shown.json()["model"] == "scripted"
    assert shown.json()["vectors"] == folder_id(state.vectors_dir)
    assert str(state.vectors_dir) not in shown.text


def test_docs_load_nothing_from_elsewhere(client: TestClient) -> None:
    """The docs page and its assets come from this server; `/` leads there."""
    assert client.get("/", follow_redirects=False).headers["location"] == "/docs"
    page = client.get("/docs")
    assert page.status_code == 200 and "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.findall(r"https?://", page.text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert client.get(address).status_code == 200, address


def test_openapi_describes_problems_and_shapes(client: TestClient) -> None:
    """Every /v1 route documents its failures as problem details; the answer's schema names its fields."""
    document = client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        if path.startswith("/v1/"):
            for operation in operations.values():
                assert MEDIA_TYPE in operation["responses"]["422"]["content"]
    assert "HTTPValidationError" not in json.dumps(document)
    assert "cited_text" in document["components"]["schemas"]["CitationJson"]["properties"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/v1/ask/", 404, "not_found"),
        ("GET", "/metrics", 404, "not_found"),
        ("POST", "/v1/chat/completions", 404, "not_found"),
        ("POST", "/v1/jobs", 405, "method_not_allowed"),
        ("GET", "/docs/assets/../../../etc/passwd", 404, "not_found"),
        ("GET", "/docs/assets/%2e%2e/%2e%2e/app.py", 404, "not_found"),
        ("GET", "/v1/ask", 405, "method_not_allowed"),
        ("DELETE", "/v1/articles", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
    ],
)
def test_errors_of_no_route_are_problems_too(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    """Unknown addresses and methods get the same body as every other error."""
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    problem = answer.json()
    assert list(problem) == PROBLEM_KEYS
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["request_id"] == answer.headers["x-request-id"]

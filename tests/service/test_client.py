"""The client of a running server, against servers that are not Derek or not well."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from rag.errors import DerekError, EngineFailed, InputError, NotFound
from service.client import Client
from service.state import folder_id


def client(answer: Callable[[httpx.Request], httpx.Response], key: str | None = None) -> Client:
    """A client whose server is a function."""
    return Client("http://127.0.0.1:8000/", key, httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("engine_failed", EngineFailed),
        ("not_found", NotFound),
        ("invalid_request", InputError),
        ("busy", DerekError),
        ("a_code_of_a_later_version", DerekError),
    ],
)
def test_problems_become_errors_with_the_servers_words(code: str, kind: type[DerekError]) -> None:
    """The code chooses the class, the detail is the message."""
    with pytest.raises(kind, match="because of this"):
        client(lambda _: httpx.Response(500, json={"code": code, "detail": "because of this"})).ask({})


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(502, text="Bad Gateway"),
        httpx.Response(500, json=[]),
        httpx.Response(500, json={}),
        httpx.Response(302, json={}, headers={"location": "http://example.com"}),
    ],
)
def test_what_is_not_derek_is_an_error(answer: httpx.Response) -> None:
    """A page, a gateway, JSON of another kind: one error that names the address."""
    with pytest.raises(DerekError, match=r"127\.0\.0\.1:8000"):
        client(lambda _: answer).ask({})


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError("refused"), httpx.ReadTimeout(""), httpx.RemoteProtocolError("")]
)
def test_a_broken_connection_is_an_error(failure: httpx.TransportError) -> None:
    """It says where, and asks whether the server runs."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(DerekError, match="derek serve"):
        client(fail).search({})


def test_the_key_is_sent() -> None:
    """To every route, as the server asks for it."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(200, json={})

    client(answer, "secret").articles({"limit": 1})
    assert seen == ["Bearer secret"]


@pytest.mark.parametrize(
    ("vectors", "ready", "serves"),
    [("same", 200, True), ("same", 503, False), ("other", 200, False), (None, 200, False)],
)
def test_only_a_ready_server_over_the_same_folder_is_used(
    tmp_path: Path, vectors: str | None, ready: int, serves: bool
) -> None:
    """Both conditions, and nothing else that may listen there."""
    named = {"same": folder_id(tmp_path), "other": "0" * 16}.get(vectors or "")
    version = {"vectors": named} if named else ["no Derek"]

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=version) if request.url.path == "/version" else httpx.Response(ready, json={})

    assert client(answer).serves(tmp_path) is serves

"""Who may speak to this process: hosts, origins, keys, sizes and request ids."""

import json
import logging

import pytest
from serving import places_beside
from starlette.testclient import TestClient

from service.app import create_app
from service.guard import MAX_BODY, Rules, is_loopback, refusal
from service.state import State

LOCAL = Rules("127.0.0.1")
NETWORK = Rules("0.0.0.0", "key")
NAMED = Rules("derek.lan", "key")


def verdict(rules: Rules, path: str = "/healthz", **headers: str) -> str | None:
    """The code of the refusal of a request with these headers, or None."""
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    problem = refusal({"type": "http", "path": path, "headers": raw}, rules)
    return problem.code if problem else None


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8000",
        "127.8.9.1:1",
        "localhost",
        "LOCALHOST:8000",
        "localhost.",
        "a.localhost",
        "[::1]:80",
    ],
)
def test_loopback_hosts_pass(host: str) -> None:
    """Under any name of this machine alone, at any port."""
    assert verdict(LOCAL, host=host) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "example.com",
        "example.com:8000",
        "127.0.0.1.example.com",
        "localhost.example.com",
        "localhost@example.com",
        "example.com#127.0.0.1",
        "192.168.1.5",
        "0.0.0.0",
        "2130706433",
        "[::1",
        "[::2]",
        "127.0.0.1:",
        "127.0.0.1:port",
        "127.0.0.1, example.com",
        "xn--lcalhost-n5a",
    ],
)
def test_other_hosts_are_refused(host: str) -> None:
    """A name that a page may have bound to this machine is not this machine's name."""
    assert verdict(LOCAL, host=host) == "forbidden"


def test_a_request_has_one_host() -> None:
    """None or two are refused."""
    assert verdict(LOCAL) == "forbidden"
    two = [(b"host", b"127.0.0.1"), (b"host", b"127.0.0.1")]
    assert refusal({"type": "http", "path": "/", "headers": two}, LOCAL) is not None


def test_the_configured_host_passes() -> None:
    """Served under a name: that name and loopback; served to all addresses with a key: any name."""
    assert verdict(NAMED, host="Derek.LAN:8000") is None
    assert verdict(NAMED, host="localhost:8000") is None
    assert verdict(NAMED, host="other.lan:8000") == "forbidden"
    assert verdict(NETWORK, host="whatever.example:8000") is None


@pytest.mark.parametrize(
    ("origin", "passes"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://localhost:3000", False),
        ("http://localhost", False),
        ("https://127.0.0.1", False),
        ("http://example.com:8000", False),
        ("https://example.com", False),
        ("null", False),
        ("", False),
        ("file://", False),
        ("http://localhost:99999", False),
        ("http://localhost:8000.example.com", False),
        ("chrome-extension://abcdef", False),
    ],
)
def test_origins(origin: str, passes: bool) -> None:
    """Pages of this server alone; the same port under another loopback name is the same server."""
    assert verdict(LOCAL, host="127.0.0.1:8000", origin=origin) == (None if passes else "forbidden")


@pytest.mark.parametrize(
    ("path", "authorization", "expected"),
    [
        ("/v1/ask", None, "unauthorized"),
        ("/v1/ask", "Bearer wrong", "unauthorized"),
        ("/v1/ask", "Bearer", "unauthorized"),
        ("/v1/ask", "Basic key", "unauthorized"),
        ("/v1/ask", "Bearer k\xe9y", "unauthorized"),
        ("/v1/nowhere", None, "unauthorized"),
        ("/v1/ask", "Bearer key", None),
        ("/v1/ask", "bearer key", None),
        ("/healthz", None, None),
        ("/readyz", None, None),
    ],
)
def test_keys(path: str, authorization: str | None, expected: str | None) -> None:
    """Under /v1 the key is required, elsewhere not; nothing can be learnt there without it."""
    headers = {"authorization": authorization} if authorization is not None else {}
    assert verdict(NETWORK, path, host="h", **headers) == expected


def test_unauthorized_says_how(state: State) -> None:
    """A 401 carries the challenge that RFC 9110 asks for."""
    with TestClient(create_app(state, places_beside(state), NETWORK), base_url="http://10.0.0.1:8000") as client:
        answer = client.get("/v1/articles")
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert client.get("/v1/articles", headers={"authorization": "Bearer key"}).status_code == 200


def test_loopback_names() -> None:
    """What a server may be bound to without a key."""
    assert all(map(is_loopback, ("127.0.0.1", "localhost", "::1", "[::1]", "127.1.2.3")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "", "192.168.0.1", "derek.lan", "127.0.0.1.nip.io")))


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 422), (MAX_BODY + 1, 413), (4 * MAX_BODY, 413)])
def test_bodies_are_limited(client: TestClient, size: int, status: int, chunked: bool) -> None:
    """One byte too many is refused, whether the length was declared or not."""
    head = b'{"question": "'
    body = head + b"x" * (size - len(head) - 2) + b'"}'
    pieces = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
    answer = client.post("/v1/ask", content=pieces if chunked else body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["code"] == {422: "invalid_request", 413: "payload_too_large"}[status]


def test_an_error_is_no_echo(client: TestClient) -> None:
    """However large what was sent is, and whatever characters it holds, the refusal is small and readable."""
    body = {"\ud800" + "k" * 100_000: 1, **{f"field{n}": n for n in range(1_000)}}
    answer = client.post("/v1/ask", content=json.dumps(body), headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert len(answer.content) < 20_000


@pytest.mark.parametrize(
    ("sent", "kept"), [("abc-1.2_3", True), ("", False), ("x" * 65, False), ("a b", False), ("<script>", False)]
)
def test_request_ids(client: TestClient, sent: str, kept: bool) -> None:
    """A caller's id is kept where it is short and plain; every answer has one."""
    answer = client.get("/healthz", headers={"x-request-id": sent})
    assert (answer.headers["x-request-id"] == sent) is kept
    assert answer.headers["x-request-id"]


def test_questions_are_not_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """The access log names method, path and status; neither query strings nor bodies."""
    caplog.set_level(logging.DEBUG, logger="derek")
    client.post("/v1/ask", json={"question": "Where is my secret garden?"})
    client.get("/v1/articles", params={"q": "secret"})
    client.get("/nowhere%0Aforged-line")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("derek")]
    assert any(line.startswith("POST /v1/ask 200") for line in lines)
    assert not any("secret" in line or "\n" in line for line in lines)

"""Seed files over HTTP: put, listed, deleted, restored, and what is refused; on real sockets where it matters."""

import gzip
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import listening, places_beside, wait_until
from starlette.testclient import TestClient

from rag.seed_folder.store import INCOMING
from service.app import create_app
from service.state import State

NEW = "2026-03-07\nA new story about trams\nThe trams of Almaty carried 90,000 people on Saturday.\n"
OTHER = "2026-03-08\nAnother story about trams\nThe trams of Almaty carried 80,000 people on Sunday.\n"


def etag(text: str | bytes) -> str:
    """The checksum in quotes."""
    return f'"{sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()}"'


def reindexed(client: TestClient) -> dict[str, Any]:
    """What a reindex did."""
    job = client.post("/v1/reindex", json={}).json()
    shown: dict[str, Any] = {}

    def done() -> bool:
        shown.update(client.get(f"/v1/jobs/{job['id']}").json())
        return shown["finished_at"] is not None

    wait_until(done)
    assert shown["state"] == "succeeded", shown["error"]
    result: dict[str, Any] = shown["result"]
    return result


def left_over(seeds_dir: Path) -> list[Path]:
    """What uploads left behind."""
    return list((seeds_dir / INCOMING).glob("*")) if (seeds_dir / INCOMING).is_dir() else []


def test_a_file_from_put_to_answers_and_back(client: TestClient, seeds_dir: Path) -> None:
    """Created, listed as not indexed, indexed, found; deleted, still found until the next reindex; restored."""
    answer = client.put("/v1/seeds/news/жаңа.txt", content=NEW.encode())
    assert (answer.status_code, answer.headers["etag"]) == (201, etag(NEW))
    assert client.get(answer.headers["location"]).json() == answer.json()["seed"]
    seed = answer.json()["seed"]
    assert (seed["file"], seed["articles"], seed["indexed"], seed["error"]) == ("news/жаңа.txt", 1, False, None)
    assert (answer.json()["done"], answer.json()["trashed"]) == ("created", None)
    assert (seeds_dir / "news/жаңа.txt").read_text() == NEW
    assert reindexed(client)["files"] == 4
    assert client.get("/v1/seeds/news/жаңа.txt").json()["indexed"]
    assert client.post("/v1/search", json={"query": "90,000 people"}).json()["results"][0]["file"] == "news/жаңа.txt"

    deleted = client.delete("/v1/seeds/news/жаңа.txt")
    assert (deleted.status_code, deleted.json()["why"], f'"{deleted.json()["sha256"]}"') == (200, "deleted", etag(NEW))
    assert client.get("/v1/seeds/news/жаңа.txt").status_code == 404
    assert client.get("/v1/seeds").json()["gone"] == ["news/жаңа.txt"]
    assert client.get("/v1/trash").json()["trash"] == [deleted.json()]
    assert reindexed(client)["files"] == 3

    restored = client.post(f"/v1/trash/{deleted.json()['id']}/restore", json={})
    assert (restored.status_code, restored.json()["done"]) == (200, "created")
    assert (seeds_dir / "news/жаңа.txt").read_text() == NEW
    assert client.get("/v1/trash").json() == {"trash": []}


def test_the_list(client: TestClient, state: State, seeds_dir: Path) -> None:
    """Everything a page shows, in parts; unknown parameters are refused."""
    (seeds_dir / "broken.txt").write_bytes(b"\x00")
    shown = client.get("/v1/seeds").json()
    assert (shown["total"], shown["generation"], shown["watching"]) == (4, state.generation_id, False)
    seeds = {seed["file"]: seed for seed in shown["seeds"]}
    assert list(seeds) == sorted(["almaty.txt", "broken.txt", "ministry.txt", "north/petropavl.txt"])
    assert seeds["broken.txt"]["error"] and seeds["broken.txt"]["articles"] is None
    assert seeds["almaty.txt"]["indexed"] and seeds["almaty.txt"]["articles"] == 2
    assert client.get("/v1/seeds?limit=1&offset=1").json()["seeds"] == [seeds["broken.txt"]]
    assert client.get("/v1/seeds?all=1").status_code == 422
    assert client.get("/v1/seeds?limit=0").status_code == 422


def test_before_anything_is_indexed(tmp_path: Path) -> None:
    """Files may come and be looked at; a folder that is not there is said so."""
    state = State(tmp_path / "vectors")
    with TestClient(create_app(state, places_beside(state)), base_url="http://localhost") as client:
        missing = client.get("/v1/seeds")
        assert (missing.status_code, missing.json()["code"]) == (503, "not_ready")
        assert client.put("/v1/seeds/a.txt", content=NEW).status_code == 201
        assert [seed["indexed"] for seed in client.get("/v1/seeds").json()["seeds"]] == [False]
    state.close()


def test_etags(client: TestClient) -> None:
    """What is known already is not sent again."""
    first = client.get("/v1/seeds/almaty.txt")
    again = client.get("/v1/seeds/almaty.txt", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert client.get("/v1/seeds/almaty.txt", headers={"if-none-match": '"other"'}).json() == first.json()


def test_replacing_needs_leave(client: TestClient, seeds_dir: Path) -> None:
    """By checksum or outright; without, the answer says what is there and nothing changes."""
    client.put("/v1/seeds/a.txt", content=NEW)
    refused = client.put("/v1/seeds/a.txt", content=OTHER)
    assert (refused.status_code, refused.json()["code"]) == (428, "precondition_required")
    assert refused.headers["etag"] == etag(NEW)
    stale = client.put("/v1/seeds/a.txt", content=OTHER, headers={"if-match": etag("something else")})
    assert (stale.status_code, stale.json()["code"], stale.headers["etag"]) == (412, "precondition_failed", etag(NEW))
    only_new = client.put("/v1/seeds/a.txt?replace=true", content=OTHER, headers={"if-none-match": "*"})
    assert (only_new.status_code, only_new.json()["code"]) == (412, "precondition_failed")
    nothing_there = client.put("/v1/seeds/b.txt", content=OTHER, headers={"if-match": "*"})
    assert nothing_there.status_code == 412 and not (seeds_dir / "b.txt").exists()
    assert (seeds_dir / "a.txt").read_text() == NEW and client.get("/v1/trash").json() == {"trash": []}

    replaced = client.put("/v1/seeds/a.txt", content=OTHER, headers={"if-match": refused.headers["etag"]})
    assert (replaced.status_code, replaced.json()["done"], replaced.headers["etag"]) == (200, "replaced", etag(OTHER))
    assert f'"{replaced.json()["trashed"]["sha256"]}"' == etag(NEW)
    assert client.put("/v1/seeds/a.txt?replace=true", content=NEW).json()["done"] == "replaced"
    assert [entry["why"] for entry in client.get("/v1/trash").json()["trash"]] == ["replaced", "replaced"]
    assert client.put("/v1/seeds/a.txt?replce=true", content=OTHER).status_code == 422


def test_deleting_and_restoring_under_conditions(client: TestClient, seeds_dir: Path) -> None:
    """The file that was seen, and no other; restoring over another needs leave."""
    assert client.delete("/v1/seeds/almaty.txt", headers={"if-match": etag("other")}).status_code == 412
    seen = client.get("/v1/seeds/almaty.txt").headers["etag"]
    trashed = client.delete("/v1/seeds/almaty.txt", headers={"if-match": seen}).json()
    assert client.delete("/v1/seeds/almaty.txt").status_code == 404
    client.put("/v1/seeds/almaty.txt", content=NEW)
    address = f"/v1/trash/{trashed['id']}/restore"
    assert client.post(address, json={}).json()["code"] == "precondition_required"
    restored = client.post(address, json={"replace": True}).json()
    assert (restored["done"], f'"{restored["seed"]["sha256"]}"') == ("replaced", seen)
    assert f'"{restored["trashed"]["sha256"]}"' == etag(NEW)
    assert client.post(address, json={}).status_code == 404
    assert client.post(address, content=b"", headers={"content-type": "text/plain"}).status_code == 422


def test_ten_uploads_of_one_file(client: TestClient) -> None:
    """Leave one file, and the index as it was after the first."""
    first = client.put("/v1/seeds/a.txt", content=NEW)
    passages = reindexed(client)["passages"]
    again = [client.put("/v1/seeds/a.txt", content=NEW) for _ in range(9)]
    assert {(answer.status_code, answer.json()["done"]) for answer in again} == {(200, "unchanged")}
    assert {answer.headers["etag"] for answer in again} == {first.headers["etag"]}
    result = reindexed(client)
    assert (result["changed"], result["passages"], result["embedded"]) == (False, passages, 0)
    assert client.get("/v1/trash").json() == {"trash": []}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "empty"),
        ("..%2Fa.txt", "`.` or `..`"),
        ("%2e%2e/a.txt", "`.` or `..`"),
        ("../a.txt", "`.` or `..`"),
        ("a/../../b.txt", "`.` or `..`"),
        ("%252e%252e%252fa.txt", "`.` or `..`"),
        ("/etc/a.txt", "absolute"),
        ("%2Fetc%2Fa.txt", "absolute"),
        ("C:%5Ca.txt", "absolute"),
        ("C%3Aa.txt", "absolute"),
        ("..%5C..%5Ca.txt", "backslash"),
        ("a//b.txt", "empty"),
        ("a.txt/", "empty"),
        (".hidden.txt", "hidden"),
        ("%2Etrash/a.txt", "hidden"),
        (".incoming/a.txt", "hidden"),
        ("README.txt", "README"),
        ("a.exe", "ending"),
        ("a.txt%00", "control"),
        ("a%0D.txt", "control"),
        ("a%FF.txt", "UTF-8"),
        ("a.txt~", "unfinished"),
        ("a.txt.part", "unfinished"),
        ("CON.txt", "device"),
        ("a/%6Eul.txt", "device"),
        ("x" * 300 + ".txt", "longer than"),
        ("almaty.txt/a.txt", "is a file"),
        ("out/a.txt", "is a link"),
        ("leads_out.txt", "is a link"),
        ("folder.txt", "is a folder"),
    ],
)
def test_names_that_are_refused_on_the_wire(state: State, seeds_dir: Path, path: str, reason: str) -> None:
    """As they were typed, with no client in between that tidies them up; nothing is written anywhere."""
    outside = seeds_dir.parent
    (seeds_dir / "out").symlink_to(outside)
    (seeds_dir / "leads_out.txt").symlink_to(outside / "target.txt")
    (seeds_dir / "folder.txt").mkdir()
    before = sorted(outside.rglob("*"))
    request = f"PUT /v1/seeds/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(NEW)}\r\nConnection: close\r\n"
    with listening(state) as port:
        received = raw(port, request.encode() + b"\r\n" + NEW.encode())
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 422 "), received
    problem = json.loads(body)
    assert (problem["code"], [error["field"] for error in problem["errors"]]) == ("invalid_request", ["name"])
    assert reason in problem["detail"]
    assert [path for path in sorted(outside.rglob("*")) if ".trash" not in path.parts] == before


@pytest.mark.parametrize("path", ["a%0A.txt", "a.txt%0A", "%0Aa.txt"])
def test_line_breaks_in_names(client: TestClient, seeds_dir: Path, path: str) -> None:
    """Are refused at the door: no route may take one name for another."""
    answer = client.put(f"/v1/seeds/{path}", content=NEW)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "path")
    assert not (seeds_dir / "a.txt").exists()


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("path", ["..%2Fvectors%2FCURRENT", ".trash%2F.lock", "a.exe"])
def test_names_that_are_refused_elsewhere(client: TestClient, method: str, path: str) -> None:
    """Looking and deleting lead nowhere either."""
    answer = client.request(method, f"/v1/seeds/{path}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "name")


def raw(port: int, request: bytes) -> bytes:
    """What the server sends back for bytes on a socket, until it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    return received


@pytest.mark.parametrize(
    "content",
    [b"", b" \n", b"a\x00b", gzip.compress(b"packed", mtime=0), b"\xff\xfe\xfa no text \x00"],
    ids=["empty", "blank", "zero_byte", "packed_under_a_plain_name", "no_encoding"],
)
def test_what_cannot_be_read_is_refused(client: TestClient, seeds_dir: Path, content: bytes) -> None:
    """Before it takes the place of anything."""
    before = (seeds_dir / "almaty.txt").read_bytes()
    for name in ("almaty.txt", "new.txt"):
        answer = client.put(f"/v1/seeds/{name}?replace=true", content=content)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        assert answer.json()["errors"][0]["field"] == "body" and name in answer.json()["detail"]
    assert (seeds_dir / "almaty.txt").read_bytes() == before and not (seeds_dir / "new.txt").exists()
    assert left_over(seeds_dir) == []


def test_a_form_with_one_file(client: TestClient, seeds_dir: Path) -> None:
    """Its own name is ignored; the bytes come through as they are, whatever they look like."""
    text = NEW + "--boundary\r\n\r\n--\n" * 5000
    answer = client.put("/v1/seeds/a.txt", files={"file": ("../../evil.sh", text.encode(), "text/x-sh")})
    assert (answer.status_code, answer.headers["etag"]) == (201, etag(text))
    assert (seeds_dir / "a.txt").read_bytes() == text.encode()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"files": [("one", ("a", b"x")), ("two", ("b", b"y"))]}, "two"),
        ({"files": [("one", ("a", b"x"))], "data": {"replace": "true"}}, "replace"),
        ({"content": b"--x--\r\n", "headers": {"content-type": "multipart/form-data; boundary=x"}}, "body"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, "content-type"),
        ({"content": b"no form", "headers": {"content-type": "multipart/form-data; boundary=x"}}, "body"),
        ({"data": {"text": "x"}}, "content-type"),
        ({"content": NEW, "headers": {"content-encoding": "gzip"}}, "content-encoding"),
        ({"content": NEW, "headers": {"content-range": "bytes 0-9/20"}}, "content-range"),
    ],
)
def test_bodies_that_are_refused(client: TestClient, seeds_dir: Path, sent: dict[str, Any], field: str) -> None:
    """The answer names what is wrong."""
    answer = client.put("/v1/seeds/a.txt", **sent)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not (seeds_dir / "a.txt").exists() and left_over(seeds_dir) == []


def test_a_form_that_is_cut_off(client: TestClient, seeds_dir: Path) -> None:
    """Half a file never counts as one."""
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + NEW.encode()
    answer = client.put("/v1/seeds/a.txt", content=form, headers={"content-type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 422 and "last boundary" in answer.json()["detail"]
    assert not (seeds_dir / "a.txt").exists() and left_over(seeds_dir) == []


@pytest.mark.parametrize("declared", [True, False])
def test_too_large(state: State, seeds_dir: Path, declared: bool) -> None:
    """Refused by its declared length before a byte is sent, else as soon as there is too much of it."""
    with listening(state) as port:
        head = f"PUT /v1/seeds/a.txt HTTP/1.1\r\nHost: localhost:{port}\r\n"
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            if declared:
                connection.sendall(f"{head}Content-Length: 99000000000\r\nExpect: 100-continue\r\n\r\n".encode())
            else:
                connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
                chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
                flooding = threading.Thread(target=flood, args=(connection, chunk))
                flooding.start()
            received = b""
            while b"}" not in received:
                received += connection.recv(65_536)
            if not declared:
                connection.shutdown(socket.SHUT_RDWR)
                flooding.join()
        assert received.startswith(b"HTTP/1.1 413 ") and b'"payload_too_large"' in received
    assert not (seeds_dir / "a.txt").exists() and left_over(seeds_dir) == []


def flood(connection: socket.socket, chunk: bytes) -> None:
    """Send chunks until the other side has had enough."""
    try:
        for _ in range(1000):
            connection.sendall(chunk)
    except OSError:
        return


def test_a_body_longer_than_a_request_may_be_is_written_as_it_comes(client: TestClient, seeds_dir: Path) -> None:
    """Other routes still take a mebibyte at most."""
    text = NEW * 20_000
    assert client.put("/v1/seeds/a.txt", content=text.encode()).status_code == 201
    assert (seeds_dir / "a.txt").stat().st_size == len(text) > 1 << 20
    answer = client.post("/v1/search", content=text.encode(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_a_client_that_goes_midway_leaves_nothing(state: State, seeds_dir: Path) -> None:
    """With half a file sent: it is gone again, and the file that stood there stands."""
    before = (seeds_dir / "almaty.txt").read_bytes()
    with listening(state) as port:
        connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        head = f"PUT /v1/seeds/almaty.txt?replace=true HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 5000\r\n"
        connection.sendall(f"{head}\r\n".encode() + NEW.encode())
        wait_until(lambda: left_over(seeds_dir))
        connection.close()
        wait_until(lambda: not left_over(seeds_dir))
        assert httpx.get(f"http://127.0.0.1:{port}/v1/trash", trust_env=False).json() == {"trash": []}
    assert (seeds_dir / "almaty.txt").read_bytes() == before


def test_puts_at_once(state: State, seeds_dir: Path) -> None:
    """All complete, one is there in the end, and every other is in the trash, whole."""
    texts = [f"{NEW}Number {number}.\n" * 50 for number in range(8)]
    with listening(state) as port, ThreadPoolExecutor(8) as pool:
        address = f"http://127.0.0.1:{port}/v1/seeds/a.txt?replace=true"
        answers = list(
            pool.map(lambda text: httpx.put(address, content=text.encode(), trust_env=False, timeout=60), texts)
        )
        trash = httpx.get(f"http://127.0.0.1:{port}/v1/trash", trust_env=False).json()["trash"]
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    kept = [(seeds_dir / ".trash" / entry["id"] / "content").read_text() for entry in trash]
    assert sorted([(seeds_dir / "a.txt").read_text(), *kept]) == sorted(texts)
    assert left_over(seeds_dir) == []


def test_a_folder_that_can_not_be_written(client: TestClient, seeds_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is no fault of the caller, and nothing of the internals is shown."""

    def full(self: Path, *args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "hardlink_to", full)
    answer = client.put("/v1/seeds/a.txt", content=NEW)
    assert (answer.status_code, answer.json()["code"]) == (507, "not_stored")
    assert "No space left" in answer.json()["detail"]
    assert not (seeds_dir / "a.txt").exists() and left_over(seeds_dir) == []


@pytest.mark.parametrize("headers", [{"origin": "http://example.com"}, {"origin": "null"}, {"host": "example.com"}])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_pages_elsewhere_can_not_reach_the_folder(
    client: TestClient, seeds_dir: Path, method: str, headers: dict[str, str]
) -> None:
    """Neither they nor a name bound to this machine; and a preflight gets no leave."""
    assert client.request(method, "/v1/seeds/almaty.txt?replace=true", headers=headers).status_code == 403
    asked = {**headers, "access-control-request-method": method}
    preflight = client.options("/v1/seeds/almaty.txt", headers=asked)
    assert preflight.status_code == 403 and "access-control-allow-origin" not in preflight.headers
    assert (seeds_dir / "almaty.txt").exists()


def test_dry_run(client: TestClient, seeds_dir: Path, state: State) -> None:
    """Says what would change, and changes nothing."""
    assert client.post("/v1/reindex", json={"dry_run": True}).json()["changes"] is False
    client.put("/v1/seeds/new.txt", content=NEW)
    client.put("/v1/seeds/almaty.txt?replace=true", content=OTHER)
    client.delete("/v1/seeds/ministry.txt")
    (seeds_dir / "north/petropavl.txt").rename(seeds_dir / "petropavl.txt")
    answer = client.post("/v1/reindex", json={"dry_run": True})
    assert answer.status_code == 200 and "location" not in answer.headers
    assert answer.json() == {
        "dry_run": True,
        "changes": True,
        "added": ["new.txt"],
        "changed": ["almaty.txt"],
        "removed": ["ministry.txt"],
        "renamed": [{"from": "north/petropavl.txt", "to": "petropavl.txt"}],
        "rebuild": None,
        "warnings": [],
    }
    assert client.get("/v1/jobs").json() == {"jobs": []}
    assert client.get("/v1/articles").json()["generation"] == state.generation_id

"""The service behind a real server and real sockets: its queue, clients that leave, and what arrives on the wire."""

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fakes import HashingEmbedder
from serving import BlockingGenerator, listening, wait_until

from rag.reindex import reindex
from service.state import State

QUESTION = {"question": "How long is the new tram line in Almaty?"}


@pytest.fixture
def blocking(state: State) -> Iterator[BlockingGenerator]:
    """A generator that writes when it is let go; it is at the end."""
    generator = BlockingGenerator()
    state.use_generator(generator)
    yield generator
    generator.go.set()


@contextmanager
def asking(port: int, count: int) -> Iterator[list["Future[httpx.Response]"]]:
    """`count` clients that ask at once."""

    def ask() -> httpx.Response:
        return httpx.post(f"http://127.0.0.1:{port}/v1/ask", json=QUESTION, timeout=60, trust_env=False)

    with ThreadPoolExecutor(count) as pool:
        yield [pool.submit(ask) for _ in range(count)]


def raw(port: int, request: bytes) -> bytes:
    """What the server sends back for bytes on a socket, until it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    return received


def ask_and_hold(port: int) -> socket.socket:
    """A connection on which a question has been asked and no answer read."""
    body = json.dumps(QUESTION).encode()
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    head = f"POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return connection


def test_nine_at_once_are_answered_one_by_one(state: State, blocking: BlockingGenerator) -> None:
    """One runs and eight wait; all nine are answered, and the model never writes two at once."""
    with listening(state) as port, asking(port, 9) as asked:
        wait_until(lambda: state.queue.waiting == 8)
        blocking.go.set()
        assert [future.result().status_code for future in asked] == [200] * 9
    assert blocking.most_at_once == 1


def test_the_tenth_is_told_to_come_back(state: State, blocking: BlockingGenerator) -> None:
    """With every place taken an ask is refused at once, with a time to wait; the nine are not disturbed."""
    with listening(state) as port, asking(port, 9) as asked:
        wait_until(lambda: state.queue.waiting == 8)
        tenth = httpx.post(f"http://127.0.0.1:{port}/v1/ask", json=QUESTION, trust_env=False)
        assert (tenth.status_code, tenth.json()["code"]) == (429, "busy")
        assert int(tenth.headers["retry-after"]) >= 1
        blocking.go.set()
        assert {future.result().status_code for future in asked} == {200}
        assert httpx.post(f"http://127.0.0.1:{port}/v1/ask", json=QUESTION, trust_env=False).status_code == 200


def test_search_does_not_wait_for_an_ask(state: State, blocking: BlockingGenerator) -> None:
    """While the model writes, searching, extracting and health answer."""
    with listening(state) as port, asking(port, 3) as asked:
        wait_until(lambda: state.queue.waiting == 2)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client:
            assert client.post("/v1/search", json={"query": "tram"}).json()["results"]
            assert client.post("/v1/ask", json={**QUESTION, "mode": "extract"}).status_code == 200
            assert client.get("/readyz").status_code == 200
        assert not any(future.done() for future in asked)
        blocking.go.set()


def test_a_client_that_goes_stops_its_decoding(state: State, blocking: BlockingGenerator) -> None:
    """The connection closes while the model writes: it stops, and the next in the queue has its turn."""
    with listening(state) as port:
        leaving = ask_and_hold(port)
        blocking.entered.acquire()
        with asking(port, 1) as asked:
            wait_until(lambda: state.queue.waiting == 1)
            leaving.close()
            assert blocking.stopped.wait(20)
            blocking.entered.acquire()
            blocking.go.set()
            assert asked[0].result().status_code == 200


def test_a_client_that_goes_leaves_the_queue(state: State, blocking: BlockingGenerator) -> None:
    """A place in the queue is free again as soon as its client has gone; its question is never put to the model."""
    with listening(state) as port, asking(port, 1) as asked:
        blocking.entered.acquire()
        leaving = ask_and_hold(port)
        wait_until(lambda: state.queue.waiting == 1)
        leaving.close()
        wait_until(lambda: state.queue.waiting == 0)
        blocking.go.set()
        assert asked[0].result().status_code == 200
    assert len(blocking.prompts) == 1


def test_asks_under_way_end_when_the_service_does(state: State, blocking: BlockingGenerator) -> None:
    """Told to stop, the service stops decoding and refuses what waits, instead of finishing nine answers first."""
    with listening(state) as port, asking(port, 3) as asked:
        wait_until(lambda: state.queue.waiting == 2)
        assert blocking.entered.acquire(timeout=20)  # the first one is being drafted
        state.stop()
        assert {future.result().status_code for future in asked} == {503}
    assert blocking.stopped.wait(20)


@pytest.mark.parametrize(
    "headers",
    [
        b"Host: example.com\r\n",
        b"Host: 127.0.0.1.example.com:80\r\n",
        b"Host: 127.0.0.1\r\nOrigin: http://example.com\r\n",
        b"Host: 127.0.0.1\r\nOrigin: null\r\n",
    ],
)
def test_other_hosts_and_origins_are_refused_on_the_wire(state: State, headers: bytes) -> None:
    """As a browser would send them from a page elsewhere."""
    with listening(state) as port:
        received = raw(port, b"GET /v1/articles HTTP/1.1\r\n" + headers + b"Connection: close\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 403 ")
    assert b'"code": "forbidden"' in received


def test_a_request_without_host_is_refused(state: State) -> None:
    """HTTP/1.0 knows no Host; 1.1 demands it."""
    with listening(state) as port:
        assert b" 403 " in raw(port, b"GET /healthz HTTP/1.0\r\n\r\n").splitlines()[0]
        assert b" 400 " in raw(port, b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n").splitlines()[0]


@pytest.mark.parametrize("declared", [b"Content-Length: 104857600\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_a_flood_is_cut_short(state: State, declared: bytes) -> None:
    """A body without end is refused after a mebibyte at most, and the service goes on."""
    head = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + declared + b"\r\n"
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    with listening(state) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(head)
            answered = threading.Event()

            def flood() -> None:
                try:
                    while not answered.is_set():
                        connection.sendall(chunk)
                except OSError:  # closed from the other side
                    return

            thread = threading.Thread(target=flood)
            thread.start()
            received = connection.recv(65_536)
            answered.set()
            connection.close()
            thread.join()
        assert received.startswith(b"HTTP/1.1 413 ")
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200


def test_a_new_generation_is_taken_up_under_load(state: State, seeds_dir: Path, embedder: HashingEmbedder) -> None:
    """While generations change, no request fails and none mixes two: what it found is in the generation it names."""
    holds: dict[str, int] = {}
    ended = threading.Event()

    def load(port: int) -> list[tuple[str, int]]:
        seen = []
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client:
            while not ended.is_set():
                page = client.get("/v1/articles", params={"limit": 1000})
                answer = client.post("/v1/ask", json={**QUESTION, "mode": "extract"})
                assert page.status_code == answer.status_code == 200
                assert len(page.json()["articles"]) == page.json()["total"]
                seen.append((page.json()["generation"], page.json()["total"]))
        return seen

    with listening(state) as port, ThreadPoolExecutor(3) as pool:
        loads = [pool.submit(load, port) for _ in range(3)]
        try:
            for number in range(5):
                text = f"07.03.2026, 10:15 {number}\nTitle {number} of a story\nThe body of story {number} is short.\n"
                (seeds_dir / f"more{number}.txt").write_text(text)
                report = reindex(seeds_dir, state.vectors_dir, embedder)
                holds[report.generation] = report.articles
                state.refresh()
        finally:
            ended.set()
        seen = {pair for future in loads for pair in future.result()}
    assert all(holds.get(generation, total) == total for generation, total in seen)
    assert len(seen) > 1

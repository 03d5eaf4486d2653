"""The engine for a server elsewhere, against a local one that keeps the protocol, and against every way not to."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from rag.errors import Cancelled, EngineFailed, SettingsError
from rag.generator.openai_engine import OpenAIGenerator, open_openai
from rag.generator.transport import Transport
from rag.types import Prompt

ASK = Prompt("Answer briefly.", "How long is the road?")
Behaviour = Callable[["Handler", dict[str, Any]], None]


def never() -> bool:
    """Somebody always waits."""
    return False


class Server(ThreadingHTTPServer):
    """Does with each request what the test says."""

    daemon_threads = True

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour = behaviour
        self.bodies: list[dict[str, Any]] = []
        self.authorizations: list[str | None] = []
        self.over = threading.Event()

    def handle_error(self, *_: Any) -> None:
        """A client that goes is what is tested."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def log_message(self, *_: Any) -> None:
        """Keep the tests' output clean."""

    def do_POST(self) -> None:
        """Note the request and behave."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        self.server.authorizations.append(self.headers.get("Authorization"))
        assert self.path == "/v1/chat/completions"
        self.server.behaviour(self, body)

    def answer(self, status: int, data: bytes, kind: str = "application/json", **headers: str) -> None:
        """A whole answer."""
        self.send_response(status)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **given}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def begin(self) -> None:
        """A stream's head."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.end_headers()

    def event(self, event: Any) -> None:
        """One event of a stream."""
        data = event if isinstance(event, str) else json.dumps(event)
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()


def piece(text: str | None, finish: str | None = None) -> dict[str, Any]:
    """A chunk as servers send it."""
    return {"choices": [{"index": 0, "delta": {"content": text} if text is not None else {}, "finish_reason": finish}]}


def well(handler: Handler, _body: dict[str, Any]) -> None:
    """A server that keeps the protocol."""
    handler.begin()
    handler.event({"choices": [{"delta": {"role": "assistant", "content": None}, "finish_reason": None}]})
    for text in ("It is ", "428 ", "км long."):
        handler.event(piece(text))
    handler.event(piece(None, "stop"))
    handler.event({"choices": [], "usage": {"prompt_tokens": 21, "completion_tokens": 7}})
    handler.event("[DONE]")


@pytest.fixture
def serve() -> Iterator[Callable[[Behaviour], Server]]:
    """Start a server with a behaviour."""
    running: list[tuple[Server, threading.Thread]] = []

    def start(behaviour: Behaviour) -> Server:
        server = Server(behaviour)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def engine(server: Server, deadline: float = 20.0, key: str | None = None) -> OpenAIGenerator:
    """The engine over a server."""
    return OpenAIGenerator("m", Transport(f"http://user:secret@127.0.0.1:{server.server_port}/v1/", key, deadline))


def test_a_stream_becomes_a_draft(serve: Callable[[Behaviour], Server]) -> None:
    """Pieces are joined, usage is the server's own, the request is greedy and carries the key."""
    server = serve(well)
    draft = open_openai("m", f"http://127.0.0.1:{server.server_port}/v1", "k-1").complete(ASK, max_tokens=9, stop=never)
    assert draft.text == "It is 428 км long."
    assert (draft.prompt_tokens, draft.completion_tokens) == (21, 7)
    assert draft.first_token_s > 0
    assert server.authorizations == ["Bearer k-1"]
    (body,) = server.bodies
    assert (body["model"], body["temperature"], body["max_tokens"], body["stream"]) == ("m", 0, 9, True)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


def test_a_server_that_does_not_stream(serve: Callable[[Behaviour], Server]) -> None:
    """An answer in one piece is taken as well; without usage its pieces are counted."""
    whole = {"choices": [{"message": {"content": " 428 km "}, "finish_reason": "length"}]}
    server = serve(lambda handler, _: handler.answer(200, json.dumps(whole).encode()))
    draft = engine(server).complete(ASK, max_tokens=9, stop=never)
    assert (draft.text, draft.completion_tokens) == ("428 km", 1)


def broken_stream(*events: Any) -> Behaviour:
    """A stream that ends after these events."""

    def behave(handler: Handler, _body: dict[str, Any]) -> None:
        handler.begin()
        for event in events:
            handler.event(event)

    return behave


FAILURES: dict[str, tuple[Behaviour, str]] = {
    "500": (lambda h, _: h.answer(500, b"boom"), "answered 500: boom"),
    "401": (lambda h, _: h.answer(401, b'{"error": "who are you"}'), "answered 401"),
    "404 page": (lambda h, _: h.answer(404, b"<html>", "text/html"), "answered 404"),
    "redirect": (lambda h, _: h.answer(302, b"", Location="http://127.0.0.1:1/"), "answered 302"),
    "not JSON": (lambda h, _: h.answer(200, b"<html>hello"), "no JSON"),
    "JSON list": (lambda h, _: h.answer(200, b"[1]"), "no object"),
    "no choices": (lambda h, _: h.answer(200, b'{"choices": []}'), "no choices"),
    "choices of nothing": (lambda h, _: h.answer(200, b'{"choices": [null]}'), "no choices"),
    "content no text": (lambda h, _: h.answer(200, b'{"choices": [{"message": {"content": [1]}}]}'), "no text"),
    "error inside": (lambda h, _: h.answer(200, b'{"error": {"message": "context too long"}}'), "context too long"),
    "cut off": (broken_stream(piece("It is"), piece(" 4")), "broke off after 7 characters"),
    "ends at once": (broken_stream(), "broke off after 0"),
    "event no JSON": (broken_stream(piece("It"), "{nonsense"), "no JSON"),
    "error in stream": (broken_stream(piece("It"), {"error": {"message": "out of memory"}}), "out of memory"),
    "no choices in stream": (broken_stream({"choices": []}), "no choices"),
    "endless": (broken_stream(*[piece("x" * 300)] * 4), "characters where at most 9 tokens"),
    "huge": (lambda h, _: h.answer(200, b" " * 4_100_000), "sent more than"),
    "short of its length": (
        lambda h, _: h.answer(200, b'{"choices"', Content_Length="500"),
        "",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_every_failure_names_the_server_without_its_credentials(
    serve: Callable[[Behaviour], Server], case: str
) -> None:
    """Whatever the server does wrong is EngineFailed, with what it did, for both kinds of call."""
    behaviour, said = FAILURES[case]
    generator = engine(serve(behaviour), key="k-secret")
    with pytest.raises(EngineFailed) as caught:
        generator.complete(ASK, max_tokens=9, stop=never)
    message = str(caught.value)
    assert said in message
    assert "127.0.0.1" in message
    assert "secret" not in message
    if "stream" not in case and case not in ("cut off", "ends at once", "event no JSON", "endless", "content no text"):
        with pytest.raises(EngineFailed):
            generator.yes_probability(ASK, stop=never)


def test_nobody_listens() -> None:
    """A port with no server behind it is said to be one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(EngineFailed, match=f"127.0.0.1:{port}"):
            open_openai("m", f"http://127.0.0.1:{port}/v1", None).complete(ASK, max_tokens=9, stop=never)


@pytest.mark.parametrize("when", ["before", "within"])
def test_a_slow_server_meets_the_deadline(serve: Callable[[Behaviour], Server], when: str) -> None:
    """Silence before or within an answer, drop by drop too, ends at the deadline."""

    def slow(handler: Handler, _body: dict[str, Any]) -> None:
        if when == "within":
            handler.begin()
            while not handler.server.over.wait(0.05):
                handler.event(piece("a"))
        handler.server.over.wait(30)

    with pytest.raises(EngineFailed):
        engine(serve(slow), deadline=0.5).complete(ASK, max_tokens=1000, stop=never)


@pytest.mark.parametrize("when", ["before", "within"])
def test_stop_cuts_a_silent_server(serve: Callable[[Behaviour], Server], when: str) -> None:
    """Who has gone is noticed while the server says nothing, and the server's connection is closed."""
    gone, closed = threading.Event(), threading.Event()

    def silent(handler: Handler, _body: dict[str, Any]) -> None:
        if when == "within":
            handler.begin()
            handler.event(piece("It"))
        gone.set()
        handler.connection.settimeout(20)
        if handler.connection.recv(1) == b"":
            closed.set()

    with pytest.raises(Cancelled):
        engine(serve(silent)).complete(ASK, max_tokens=9, stop=gone.is_set)
    assert closed.wait(20)
    with pytest.raises(Cancelled):
        engine(serve(silent)).complete(ASK, max_tokens=9, stop=lambda: True)


def test_a_busy_server_is_asked_once_more(serve: Callable[[Behaviour], Server]) -> None:
    """429 with Retry-After is waited for once; the second time, or for long, it is a failure."""

    def busy_once(handler: Handler, body: dict[str, Any]) -> None:
        if len(handler.server.bodies) == 1:
            handler.answer(429, b"busy", Retry_After="0.1")
        else:
            well(handler, body)

    assert engine(serve(busy_once)).complete(ASK, max_tokens=9, stop=never).text.startswith("It is")
    always = serve(lambda handler, _: handler.answer(429, b"busy", Retry_After="0.1"))
    with pytest.raises(EngineFailed, match="answered 429: busy"):
        engine(always).complete(ASK, max_tokens=9, stop=never)
    assert len(always.bodies) == 2
    for wait in ("3600", "Wed, 21 Oct 2026 07:28:00 GMT"):
        long = serve(lambda handler, _, wait=wait: handler.answer(429, b"busy", Retry_After=wait))
        with pytest.raises(EngineFailed, match="429"):
            engine(long).complete(ASK, max_tokens=9, stop=never)
        assert len(long.bodies) == 1


def test_stop_is_heard_while_waiting_for_a_busy_server(serve: Callable[[Behaviour], Server]) -> None:
    """Nobody waits out a Retry-After for a client that has gone."""
    began = time.monotonic()
    server = serve(lambda handler, _: handler.answer(429, b"busy", Retry_After="15"))
    with pytest.raises(Cancelled):
        engine(server, deadline=60).complete(ASK, max_tokens=9, stop=lambda: time.monotonic() > began + 0.3)


def alternatives(*found: tuple[str, float]) -> Behaviour:
    """A server that gives these alternatives for the one token."""
    top = [{"token": token, "logprob": logprob} for token, logprob in found]
    content = [{"token": "x", "logprob": -1, "top_logprobs": top}]
    whole = {"choices": [{"message": {"content": "x"}, "finish_reason": "length", "logprobs": {"content": content}}]}
    return lambda handler, _: handler.answer(200, json.dumps(whole).encode())


def test_yes_probability_from_alternatives(serve: Callable[[Behaviour], Server]) -> None:
    """P(yes) = (e^-1 + e^-3) / (e^-1 + e^-3 + e^-2), spellings of one word together."""
    server = serve(alternatives(("Yes", -1.0), (" yes", -3.0), ("No", -2.0), ("Maybe", -0.1)))
    assert engine(server).yes_probability(ASK, stop=never) == pytest.approx(0.7553, abs=1e-4)
    assert server.bodies[0]["top_logprobs"] == 20


def test_yes_probability_that_a_server_does_not_tell(serve: Callable[[Behaviour], Server]) -> None:
    """Without alternatives, or without either word among them, there is none."""
    plain = {"choices": [{"message": {"content": "Yes"}, "finish_reason": "length", "logprobs": None}]}
    server = serve(lambda handler, _: handler.answer(200, json.dumps(plain).encode()))
    assert engine(server).yes_probability(ASK, stop=never) is None
    assert engine(serve(alternatives(("Maybe", -0.1)))).yes_probability(ASK, stop=never) is None


@pytest.mark.parametrize("url", ["", "127.0.0.1:8080/v1", "ftp://host/v1", "http:///v1"])
def test_a_url_that_is_none(url: str) -> None:
    """It is a settings error, found before anything is sent."""
    with pytest.raises(SettingsError):
        open_openai("m", url, None)

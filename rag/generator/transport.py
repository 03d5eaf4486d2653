"""One HTTP request to a model server at a time: with a deadline, a bounded answer, one retry when told to wait, and a
connection that is cut as soon as nobody waits, also while the server is silent.

Knows httpx, no language models.
"""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import httpx

from rag.errors import Cancelled, EngineFailed, SettingsError
from rag.types import StopCheck

_CONNECT = 5.0  # seconds
_POLL = 0.1  # seconds between looks at `stop` and at the deadline
_MOST_BYTES = 4_000_000  # of one answer
_LONGEST_WAIT = 20.0  # seconds that a busy server may make us wait; beyond it the caller should know


class Transport:
    """Posts to `url`/chat/completions."""

    def __init__(self, url: str, key: str | None, deadline: float = 300.0) -> None:
        """`deadline`: seconds for one request in all. Raises SettingsError where `url` is none."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError("the engine's URL must begin with http:// or https:// and name a host", "engine_url")
        host = parts.netloc.rpartition("@")[2]
        self.shown = f"{parts.scheme}://{host}{parts.path.rstrip('/')}"
        self._url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._deadline = deadline
        # A proxy is for servers elsewhere; one on this machine is never asked through it.
        self._local = parts.hostname in ("localhost", "127.0.0.1", "::1")

    @contextmanager
    def post(self, body: Mapping[str, Any], stop: StopCheck) -> Iterator["Reply"]:
        """The server's reply, its status 200. Raises Cancelled, or EngineFailed for whatever else happened."""
        if stop():
            raise Cancelled("the question was withdrawn before the server was asked")
        until = time.monotonic() + self._deadline
        limits = httpx.Timeout(self._deadline, connect=min(_CONNECT, self._deadline))
        with httpx.Client(timeout=limits, trust_env=not self._local) as client, _Cutter(stop, until) as cutter:
            try:
                with self._send(client, body, cutter, until) as response:
                    yield Reply(response, self.shown)
            except httpx.HTTPError as error:
                if cutter.cancelled:
                    raise Cancelled("the question was withdrawn while the server was asked") from error
                late = time.monotonic() >= until or isinstance(error, httpx.ReadTimeout)
                said = (
                    f"gave no whole answer within {self._deadline:g} s" if late else f"{type(error).__name__}: {error}"
                )
                raise EngineFailed(f"the model server at {self.shown}: {said}") from error

    @contextmanager
    def _send(
        self, client: httpx.Client, body: Mapping[str, Any], cutter: "_Cutter", until: float
    ) -> Iterator[httpx.Response]:
        for attempt in (1, 2):
            extensions = {"trace": cutter.trace}
            with client.stream("POST", self._url, json=body, headers=self._headers, extensions=extensions) as response:
                if response.status_code == httpx.codes.OK:
                    yield response
                    return
                wait = _retry_after(response) if attempt == 1 else None
                if wait is None or time.monotonic() + wait >= until:
                    said = Reply(response, self.shown).text().strip()[:300]
                    raise EngineFailed(f"the model server at {self.shown} answered {response.status_code}: {said}")
            self._pause(wait, cutter)

    @staticmethod
    def _pause(seconds: float, cutter: "_Cutter") -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if cutter.cancelled:
                raise Cancelled("the question was withdrawn while the server was busy")
            time.sleep(min(_POLL, left))


class Reply:
    """A response being read, no further than `_MOST_BYTES`."""

    def __init__(self, response: httpx.Response, shown: str) -> None:
        self._response = response
        self._shown = shown
        self.content_type = response.headers.get("content-type", "").lower()

    def text(self) -> str:
        """The whole body."""
        return b"".join(self._bounded()).decode("utf-8", "replace")

    def lines(self) -> Iterator[str]:
        """The body's lines as they come; a last one without its end too."""
        rest = b""
        for piece in self._bounded():
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                yield line.decode("utf-8", "replace").rstrip("\r")
        if rest:
            yield rest.decode("utf-8", "replace")

    def _bounded(self) -> Iterator[bytes]:
        size = 0
        for piece in self._response.iter_bytes():
            size += len(piece)
            if size > _MOST_BYTES:
                raise EngineFailed(f"the model server at {self._shown} sent more than {_MOST_BYTES} bytes")
            yield piece


class _Cutter:
    """Shuts the connection from another thread once nobody waits or the time is over: httpx would go on reading."""

    def __init__(self, stop: StopCheck, until: float) -> None:
        self.cancelled = False
        self._stop, self._until = stop, until
        self._socket: socket.socket | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="engine-cutter")

    def __enter__(self) -> "_Cutter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """httpcore tells here of each connection it made, and of the encrypted one made from it."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")

    def _watch(self) -> None:
        while not self._over.wait(_POLL):
            self.cancelled = self.cancelled or self._stop()
            if (self.cancelled or time.monotonic() >= self._until) and self._socket is not None:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that a busy server asks to wait, where that is worth it."""
    if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
        return None
    try:
        seconds = float(response.headers.get("retry-after", "1"))
    except ValueError:
        return None  # a date: such a server asks for more than a moment
    return seconds if 0 <= seconds <= _LONGEST_WAIT else None

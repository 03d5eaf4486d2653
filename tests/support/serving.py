"""A server that really listens, and a generator that writes when a test lets it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import uvicorn
from fakes import ScriptedGenerator

from rag.errors import Cancelled
from rag.types import Draft, Prompt, StopCheck
from service.app import create_app
from service.guard import Rules
from service.places import Places
from service.state import State

SENTENCE = "The new tram line in Almaty is 14 kilometres long."


class BlockingGenerator(ScriptedGenerator):
    """Writes only once it is let go; gives up when nobody waits any more. Counts how many write at once."""

    def __init__(self) -> None:
        super().__init__(SENTENCE, yes=0.99)
        self.go = threading.Event()
        self.entered = threading.Semaphore(0)
        self.stopped = threading.Event()
        self.at_once = self.most_at_once = 0

    def complete(self, prompt: Prompt, *, max_tokens: int, stop: StopCheck) -> Draft:
        """Wait for `go`, looking at `stop` as a decoder does after each token."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.entered.release()
        try:
            while not self.go.wait(0.005):
                if stop():
                    self.stopped.set()
                    raise Cancelled("stopped while decoding")
            return super().complete(prompt, max_tokens=max_tokens, stop=stop)
        finally:
            self.at_once -= 1


def places_beside(state: State, port: int = 8000, *command: str, api_key: str | None = None) -> Places:
    """Folders beside that of the indexes, and a port of this machine; `command` stands in for the command line."""
    folder, url = state.vectors_dir.parent, f"http://127.0.0.1:{port}"
    places = Places(folder / "seeds", folder / "eval" / "runs", url, api_key)
    return replace(places, command=command) if command else places


@contextmanager
def listening(
    state: State, rules: Rules | None = None, place: Callable[[State, int], Places] = places_beside
) -> Iterator[int]:
    """The port of a real server over `state`."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    places = place(state, int(listener.getsockname()[1]))
    config = uvicorn.Config(
        create_app(state, places, rules), log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield int(listener.getsockname()[1])
    finally:
        state.stop()
        server.should_exit = True
        thread.join()


def wait_until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something that another thread brings about."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)

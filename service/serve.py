"""The serving process from its first line to its end: binds, shows what it is doing, answers, stops when told to.

Knows signals, sockets and the terminal; what the service does is `service.app`'s and `service.startup`'s business.
"""

import contextlib
import errno
import logging
import os
import signal
import socket
import sys
import time
from types import FrameType
from typing import TYPE_CHECKING

import psutil
import uvicorn
from rich.console import Console

from rag.errors import SettingsError
from rag.progress import progress_shown
from rag.types import Filters
from service import terminal
from service.app import create_app
from service.guard import Rules, is_loopback
from service.places import Places
from service.startup import Doors, in_background, prepare, watch
from service.state import State
from service.watching import watch_in_service

if TYPE_CHECKING:
    from rag.settings import Settings

GRACE_S = 1  # for requests that run, and again for threads, when told to stop


class _Server(uvicorn.Server):
    """Uvicorn, whose first act when told to stop is to stop what the model is doing."""

    def __init__(self, config: uvicorn.Config, state: State) -> None:
        super().__init__(config)
        self._state = state

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called with a signal, in the main thread."""
        self._state.stop()
        super().handle_exit(sig, frame)


def serve(settings: "Settings", doors: Doors) -> None:
    """Serve until told to stop. Raises SettingsError where host, port and key do not allow it."""
    key = settings.api_key.get_secret_value() if settings.api_key else None
    if not is_loopback(settings.host) and key is None:
        raise SettingsError(
            f"host {settings.host} can be reached from other machines: set DEREK_API_KEY to a key that callers must "
            "send, or serve 127.0.0.1",
            "api_key",
        )
    listener = bind(settings.host, settings.port)
    console = Console(stderr=True)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[terminal.log_handler(console)])
    logging.getLogger("derek").setLevel(logging.INFO)
    state = State(settings.vectors_dir, doors.other_embedder, settings.keep_generations)
    url = _url(settings.host, settings.port)
    places = Places(settings.seeds_dir, settings.runs_dir, url, key, watching=settings.watch)
    config = uvicorn.Config(
        create_app(state, places, Rules(settings.host, key)),
        log_config=None,
        access_log=False,
        ws="none",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn raises them once more when it has ended
        signal.signal(number, lambda *_: None)
    console.print(f"Derek listens on {url}; what it is doing until it is ready:", highlight=False)
    threads = [
        in_background("derek-startup", lambda: _start_up(state, settings, doors, console, places)),
        in_background("derek-watch", lambda: watch(state)),
    ]
    _Server(config, state).run(sockets=[listener])
    state.stop()
    deadline = time.monotonic() + GRACE_S
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    ended = state.jobs.close(max(0.0, deadline - time.monotonic()))
    while state.queue.alive and time.monotonic() < deadline:
        time.sleep(0.02)
    if state.queue.alive or not ended or any(thread.is_alive() for thread in threads):
        _leave_at_once()
    state.close()


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens already, so that nothing else takes the port. Raises SettingsError with the way out."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as exc:
        raise SettingsError(f"host {host!r} is no address of this machine ({exc}); try 127.0.0.1", "host") from exc
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as exc:
        listener.close()
        if exc.errno in (errno.EADDRINUSE, errno.EACCES):
            why = "is in use" if exc.errno == errno.EADDRINUSE else "needs more rights"
            other = port + 1 if exc.errno == errno.EADDRINUSE and port < 65535 else 8000
            raise SettingsError(
                f"port {port} on {host} {why}; choose another: `make run PORT={other}` or `derek serve --port {other}`",
                "port",
            ) from exc
        raise SettingsError(f"can't listen on {host}, port {port}: {exc}; try host 127.0.0.1", "host") from exc
    return listener


def _start_up(state: State, settings: "Settings", doors: Doors, console: Console, places: Places) -> None:
    with progress_shown(console) as show:
        state.readiness.listener = terminal.narrator(console, show)
        prepare(state, settings.seeds_dir, doors)
    if state.closing.is_set():
        return
    if state.readiness.ready:
        terminal.say_ready(places.url, _example(state), with_key=settings.api_key is not None)
    else:
        terminal.say_not_ready(places.url, state.readiness.why_not())
    if places.watching:  # not before: the start has just indexed what there was
        watch_in_service(state, places)


def _example(state: State) -> str:
    """A question that the index can answer: about its newest article."""
    with state.library() as library:
        _, newest = library.generation.catalog.articles(Filters(), None, 1, 0)
    return f"What is reported under the headline: {newest[0].title}?" if newest else "What do the articles report?"


def _url(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


def _leave_at_once() -> None:
    """End although native code is still at work in a thread, which nothing can interrupt and no exit would await.

    What was being written is complete or absent, as after a kill; children of ours would be left over, so they go too.
    """
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            child.terminate()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)

"""Notices that seed files changed, and waits until nobody writes to them any more.

The system tells at once that something happened; what happened is found by comparing names, sizes, times and inodes, so
that nothing is missed where the system tells nothing (network folders), and nothing is done for what is no seed file.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from watchfiles import watch

from rag.errors import SeedError
from rag.limits import Limits
from rag.sources import list_seed_files

QUIET_S = 1.5  # without a change, and a file counts as written; programs that copy write several times a second
LOOK_S = 10.0  # between two looks where the system tells nothing
_STEP_S = 0.2
Stamps = Mapping[str, tuple[int, int, int]]  # seed file -> size, mtime in ns, inode


def quiet_changes(
    root: Path,
    limits: Limits,
    stop: threading.Event,
    *,
    tell: Callable[[str], None] = lambda _: None,
    quiet_s: float = QUIET_S,
) -> Iterator[Stamps]:
    """The seed files whenever they changed and have been still for a while, first as they are; ends once `stop` is set.

    A folder that is missing or can't be listed is waited for; `tell` is told why, once.
    """
    seen: Stamps | None = None
    told = None
    while not stop.is_set():
        try:
            folder = root.stat().st_ino
            events = _events(root, stop)
            next(events, None)  # from here on the system collects what happens
            while not stop.is_set() and root.stat().st_ino == folder:
                now = _still(root, limits, stop, quiet_s, seen)
                told = None
                if now != seen and not stop.is_set():
                    seen = now
                    yield now
                _wait(events)
        except (SeedError, OSError) as exc:
            if str(exc) != told:
                told = str(exc)
                tell(told)
            stop.wait(quiet_s)


def stamps(root: Path, limits: Limits) -> Stamps:
    """Every seed file with what changes when it is written. Raises SeedError."""
    found = {}
    for file in list_seed_files(root, limits):
        with suppress(OSError):  # gone this moment
            stat = (root / file).stat()
            found[file] = stat.st_size, stat.st_mtime_ns, stat.st_ino
    return found


def _still(root: Path, limits: Limits, stop: threading.Event, quiet_s: float, seen: Stamps | None) -> Stamps:
    """The seed files once they have not changed for `quiet_s` seconds; at once where they are as last `seen`."""
    now = stamps(root, limits)
    while now != seen and not stop.wait(quiet_s):
        before, now = now, stamps(root, limits)
        if now == before:
            break
    return now


def _wait(events: Iterator[bool]) -> None:
    """Until something happens, or LOOK_S have passed, or it is time to stop."""
    deadline = time.monotonic() + LOOK_S
    for happened in events:
        if happened or time.monotonic() >= deadline:
            return


def _events(root: Path, stop: threading.Event) -> Iterator[bool]:
    """Whether something happened below the folder, a few times a second until `stop` is set."""
    with suppress(OSError, RuntimeError):  # the system watches no more folders: then looking has to do
        step = round(_STEP_S * 1000)
        for happened in watch(root, stop_event=stop, rust_timeout=step, yield_on_timeout=True, debounce=step):
            yield bool(happened)
    while not stop.wait(_STEP_S):
        yield False

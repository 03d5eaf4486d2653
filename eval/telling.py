"""How far a run is, told to a program: a JSON object a line, {"done", "total", "seconds_left"}. Knows no terminal."""

import json
import time
from collections.abc import Callable

from rag.progress import OnProgress

QUESTIONS = "questions"  # the one step that has a count from the beginning; those before it are not told


def in_json(write_line: Callable[[str], None]) -> OnProgress:
    """A function to call with (step, done, total); the time left follows from what was done since the first call."""
    first: tuple[float, int] | None = None

    def tell(step: str, done: int, total: int) -> None:
        nonlocal first
        if step != QUESTIONS:
            return
        now = time.monotonic()
        began, before = first = first or (now, done)
        left = round((now - began) / (done - before) * (total - done), 1) if done > before else None
        write_line(json.dumps({"done": done, "total": total, "seconds_left": left}))

    return tell

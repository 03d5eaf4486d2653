"""What the language model said before, kept on disk, so that a change to anything after it costs no generation.

A generator in front of a generator: knows prompts and drafts, no questions. Nothing of a call that was cancelled or
failed is kept. Delete the file to forget.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.types import Draft, Generator, Prompt, StopCheck


class CachedGenerator:
    """Answers a call it has seen from `path` (SQLite), any other from `inner`. Safe to share between threads.

    A call is known by the model's name, `settings` (whatever else changes the text: engine, weights), the prompt and
    the longest output. `hits` and `misses` count calls.
    """

    def __init__(self, inner: Generator, path: Path, settings: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._inner = inner
        self._settings = settings
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False)
        with self._connection:
            self._connection.execute("CREATE TABLE IF NOT EXISTS said (call TEXT PRIMARY KEY, value TEXT NOT NULL)")
        self.hits = 0
        self.misses = 0

    @property
    def model(self) -> str:
        """The inner model's name."""
        return self._inner.model

    def complete(self, prompt: Prompt, *, max_tokens: int, stop: StopCheck) -> Draft:
        """The draft of an earlier call, with the times it took then, or a new one."""
        value = self._remember(
            ["complete", prompt.system, prompt.user, max_tokens],
            lambda: asdict(self._inner.complete(prompt, max_tokens=max_tokens, stop=stop)),
        )
        return Draft(**value)

    def yes_probability(self, prompt: Prompt, *, stop: StopCheck) -> float | None:
        """The probability of an earlier call, or a new one."""
        value: float | None = self._remember(
            ["yes", prompt.system, prompt.user], lambda: self._inner.yes_probability(prompt, stop=stop)
        )
        return value

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def _remember(self, call: list[object], ask: Callable[[], Any]) -> Any:
        key = hashlib.sha256(json.dumps([self.model, self._settings, *call]).encode()).hexdigest()
        with self._lock:
            found = self._connection.execute("SELECT value FROM said WHERE call = ?", [key]).fetchone()
            self.hits += found is not None
            self.misses += found is None
        if found is not None:
            return json.loads(found[0])
        value = ask()  # raises where it was cancelled or failed: then nothing is kept
        with self._lock, self._connection:
            self._connection.execute("INSERT OR REPLACE INTO said VALUES (?, ?)", [key, json.dumps(value)])
        return value

"""How far the service is from being able to answer: four named checks, and whoever watches them.

Knows names and states, not how anything is made ready.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from typing_extensions import TypedDict

CheckName = Literal["embedder", "index", "model", "seeds"]
CheckState = Literal["waiting", "working", "ok", "failed"]
NEEDED: tuple[CheckName, ...] = ("embedder", "index", "model")  # for an ask; `seeds` may lag behind


class CheckJson(TypedDict):
    """One check: its state, what is done or what failed, and how much of how much (0 of 0 where that is unknown)."""

    state: CheckState
    detail: str
    done: int
    total: int


class ReadyJson(TypedDict):
    """Whether an ask would work, and the checks behind it."""

    ready: bool
    checks: dict[CheckName, CheckJson]


@dataclass(frozen=True, slots=True)
class Check:
    """The state of one check. `done` and `total` count whatever the detail names; 0 of 0 where that is unknown."""

    state: CheckState = "waiting"
    detail: str = ""
    done: int = 0
    total: int = 0


class Readiness:
    """The checks, safe to share between threads. `listener` is told of each change, one at a time."""

    def __init__(self) -> None:
        self.listener: Callable[[CheckName, Check], None] = lambda name, check: None
        self._lock = threading.Lock()
        self._checks: dict[CheckName, Check] = {name: Check() for name in (*NEEDED, "seeds")}

    def set(self, name: CheckName, check: Check) -> None:
        """Note the state of a check."""
        with self._lock:
            self._checks = {**self._checks, name: check}
            self.listener(name, check)

    @property
    def checks(self) -> dict[CheckName, Check]:
        """Every check by its name."""
        return self._checks

    @property
    def ready(self) -> bool:
        """Whether an ask would work."""
        return all(self._checks[name].state == "ok" for name in NEEDED)

    def why_not(self, needed: tuple[CheckName, ...] = NEEDED) -> str:
        """One sentence on the first check that is not passed: failed ones before those at work."""
        missing = [(name, self._checks[name]) for name in needed if self._checks[name].state != "ok"]
        missing.sort(key=lambda item: ("failed", "working", "waiting").index(item[1].state))
        for name, check in missing:
            amount = f" ({100 * check.done // check.total} %)" if check.total else ""
            return f"{name} {check.state}: {check.detail}{amount}" if check.detail else f"{name}: {check.state}"
        return "ready"

    def as_json(self) -> ReadyJson:
        """All of it, as /readyz shows it."""
        shown: dict[CheckName, CheckJson] = {
            name: {"state": check.state, "detail": check.detail, "done": check.done, "total": check.total}
            for name, check in self._checks.items()
        }
        return {"ready": self.ready, "checks": shown}

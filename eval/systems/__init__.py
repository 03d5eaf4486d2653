"""Who is asked: every system takes a question of a set and says what it found and what it answers.

A system knows nothing of gold but where it says so, and nothing of verdicts.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from eval.sets import Item

DEPTH = 50  # passages that a system ranks; articles are ranked by their best one
SHOWN = 10  # of these that a stored answer keeps with their texts


@dataclass(frozen=True, slots=True)
class Passage:
    """A ranked passage with its text."""

    passage_id: str
    article_id: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Said:
    """What came back: passages, best first, and the answer's JSON as CONTRACT-shaped as the system can make it."""

    found: tuple[Passage, ...]
    answer: dict[str, Any] | None = None
    cached: bool = False  # some draft came from a cache


class System(Protocol):
    """Something that answers or ranks. What one question raises is that question's failure, but for ServerGone."""

    def ask(self, item: Item) -> Said:
        """Ask one question. Raises whatever went wrong; ServerGone where no other question can be asked either."""
        ...

    @property
    def described(self) -> dict[str, Any]:
        """What a run writes down of it: system, model, embedder, generation, seeds; None where there is none."""
        ...

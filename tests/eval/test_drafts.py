"""The cache of drafts: what is kept, what is not."""

from pathlib import Path

import pytest
from fakes import ScriptedGenerator

from eval.drafts import CachedGenerator
from rag.errors import Cancelled
from rag.types import Prompt

PROMPT = Prompt("system", "user")


def never() -> bool:
    """Nobody leaves."""
    return False


def test_the_same_call_is_answered_from_disk(tmp_path: Path) -> None:
    """Also in another process, which is to say through another connection."""
    inner = ScriptedGenerator(["first", "second"], yes=0.25)
    first = CachedGenerator(inner, tmp_path / "eval" / "drafts.sqlite", "engine")
    draft = first.complete(PROMPT, max_tokens=9, stop=never)
    assert first.yes_probability(PROMPT, stop=never) == 0.25
    first.close()
    again = CachedGenerator(inner, tmp_path / "eval" / "drafts.sqlite", "engine")
    assert again.complete(PROMPT, max_tokens=9, stop=never) == draft
    assert again.yes_probability(PROMPT, stop=never) == 0.25
    assert (again.hits, again.misses, len(inner.prompts), len(inner.asked)) == (2, 0, 1, 1)
    assert again.model == "scripted"
    again.close()


def test_another_call_is_another_draft(tmp_path: Path) -> None:
    """Prompt, length and settings all tell calls apart, and so does what is asked for."""
    inner = ScriptedGenerator(["a", "b", "c", "d"], yes=None)
    one = CachedGenerator(inner, tmp_path / "d.sqlite", "engine")
    other = CachedGenerator(inner, tmp_path / "d.sqlite", "another engine")
    texts = [
        one.complete(PROMPT, max_tokens=9, stop=never).text,
        one.complete(Prompt("system", "other"), max_tokens=9, stop=never).text,
        one.complete(PROMPT, max_tokens=8, stop=never).text,
        other.complete(PROMPT, max_tokens=9, stop=never).text,
    ]
    assert texts == ["a", "b", "c", "d"]
    assert one.yes_probability(PROMPT, stop=never) is None
    assert one.yes_probability(PROMPT, stop=never) is None
    assert len(inner.asked) == 1  # "can't tell" is an answer too
    one.close()
    other.close()


def test_a_cancelled_call_is_not_kept(tmp_path: Path) -> None:
    """It raises, and the next call asks the model."""
    cached = CachedGenerator(ScriptedGenerator("text"), tmp_path / "d.sqlite", "engine")
    for _ in range(2):
        with pytest.raises(Cancelled):
            cached.complete(PROMPT, max_tokens=9, stop=lambda: True)
    assert cached.complete(PROMPT, max_tokens=9, stop=never).text == "text"
    assert cached.misses == 3
    cached.close()

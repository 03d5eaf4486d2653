"""Progress for programs."""

import json

import pytest

from eval import telling


def test_a_line_a_question_with_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """From those asked now: what was done before it began took no time; other steps are not told."""
    now = iter([100.0, 102.0, 106.0, 107.0])
    monkeypatch.setattr(telling.time, "monotonic", lambda: next(now))
    lines: list[str] = []
    tell = telling.in_json(lines.append)
    tell("indexing north", 1, 2)
    for done in (5, 6, 7, 8):
        tell("questions", done, 8)
    assert [json.loads(line) for line in lines] == [
        {"done": 5, "total": 8, "seconds_left": None},
        {"done": 6, "total": 8, "seconds_left": 4.0},  # 2 s a question, two left
        {"done": 7, "total": 8, "seconds_left": 3.0},  # 6 s for two, one left
        {"done": 8, "total": 8, "seconds_left": 0.0},
    ]

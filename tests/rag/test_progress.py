"""Progress: amounts for people, and few lines where there is no terminal."""

import io

import pytest
from rich.console import Console

from rag.progress import amount, progress_shown


@pytest.mark.parametrize(
    ("done", "total", "said"),
    [
        (0, 0, "0"),
        (3, 22, "3 of 22"),
        (7, 0, "7"),
        (120_000_000, 1_150_000_000, "120 MB of 1.15 GB"),
        (120_000_000, 0, "120 MB"),
    ],
)
def test_amounts(done: int, total: int, said: str) -> None:
    """Large numbers are bytes, small ones items; a total not known is left out."""
    assert amount(done, total) == said


def test_without_a_terminal_a_line_a_tenth() -> None:
    """A log gets a dozen lines for a thousand calls, the last of them the whole."""
    shown = io.StringIO()
    with progress_shown(Console(file=shown)) as progress:
        for done in range(1001):
            progress("fetching [part] 1", done, 1000)
    lines = shown.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[0] == "fetching [part] 1: 0 of 1000"
    assert lines[-1] == "fetching [part] 1: 1000 of 1000"


def test_on_a_terminal_a_bar_a_step() -> None:
    """Each step has its bar with name, amount and, while it lasts, the time left."""
    shown = io.StringIO()
    with progress_shown(Console(file=shown, force_terminal=True, width=120)) as progress:
        progress("fetching", 0, 0)
        progress("fetching", 600_000_000, 1_150_000_000)
        progress("embedding", 5, 100)
    assert "600 MB of 1.15 GB" in shown.getvalue()
    assert "embedding" in shown.getvalue()
    assert "5 of 100" in shown.getvalue()

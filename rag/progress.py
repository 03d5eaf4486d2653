"""Progress on a terminal: a bar a step with amounts and time left, or a line now and then where there is no terminal.

Knows steps by their names and numbers alone; whoever works calls back with (step, done, total).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from rag.preflight import size

OnProgress = Callable[[str, int, int], None]
BYTES_FROM = 1_000_000  # a total this large is one of bytes: no step has so many items
LINES_PER_STEP = 10  # without a terminal


class _AmountColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(amount(int(task.completed), int(task.total or 0)), style="progress.download")


@contextmanager
def progress_shown(console: Console | None = None) -> Iterator[OnProgress]:
    """Yields the function to call with (step, done, total); a total of 0 is one not known. Writes to stderr."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield _in_lines(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), _AmountColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total or None)
            bars.update(tasks[step], completed=done, total=total or None)

        yield show


def amount(done: int, total: int) -> str:
    """`120 MB of 1.15 GB`, `3 of 22`; without a total what is done alone."""
    if max(done, total) >= BYTES_FROM:
        return f"{size(done)} of {size(total)}" if total else size(done)
    return f"{done} of {total}" if total else str(done)


def _in_lines(console: Console) -> OnProgress:
    shown: dict[str, int] = {}

    def show(step: str, done: int, total: int) -> None:
        tenth = done * LINES_PER_STEP // total if total else 0
        if shown.get(step) != tenth:
            shown[step] = tenth
            console.print(f"{step}: {amount(done, total)}", highlight=False, markup=False, soft_wrap=True)

    return show

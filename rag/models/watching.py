"""Reports how far a download or a conversion is by the bytes in its folder, for workers that don't tell themselves."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_EVERY = 0.5  # seconds


@contextmanager
def watched(
    folder: Path, step: str, total: int, progress: Callable[[str, int, int], None], offset: int = 0
) -> Iterator[None]:
    """While the block runs, call progress(step, offset + bytes in `folder`, total) twice a second, and at its end."""
    over = threading.Event()

    def report() -> None:
        while not over.wait(_EVERY):
            progress(step, min(total, offset + folder_bytes(folder)), total)

    watcher = threading.Thread(target=report, daemon=True, name="watching")
    progress(step, min(total, offset), total)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    progress(step, min(total, offset + folder_bytes(folder)), total)


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below `folder`; files that vanish meanwhile count nothing."""
    size = 0
    with suppress(OSError):
        for path in folder.rglob("*"):
            with suppress(OSError):
                size += path.stat().st_size if path.is_file() else 0
    return size

"""Noticing that seed files changed, once they are whole."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest
from serving import wait_until

from rag.limits import Limits
from rag.seed_folder import quiet
from rag.seed_folder.quiet import Stamps, quiet_changes


class Watcher:
    """Collects the changes that are noticed in a thread."""

    def __init__(self, root: Path, quiet_s: float = 0.3) -> None:
        self.root, self.stop, self.quiet_s = root, threading.Event(), quiet_s
        self.noticed: Queue[Stamps] = Queue()
        self.told: list[str] = []
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        for found in quiet_changes(self.root, Limits(), self.stop, tell=self.told.append, quiet_s=self.quiet_s):
            self.noticed.put(found)

    def next(self) -> set[str]:
        """The files of the next change."""
        return set(self.noticed.get(timeout=30))

    def end(self) -> None:
        """Stop it."""
        self.stop.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of one seed file."""
    root = tmp_path / "seeds"
    root.mkdir()
    (root / "a.txt").write_text("One.")
    return root


@pytest.fixture(params=["told by the system", "looking only"])
def watcher(root: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watcher]:
    """A watcher that has seen the folder as it was."""
    if request.param == "looking only":

        def no_more_watches(*_: object, **__: object) -> Iterator[object]:
            raise OSError("OS file watch limit reached")

        monkeypatch.setattr(quiet, "watch", no_more_watches)
        monkeypatch.setattr(quiet, "LOOK_S", 0.3)
    watcher = Watcher(root)
    assert watcher.next() == {"a.txt"}
    yield watcher
    watcher.end()


def test_new_changed_moved_and_deleted_files(watcher: Watcher) -> None:
    """Each is noticed, in sub-folders too."""
    root = watcher.root
    (root / "sub").mkdir()
    (root / "sub/b.txt").write_text("Two.")
    assert watcher.next() == {"a.txt", "sub/b.txt"}
    (root / "a.txt").write_text("Other.")
    assert watcher.next() == {"a.txt", "sub/b.txt"}
    (root / "a.txt").rename(root / "c.txt")
    assert watcher.next() == {"c.txt", "sub/b.txt"}
    (root / "c.txt").unlink()
    assert watcher.next() == {"sub/b.txt"}


def test_what_is_no_seed_file_is_no_change(watcher: Watcher) -> None:
    """Half-written files and those that are never indexed."""
    for name in ("b.txt.part", ".hidden.txt", "README.txt", "c.exe"):
        (watcher.root / name).write_text("One.")
    (watcher.root / "d.txt").write_text("One.")
    assert watcher.next() == {"a.txt", "d.txt"}
    assert watcher.noticed.empty()


def test_a_file_is_noticed_once_it_is_whole(root: Path) -> None:
    """While it grows nothing is told; then its whole size is."""
    watcher = Watcher(root, quiet_s=1.0)
    try:
        watcher.next()
        with (root / "b.txt").open("w") as file:
            for _ in range(15):
                file.write("More. " * 10)
                file.flush()
                os.fsync(file.fileno())
                watcher.stop.wait(0.1)
                assert watcher.noticed.empty()
        assert watcher.noticed.get(timeout=30)["b.txt"][0] == 15 * 60
    finally:
        watcher.end()


def test_a_folder_that_goes_and_comes(watcher: Watcher) -> None:
    """Is waited for, with a word; the new one is watched as the old one was."""
    away = watcher.root.with_name("away")
    watcher.root.rename(away)
    wait_until(lambda: watcher.told)
    watcher.root.mkdir()
    (watcher.root / "b.txt").write_text("Two.")
    assert watcher.next() == {"b.txt"}
    (watcher.root / "c.txt").write_text("Three.")
    assert watcher.next() == {"b.txt", "c.txt"}
    assert len(watcher.told) == 1

"""Leases: readers together, a deleter alone, and what happens where they meet."""

import errno
import fcntl
import gc
from pathlib import Path

import pytest

from rag.leases import Lease, unread


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that nobody may write to."""
    path = tmp_path / "manifest.json"
    path.write_text("{}")
    path.chmod(0o444)
    return path


def is_unread(path: Path) -> bool:
    """Whether nobody reads it now."""
    with unread(path) as free:
        return free


def test_many_readers(file: Path) -> None:
    """The file is unread once the last of them has closed; closing twice lets go of nobody else's lease."""
    one, two = Lease(file), Lease(file)
    assert not is_unread(file)
    one.close()
    one.close()
    assert not is_unread(file)
    two.close()
    assert is_unread(file)


def test_one_that_is_forgotten(file: Path) -> None:
    """A reader that never closes holds it no longer than it can be reached."""
    lease = Lease(file)
    assert not is_unread(file)
    del lease
    gc.collect()
    assert is_unread(file)


def test_nobody_comes_in_while_it_is_deleted(file: Path) -> None:
    """A reader who comes then is told that the file is not there; one who comes after finds it, if it still is."""
    with unread(file) as free:
        assert free
        with pytest.raises(FileNotFoundError, match="being deleted"):
            Lease(file)
        assert not is_unread(file)
    Lease(file).close()
    file.unlink()
    with pytest.raises(FileNotFoundError):
        Lease(file)
    with pytest.raises(FileNotFoundError), unread(file):
        pass


@pytest.mark.parametrize("put_another", [False, True])
def test_moved_away_between_opening_and_locking(file: Path, put_another: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease on what no longer stands there would keep nothing: it is refused."""
    flock = fcntl.flock

    def late(handle: int, operation: int) -> None:
        file.rename(file.with_name("removed"))
        if put_another:
            file.write_text("{}")
        flock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(FileNotFoundError):
        Lease(file)
    monkeypatch.undo()
    assert is_unread(file.with_name("removed"))


def test_without_locks(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system that has none, readers read and nothing counts as unread."""

    def none(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    lease = Lease(file)
    assert not is_unread(file)
    lease.close()

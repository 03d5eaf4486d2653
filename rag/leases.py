"""Who holds a file: any number of readers, or one that is about to delete what it stands for. Knows nothing of either.

A lease is a shared `flock`; it ends with its process, however that ends. Deleting needs the same lock alone and does
not wait for it, so that what somebody reads is left for later. The file is opened for reading only: leases work in a
folder that is read-only. On a file system without such locks nobody is kept from reading, and nothing is deleted.
"""

import fcntl
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Lease:
    """A reader's hold on `path`, from its making to `close`, or until nobody knows it any more.

    Raises FileNotFoundError where the file is not there, or is being deleted; other OSErrors where it can't be opened.
    """

    def __init__(self, path: Path) -> None:
        handle = os.open(path, os.O_RDONLY)
        self._let_go = weakref.finalize(self, os.close, handle)
        try:
            _lock(handle, path)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Let go; twice does no harm."""
        self._let_go()


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        raise FileNotFoundError(f"{path}: is being deleted") from exc
    except OSError:  # no locks here
        return
    # Between opening and locking it may have been moved away: then the lock is on what is no longer there.
    if not os.path.samestat(os.fstat(handle), path.stat()):
        raise FileNotFoundError(f"{path}: was replaced")


@contextmanager
def unread(path: Path) -> Iterator[bool]:
    """Whether nobody holds a lease on `path`; if so, none can be had until the block ends. Raises OSError."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # held, or no locks here
            yield False
        else:
            yield True

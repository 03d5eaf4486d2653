"""A whole file takes its place: under a name that was free, in place of another, or under a second name.

Knows files and their systems' limits: a sub-folder may be another disk, and some disks know no second names. Then the
bytes are copied, whole or not at all.
"""

import errno
import shutil
from pathlib import Path

from rag.durable import sync, written_whole

_NO_LINKS = (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def second_name(path: Path, other: Path) -> None:
    """Give the file at `path` the name `other` too. Raises FileExistsError where that is taken, OSError."""
    try:
        other.hardlink_to(path)
    except OSError as exc:
        if exc.errno not in _NO_LINKS:
            raise
        if other.exists():
            raise FileExistsError(errno.EEXIST, "taken meanwhile", str(other)) from exc
        _copy(path, other)


def replace(path: Path, other: Path) -> None:
    """Put the file at `path` in place of what stands at `other`, in one step. Raises OSError; that stays then."""
    try:
        path.replace(other)
    except OSError as exc:
        if exc.errno != errno.EXDEV:
            raise
        _copy(path, other)
        path.unlink()


def sync_names(path: Path, root: Path) -> None:
    """Put the name of the file at `path`, and of each folder down to it from `root`, on the disk. Raises OSError."""
    for folder in path.parents:
        sync(folder)
        if folder == root:
            return


def _copy(path: Path, other: Path) -> None:
    with path.open("rb") as source, written_whole(other) as target:
        shutil.copyfileobj(source, target)

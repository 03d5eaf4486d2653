"""What users deleted or replaced, kept for a while: seeds/.trash/<id>/content with a record of what it was.

Knows its own folder and nothing of who changes seeds; one caller at a time (`rag.seed_folder.store` holds the lock).
Bytes come in as a second name of the same file, so they are safe before their first name is given to others.
"""

import json
import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from rag.durable import sync, write_whole
from rag.errors import NotFound
from rag.seed_folder.placing import second_name

FOLDER = ".trash"  # below the seeds folder, so that moving there is a rename; listing passes over it
KEPT = timedelta(days=30)  # as most systems' trash: long enough to notice, short enough to get the disk back
Why = Literal["deleted", "replaced"]
_CONTENT, _RECORD = "content", "record.json"
_ID = re.compile(r"(\d{8}T\d{12})Z-[0-9a-f]{4}", re.ASCII)
_TIME = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True)
class Trashed:
    """A file in the trash: what it was called, its bytes' count and checksum, when (ISO 8601, UTC) and why it went."""

    id: str
    file: str
    size: int
    sha256: str
    deleted_at: str
    why: Why

    @property
    def expires_at(self) -> str:
        """When it will be deleted for good."""
        return (datetime.fromisoformat(self.deleted_at) + KEPT).isoformat(timespec="milliseconds")


class Trash:
    """The trash of one seeds folder."""

    def __init__(self, root: Path) -> None:
        self.folder = root / FOLDER
        self._root = root

    def entries(self) -> list[Trashed]:
        """What can be restored, newest first; what has no readable record is left out, and left alone."""
        found = (self._read(entry_id) for entry_id in reversed(self._ids()))
        return [trashed for trashed in found if trashed is not None and self.content(trashed.id).is_file()]

    def entry(self, entry_id: str) -> Trashed:
        """One of them. Raises NotFound."""
        trashed = self._read(entry_id) if _ID.fullmatch(entry_id) else None
        if trashed is None or not self.content(entry_id).is_file():
            raise NotFound(f"nothing in the trash under {entry_id[:64]!r}; `derek seeds trash` lists it", "id")
        return trashed

    def content(self, entry_id: str) -> Path:
        """The bytes of an entry."""
        return self.folder / entry_id / _CONTENT

    def keep(self, path: Path, file: str, sha256: str, why: Why) -> Trashed:
        """Give the file at `path` a second name in the trash; its first one is then the caller's to take away.

        Raises OSError; what was begun is cleared away by the next `tidy`.
        """
        now = datetime.now(UTC)
        entry_id = f"{now:{_TIME}}Z-{secrets.token_hex(2)}"
        deleted_at = now.isoformat(timespec="milliseconds")
        trashed = Trashed(entry_id, file, path.stat().st_size, sha256, deleted_at, why)
        folder = self.folder / entry_id
        folder.mkdir(parents=True)
        write_whole(folder / _RECORD, json.dumps(asdict(trashed), ensure_ascii=False, indent=1))
        second_name(path, folder / _CONTENT)
        sync(folder)
        sync(self.folder)
        sync(self._root)  # the trash itself may be new
        return trashed

    def discard(self, entry_id: str) -> None:
        """Delete an entry for good, its bytes first, so that a record never stands for nothing for long."""
        self.content(entry_id).unlink(missing_ok=True)
        shutil.rmtree(self.folder / entry_id, ignore_errors=True)

    def tidy(self) -> None:
        """Delete what is older than KEPT, and what a killed caller left unfinished. To be called before each change."""
        oldest = datetime.now(UTC) - KEPT
        for entry_id in self._ids():
            came = datetime.strptime(entry_id.partition("Z")[0], _TIME).replace(tzinfo=UTC)
            if came < oldest or self._unfinished(entry_id):
                self.discard(entry_id)

    def _unfinished(self, entry_id: str) -> bool:
        """Whether it holds no bytes yet, or a file that still stands where it stood (or, restored, stands again)."""
        try:
            found = self.content(entry_id).stat()
            if found.st_nlink == 1:
                return False
            trashed = self._read(entry_id)
            return trashed is not None and self.content(entry_id).samefile(self._root / trashed.file)
        except FileNotFoundError:
            return not self.content(entry_id).exists()
        except OSError:
            return False

    def _ids(self) -> list[str]:
        """Oldest first."""
        with suppress(OSError):
            return sorted(path.name for path in self.folder.iterdir() if _ID.fullmatch(path.name))
        return []

    def _read(self, entry_id: str) -> Trashed | None:
        try:
            values: dict[str, Any] = json.loads((self.folder / entry_id / _RECORD).read_text(encoding="utf-8"))
            trashed = Trashed(**values)
            datetime.fromisoformat(trashed.deleted_at)
        except (OSError, ValueError, TypeError):
            return None
        return trashed if trashed.id == entry_id and trashed.why in get_args(Why) else None

"""Seed files put, deleted and restored: each change is whole or absent, and moves the bytes it displaces to the trash.

seeds/.incoming/<id>/…             a file that is being sent; it takes its place once it is complete and can be read
seeds/.trash/<id>/                 a file that was deleted or replaced
seeds/.trash/.lock                 held while the folder is changed, by the server or a command line

Knows nothing of HTTP, nor of what is indexed. Users may change the folder by hand at any moment.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from rag.errors import NotFound, SeedConflict, SeedNotStored, SeedTooLarge
from rag.limits import Limits
from rag.seed_folder.names import existing_name, new_name, place_of
from rag.seed_folder.placing import replace, second_name, sync_names
from rag.seed_folder.trash import Trash, Trashed
from rag.sources import MAX_FILE_BYTES, read_seed

INCOMING = ".incoming"
ANY = "*"  # in `Condition.matching`: whatever stands there
_LOCK = ".lock"
_LOCK_S = 30.0  # a change takes as long as reading the file that it displaces


@dataclass(frozen=True, slots=True)
class Condition:
    """What a caller expects at a name before it changes it.

    `matching`: one of these checksums, or `ANY`; None: nothing said. `new_only`: nothing stands there. `replace`: what
    stands there may go, whatever it is.
    """

    matching: frozenset[str] | None = None
    new_only: bool = False
    replace: bool = False

    def check(self, file: str, present: str | None, new: str | None) -> None:
        """Raise SeedConflict where `present` must not become `new` (checksums; None: no file)."""
        if self.new_only and present is not None:
            raise SeedConflict(f"{file}: there already, and only a new file was to be put", present, stated=True)
        if self.matching is not None:
            expected = present in self.matching or (ANY in self.matching and present is not None)
            if not expected and (present is None or present != new):
                found = f"has the checksum {present}" if present else "is not there"
                raise SeedConflict(f"{file}: {found}, which is not what was expected; look again", present, stated=True)
        elif present not in (None, new) and new is not None and not self.replace:
            raise SeedConflict(
                f"{file}: another file of that name is there; say that it may be replaced", present, stated=False
            )


@dataclass(frozen=True, slots=True)
class Change:
    """What putting or restoring a file did; `trashed` is what it displaced."""

    file: str
    sha256: str
    done: Literal["created", "replaced", "unchanged"]
    trashed: Trashed | None = None


class Upload:
    """A file on its way in: write its bytes in order.

    Raises SeedTooLarge once there are `limit` of them, SeedNotStored where the disk refuses.
    """

    def __init__(self, file: str, folder: Path, limit: int) -> None:
        self.file = file
        self.folder = folder  # a seeds folder of its own, so that the file is read under its own name
        self.path = folder / file
        self._limit = limit
        self._size = 0
        self._hash = hashlib.sha256()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self.path.open("xb")

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self._size += len(data)
        if self._size >= self._limit:
            raise SeedTooLarge(f"{self.file}: too large; a seed file must have less than {self._limit:,} bytes")
        self._hash.update(data)
        with _told():
            self._stream.write(data)

    def finish(self) -> str:
        """Have all of it on the disk; returns its checksum. Raises SeedNotStored."""
        with _told():
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
        return self._hash.hexdigest()

    def close(self) -> None:
        """Let go of the file, whatever is in it."""
        with suppress(OSError):  # what is left to write need not be
            self._stream.close()


class SeedStore:
    """A seeds folder as its users change it. Its methods may be called by many threads and processes at once.

    Each raises InputError for a name that can't be a seed file's and SeedNotStored where the disk refuses.
    """

    def __init__(self, root: Path, limits: Limits = Limits(), most: int = MAX_FILE_BYTES) -> None:
        self.root = root
        self.limits = limits
        self.most = most
        self.trash = Trash(root)

    @contextmanager
    def receive(self, name: str) -> Iterator[Upload]:
        """A place for the bytes of a file that is to be called `name`, gone after the block; `put` it before."""
        file = self._name(name)
        with self._changing():
            folder = self.root / INCOMING / secrets.token_hex(8)
            folder.mkdir(parents=True)
            alive = FileLock(folder / _LOCK, timeout=0, thread_local=False)
            alive.acquire()
        try:
            with _told():
                upload = Upload(file, folder, self.most)
            try:
                yield upload
            finally:
                upload.close()
        finally:
            alive.release()
            shutil.rmtree(folder, ignore_errors=True)

    def put(self, upload: Upload, condition: Condition | None = None) -> Change:
        """Let a complete upload take its place.

        Raises SeedError where it can't be read as a seed file, SeedConflict where `condition` does not hold.
        """
        sha256 = upload.finish()
        read_seed(upload.folder, upload.file, self.limits)
        with self._changing():
            return self._take_place(upload.path, upload.file, sha256, condition or Condition())

    def delete(self, name: str, condition: Condition | None = None) -> Trashed:
        """Move a file to the trash. Raises NotFound, and SeedConflict where `condition` does not hold."""
        file = existing_name(name)
        path = place_of(self.root, file)
        with self._changing():
            present = _checksum(path)
            if present is None:
                raise NotFound(f"{file}: no such file in the seeds folder; `derek seeds list` names them", "name")
            (condition or Condition()).check(file, present, None)
            trashed = self.trash.keep(path, file, present, "deleted")
            path.unlink()
            sync_names(path, self.root)
        return trashed

    def restore(self, trash_id: str, condition: Condition | None = None) -> Change:
        """Put a file from the trash back under its name, as old as it was. Raises NotFound, SeedConflict."""
        with self._changing():
            trashed = self.trash.entry(trash_id)
            content = self.trash.content(trash_id)
            sha256 = _checksum(content) or trashed.sha256
            change = self._take_place(content, existing_name(trashed.file), sha256, condition or Condition())
            self.trash.discard(trash_id)
        return change

    def _name(self, name: str) -> str:
        """The name of a new file; one that is there already may be called as no new one might."""
        given = existing_name(name)
        path = place_of(self.root, given)
        if path.exists():
            return given
        file = new_name(given)
        place_of(self.root, file)
        return file

    def _take_place(self, new: Path, file: str, sha256: str, condition: Condition) -> Change:
        path = place_of(self.root, file)
        while True:
            present = _checksum(path)
            condition.check(file, present, sha256)
            if present == sha256:
                return Change(file, sha256, "unchanged")
            path.parent.mkdir(parents=True, exist_ok=True)
            if present is None:
                try:
                    second_name(new, path)
                except FileExistsError:  # put there by hand this very moment: look at it first
                    continue
                trashed = None
            else:
                trashed = self.trash.keep(path, file, present, "replaced")
                replace(new, path)
            sync_names(path, self.root)
            return Change(file, sha256, "replaced" if trashed else "created", trashed)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Nobody else changes the folder meanwhile; what killed ones left is cleared away first."""
        with _told():
            self.trash.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.trash.folder / _LOCK, timeout=_LOCK_S)
            try:
                lock.acquire()
            except Timeout as exc:
                raise SeedNotStored(
                    f"{self.root}: others have been changing it for {_LOCK_S:.0f} seconds; try again"
                ) from exc
            try:
                self.trash.tidy()
                self._clear_incoming()
                yield
            finally:
                lock.release()

    def _clear_incoming(self) -> None:
        """Delete uploads whose process is gone: it let go of their locks."""
        for folder in (self.root / INCOMING).glob("*/"):
            alive = FileLock(folder / _LOCK, timeout=0)
            try:
                with alive:
                    shutil.rmtree(folder, ignore_errors=True)
            except Timeout:
                continue


@contextmanager
def _told() -> Iterator[None]:
    """What the disk refuses becomes one error that says so."""
    try:
        yield
    except OSError as exc:
        place = f"{exc.filename}: " if exc.filename else ""
        raise SeedNotStored(
            f"{place}{exc.strerror or exc}; nothing was changed. Make room or mend the folder's rights, then try again"
        ) from exc


def _checksum(path: Path) -> str | None:
    """The checksum of the file's bytes; None where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None

"""Putting, deleting and restoring seed files: nothing is lost, nothing is half, and what is left over goes."""

import errno
import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rag.errors import InputError, NotFound, SeedConflict, SeedError, SeedNotStored, SeedTooLarge
from rag.seed_folder import placing, store, trash
from rag.seed_folder.store import Change, Condition, SeedStore
from rag.sources import list_seed_files

REPLACE = Condition(replace=True)


@pytest.fixture
def seeds(tmp_path: Path) -> SeedStore:
    """An empty seeds folder."""
    return SeedStore(tmp_path / "seeds", most=1000)


def put(seeds: SeedStore, name: str, text: str, condition: Condition | None = None) -> Change:
    """Put a text."""
    with seeds.receive(name) as upload:
        for byte in text.encode():
            upload.write(bytes([byte]))
        return seeds.put(upload, condition)


def read(seeds: SeedStore, name: str) -> str:
    """What stands under a name."""
    return (seeds.root / name).read_text()


def trashed(seeds: SeedStore) -> list[str]:
    """The texts in the trash, newest first."""
    return [seeds.trash.content(entry.id).read_text() for entry in seeds.trash.entries()]


def etag(text: str) -> str:
    """A text's checksum."""
    return sha256(text.encode()).hexdigest()


def test_a_new_file(seeds: SeedStore) -> None:
    """The folder is made where it is missing; nothing else is left in it that would be listed."""
    change = put(seeds, "a/b.txt", "One.")
    assert change == Change("a/b.txt", etag("One."), "created")
    assert list_seed_files(seeds.root) == ["a/b.txt"]
    assert list((seeds.root / store.INCOMING).iterdir()) == []
    assert seeds.trash.entries() == []


def test_the_same_bytes_change_nothing(seeds: SeedStore) -> None:
    """However often they come, whatever was said of what stands there, but that nothing does."""
    put(seeds, "a.txt", "One.")
    before = (seeds.root / "a.txt").stat()
    for condition in (None, REPLACE, Condition(matching=frozenset({"other"}))):
        assert put(seeds, "a.txt", "One.", condition).done == "unchanged"
    after = (seeds.root / "a.txt").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert seeds.trash.entries() == []


def test_other_bytes_need_leave(seeds: SeedStore) -> None:
    """Without it the file stays, and the error says what stands there."""
    put(seeds, "a.txt", "One.")
    with pytest.raises(SeedConflict) as caught:
        put(seeds, "a.txt", "Two.")
    assert (caught.value.present, caught.value.stated) == (etag("One."), False)
    with pytest.raises(SeedConflict) as caught:
        put(seeds, "a.txt", "Two.", Condition(matching=frozenset({etag("Two.")})))
    assert (caught.value.present, caught.value.stated) == (etag("One."), True)
    with pytest.raises(SeedConflict):
        put(seeds, "a.txt", "Two.", Condition(new_only=True, replace=True))
    assert read(seeds, "a.txt") == "One." and seeds.trash.entries() == []


@pytest.mark.parametrize(
    "condition", [REPLACE, Condition(matching=frozenset({etag("One."), "x"})), Condition(matching=frozenset({"*"}))]
)
def test_replaced_bytes_go_to_the_trash(seeds: SeedStore, condition: Condition) -> None:
    """With their name and checksum."""
    put(seeds, "a.txt", "One.")
    change = put(seeds, "a.txt", "Two.", condition)
    assert change.done == "replaced" and change.trashed == seeds.trash.entries()[0]
    assert (change.trashed.file, change.trashed.sha256, change.trashed.size) == ("a.txt", etag("One."), 4)
    assert (read(seeds, "a.txt"), trashed(seeds)) == ("Two.", ["One."])


@pytest.mark.parametrize("name", ["a.txt", "new.txt"])
def test_matching_where_nothing_stands(seeds: SeedStore, name: str) -> None:
    """Whoever expects a file there is told that there is none."""
    with pytest.raises(SeedConflict) as caught:
        put(seeds, name, "One.", Condition(matching=frozenset({"*"})))
    assert (caught.value.present, caught.value.stated) == (None, True)
    assert list_seed_files(seeds.root) == []


def test_delete_and_restore(seeds: SeedStore) -> None:
    """The same file comes back, as old as it was, and the trash is empty again."""
    put(seeds, "a/b.txt", "One.")
    before = (seeds.root / "a/b.txt").stat()
    gone = seeds.delete("a/b.txt")
    assert (gone.why, gone.sha256) == ("deleted", etag("One."))
    assert list_seed_files(seeds.root) == [] and seeds.trash.entries() == [gone]
    shutil.rmtree(seeds.root / "a")
    assert seeds.restore(gone.id) == Change("a/b.txt", etag("One."), "created")
    after = (seeds.root / "a/b.txt").stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_nlink) == (before.st_ino, before.st_mtime_ns, 1)
    assert seeds.trash.entries() == []
    with pytest.raises(NotFound):
        seeds.restore(gone.id)


def test_delete_what_is_not_there_or_not_as_expected(seeds: SeedStore) -> None:
    """Nothing happens, and the caller learns why."""
    put(seeds, "a.txt", "One.")
    with pytest.raises(NotFound):
        seeds.delete("b.txt")
    with pytest.raises(SeedConflict):
        seeds.delete("a.txt", Condition(matching=frozenset({etag("Two.")})))
    with pytest.raises(InputError):
        seeds.delete(".trash/.lock")
    assert read(seeds, "a.txt") == "One." and seeds.trash.entries() == []


def test_restore_over_another_file(seeds: SeedStore) -> None:
    """Needs leave, as putting does; then the one that stood there is in the trash instead."""
    put(seeds, "a.txt", "One.")
    gone = seeds.delete("a.txt")
    put(seeds, "a.txt", "Two.")
    with pytest.raises(SeedConflict):
        seeds.restore(gone.id)
    assert trashed(seeds) == ["One."]
    assert seeds.restore(gone.id, REPLACE).done == "replaced"
    assert (read(seeds, "a.txt"), trashed(seeds)) == ("One.", ["Two."])


def test_restore_of_what_stands_there(seeds: SeedStore) -> None:
    """The trash need not keep it any longer."""
    put(seeds, "a.txt", "One.")
    gone = seeds.delete("a.txt")
    put(seeds, "a.txt", "One.")
    assert seeds.restore(gone.id).done == "unchanged"
    assert seeds.trash.entries() == []


@pytest.mark.parametrize("trash_id", ["", "..", "../a", "20260101T000000000000Z-0000", "x" * 500, "a\0b"])
def test_no_such_thing_in_the_trash(seeds: SeedStore, trash_id: str) -> None:
    """An id leads nowhere but into the trash."""
    with pytest.raises(NotFound):
        seeds.restore(trash_id)


@pytest.mark.parametrize("text", ["", " \n", "a\0b"])
def test_what_cannot_be_read_takes_no_place(seeds: SeedStore, text: str) -> None:
    """It is refused with the reason, under its own name, before it displaces anything."""
    put(seeds, "a.txt", "One.")
    with pytest.raises(SeedError, match=r"^a\.txt:"):
        put(seeds, "a.txt", text, REPLACE)
    assert read(seeds, "a.txt") == "One." and seeds.trash.entries() == []
    assert list((seeds.root / store.INCOMING).iterdir()) == []


def test_too_many_bytes(seeds: SeedStore) -> None:
    """Are refused while they come."""
    with seeds.receive("a.txt") as upload:
        upload.write(b"x" * 999)
        with pytest.raises(SeedTooLarge, match="1,000"):
            upload.write(b"x")
    assert list_seed_files(seeds.root) == []
    assert list((seeds.root / store.INCOMING).iterdir()) == []


def test_ten_uploads_leave_one_file(seeds: SeedStore) -> None:
    """Of the same bytes."""
    assert [put(seeds, "a.txt", "One.").done for _ in range(10)] == ["created"] + ["unchanged"] * 9
    assert list_seed_files(seeds.root) == ["a.txt"] and seeds.trash.entries() == []


def test_many_at_once_lose_nothing(seeds: SeedStore) -> None:
    """Each text is either the one that stands there or in the trash, and there is always a whole one to read."""
    texts = [f"Text {number}. " * 20 for number in range(12)]
    put(seeds, "a.txt", texts[0])
    ended = threading.Event()

    def look() -> set[str]:
        seen = set()
        while not ended.is_set():
            seen.add(read(seeds, "a.txt"))
        return seen

    with ThreadPoolExecutor(5) as pool:
        looking = pool.submit(look)
        try:
            changes = list(pool.map(lambda text: put(seeds, "a.txt", text, REPLACE), texts[1:]))
        finally:
            ended.set()
        assert looking.result() <= set(texts)
    assert {change.done for change in changes} == {"replaced"}
    assert sorted([read(seeds, "a.txt"), *trashed(seeds)]) == sorted(texts)


def test_two_new_ones_at_once(seeds: SeedStore) -> None:
    """One is created; the other is told that there is one now."""

    def attempt(text: str) -> str:
        try:
            return put(seeds, "a.txt", text).done
        except SeedConflict:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, ["One.", "Two."])) == ["created", "refused"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(seeds: SeedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dropped in by hand between the look and the step."""
    checksum = store._checksum

    def then_dropped(path: Path) -> str | None:
        found = checksum(path)
        monkeypatch.setattr(store, "_checksum", checksum)
        path.write_text("By hand.")
        return found

    monkeypatch.setattr(store, "_checksum", then_dropped)
    with pytest.raises(SeedConflict):
        put(seeds, "a.txt", "One.")
    assert read(seeds, "a.txt") == "By hand."


def test_the_trash_is_emptied_after_thirty_days(seeds: SeedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the next change; what is younger stays."""
    put(seeds, "a.txt", "One.")
    old = seeds.delete("a.txt")
    put(seeds, "b.txt", "Two.")

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + days * trash.timedelta(days=1)

    monkeypatch.setattr(trash, "datetime", Later)
    days = 29
    young = seeds.delete("b.txt")
    assert seeds.trash.entries() == [young, old]
    days = 31
    put(seeds, "c.txt", "Three.")
    assert seeds.trash.entries() == [young]
    assert not (seeds.trash.folder / old.id).exists()


def test_a_foreign_thing_in_the_trash_is_left_alone(seeds: SeedStore) -> None:
    """What has no record of ours is neither shown nor deleted."""
    put(seeds, "a.txt", "One.")
    gone = seeds.delete("a.txt")
    (seeds.trash.folder / gone.id / "record.json").write_text("{}")
    (seeds.trash.folder / "mine").mkdir()
    put(seeds, "b.txt", "Two.")
    assert seeds.trash.entries() == []
    assert seeds.trash.content(gone.id).read_text() == "One." and (seeds.trash.folder / "mine").is_dir()


KILLED = """
import os, sys
from pathlib import Path
from rag.seed_folder import placing, store, trash
from rag.seed_folder.store import Condition, SeedStore

seeds, at, verb = SeedStore(Path(sys.argv[1])), sys.argv[2], sys.argv[3]
calls = 0

def die(event, args):
    global calls
    if event in ("os.rename", "os.link", "os.remove", "os.mkdir", "open") and str(seeds.root) in str(args[0]):
        calls += 1
        if calls == int(at):
            os._exit(9)

sys.addaudithook(die)
if verb == "delete":
    seeds.delete("a.txt")
elif verb == "restore":
    seeds.restore(seeds.trash.entries()[0].id, Condition(replace=True))
else:
    with seeds.receive("a.txt") as upload:
        upload.write(b"New.")
        seeds.put(upload, Condition(replace=True))
"""


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["put", "delete", "restore"])
def test_killed_anywhere(tmp_path: Path, verb: str) -> None:
    """Killed before any call that touches the folder: every text is still there, whole; the next change tidies up."""
    for at in range(1, 100):
        seeds = SeedStore(tmp_path / str(at) / "seeds")
        put(seeds, "a.txt", "Oldest.")
        put(seeds, "a.txt", "Old.", REPLACE)
        command = [sys.executable, "-c", KILLED, str(seeds.root), str(at), verb]
        ended = subprocess.run(command, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, check=False)
        standing = {(seeds.root / file).read_text() for file in list_seed_files(seeds.root)}
        assert {"Oldest.", "Old."} <= standing | set(trashed(seeds))
        assert verb == "delete" or standing in ({"Old."}, {"New."}, {"Oldest."})
        put(seeds, "b.txt", "Next.")
        assert list((seeds.root / store.INCOMING).iterdir()) == []
        assert len(list(seeds.trash.folder.iterdir())) == 1 + len(seeds.trash.entries())
        kept = [(seeds.root / file).read_text() for file in list_seed_files(seeds.root)] + trashed(seeds)
        assert {"Oldest.", "Old."} <= set(kept) and len(kept) == len(set(kept))
        if ended.returncode == 0:
            assert at > 5
            return
        assert ended.returncode == 9
    pytest.fail("more calls than expected")


def test_uploads_of_others_are_not_cleared_away(seeds: SeedStore) -> None:
    """As long as their process lives; those of dead ones are."""
    with seeds.receive("slow.txt") as slow:
        slow.write(b"Slo")
        dead = seeds.root / store.INCOMING / "0123456789abcdef"
        dead.mkdir()
        (dead / "half.txt").write_text("Hal")
        put(seeds, "a.txt", "One.")
        assert not dead.exists()
        slow.write(b"w.")
        assert seeds.put(slow).done == "created"
    assert read(seeds, "slow.txt") == "Slow."


def test_a_change_waits_for_another_process(seeds: SeedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so where it lasts too long."""
    put(seeds, "a.txt", "One.")
    monkeypatch.setattr(store, "_LOCK_S", 0.1)
    with FileLock(seeds.trash.folder / ".lock"), pytest.raises(SeedNotStored, match="others"):
        seeds.delete("a.txt")
    assert read(seeds, "a.txt") == "One."


@pytest.mark.parametrize("call", ["hardlink_to", "replace", "open", "mkdir"])
def test_a_full_disk_loses_nothing(seeds: SeedStore, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever call it is that fails, the file stands as it was and the error says the way out."""
    put(seeds, "a.txt", "One.")
    real = getattr(Path, call)

    def full(self: Path, *args: object, **kwargs: object) -> object:
        if call != "open" or "w" in str(args) or "x" in str(args):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))
        return real(self, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(Path, call, full)
        with pytest.raises(SeedNotStored, match="No space left"):
            put(seeds, "a.txt", "Two.", REPLACE)
    assert read(seeds, "a.txt") == "One."
    put(seeds, "b.txt", "Three.")
    assert len(list(seeds.trash.folder.iterdir())) == 1  # the lock
    assert list((seeds.root / store.INCOMING).iterdir()) == []


@pytest.mark.parametrize("number", [errno.EPERM, errno.EXDEV])
def test_where_the_disk_knows_no_second_names(seeds: SeedStore, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a sub-folder is another disk: the bytes are copied."""

    def refuse(self: Path, target: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(placing.Path, "hardlink_to", refuse)
    put(seeds, "a.txt", "One.")
    put(seeds, "a.txt", "Two.", REPLACE)
    gone = seeds.delete("a.txt")
    assert trashed(seeds) == ["Two.", "One."]
    seeds.restore(gone.id)
    assert read(seeds, "a.txt") == "Two." and trashed(seeds) == ["One."]


class Any(RuleBasedStateMachine):
    """Any sequence of changes over two names, against what should be there."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.seeds = SeedStore(Path(self.folder.name) / "seeds")
        self.stand: dict[str, str] = {}
        self.kept: set[tuple[str, str]] = set()

    names = st.sampled_from(["a.txt", "b/c.txt"])
    texts = st.sampled_from(["One.", "Two.", "Three."])

    @rule(name=names, text=texts)
    def put(self, name: str, text: str) -> None:
        """What stood there is kept."""
        put(self.seeds, name, text, REPLACE)
        if self.stand.get(name, text) != text:
            self.kept.add((name, self.stand[name]))
        self.stand[name] = text

    @rule(name=names)
    def delete(self, name: str) -> None:
        """It is kept, if it was there."""
        if name in self.stand:
            self.seeds.delete(name)
            self.kept.add((name, self.stand.pop(name)))

    @rule(number=st.integers(0, 5))
    def restore(self, number: int) -> None:
        """What stood in its place is kept."""
        entries = self.seeds.trash.entries()
        if entries:
            entry = entries[number % len(entries)]
            text = self.seeds.trash.content(entry.id).read_text()
            if self.stand.get(entry.file, text) != text:
                self.kept.add((entry.file, self.stand[entry.file]))
            self.seeds.restore(entry.id, REPLACE)
            self.stand[entry.file] = text

    @invariant()
    def nothing_is_lost(self) -> None:
        """Each text ever displaced is in the trash or stands again; each standing one is as put."""
        found = (
            {file: (self.seeds.root / file).read_text() for file in list_seed_files(self.seeds.root)}
            if (self.seeds.root.is_dir())
            else {}
        )
        assert found == self.stand
        in_trash = {(e.file, self.seeds.trash.content(e.id).read_text()) for e in self.seeds.trash.entries()}
        assert self.kept <= in_trash | set(self.stand.items())

    def teardown(self) -> None:
        """Let go of the folder."""
        self.folder.cleanup()


TestAny = Any.TestCase
TestAny.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)

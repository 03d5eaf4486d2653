"""Generations: complete or not there, checked byte by byte, opened as one."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from catalogs import write_catalog
from fakes import HashingEmbedder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import generation
from rag.errors import IndexBusy, IndexDamaged, IndexNotWritten, NoGeneration
from rag.generation import Manifest
from rag.generations import (
    KEPT,
    Pruned,
    activate,
    building_folder,
    current_id,
    find_generation,
    list_generations,
    open_current,
    open_generation,
    opened_catalog,
    pinned_id,
    previous_id,
    prune,
    publish,
    size_on_disk,
    verify_generation,
    writer_lock,
)
from rag.index import VectorIndex
from rag.leases import unread
from rag.lexical import WordIndex
from rag.types import Article, Passage, Source, Span

TEXT = "A bridge is opened. The bridge is 14 kilometres long."


SHA = "f" * 64


class Make(Protocol):
    """Publishes a generation of one passage under a name."""

    def __call__(self, vectors_dir: Path, name: str, keep: int = KEPT) -> None:
        """Into `vectors_dir`, where `keep` generations stay."""


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """A function that publishes a generation of one passage under a name; its parts are built once."""
    built = tmp_path_factory.mktemp("built")
    span = Span(0, len(TEXT))
    article = Article("a1", "A bridge", "2026-03-01", "en", None, None, "a.txt", SHA, span, (span,))
    passages = [Passage("a1-0", "a1", span, TEXT)]
    write_catalog(built / generation.CATALOG, [Source("a.txt", SHA, TEXT)], [article], passages, [b"key"])
    VectorIndex.build(HashingEmbedder(dim=16).embed_passages([TEXT])).save(built / generation.VECTORS)
    WordIndex.build([TEXT], built / generation.WORDS)

    def publish_as(vectors_dir: Path, name: str, keep: int = KEPT) -> None:
        created_at = "2026-03-01T00:00:00+00:00"
        manifest = Manifest(name, created_at, generation.FORMAT, 1, "hashing", 16, {"a.txt": SHA}, 1, 1)
        with writer_lock(vectors_dir):
            building = building_folder(vectors_dir, name)
            shutil.copytree(built, building, dirs_exist_ok=True)
            publish(vectors_dir, building, manifest, keep)

    return publish_as


@pytest.fixture
def folder(vectors_dir: Path, make: Make) -> Path:
    """The folder of a published generation."""
    make(vectors_dir, "g1")
    return vectors_dir / "g1"


def change_manifest(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Rewrite a manifest by hand."""
    values = json.loads((folder / "manifest.json").read_text())
    change(values)
    (folder / "manifest.json").write_text(json.dumps(values))


def parts(folder: Path) -> list[Path]:
    """Every file of a generation but its manifest."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")


def test_publish_and_open(vectors_dir: Path, folder: Path) -> None:
    """A published generation is the current one, sound, and opens with everything in it."""
    assert current_id(vectors_dir) == "g1"
    assert verify_generation(vectors_dir, "g1") == []
    opened = open_current(vectors_dir)
    assert opened.id == opened.manifest.id == "g1"
    assert (len(opened.vectors), len(opened.words), len(opened.catalog)) == (1, 1, 1)
    assert opened.catalog.passage("a1-0").text == TEXT
    assert set(opened.manifest.parts) == {path.relative_to(folder).as_posix() for path in parts(folder)}
    opened.close()


def test_nothing_but_the_generation_is_left(vectors_dir: Path, folder: Path) -> None:
    """Publishing leaves the generation, the pointer and the lock, no half-way files."""
    assert {path.name for path in vectors_dir.iterdir()} <= {folder.name, "CURRENT", ".lock"}


def test_the_manifest_is_written_last(vectors_dir: Path, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a manifest exists every part is there in its final form, and the folder gets its name after that."""
    seen: list[str] = []
    replace, rename = Path.replace, Path.rename

    def note_replace(self: Path, target: Path) -> Path:
        seen.append(Path(target).name)
        assert Path(target).name != "manifest.json" or len(parts(self.parent)) > 3
        return replace(self, target)

    def note_rename(self: Path, target: Path) -> Path:
        seen.append(Path(target).name)
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", note_replace)
    monkeypatch.setattr(Path, "rename", note_rename)
    make(vectors_dir, "g1")
    assert seen == ["manifest.json", "g1", "CURRENT"]


def test_no_vectors_folder(vectors_dir: Path) -> None:
    """Where nothing was indexed there is no generation, and looking makes no folder."""
    assert current_id(vectors_dir) is None
    assert list_generations(vectors_dir) == []
    with pytest.raises(NoGeneration, match="derek reindex"):
        open_current(vectors_dir)
    with pytest.raises(NoGeneration, match=r"'g1'.*derek index list"):
        open_generation(vectors_dir, "g1")
    assert len(verify_generation(vectors_dir, "g1")) == 1
    assert not vectors_dir.exists()


def test_a_folder_without_manifest_is_no_generation(vectors_dir: Path, folder: Path) -> None:
    """Without its manifest a folder does not count, is not opened and is not listed."""
    (folder / "manifest.json").unlink()
    assert current_id(vectors_dir) is None
    assert list_generations(vectors_dir) == []
    with pytest.raises(NoGeneration):
        open_generation(vectors_dir, "g1")
    assert "manifest.json" in verify_generation(vectors_dir, "g1")[0]


@pytest.mark.parametrize("name", ["", ".", "..", "../x", ".building-g1", "a/b", "g1\0", "x" * 5_000, "g1\n", "\ud800"])
def test_names_that_are_none(vectors_dir: Path, folder: Path, name: str) -> None:
    """An id that could lead elsewhere is no generation's."""
    with pytest.raises(NoGeneration):
        open_generation(vectors_dir, name)
    assert verify_generation(vectors_dir, name) != []


def test_a_missing_part(vectors_dir: Path, folder: Path) -> None:
    """Whichever part is missing, the generation does not open, is not listed, and the part is named."""
    for part in parts(folder):
        data = part.read_bytes()
        part.unlink()
        with pytest.raises(IndexDamaged, match=part.name):
            open_generation(vectors_dir, "g1")
        assert list_generations(vectors_dir) == []
        assert part.name in verify_generation(vectors_dir, "g1")[0]
        part.write_bytes(data)
    assert verify_generation(vectors_dir, "g1") == []


def test_a_truncated_part(vectors_dir: Path, folder: Path) -> None:
    """A part that ends early is found by verifying, and never opened as if it were whole."""
    for part in [path for path in parts(folder) if path.stat().st_size]:
        data = part.read_bytes()
        part.write_bytes(data[:-1])
        assert [part.name in problem for problem in verify_generation(vectors_dir, "g1")] == [True]
        part.write_bytes(data[: len(data) // 2])
        assert verify_generation(vectors_dir, "g1") != []
        if part.name in ("catalog.sqlite", "vectors.faiss", "meta.json"):
            with pytest.raises(IndexDamaged, match="derek reindex"):
                read_through(vectors_dir)
        part.write_bytes(data)


def read_through(vectors_dir: Path) -> None:
    """Open the current generation and read it."""
    opened = open_current(vectors_dir)
    try:
        opened.catalog.at_rows([0])
        opened.catalog.source_text(SHA)
        opened.words.search("bridge", 1)
        opened.vectors.search(np.zeros(16, np.float32), 1)
    finally:
        opened.close()


def test_an_altered_byte(vectors_dir: Path, folder: Path) -> None:
    """One byte changed anywhere in any part is found, and the file is named."""
    for part in [path for path in parts(folder) if path.stat().st_size]:
        data = part.read_bytes()
        for at in (0, len(data) // 2, len(data) - 1):
            part.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            problems = verify_generation(vectors_dir, "g1")
            assert len(problems) == 1
            assert part.name in problems[0]
            assert "altered" in problems[0]
        part.write_bytes(data)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"text"', "12", "{}", '{"format": 1}', "\0\0", "[" * 100_000, '{"format": 1, "more": 2}'],
)
def test_a_manifest_that_is_none(vectors_dir: Path, folder: Path, text: str) -> None:
    """A manifest that is something else is refused by name; nothing is listed."""
    (folder / "manifest.json").write_text(text)
    with pytest.raises(IndexDamaged, match=r"manifest\.json.*derek reindex"):
        open_generation(vectors_dir, "g1")
    assert list_generations(vectors_dir) == []
    assert "manifest.json" in verify_generation(vectors_dir, "g1")[0]
    assert current_id(vectors_dir) == "g1"  # opening it says what is wrong, which "nothing indexed" would not


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.update(format=generation.FORMAT + 1),
        lambda values: values.update(format="1"),
        lambda values: values.update(colour="blue"),
        lambda values: values.pop("embedder"),
        lambda values: values.update(files=["a.txt"]),
        lambda values: values.update(parts=["catalog.sqlite"]),
        lambda values: values.update(parts={}),
        lambda values: values.update(passages="1"),
        lambda values: values.update(passages=2),
        lambda values: values.update(dim=17),
        lambda values: values.update(id="g2"),
    ],
)
def test_a_foreign_manifest(vectors_dir: Path, folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    """A manifest of another format, with other fields, of other types or about something else is not sound."""
    change_manifest(folder, change)
    problems = verify_generation(vectors_dir, "g1")
    assert len(problems) == 1
    assert "manifest" in problems[0]


def test_bytes_that_are_no_text(vectors_dir: Path, folder: Path) -> None:
    """A manifest and a pointer of random bytes end in IndexDamaged and in the newest generation."""
    (vectors_dir / "CURRENT").write_bytes(bytes(range(128, 256)))
    assert current_id(vectors_dir) == "g1"
    (folder / "manifest.json").write_bytes(bytes(range(128, 256)))
    with pytest.raises(IndexDamaged):
        open_current(vectors_dir)


@pytest.mark.parametrize("pointer", ["", "g0", "../g1", ".building-g9", "x" * 100_000, "g1\0", "manifest.json", "g1/"])
def test_a_pointer_that_points_nowhere(vectors_dir: Path, make: Make, folder: Path, pointer: str) -> None:
    """Where the pointer is lost, the newest generation that can be read is used."""
    make(vectors_dir, "g2")
    make(vectors_dir, "g3")
    (vectors_dir / "g3" / "catalog.sqlite").unlink()
    (vectors_dir / "CURRENT").write_text(pointer)
    assert current_id(vectors_dir) == "g2"
    (vectors_dir / "CURRENT").unlink()
    assert current_id(vectors_dir) == "g2"
    (vectors_dir / "CURRENT").mkdir()
    assert current_id(vectors_dir) == "g2"


def test_the_pointer_rolls_back(vectors_dir: Path, make: Make, folder: Path) -> None:
    """Pointing at an older generation by hand is enough to use it again."""
    make(vectors_dir, "g2")
    (vectors_dir / "CURRENT").write_text("g1\n")
    assert (current_id(vectors_dir), pinned_id(vectors_dir)) == ("g1", None)


def test_an_older_one_that_is_activated_is_pinned(vectors_dir: Path, make: Make, folder: Path) -> None:
    """It is in use, and pinned, until something is published; then the new one is, and nothing is pinned."""
    make(vectors_dir, "g2")
    make(vectors_dir, "g3")
    assert (previous_id(vectors_dir), pinned_id(vectors_dir)) == ("g2", None)
    with writer_lock(vectors_dir):
        activate(vectors_dir, "g2", pin=True)
    assert (current_id(vectors_dir), pinned_id(vectors_dir), previous_id(vectors_dir)) == ("g2", "g2", "g1")
    opened = open_current(vectors_dir)
    assert opened.id == "g2"
    opened.close()
    make(vectors_dir, "g4")
    assert (current_id(vectors_dir), pinned_id(vectors_dir)) == ("g4", None)


def test_the_newest_is_never_pinned(vectors_dir: Path, make: Make, folder: Path) -> None:
    """Going forward again to what the last reindex made leaves nothing pinned; nor does activating without a pin."""
    make(vectors_dir, "g2")
    with writer_lock(vectors_dir):
        activate(vectors_dir, "g1", pin=True)
        assert pinned_id(vectors_dir) == "g1"
        activate(vectors_dir, "g1", pin=False)
        assert (current_id(vectors_dir), pinned_id(vectors_dir)) == ("g1", None)
        activate(vectors_dir, "g1", pin=True)
        activate(vectors_dir, "g2", pin=True)
    assert (current_id(vectors_dir), pinned_id(vectors_dir)) == ("g2", None)
    assert (vectors_dir / "CURRENT").read_text() == "g2"


def test_what_can_not_be_activated(
    vectors_dir: Path, make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name of nothing, a damaged generation, a full disk: the pointer stays what it was."""
    for name in ("g2", "g3"):
        make(vectors_dir, name)
    (vectors_dir / "g2" / "catalog.sqlite").unlink()
    with writer_lock(vectors_dir):
        for name in ("g9", "../g1", ""):
            with pytest.raises(NoGeneration):
                activate(vectors_dir, name, pin=True)
        with pytest.raises(IndexDamaged, match=r"catalog\.sqlite"):
            activate(vectors_dir, "g2", pin=True)
        monkeypatch.setattr(Path, "replace", full)
        with pytest.raises(IndexNotWritten, match="No space left"):
            activate(vectors_dir, "g1", pin=True)
    assert (current_id(vectors_dir), pinned_id(vectors_dir)) == ("g3", None)
    assert {path.name for path in vectors_dir.iterdir()} <= {"g1", "g2", "g3", "CURRENT", ".lock"}


def full(*_: object) -> None:
    """What a full disk says."""
    raise OSError(28, "No space left on device")


def test_a_pin_goes_with_its_generation(vectors_dir: Path, make: Make, folder: Path) -> None:
    """Where the pinned generation is gone the newest is in use, unpinned."""
    make(vectors_dir, "g2")
    with writer_lock(vectors_dir):
        activate(vectors_dir, "g1", pin=True)
    shutil.rmtree(folder)
    assert (current_id(vectors_dir), pinned_id(vectors_dir)) == ("g2", None)


def test_one_that_is_already_what_is_wanted(vectors_dir: Path, make: Make, folder: Path) -> None:
    """A generation of the same files, recipe and embedder is found: the one in use first, else the newest."""
    for name in ("g2", "g3"):
        make(vectors_dir, name)

    def found(files: dict[str, str], recipe: int = 1, embedder: str = "hashing") -> str | None:
        manifest = find_generation(vectors_dir, files, recipe, embedder)
        return manifest.id if manifest else None

    assert found({"a.txt": SHA}) == "g3"
    with writer_lock(vectors_dir):
        activate(vectors_dir, "g1", pin=True)
    assert found({"a.txt": SHA}) == "g1"
    assert (
        found({"a.txt": SHA, "b.txt": SHA}) is found({"a.txt": SHA}, 2) is found({"a.txt": SHA}, 1, "another") is None
    )


def test_size_on_disk(vectors_dir: Path, folder: Path) -> None:
    """Every file counts, the manifest too."""
    assert size_on_disk(vectors_dir, "g1") == sum(
        path.stat().st_size for path in [*parts(folder), folder / "manifest.json"]
    )
    assert size_on_disk(vectors_dir, "g2") == 0


def test_a_catalog_alone(vectors_dir: Path, make: Make, folder: Path) -> None:
    """It is read without the rest, and holds its generation as the rest does."""
    make(vectors_dir, "g2")
    with opened_catalog(vectors_dir, "g1") as catalog, writer_lock(vectors_dir):
        assert prune(vectors_dir, 1) == Pruned((), ("g1",))
        assert catalog.source_text(SHA) == TEXT
    with writer_lock(vectors_dir):
        assert prune(vectors_dir, 1) == Pruned(("g1",), ())
    with pytest.raises(NoGeneration), opened_catalog(vectors_dir, "g1"):
        pass


def test_three_are_kept(vectors_dir: Path, make: Make) -> None:
    """The newest three generations stay, newest first in the list; older ones go without a trace."""
    for name in ("g1", "g2", "g3", "g4", "g5"):
        make(vectors_dir, name)
    assert [manifest.id for manifest in list_generations(vectors_dir)] == ["g5", "g4", "g3"]
    assert {path.name for path in vectors_dir.iterdir()} <= {"g5", "g4", "g3", "CURRENT", ".lock"}
    with writer_lock(vectors_dir):
        assert prune(vectors_dir, 2) == Pruned(("g3",), ())
        assert prune(vectors_dir, 0) == Pruned(("g4",), ())  # what is in use stays
    assert verify_generation(vectors_dir, "g5") == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.sets(st.sampled_from(["g1", "g2", "g3", "g4", "g5"]), min_size=1),
    used=st.integers(0, 4),
    reads=st.sets(st.sampled_from(["g1", "g2", "g3", "g4", "g5"])),
    keep=st.integers(0, 6),
)
def test_what_pruning_leaves(
    tmp_path_factory: pytest.TempPathFactory, make: Make, names: set[str], used: int, reads: set[str], keep: int
) -> None:
    """The one in use, then the newest up to the number; what is read besides is left, and named; the pin is kept."""
    vectors_dir = tmp_path_factory.mktemp("pruned")
    newest = sorted(names, reverse=True)
    current = newest[used % len(newest)]
    for name in names:
        make(vectors_dir, name, keep=9)
    with writer_lock(vectors_dir):
        activate(vectors_dir, current, pin=True)
        pinned = pinned_id(vectors_dir)
        readers = [open_generation(vectors_dir, name) for name in sorted(reads & names)]
        pruned = prune(vectors_dir, keep)
    too_many = [name for name in newest if name != current][max(keep - 1, 0) :]
    assert list(pruned.held) == [name for name in too_many if name in reads]
    assert list(pruned.removed) == [name for name in too_many if name not in reads]
    left = {manifest.id for manifest in list_generations(vectors_dir)}
    assert left == names - set(pruned.removed)
    assert current_id(vectors_dir) == current and pinned_id(vectors_dir) == pinned
    for reader in readers:
        assert reader.catalog.article("a1").title == "A bridge"
        reader.close()
    with writer_lock(vectors_dir):
        assert prune(vectors_dir, keep) == Pruned(pruned.held, ())


def test_a_clock_set_back(vectors_dir: Path, make: Make) -> None:
    """A generation just published stays and serves, though its name sorts before all others."""
    for name in ("g6", "g7", "g8", "g1"):
        make(vectors_dir, name)
    assert current_id(vectors_dir) == "g1"
    assert [manifest.id for manifest in list_generations(vectors_dir)] == ["g8", "g7", "g1"]
    assert verify_generation(vectors_dir, "g1") == []


def test_a_copied_folder_endangers_nothing(vectors_dir: Path, make: Make) -> None:
    """A copy under another name is not taken for its original when old generations go."""
    for name in ("g3", "g4", "g5"):
        make(vectors_dir, name)
    shutil.copytree(vectors_dir / "g5", vectors_dir / "a-copy")
    make(vectors_dir, "g6")
    assert [manifest.id for manifest in list_generations(vectors_dir)] == ["g6", "g5", "g4"]
    assert (vectors_dir / "a-copy").is_dir()
    assert "'g5'" in verify_generation(vectors_dir, "a-copy")[0]


def test_what_a_killed_writer_left_goes(vectors_dir: Path, folder: Path) -> None:
    """The next writer clears half-built and half-deleted folders and a half-written pointer, and nothing else."""
    for name in (".building-g0", ".removing-g0"):
        (vectors_dir / name / "words").mkdir(parents=True)
        (vectors_dir / name / "words" / "part").write_text("half")
    (vectors_dir / "CURRENT.part").write_text("g")
    (vectors_dir / "notes").mkdir()
    with writer_lock(vectors_dir):
        pass
    assert {path.name for path in vectors_dir.iterdir()} <= {"g1", "CURRENT", ".lock", "notes"}


@pytest.mark.parametrize("nth", range(1, 30))
def test_a_disk_that_fails_to_sync(vectors_dir: Path, make: Make, nth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever sync fails, either nothing is published and the old generation serves, or the new one is whole."""
    make(vectors_dir, "g1")
    calls = 0
    fsync = os.fsync

    def failing(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls == nth:
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", failing)
    try:
        make(vectors_dir, "g2")
    except OSError:
        assert calls >= nth
        assert current_id(vectors_dir) == "g1"
        assert not (vectors_dir / "g2").exists()
    else:
        assert current_id(vectors_dir) == "g2"
    monkeypatch.undo()
    assert verify_generation(vectors_dir, current_id(vectors_dir) or "") == []
    make(vectors_dir, "g3")
    assert {path.name for path in vectors_dir.iterdir()} <= {"g1", "g2", "g3", "CURRENT", ".lock"}


HOLD = """
import sys, time
from pathlib import Path
from rag.generations import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""
READ = """
import sys, time
from pathlib import Path
from rag.generations import open_current
opened = open_current(Path(sys.argv[1]))
print(opened.id, flush=True)
sys.stdin.readline()
print(opened.catalog.article("a1").title, flush=True)
time.sleep(600)
"""


@contextmanager
def other_process(code: str, vectors_dir: Path) -> "Iterator[subprocess.Popen[str]]":
    """A process that runs `code`; killed at the end."""
    command, root, pipe = [sys.executable, "-c", code, str(vectors_dir)], Path(__file__).parents[2], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=root) as other:
        try:
            yield other
        finally:
            other.kill()


def said(other: "subprocess.Popen[str]") -> str:
    """Its next line."""
    assert other.stdout is not None
    return other.stdout.readline().strip()


def test_what_another_process_reads_is_left(vectors_dir: Path, make: Make, folder: Path) -> None:
    """While another process has a generation open it stays on disk and can be read; after kill -9 it goes."""
    with other_process(READ, vectors_dir) as reader:
        assert said(reader) == "g1"
        make(vectors_dir, "g2", keep=1)
        make(vectors_dir, "g3", keep=1)
        assert [manifest.id for manifest in list_generations(vectors_dir)] == ["g3", "g1"]
        assert verify_generation(vectors_dir, "g1") == []
        assert reader.stdin is not None
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert said(reader) == "A bridge"
        reader.kill()
        reader.wait()
        with writer_lock(vectors_dir):
            assert prune(vectors_dir, 1) == Pruned(("g1",), ())


def test_what_is_being_deleted_is_not_opened(vectors_dir: Path, make: Make, folder: Path) -> None:
    """Who comes while a generation goes is told that there is none, and opening the current one finds the next."""
    make(vectors_dir, "g2")
    with unread(folder / "manifest.json") as free:
        assert free
        with pytest.raises(NoGeneration):
            open_generation(vectors_dir, "g1")
    gone: list[str] = []
    is_file = Path.is_file

    def too_late(self: Path) -> bool:
        """The first look sees g1 as the current one; then it is replaced and deleted."""
        if not gone and self == folder / "manifest.json":
            gone.append("g1")
            make(vectors_dir, "g3", keep=1)
            return True
        return is_file(self)

    (vectors_dir / "CURRENT").write_text("g1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "is_file", too_late)
        opened = open_current(vectors_dir)
    assert opened.id == "g3" and gone and not folder.exists()
    opened.close()


def test_one_writer_at_a_time(vectors_dir: Path) -> None:
    """While another process writes, a second gets IndexBusy; kill -9 of the writer frees the index."""
    with other_process(HOLD, vectors_dir) as writer:
        assert said(writer) == "held"
        (vectors_dir / ".building-theirs").mkdir()
        with pytest.raises(IndexBusy, match="another process is indexing"), writer_lock(vectors_dir):
            pytest.fail("both hold it")
        assert (vectors_dir / ".building-theirs").is_dir()
        writer.kill()
        writer.wait()
        with writer_lock(vectors_dir):
            assert not (vectors_dir / ".building-theirs").exists()


def test_the_lock_is_let_go_after_an_error(vectors_dir: Path) -> None:
    """An error inside the lock comes out as it is, and the next writer gets in."""
    with pytest.raises(TimeoutError, match="mine"), writer_lock(vectors_dir):
        raise TimeoutError("mine")
    with writer_lock(vectors_dir), pytest.raises(IndexBusy), writer_lock(vectors_dir):
        pass


def test_a_file_in_the_folders_place(tmp_path: Path) -> None:
    """Where the vectors folder can't be made, that is said."""
    (tmp_path / "vectors").write_text("a file")
    with pytest.raises(IndexNotWritten, match="can't be written to"), writer_lock(tmp_path / "vectors"):
        pass

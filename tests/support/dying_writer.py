"""Reindexes again and again in forked children, each of which dies or fails at another touch of the vectors folder.

Run as `python dying_writer.py MODE FOLDER` with an empty FOLDER. Modes: kill (SIGKILL at the nth change), full
(ENOSPC at the nth write), limit (files may not grow beyond n bytes). The process itself
starts no threads, so that forking is safe; each child checks its own outcome and exits with 0, or prints what was
wrong. Writes the number of failures that were survived to standard output.
"""

import errno
import os
import resource
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from fakes import HashingEmbedder

from rag.errors import IndexNotWritten
from rag.generations import current_id, list_generations, open_current, verify_generation
from rag.reindex import reindex

STORY = "2026-03-0{n}\nA bridge is opened in Semey\nBridge number {n} in Semey is {n}50 metres long.\n"
FILLING = {"os.rename", "os.mkdir", "sqlite3.connect"}  # audit events of what a full disk refuses
DELETING = {"os.remove", "os.rmdir", "shutil.rmtree"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
MOST = 200
EMBEDDER = HashingEmbedder(dim=4096)  # so that vectors are the largest part, and fail after the catalog


def in_child(work: Callable[[], None]) -> int:
    """Run `work` in a fork; its wait status: 0 if all went well."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
            code = 1
        sys.stderr.flush()
        os._exit(code)
    return os.waitpid(pid, 0)[1]


def at_touch(nth: int, vectors: Path, then: Callable[[], None], *, deletes: bool) -> Callable[[], bool]:
    """Call `then` just before this process writes something in `vectors` for the nth time; tells whether it did.

    `deletes`: deleting counts too.
    """
    events = FILLING | DELETING if deletes else FILLING
    touched = 0

    def watch(event: str, args: tuple[object, ...]) -> None:
        nonlocal touched
        if event == "open":
            path, _, flags = args
            name = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
            writes = isinstance(flags, int) and flags & WRITING
            if str(vectors) not in name or not writes:
                return
        elif event not in events or (event == "sqlite3.connect" and "mode=ro" in str(args[0])):
            return
        touched += 1
        if touched == nth:
            then()

    sys.addaudithook(watch)
    return lambda: touched >= nth


def die() -> None:
    """End as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def fill() -> None:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, "No space left on device")


def prepare(seeds: Path, vectors: Path) -> None:
    """Three generations, so that the next one sends the first away, and one more change in the seeds."""
    seeds.mkdir()
    for n in range(1, 4):
        (seeds / f"{n}.txt").write_text(STORY.format(n=n))
        reindex(seeds, vectors, EMBEDDER)
    (seeds / "4.txt").write_text(STORY.format(n=4))


def check_sound(vectors: Path, old: str) -> None:
    """The current generation is the old one or a newer, verifies, and is read."""
    current = current_id(vectors)
    assert current is not None
    assert current >= old, (current, old)
    assert verify_generation(vectors, current) == []
    opened = open_current(vectors)
    assert len(opened.catalog) == len(opened.words) == (3 if current == old else 4)
    opened.close()


def check_clean(vectors: Path) -> None:
    """Nothing lies there but generations, each sound, and the pointer."""
    names = {path.name for path in vectors.iterdir()} - {"CURRENT", ".lock"}
    assert names == {manifest.id for manifest in list_generations(vectors)}, names
    for name in names:
        assert verify_generation(vectors, name) == []


def check_recovery(seeds: Path, vectors: Path, old: str) -> None:
    """The last good generation serves; the next reindex brings the change and leaves no leftovers."""
    check_sound(vectors, old)
    report = reindex(seeds, vectors, EMBEDDER)
    assert report.articles == 4
    assert current_id(vectors) == report.generation != old
    check_clean(vectors)


def attempt(mode: str, nth: int, seeds: Path, vectors: Path, old: str) -> None:
    """Reindex with the nth failure; exits with 3 once there is no nth any more."""
    failed: Callable[[], bool] = bool
    if mode == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (nth, resource.RLIM_INFINITY))
    else:
        failed = at_touch(nth, vectors, die if mode == "kill" else fill, deletes=mode == "kill")
    try:
        report = reindex(seeds, vectors, EMBEDDER)
    except IndexNotWritten:
        check_clean(vectors)
        assert current_id(vectors) == old
    else:
        assert report.generation == current_id(vectors) != old
        check_sound(vectors, old)
        if not failed():  # or it failed where nothing depends on it: clearing up
            os._exit(3)


def main(mode: str, folder: Path) -> None:
    """Fail at every step in turn until none is left; after each, check and repair."""
    pristine = folder / "pristine"
    pristine.mkdir()
    assert in_child(lambda: prepare(pristine / "seeds", pristine / "vectors")) == 0
    old = (pristine / "vectors" / "CURRENT").read_text()
    steps = range(0, 200_000, 6_007) if mode == "limit" else range(1, MOST)
    seeds, vectors = folder / "now" / "seeds", folder / "now" / "vectors"
    for survived, nth in enumerate(steps):
        shutil.copytree(pristine, folder / "now")
        status = in_child(lambda nth=nth: attempt(mode, nth, seeds, vectors, old))
        assert in_child(lambda: check_recovery(seeds, vectors, old)) == 0, f"no recovery after {mode} {nth}"
        shutil.rmtree(folder / "now")
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 3:
            sys.stdout.write(f"{survived}\n")
            return
        assert status == (signal.SIGKILL if mode == "kill" else 0), f"{mode} {nth}: status {status}"
    sys.exit(f"{mode}: still failing after {steps[-1]}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

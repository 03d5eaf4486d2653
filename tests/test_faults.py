"""Whatever befalls a writer at any system call: the last good generation serves, nothing is lost, the next run mends.

Killed, torn, no room left, read-only or a broken disk, at every open, write, sync, rename and unlink that the operation
makes, in turn; how many there were is printed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
Run = Callable[..., str]
Sweep = Callable[..., dict[str, dict[str, int]]]


def _run(*command: str) -> str:
    """What a Python of its own writes: it may fork as pytest's process, which has threads, may not."""
    paths = os.pathsep.join([str(TESTS / "support"), str(TESTS.parent)])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}  # more would only wait for each other
    done = subprocess.run(
        [sys.executable, "-W", "error", *command], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-8000:]
    return done.stdout


@pytest.fixture(scope="module")
def run() -> Run:
    """Runs a script of tests/support. Where calls can't be watched the test is skipped, but in CI it fails."""
    reason = _run("-c", "import syscalls; print(syscalls.why_not() or '')").strip()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    return lambda script, *arguments: _run(str(TESTS / "support" / script), *arguments)


def test_no_write_goes_unseen(run: Run, tmp_path: Path) -> None:
    """Python's, C's, SQLite's, Rust's and the kernel's own copying, in threads too; what is not watched is not told."""
    calls = json.loads(run("fault_witness.py", str(tmp_path)))
    written = {name: sum(size for _, at, size in calls if at == name) for _, name, _ in calls}
    assert written["python"] == 10
    assert written["c"] == 11
    assert written["copied"] >= 11
    assert written["sqlite"] == (tmp_path / "in" / "sqlite").stat().st_size
    assert all(written[path.name] >= path.stat().st_size > 0 for path in (tmp_path / "in" / "rust").glob("*.store"))
    assert {"open", "write", "copy", "sync", "rename", "unlink", "mkdir"} <= {kind for kind, _, _ in calls}
    assert "elsewhere" not in written


@pytest.mark.slow
def test_a_seed_file_may_change_while_it_is_read(run: Run) -> None:
    """Saved anew, in place, longer, shorter or deleted, at each call that touches it: one reading of it is indexed."""
    changed = json.loads(run("fault_seeds_change.py"))
    assert len(changed) == 5 * 2  # ways, files
    assert min(changed.values()) >= 3  # it is opened, read, and read to its end


@pytest.fixture
def sweep(run: Run, capsys: pytest.CaptureFixture[str]) -> Sweep:
    """Sweeps a scenario with every fault, or those named: how often each struck each kind of call, also printed."""

    def sweep(module: str, scenario: str, *hows: str) -> dict[str, dict[str, int]]:
        found = json.loads(run("fault_sweep.py", module, scenario, *hows))
        with capsys.disabled():
            print(f"\n{module} {scenario}: calls {found['calls']}")  # noqa: T201
            for how, struck in found["struck"].items():
                print(f"  {how}: {sum(struck.values())} survived {struck}")  # noqa: T201
        struck: dict[str, dict[str, int]] = found["struck"]
        return struck

    return sweep


def assert_struck(struck: Mapping[str, int], **least: int) -> None:
    """Each kind of call was struck so often or oftener: what sees nothing proves nothing."""
    assert {kind: struck.get(kind, 0) for kind, floor in least.items() if struck.get(kind, 0) < floor} == {}


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["FIRST", "CHANGE"])
def test_reindexing(sweep: Sweep, scenario: str) -> None:
    """The old content or the new, each whole and found by both indexes, then that of a clean build; no leftovers."""
    struck = sweep("fault_reindex", scenario)
    for how in ("kill", "broken"):
        assert_struck(struck[how], open=20, write=40, sync=30, rename=8, unlink=1, mkdir=3)
    assert_struck(struck["torn"], write=40)
    assert_struck(struck["full"], open=15, write=40, rename=8, mkdir=2)
    assert_struck(struck["read-only"], open=20, write=40, unlink=1, mkdir=1)


@pytest.mark.slow
def test_letting_a_large_index_grow(sweep: Sweep) -> None:
    """The same where the last generation's catalog, words and lists of vectors are copied and extended."""
    struck = sweep("fault_reindex_large", "LARGE", "kill", "torn", "full")
    assert_struck(struck["kill"], open=20, write=40, copy=20, sync=40, rename=8, unlink=10, mkdir=3)
    assert_struck(struck["torn"], write=40, copy=20)
    assert_struck(struck["full"], open=15, write=40, copy=20, rename=8)


@pytest.mark.slow
def test_a_job_and_its_record(sweep: Sweep) -> None:
    """The job does its work whatever befalls its record, and what is known of earlier ones stays."""
    struck = sweep("fault_jobs", "JOB")
    for how in ("kill", "broken"):
        assert_struck(struck[how], open=3, write=3, sync=3, rename=3)
    assert_struck(struck["torn"], write=3)


@pytest.mark.slow
@pytest.mark.parametrize(("scenario", "unlinked"), [("ACTIVATE", 1), ("PRUNE", 20)])
def test_going_back_and_pruning(sweep: Sweep, scenario: str, unlinked: int) -> None:
    """None but the old generations go, and each of those whole; the pointer names the one or the other."""
    struck = sweep("fault_generations", scenario)
    for how in ("kill", "broken", "read-only"):
        assert_struck(struck[how], open=2, rename=1, unlink=unlinked)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "least"),
    [
        ("PUT", {"open": 6, "write": 4, "sync": 3, "link": 1, "mkdir": 8, "unlink": 3}),
        ("PUT_OVER", {"open": 6, "write": 5, "sync": 6, "link": 1, "rename": 2, "unlink": 3}),
        ("DELETE", {"open": 2, "write": 1, "sync": 5, "link": 1, "rename": 1, "unlink": 1}),
        ("RESTORE", {"open": 2, "sync": 2, "link": 1, "unlink": 3}),
        ("RESTORE_OVER", {"open": 2, "write": 1, "sync": 5, "link": 1, "rename": 2, "unlink": 3}),
    ],
)
def test_changing_seeds(sweep: Sweep, scenario: str, least: dict[str, int]) -> None:
    """A file is as before or as asked for, whole; what went can be had again, once; nothing half-sent is left."""
    struck = sweep("fault_seeds", scenario)
    for how in ("kill", "broken"):
        assert_struck(struck[how], **least)
    changing = {kind: floor for kind, floor in least.items() if kind != "sync"}
    assert_struck(struck["read-only"], **changing)
    assert_struck(struck["torn"], write=least.get("write", 0))
    assert_struck(struck["full"], write=least.get("write", 0), link=1)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["FIRST", "MEND"])
def test_putting_weights_in_place(sweep: Sweep, scenario: str) -> None:
    """The model is whole or not there, what a user put there by hand stays, and the next pull leaves no leftovers."""
    struck = sweep("fault_weights", scenario)
    for how in ("kill", "broken"):
        assert_struck(struck[how], open=10, write=10, sync=10, rename=4, unlink=3, mkdir=8)
    assert_struck(struck["torn"], write=10)
    assert_struck(struck["full"], open=10, write=10, rename=4, mkdir=2)
    assert_struck(struck["read-only"], open=10, write=10, rename=4, unlink=3, mkdir=8)

"""Whatever befalls a writer at any system call: the last good generation serves, nothing is lost, the next run mends.

Killed, torn, no room left, read-only or a broken disk, at every open, write, sync, rename and unlink that the operation
makes, in turn; how many there were is printed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
Run = Callable[..., str]


def _run(*command: str) -> str:
    """What a Python of its own writes: it may fork as pytest's process, which has threads, may not."""
    paths = os.pathsep.join([str(TESTS / "support"), str(TESTS.parent)])
    environment = {**os.environ, "PYTHONPATH": paths}
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
    assert len(changed) == 5
    assert min(changed.values()) >= 3  # it is opened, read, and read to its end


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["FIRST", "CHANGE"])
def test_reindexing_survives_every_fault(run: Run, capsys: pytest.CaptureFixture[str], scenario: str) -> None:
    """The old content or the new, each whole and found by both indexes, then that of a clean build; no leftovers."""
    swept = json.loads(run("fault_sweep.py", "fault_reindex", scenario))
    with capsys.disabled():
        print(f"\nreindexing, {scenario.lower()}: {swept}")  # noqa: T201
    for how, floors in {
        "kill": {"open": 20, "write": 60, "sync": 40, "rename": 8, "unlink": 4, "mkdir": 3},
        "torn": {"write": 60},
        "full": {"open": 15, "write": 60, "mkdir": 3},
        "read-only": {"open": 20, "write": 60, "rename": 4, "unlink": 4},
        "broken": {"open": 20, "look": 40, "write": 60, "sync": 40, "rename": 8, "unlink": 4},
    }.items():
        for kind, least in floors.items():
            assert swept["struck"][how].get(kind, 0) >= least, (how, kind)

"""Processes that die or run out of room while they index: the last good generation serves, the next run mends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "at_least"), [("kill", 15), ("full", 10), ("limit", 5)])
def test_failing_at_every_step(tmp_path: Path, mode: str, at_least: int) -> None:
    """Killed, or refused room, at each step in turn: nothing is lost, and the next reindex leaves no leftovers."""
    paths = os.pathsep.join([str(TESTS / "support"), str(TESTS.parent)])
    command = [sys.executable, "-W", "error", str(TESTS / "support" / "dying_writer.py"), mode, str(tmp_path)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert int(done.stdout) >= at_least

"""Runs a module of Derek as a child process, so that the memory it needs goes with it when it ends.

Knows how to find the package from the child; what the child does is its own business.
"""

import os
import subprocess
import sys
from pathlib import Path

import rag
from rag.errors import ModelError


def run_child(module: str, *arguments: Path | str) -> None:
    """Run `python -m module arguments`. Raises ModelError with the child's last words where it fails."""
    paths = [str(Path(rag.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    command = [sys.executable, "-m", module, *map(str, arguments)]
    child = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if child.returncode:
        said = " ".join(line for line in child.stderr.splitlines() if line.strip())[-2000:]
        ended = f"ended with {child.returncode}" + (" (killed: out of memory?)" if child.returncode == -9 else "")
        raise ModelError(f"converting {arguments[0]} {ended}: {said or 'it said nothing'}")

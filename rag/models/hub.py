"""The Hugging Face hub as a source: asked with a short patience, obeyed where it says offline, checked file by file.

Knows repositories and declared hashes; HF_ENDPOINT, HF_HUB_OFFLINE, HF_TOKEN and proxies are huggingface_hub's own.
"""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import WeightsDamaged, WeightsMissing
from rag.models.packing import Progress
from rag.models.record import hash_file
from rag.models.watching import watched

PATIENCE = 3.0  # seconds to connect or to be answered
_DEADLINE = 8.0  # seconds for the whole first question, name look-up included


@dataclass(frozen=True, slots=True)
class Declared:
    """What the hub says a file is: git's blob id always, sha256 where it is stored as a large file."""

    size: int
    blob_id: str
    sha256: str | None


def download(repo: str, files: Sequence[str], folder: Path, progress: Progress) -> str:
    """Fetch `files` into `folder`, resuming what is there; returns the commit they are from.

    Raises WeightsMissing where the hub is switched off, doesn't answer or lacks the files, WeightsDamaged where the
    bytes that came are not those it declared.
    """
    commit, declared = _ask(repo)
    lacking = [name for name in files if name not in declared]
    if lacking:
        raise WeightsMissing(f"the hub's {repo} has no {', '.join(lacking)}")
    from huggingface_hub import hf_hub_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    total = sum(declared[name].size for name in files)
    with watched(folder, f"downloading {repo}", total, progress):
        for name in files:
            try:
                hf_hub_download(repo, name, revision=commit, local_dir=folder, etag_timeout=PATIENCE)
            except OSError as error:  # all of the hub's own errors and the transport's are OSErrors
                raise WeightsMissing(f"the hub broke off while sending {repo}/{name}: {error}") from error
    for name in files:
        _check(folder / name, declared[name])
    return commit


def _ask(repo: str) -> tuple[str, dict[str, Declared]]:
    """The newest commit and its files. A thread holds the question, as looking up a name knows no deadline."""
    from huggingface_hub import HfApi, constants

    if constants.HF_HUB_OFFLINE:
        raise WeightsMissing("the hub is switched off by HF_HUB_OFFLINE")
    answers: list[Any] = []

    def ask() -> None:
        try:
            answers.append(HfApi().model_info(repo, files_metadata=True, timeout=PATIENCE))
        except Exception as error:  # told to whoever waits, below
            answers.append(error)

    asking = threading.Thread(target=ask, daemon=True, name="hub-probe")
    asking.start()
    asking.join(_DEADLINE)
    if not answers:
        raise WeightsMissing(f"the hub did not answer within {_DEADLINE:.0f} s")
    info = answers[0]
    if isinstance(info, Exception):
        raise WeightsMissing(f"the hub did not answer for {repo}: {type(info).__name__}: {info}") from info
    declared = {
        file.rfilename: Declared(file.size or 0, file.blob_id or "", file.lfs.sha256 if file.lfs else None)
        for file in info.siblings or ()
    }
    return str(info.sha), declared


def _check(path: Path, declared: Declared) -> None:
    if declared.sha256:
        expected, found = declared.sha256, hash_file(path)
    else:
        data = path.read_bytes()
        # git names a blob by the sha1 of its length and bytes; here it only has to detect a broken transfer
        expected = declared.blob_id
        found = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    if found != expected:
        path.unlink()
        raise WeightsDamaged(f"{path.name}: the hub declared {expected}, {found} came; pull again")

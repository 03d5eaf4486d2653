"""What a run was made with besides its question set: settings, commit, machine. Knows nothing of questions."""

import math
import os
import platform
import subprocess
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.preflight import memory

if TYPE_CHECKING:
    from rag.settings import Settings

_UNSEEN = {"api_key", "engine_key", "host", "port", "runs_dir"}  # settings that are secret, or change no answer


def settings_shown(settings: "Settings") -> dict[str, Any]:
    """The settings without secrets, and without those that change no answer."""
    return settings.model_dump(mode="json", exclude=_UNSEEN)


def circumstances(started: datetime) -> dict[str, object]:
    """Commit, machine and time (UTC)."""
    return {
        "commit": _commit(),
        "started_at": started.isoformat(timespec="seconds"),
        "machine": {
            "platform": platform.platform(),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "memory_gib": round(memory() / 2**30, 1) if math.isfinite(memory()) else None,
        },
    }


def _commit() -> str:
    """The commit that the code is at, with `+` where files differ from it; "unknown" where no checkout holds it."""
    here = Path(__file__)
    try:
        _git(here, "ls-files", "--error-unmatch", here.name)  # installed code may lie in a checkout of something else
        head, changes = _git(here, "rev-parse", "HEAD"), _git(here, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return head.strip()[:12] + ("+" if changes.strip() else "")


def _git(file: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=file.parent, capture_output=True, text=True, check=True, timeout=20
    ).stdout

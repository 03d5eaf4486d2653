"""What a run was made with."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eval import circumstances as module
from eval.circumstances import circumstances, settings_shown
from rag.settings import load_settings


def git(folder: Path, *arguments: str) -> None:
    """A git command that must go well, whoever is logged in."""
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_machine_and_time_are_told() -> None:
    """As JSON, with the time in UTC."""
    told = json.loads(json.dumps(circumstances(datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC))))
    assert told["started_at"] == "2026-03-04T05:06:07+00:00"
    assert told["machine"]["cores"] >= 1
    assert set(told["machine"]) == {"platform", "python", "cores", "memory_gib"}


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_commit_is_that_of_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Marked where a file differs from it; unknown where the code lies in nobody's checkout, or in another's."""

    def commit() -> str:
        return str(circumstances(datetime.now(UTC))["commit"])

    code = tmp_path / "eval" / "circumstances.py"
    code.parent.mkdir()
    code.write_text("1")
    monkeypatch.setattr(module, "__file__", str(code))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit() == "unknown"
    git(tmp_path, "init")
    git(tmp_path, "commit", "--allow-empty", "-m", "something else")
    assert commit() == "unknown"
    git(tmp_path, "add", "eval/circumstances.py")
    git(tmp_path, "commit", "-m", "the code")
    assert len(commit()) == 12 and commit().isalnum()
    code.write_text("2")
    assert commit().endswith("+")


def test_secrets_stay_out_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither key is among the settings that are written down."""
    monkeypatch.setenv("DEREK_API_KEY", "secret-1")
    monkeypatch.setenv("DEREK_ENGINE_KEY", "secret-2")
    shown = settings_shown(load_settings())
    assert "secret" not in json.dumps(shown)
    assert shown["embedder"]

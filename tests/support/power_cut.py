"""What a power cut could take although it was done: read from the calls of one undisturbed run.

A kill loses nothing that was written; a power cut loses what was not synced. So what a file holds must be synced before
a rename or a link gives it the name it is looked for by; whatever is new must be synced, bytes and names, before
something old goes; and at the end.
"""

from collections.abc import Sequence
from pathlib import Path

from calls import Call

_DRAFTS = (".building-", ".removing-", ".incoming", ".tmp", ".lock")


def at_risk(calls: Sequence[Call], roots: Sequence[Path]) -> list[str]:
    """Each step that came too early, and what was not on the disk then. The folders `roots` may be made anew."""
    found: list[str] = []
    files: set[Path] = set()  # whose bytes are not synced
    names: set[Path] = set()  # that are new in a folder which is not synced
    for call in calls:
        new = {path for path in files | names if not _is_draft(path) and path not in roots}
        if call.kind in ("write", "copy", "truncate"):
            files.add(call.path)
        elif call.kind == "sync":
            files.discard(call.path)
            names = {name for name in names if name.parent != call.path}
        elif call.kind == "unlink":
            if not _is_draft(call.path):
                found += [f"{path}: not synced when {call} was made" for path in sorted(new)]
            files.discard(call.path)
            names.discard(call.path)
        elif call.target is not None:
            if not _is_draft(call.target):
                inside = {path for path in files | names if path.is_relative_to(call.path) and path != call.path}
                named = inside | (files & {call.path}) | (new if call.replaces else set())
                found += [f"{path}: not synced when {call} was made" for path in sorted(named)]
            elif not _is_draft(call.path):
                found += [f"{path}: not synced when {call} was made" for path in sorted(new)]
            files = {_moved(path, call) for path in files}
            names = {_moved(path, call) for path in names} | {call.target}
        elif call.creates:
            names.add(call.path)
    new = {path for path in files | names if not _is_draft(path) and path not in roots}
    return found + [f"{path}: not synced in the end" for path in sorted(new)]


def _is_draft(path: Path) -> bool:
    """Whether nobody relies on what has that name."""
    return any(part.startswith(_DRAFTS) or part.endswith((".part", ".lock")) for part in path.parts)


def _moved(path: Path, call: Call) -> Path:
    assert call.target is not None
    return call.target / path.relative_to(call.path) if path.is_relative_to(call.path) else path
